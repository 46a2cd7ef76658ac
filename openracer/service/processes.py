"""Finding a process again: its number alone may belong to another one by now."""

import os
from dataclasses import dataclass
from typing import Self

import psutil

_CLOCK_ERROR_S = 5.0
"""The same process's start is told a little differently as the system's clock is corrected."""


@dataclass(frozen=True)
class ProcessIdentity:
    """A process, for as long as the machine runs.

    Attributes:
        pid: its number.
        started: when it began, seconds of the epoch.
    """

    pid: int
    started: float

    @classmethod
    def current(cls) -> Self:
        """This process."""
        return cls(os.getpid(), psutil.Process().create_time())

    def is_alive(self) -> bool:
        """Whether it runs; one that has ended and only waits to be noticed by its parent does not."""
        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.started) < _CLOCK_ERROR_S
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False
