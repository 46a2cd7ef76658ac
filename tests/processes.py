"""Processes that tests start: patience with what they do, and the end of what a failed test leaves behind."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

T = TypeVar("T")

DEADLINE_S = 240.0
"""Only what is broken takes so long; a first run compiles its kernels, beside whatever else the machine does."""

_POLL_S = 0.05


def wait_for(condition: Callable[[], T | None], what: str) -> T:
    """Wait until a condition holds.

    Args:
        condition: gives something that is true once it holds.
        what: is waited for, in words.

    Returns:
        What the condition gave.
    """
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(_POLL_S)
    pytest.fail(f"{what} did not happen within {DEADLINE_S:.0f} s")


def kill_processes_in(folder: Path) -> None:
    """End every process whose command names something in a folder: trainings, evaluations and their watches."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in argument for argument in process.info["cmdline"] or ()):
            process.kill()
