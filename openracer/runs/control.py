"""The few numbers that a run and its supervisor share: the reward function's heartbeat and the wish to stop."""

from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_bytes
from openracer.rewards.loading import HEARTBEAT_SIZE

_STOP = HEARTBEAT_SIZE
_SIZE = HEARTBEAT_SIZE + 1


class ControlBlock:
    """A small file mapped into the memory of both processes.

    Args:
        path: the file.
        create: make it anew, all zero; else it must exist.

    Raises:
        WriteError: it cannot be made.
    """

    def __init__(self, path: Path, create: bool):
        if create:
            write_bytes(path, bytes(8 * _SIZE))
        self._numbers: NDArray[np.float64] = np.memmap(path, np.float64, "r+", shape=(_SIZE,))

    @property
    def heartbeat(self) -> NDArray[np.float64]:
        """``(HEARTBEAT_SIZE,)`` that :class:`openracer.rewards.loading.RewardFunctions` stamps."""
        return self._numbers[:HEARTBEAT_SIZE]

    @property
    def stop_wanted(self) -> bool:
        """Whether the run shall end after its iteration."""
        return bool(self._numbers[_STOP])

    def ask_to_stop(self) -> None:
        """Ask the run to end after its iteration."""
        self._numbers[_STOP] = 1.0

    def reward_call_age(self) -> float:
        """For how long the call of the reward function in progress has lasted, s; 0 between calls."""
        began = float(self._numbers[0])
        return monotonic() - began if began else 0.0

    def reward_call_place(self) -> tuple[int, int, int]:
        """Car, episode and step of the reward function's last call."""
        car, episode, step = (int(number) for number in self._numbers[1:HEARTBEAT_SIZE])
        return car, episode, step
