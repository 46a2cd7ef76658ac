"""How programs that run user code are started: as they are, or confined where somebody has put a door before them."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Program:
    """One of our modules, which will run user code.

    Attributes:
        module: its name, for ``python -m``.
        arguments: of it.
        reads: files and folders that it reads, beside Python and this package.
        writes: files and folders that it changes.
        kernels: whether it uses our compiled kernels.
    """

    module: str
    arguments: Sequence[str] = ()
    reads: Sequence[Path] = ()
    writes: Sequence[Path] = ()
    kernels: bool = False


class Confinement(Protocol):
    """What can start programs so that they cannot do what they like."""

    @property
    def room(self) -> int | None:
        """Bytes that all a program may change may hold; None is no limit."""

    def command(self, program: Program) -> list[str]:
        """The command line."""

    def environment(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """The environment: what is wanted, and of ours what may be known inside."""


_readers: list[Callable[[], Confinement | None]] = []


def confine_with(reader: Callable[[], Confinement | None]) -> None:
    """Have all programs from here on confined by what a function gives; None leaves one as it is."""
    _readers[:] = [reader]


def command(program: Program) -> list[str]:
    """The command line that starts a program."""
    if (confinement := _confinement()) is not None:
        return confinement.command(program)
    # -P: modules in the current folder must not take the place of Python's.
    return [sys.executable, "-P", "-m", program.module, *program.arguments]


def environment(wanted: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program: ours with what is wanted."""
    if (confinement := _confinement()) is not None:
        return confinement.environment(wanted or {})
    return {**os.environ, **(wanted or {})}


def room() -> int | None:
    """Bytes that all a program may change may hold; None is no limit."""
    return None if (confinement := _confinement()) is None else confinement.room


def _confinement() -> Confinement | None:
    return _readers[0]() if _readers else None
