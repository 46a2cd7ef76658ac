"""The few numbers that a run and its supervisor share: the reward function's heartbeat and the wish to stop."""

import io
import os
import struct
from functools import cached_property
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_bytes
from openracer.rewards.loading import HEARTBEAT_SIZE

_STOP = HEARTBEAT_SIZE
_SIZE = HEARTBEAT_SIZE + 1


class ControlBlock:
    """A small file: the run maps it into its memory, its supervisor reads and writes it.

    The supervisor maps nothing, because the code of a run may do to its files what it likes, and a process ends that
    looks beyond the end of a mapped one.

    Args:
        path: the file.
        create: make it anew, all zero; else it must exist.

    Raises:
        WriteError: it cannot be made.
    """

    def __init__(self, path: Path, create: bool):
        if create:
            write_bytes(path, bytes(8 * _SIZE))
        self._file = io.FileIO(path, "r+")

    @cached_property
    def _mapped(self) -> NDArray[np.float64]:
        return np.memmap(self._file, np.float64, "r+", shape=(_SIZE,))

    @property
    def heartbeat(self) -> NDArray[np.float64]:
        """``(HEARTBEAT_SIZE,)`` that :class:`openracer.rewards.loading.RewardFunctions` stamps; for the run."""
        return self._mapped[:HEARTBEAT_SIZE]

    @property
    def stop_wanted(self) -> bool:
        """Whether the run shall end after its iteration; for the run."""
        return bool(self._mapped[_STOP])

    def ask_to_stop(self) -> None:
        """Ask the run to end after its iteration; for its supervisor, as all below."""
        os.pwrite(self._file.fileno(), struct.pack("<d", 1.0), 8 * _STOP)

    def reward_call_age(self) -> float:
        """For how long the call of the reward function in progress has lasted, s; 0 between calls."""
        began = float(self._heartbeat()[0])
        return monotonic() - began if began else 0.0

    def reward_call_place(self) -> tuple[int, int, int]:
        """Car, episode and step of the reward function's last call."""
        car, episode, step = (int(number) for number in self._heartbeat()[1:])
        return car, episode, step

    def _heartbeat(self) -> NDArray[np.float64]:
        """The heartbeat as it is; zeros where the run has put something else into its place."""
        data = os.pread(self._file.fileno(), 8 * HEARTBEAT_SIZE, 0)
        if len(data) < 8 * HEARTBEAT_SIZE:
            return np.zeros(HEARTBEAT_SIZE)
        return np.nan_to_num(np.frombuffer(data, "<f8"), posinf=0.0, neginf=0.0)
