"""Where boxes and bot cars were at every row of some episodes: what a trace does not say and a film needs."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_bytes
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.simulation.record import StepRecord
from openracer.simulation.simulator import Simulator

Poses = NDArray[np.float32]
"""``(K, O, 3)`` x and y, m, and yaw, rad, of O objects at K rows."""

FILE_NAME = "objects.npz"


class ObjectRecorder:
    """A recorder for :class:`openracer.environments.racing.RacingEnvironment` that keeps the objects of each row.

    Args:
        simulator: the cars and their objects.

    Attributes:
        finished: ``(car, poses)`` of complete episodes, or laps of them, in the order of their ends.
    """

    def __init__(self, simulator: Simulator):
        self.finished: list[tuple[int, Poses]] = []
        self._simulator = simulator
        self._rows: list[list[Poses]] = [[] for _car in range(simulator.cars)]
        self._next = self._poses(np.arange(simulator.cars))

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[np.generic],  # noqa: ARG002 (every recorder is told them)
        steering_deg: NDArray[np.float64],  # noqa: ARG002
        speed_mps: NDArray[np.float64],  # noqa: ARG002
        rewards: NDArray[np.float64],  # noqa: ARG002
    ) -> None:
        """Keep where the objects were when the row was written: before the step that bots have driven since."""
        now = self._poses(cars)
        is_first = record.steps[cars] == 1  # nothing has moved yet
        here = np.where(is_first[:, None, None], now, self._next[cars])
        self._next[cars] = now
        for car, first, poses in zip(cars.tolist(), is_first.tolist(), here, strict=True):
            if first:
                self._rows[car] = []
            self._rows[car].append(poses)
        for car in cars[record.ends_lap(cars)].tolist():
            self.finished.append((car, np.array(self._rows[car])))
            self._rows[car] = []

    def _poses(self, cars: NDArray[np.int64]) -> Poses:
        bodies, which = self._simulator.bodies, self._simulator.objects_of_cars[cars]
        return np.stack([bodies.x[which], bodies.y[which], bodies.yaw[which]], axis=-1).astype(np.float32)


def write_object_poses(path: Path, episodes: Sequence[Poses]) -> None:
    """Write the objects of some episodes into one file.

    Raises:
        openracer.atomic.WriteError: it cannot be written.
    """
    memory = io.BytesIO()
    np.savez_compressed(memory, **{str(number): poses for number, poses in enumerate(episodes)})  # type: ignore[arg-type]
    write_bytes(path, memory.getvalue())


def read_object_poses(path: Path) -> list[Poses]:
    """What :func:`write_object_poses` wrote; nothing if there is no such file.

    Raises:
        FormatError: the file is damaged.
    """
    if not path.is_file():
        return []
    try:
        with np.load(path, allow_pickle=False) as stored:
            episodes = [stored[str(number)] for number in range(len(stored.files))]
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile):
        raise FormatError(_("{file} is damaged").format(file=path)) from None
    if any(poses.ndim != 3 or poses.shape[2] != 3 or poses.dtype != np.float32 for poses in episodes):
        raise FormatError(_("{file} is damaged").format(file=path))
    return episodes
