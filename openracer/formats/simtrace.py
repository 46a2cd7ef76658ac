"""Simtrace CSV: one row for every control step of a DeepRacer car, as the AWS simulator writes them.

Columns are numpy arrays by the names of AWS's header. ``X``, ``Y`` are the car's front point in m, ``yaw``
and ``steer`` degrees, ``throttle`` m/s, ``progress`` percent, ``tstamp`` simulated seconds,
``pause_duration`` s. Format: aws-deepracer-community/deepracer-simapp, ``markov/metrics/s3_metrics.py``.
"""

from collections.abc import Iterable, Mapping
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_text
from openracer.formats.documents import read_text
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

COLUMNS = (
    "episode", "steps", "X", "Y", "yaw", "steer", "throttle", "action", "reward", "done",
    "all_wheels_on_track", "progress", "closest_waypoint", "track_len", "tstamp",
    "episode_status", "pause_duration",
)  # fmt: skip
"""The header of 2021 to 2024, which we write."""

LATER_COLUMNS = ("obstacle_crash_counter", "wall_clock")
"""What DeepRacer on AWS (simulator 6) adds."""

TRACK_COLUMN = "track"
"""What we add where cars drive on several tracks: the name of a row's track, ``:reverse`` behind it if driven so."""

_REQUIRED = frozenset(COLUMNS) - {"episode_status", "pause_duration"}
_INTEGERS = frozenset({"episode", "closest_waypoint", "obstacle_crash_counter"})
_BOOLEANS = frozenset({"done", "all_wheels_on_track"})
_TEXTS = frozenset({"episode_status", TRACK_COLUMN})

Trace = dict[str, NDArray[Any]]
"""Columns by header name: int64, bool, text or float64; ``steps`` is float64, as AWS writes it.

``action`` is int64, or text like ``[12.5 2.0]`` where the action space is continuous; ``steer`` and
``throttle`` then hold the same numbers.
"""


def continuous_actions(steer: NDArray[np.float64], throttle: NDArray[np.float64]) -> NDArray[np.str_]:
    """The action column of a continuous action space.

    Args:
        steer: ``(K,)`` degrees.
        throttle: ``(K,)`` m/s.
    """
    return np.array(
        [f"[{s!r} {v!r}]" for s, v in zip(steer.tolist(), throttle.tolist(), strict=True)], np.str_
    )


def format_simtrace(trace: Mapping[str, NDArray[Any]]) -> str:
    """The text of a simtrace file: the header, then one line for each row.

    Args:
        trace: columns of equal length; all of :data:`COLUMNS`, and optionally the later ones.

    Returns:
        CSV text with Unix line ends, floats in full precision.
    """
    names = [name for name in (*COLUMNS, *LATER_COLUMNS, TRACK_COLUMN) if name in trace]
    lines = map(",".join, zip(*(_texts(name, np.asarray(trace[name])) for name in names), strict=True))
    return "\n".join([",".join(names), *lines, ""])


def _texts(name: str, column: NDArray[Any]) -> Iterable[str]:
    values: list[Any] = column.tolist()
    if column.dtype.kind in "UO":
        return values
    if column.dtype.kind == "b":
        return map(("False", "True").__getitem__, values)
    if values and values[0] == values[-1] and values.count(values[0]) == len(values):
        return repeat(_text(name, values[0]), len(values))
    texts = list(map(repr, values))
    if name == "progress":
        for row in np.flatnonzero(column == 100.0).tolist():
            texts[row] = _text(name, 100.0)
    return texts


def _text(name: str, value: float) -> str:
    # AWS caps progress with the integer 100, so that a completed lap shows without a point.
    return "100" if name == "progress" and value == 100.0 else repr(value)


def write_simtrace(path: Path, trace: Mapping[str, NDArray[Any]]) -> None:
    """Write a simtrace file atomically.

    Args:
        path: for example ``training-simtrace/0-iteration.csv``.
        trace: columns of equal length.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_text(path, format_simtrace(trace))


def read_simtrace(path: Path) -> Trace:
    """Read a simtrace file of any year since 2020, ours included.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    return parse_simtrace(read_text(path), path.name)


def parse_simtrace(text: str, name: str = "simtrace") -> Trace:
    """Understand the text of a simtrace file.

    Args:
        text: header and rows.
        name: how to call the file in errors.

    Raises:
        FormatError: a column is missing, or a row has too few or too many values, or one of the wrong kind.
    """
    lines = text.splitlines()
    header = lines[0].split(",") if lines else []
    if missing := sorted(_REQUIRED - set(header)):
        raise FormatError(
            _("{name} is no simtrace file: its first line does not name {key}").format(
                name=name, key=missing[0]
            )
        )
    rows = []
    for index, line in enumerate(lines[1:], start=2):
        values = line.split(",")
        if len(values) == len(header) + 1:
            values = _join_comma_action(values, header.index("action"))
        if len(values) != len(header):
            raise FormatError(
                _("{name}: line {line} has {count} values; the first line names {expected}").format(
                    name=name, line=index, count=len(values), expected=len(header)
                )
            )
        rows.append(values)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return {key: _column(key, values, name) for key, values in zip(header, columns, strict=True)}


def _join_comma_action(values: list[str], at: int) -> list[str]:
    """Continuous actions of May 2022 have a comma inside their brackets."""
    if values[at].startswith("[") and values[at + 1].endswith("]"):
        return [*values[:at], f"{values[at]},{values[at + 1]}", *values[at + 2 :]]
    return values


def _column(key: str, values: tuple[str, ...], name: str) -> NDArray[Any]:
    if key in _TEXTS or (key == "action" and any(value.startswith("[") for value in values)):
        return np.array(values, np.str_)
    if key in _BOOLEANS:
        for row, value in enumerate(values):
            if value not in ("True", "False"):
                raise FormatError(
                    _("{name}: line {line}: {key} is {value!r}; it must be True or False").format(
                        name=name, line=row + 2, key=key, value=value
                    )
                )
        return np.array([value == "True" for value in values], np.bool_)
    convert: Any = int if key in _INTEGERS or key == "action" else float
    dtype = np.int64 if convert is int else np.float64
    try:
        return np.array([convert(value) for value in values], dtype)
    except (ValueError, OverflowError):  # the latter: more digits than 64 bits hold
        row = next(row for row, value in enumerate(values) if not _converts(convert, dtype, value))
        kind = _("a whole number") if convert is int else _("a number")
        raise FormatError(
            _("{name}: line {line}: {key} is {value!r}; it must be {kind}").format(
                name=name, line=row + 2, key=key, value=values[row], kind=kind
            )
        ) from None


def _converts(convert: Any, dtype: type[np.generic], value: str) -> bool:
    try:
        np.array(convert(value), dtype)
    except (ValueError, OverflowError):
        return False
    return True
