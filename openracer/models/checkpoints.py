"""Checkpoints of a model: weights as safetensors, which one is best, and which are kept.

Kept are the best, the last four, and for the long run those whose iteration has at most two significant
binary digits (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, …): two for every doubling, so that a training of a thousand
iterations keeps about twenty-five.
"""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_bytes
from openracer.formats.checkpoints_index import (
    CheckpointName,
    CheckpointsIndex,
    parse_checkpoint_name,
    read_index,
    write_coach_checkpoint,
    write_index,
)
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

SUFFIX = ".safetensors"
LATEST = 4

if TYPE_CHECKING:
    import torch

Tensors = Mapping[str, "torch.Tensor"]
Shapes = Mapping[str, Sequence[int]]


def save_tensors(path: Path, tensors: Tensors, metadata: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file atomically.

    Raises:
        openracer.atomic.WriteError: it cannot be written.
    """
    from safetensors.torch import save

    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # Not save_file: it tells of a full disk in an error of its own kind, without a number.
    write_bytes(path, save(contiguous, dict(metadata or {})))


def load_tensors(path: Path, expected: Shapes | None = None) -> "dict[str, torch.Tensor]":
    """Read a safetensors file and check it.

    Args:
        path: of the file.
        expected: the shape that every tensor must have, by its name; None takes what is there.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is damaged, it is not of the expected network, or a number in it is not finite.
    """
    # PyTorch takes seconds to import, and listing models does not need it.
    import torch
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(_("there is no file {file}").format(file=path))
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError) as error:
        raise FormatError(_("{file} is damaged: {error}").format(file=path.name, error=error)) from None
    if expected is not None:
        _check_shapes(path.name, tensors, expected)
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise _not_finite(path, name)
    return tensors


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """As :func:`load_tensors`, unchecked against a network, and without PyTorch, which takes seconds to import."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(_("there is no file {file}").format(file=path))
    try:
        with safe_open(path, framework="np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError) as error:
        raise FormatError(_("{file} is damaged: {error}").format(file=path.name, error=error)) from None
    for name, array in arrays.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            raise _not_finite(path, name)
    return arrays


def _not_finite(path: Path, name: str) -> FormatError:
    return FormatError(
        _("{file}: {name} has a number that is not finite; use another checkpoint").format(
            file=path.name, name=name
        )
    )


def _check_shapes(file: str, tensors: Tensors, expected: Shapes) -> None:
    for name, shape in expected.items():
        if name not in tensors:
            raise FormatError(
                _("{file} has no {name}: it is of another network").format(file=file, name=name)
            )
        if tuple(tensors[name].shape) != tuple(shape):
            raise FormatError(
                _("{file}: {name} has the shape {shape}; this network needs {expected}").format(
                    file=file, name=name, shape=tuple(tensors[name].shape), expected=tuple(shape)
                )
            )
    if surplus := sorted(set(tensors) - set(expected)):
        raise FormatError(
            _("{file} has {name}, which this network does not: it is of another network").format(
                file=file, name=surplus[0]
            )
        )


class Checkpoints:
    """The checkpoints in a model's folder ``model``."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._index_file = folder / "deepracer_checkpoints.json"

    def path(self, name: CheckpointName) -> Path:
        """Where a checkpoint lies."""
        return self._folder / f"{name}{SUFFIX}"

    def names(self) -> list[CheckpointName]:
        """All checkpoints, the earliest first; files of other names, such as copies, are none."""
        names = []
        for path in self._folder.glob(f"*_Step-*{SUFFIX}"):
            with contextlib.suppress(FormatError):
                name = parse_checkpoint_name(path.name)
                if self.path(name) == path:
                    names.append(name)
        return sorted(names)

    def index(self) -> CheckpointsIndex | None:
        """Which is the best and which the last; None before the first commit."""
        return read_index(self._index_file) if self._index_file.is_file() else None

    def find(self, which: str | int) -> CheckpointName:
        """The checkpoint that a user names.

        Args:
            which: ``best``, ``last``, or the number of an iteration.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is none of these words.
        """
        names = self.names()
        if not names:
            raise FileNotFoundError(
                _("{folder} has no checkpoint; train the model first").format(folder=self._folder.parent.name)
            )
        if which == "last":
            return names[-1]
        if which == "best":
            index = self.index()
            return (
                index.best.checkpoint if index is not None and index.best.checkpoint in names else names[-1]
            )
        if not str(which).isdecimal():
            raise ValueError(
                _("checkpoint is {which!r}; it must be best, last or the number of an iteration").format(
                    which=which
                )
            )
        for name in names:
            if name.iteration == int(which):
                return name
        nearest = sorted(names, key=lambda name: abs(name.iteration - int(which)))[:3]
        listed = ", ".join(str(name.iteration) for name in sorted(nearest))
        more = len(names) - len(nearest)
        rest = _(" and {count} more").format(count=more) if more else ""
        raise FileNotFoundError(
            _("{folder} has no checkpoint of iteration {which}; it has {listed}{rest}").format(
                folder=self._folder.parent.name, which=which, listed=listed, rest=rest
            )
        )

    def save(self, name: CheckpointName, weights: Tensors, metadata: Mapping[str, str] | None = None) -> None:
        """Write a checkpoint.

        Raises:
            openracer.atomic.WriteError: it cannot be written.
        """
        save_tensors(self.path(name), weights, metadata)

    def load(self, name: CheckpointName, expected: Shapes | None = None) -> "dict[str, torch.Tensor]":
        """Read a checkpoint; takes and raises what :func:`load_tensors` does."""
        return load_tensors(self.path(name), expected)

    def copy(
        self, name: CheckpointName, target: "Checkpoints", new: CheckpointName, origin: Mapping[str, str]
    ) -> None:
        """Copy a checkpoint to another model, checked, and without PyTorch, which takes seconds to import.

        Args:
            name: of the checkpoint.
            target: the other model's checkpoints.
            new: its name there.
            origin: metadata to write into it.

        Raises:
            FileNotFoundError: there is no such file.
            FormatError: it is damaged, or a number in it is not finite.
            openracer.atomic.WriteError: it cannot be written.
        """
        from safetensors.numpy import save

        write_bytes(target.path(new), save(load_arrays(self.path(name)), dict(origin)))

    def publish(self, index: CheckpointsIndex) -> None:
        """Tell DeepRacer's tools which is the best and which the last, and drop what need not be kept.

        Raises:
            openracer.atomic.WriteError: the index cannot be written.
        """
        write_index(self._index_file, index)
        write_coach_checkpoint(self._folder / ".coach_checkpoint", index.last.checkpoint, SUFFIX)
        names = self.names()
        for name in set(names) - kept(names, index.best.checkpoint):
            self.path(name).unlink(missing_ok=True)

    def drop_after(self, iteration: int) -> None:
        """Delete the checkpoints of later iterations."""
        for name in self.names():
            if name.iteration > iteration:
                self.path(name).unlink(missing_ok=True)


def kept(names: Sequence[CheckpointName], best: CheckpointName) -> set[CheckpointName]:
    """Which checkpoints stay (the rule is the module's docstring).

    Args:
        names: all, the earliest first.
        best: always stays.
    """
    return {best, *names[-LATEST:], *(name for name in names if _has_two_significant_digits(name.iteration))}


def _has_two_significant_digits(iteration: int) -> bool:
    return iteration >> max(iteration.bit_length() - 2, 0) << max(iteration.bit_length() - 2, 0) == iteration
