"""Quantities of many cars: for Python one array each, for kernels one array of structs in the same memory.

Handing an array from Python to a kernel takes a third of a microsecond, which fifty quantities would make as long as
the step of ten cars; and a car's quantities lie side by side. In a kernel both have the same names.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


def zero_columns(kinds: dict[str, type[np.generic]], cars: int) -> tuple[NDArray[Any], ...]:
    """One ``(N,)`` array of zeros for each name, of the type given, in one memory."""
    rows = np.zeros(cars, np.dtype(list(kinds.items()), align=True))
    return tuple(rows[name] for name in kinds)


def rows_of(columns: NamedTuple) -> NDArray[np.void]:
    """The ``(N,)`` structs behind what :func:`zero_columns` made."""
    rows: NDArray[np.void] = columns[0].base
    return rows


def row_of(constants: NamedTuple) -> NDArray[np.void]:
    """A ``(1,)`` struct with the same integers and numbers."""
    kinds = [
        (name, np.int64 if isinstance(value, int) else np.float64)
        for name, value in constants._asdict().items()
    ]
    return np.array([tuple(constants)], np.dtype(kinds))
