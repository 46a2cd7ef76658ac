"""Poses of all cars as they drive, in a ring that a run writes and anybody may look into: a mapped file.

The writer copies some numbers at every control step and never waits; a reader that is slow misses steps.

Layout, all numbers little-endian float64 (whole numbers in them are exact): the header (magic, version, cars N, slots
S, latest step, objects O, their kind), then S slots of a frame each. Frame k, counted from 1, is in slot ``k % S``: its
number, the wall clock, the episodes ended so far, the number of cars that drove, then one row of N numbers for each of
:data:`ROWS`, then x, y and yaw of each of the O boxes or bots around each car.
The frame's number is 0 while it is written, so that a reader sees when it came in between.
"""

import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.atomic import write_bytes
from openracer.models.folder import ModelFolder
from openracer.simulation.bodies import CAR
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.record import StepRecord
from openracer.simulation.simulator import Simulator

_MAGIC = 20_260_731.0
_VERSION = 2.0
_HEADER = 7
_FRAME_HEADER = 4
_BYTES = 4_000_000
_FEWEST_SLOTS, _MOST_SLOTS = 256, 8192

ROWS = (
    "x",
    "y",
    "heading_deg",
    "steering_deg",
    "speed",
    "progress",
    "row",
    "clock",
    "reward",
    "status",
    "done",
)


class LiveKind(StrEnum):
    """Which run of a model drives; each has a ring of its own, because both may drive at the same time."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    RACE = "race"


def live_file(folder: Path, kind: LiveKind) -> Path:
    """Where the ring of a model lies."""
    return ModelFolder(folder).own_folder / f"live-{kind}"


@dataclass(frozen=True)
class LivePoses:
    """All cars at one control step.

    Attributes:
        step: counts the frames of a run from 1.
        time: wall clock, s of the epoch.
        episode: episodes that had ended.
        x: ``(N,)`` the cars' origins, m.
        y: ``(N,)`` m.
        yaw: ``(N,)`` rad.
        steering: ``(N,)`` command, rad, left positive.
        speed: ``(N,)`` command, m/s.
        progress: ``(N,)`` percent of the lap.
        row: ``(N,)`` control steps of the episode, 1 in its first; 0 where a car has not driven yet.
        clock: ``(N,)`` the cars' simulated time, s.
        reward: ``(N,)`` of the step.
        status: ``(N,)`` :class:`openracer.simulation.status.Status`.
        done: ``(N,)`` the episode ends with this step.
        objects: ``(N, O, 3)`` x and y, m, and yaw, rad, of the boxes or bots around each car.
        kind: of the objects.
    """

    step: int
    time: float
    episode: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    yaw: NDArray[np.float64]
    steering: NDArray[np.float64]
    speed: NDArray[np.float64]
    progress: NDArray[np.float64]
    row: NDArray[np.int64]
    clock: NDArray[np.float64]
    reward: NDArray[np.float64]
    status: NDArray[np.int64]
    done: NDArray[np.bool_]
    objects: NDArray[np.float64]
    kind: int


class LiveRing:
    """Publishes every control step of the cars on a run's first track.

    A recorder for :class:`openracer.environments.racing.RacingEnvironment`.

    Args:
        folder: of the model.
        kind: of the run.
        simulator: the cars, and what is on the road with them.
        cars: which are watched; None is all.

    Raises:
        WriteError: the file cannot be made.
    """

    def __init__(
        self, folder: Path, kind: LiveKind, simulator: Simulator, cars: NDArray[np.int64] | None = None
    ):
        path = live_file(folder, kind)
        # Of several tracks only the first is watched.
        cars = np.arange(simulator.cars) if cars is None else cars
        self._shown = cars[simulator.track[cars] == 0]
        self._shows_all = len(self._shown) == simulator.cars
        shown = len(self._shown)
        self._bodies, self._which = simulator.bodies, simulator.objects_of_cars[self._shown]
        objects = self._which.shape[1]
        size = _FRAME_HEADER + (len(ROWS) + 3 * objects) * shown
        slots = min(_MOST_SLOTS, max(_FEWEST_SLOTS, _BYTES // (8 * size)))
        numbers = np.zeros(_HEADER + slots * size)
        numbers[:4] = _MAGIC, _VERSION, shown, slots
        numbers[5:7] = objects, simulator.objects.kind if simulator.objects.number else CAR
        write_bytes(path, numbers.tobytes())  # a new file: readers of the run before see that theirs is old
        self._numbers: NDArray[np.float64] = np.memmap(path, np.float64, "r+")
        frames = self._numbers[_HEADER:].reshape(slots, size)
        self._frames = list(frames[:, :_FRAME_HEADER])
        after = _FRAME_HEADER + len(ROWS) * shown
        self._rows = list(frames[:, _FRAME_HEADER:after].reshape(slots, len(ROWS), shown))
        self._objects = list(frames[:, after:].reshape(slots, 3, shown, objects))
        self._commands = np.zeros((3, simulator.cars))
        self._step = 0
        self._episodes = 0

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[np.generic],  # noqa: ARG002 (the commands say it)
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
        rewards: NDArray[np.float64],
    ) -> None:
        """Publish a step; takes what every recorder does."""
        step = self._step = self._step + 1
        steering, speed, reward = self._commands
        steering[cars], speed[cars], reward[cars] = steering_deg, speed_mps, rewards
        slot = step % len(self._rows)
        frame, rows = self._frames[slot], self._rows[slot]
        frame[0] = 0.0
        values: Sequence[NDArray[Any]] = (
            record.x, record.y, record.heading_deg, steering, speed, record.progress, record.steps, record.sim_time,
            reward, record.status, record.done,
        )  # fmt: skip
        if not self._shows_all:
            values = [value[self._shown] for value in values]
            cars = np.intersect1d(cars, self._shown)
        for row, value in zip(rows, values, strict=True):
            row[:] = value
        if self._which.shape[1]:
            around = self._objects[slot]
            for k, quantity in enumerate((self._bodies.x, self._bodies.y, self._bodies.yaw)):
                around[k] = quantity[self._which]
        frame[1], frame[2], frame[3] = time.time(), self._episodes, len(cars)
        frame[0] = step
        self._numbers[4] = step
        self._episodes += int(np.count_nonzero(record.done[cars]))


class LiveReader:
    """Looks at what a model's run publishes; notices when a new run begins.

    Args:
        folder: of the model.
        kind: of the run.
    """

    def __init__(self, folder: Path, kind: LiveKind = LiveKind.TRAINING):
        self._path = live_file(folder, kind)
        self._inode = 0
        self._ring: _RingFile | None = None

    def latest(self) -> LivePoses | None:
        """The newest step; None if nothing is published, or by another version."""
        ring = self._open()
        return None if ring is None else ring.frame(ring.latest())

    def since(self, step: int) -> list[LivePoses]:
        """The steps after a step, as far as they are still in the ring; those of a new run if ``step`` is beyond it.

        Args:
            step: the last one that the caller has; 0 is all.
        """
        ring = self._open()
        if ring is None:
            return []
        last = ring.latest()
        # The oldest frames are about to be overwritten.
        first = max(step + 1 if step <= last else 1, last - int(ring.slots * 0.9), 1)
        frames = (ring.frame(number) for number in range(first, last + 1))
        return [frame for frame in frames if frame is not None]

    @property
    def run(self) -> int:
        """Changes when another run begins to publish; 0 if there is none."""
        self._open()
        return self._inode

    def _open(self) -> "_RingFile | None":
        try:
            inode = self._path.stat().st_ino
        except OSError:
            self._ring, self._inode = None, 0
            return None
        if inode != self._inode:
            self._inode, self._ring = inode, _RingFile.of(self._path)
        return self._ring


class _RingFile:
    """A ring of this version, read and not mapped.

    The code of a run may do to its files what it likes, and a process ends that looks beyond the end of a mapped one.
    """

    def __init__(self, file: io.FileIO, cars: int, slots: int, objects: int, kind: int):
        self._file = file
        self._cars, self.slots, self._objects, self._kind = cars, slots, objects, kind
        self._size = _FRAME_HEADER + (len(ROWS) + 3 * objects) * cars

    @classmethod
    def of(cls, path: Path) -> "_RingFile | None":
        """The ring in a file; None if it is none of this version."""
        try:
            file = io.FileIO(path)
            size = os.fstat(file.fileno()).st_size
        except OSError:
            return None
        header = _numbers(file, 0, _HEADER)
        if header is None or tuple(header[:2]) != (_MAGIC, _VERSION) or not np.isfinite(header).all():
            return None
        cars, slots, _latest, objects, kind = map(int, header[2:])
        ring = cls(file, cars, slots, objects, kind)
        is_whole = min(cars, slots) > 0 <= objects and size == 8 * (_HEADER + slots * ring._size)
        return ring if is_whole else None

    def latest(self) -> int:
        """The step published last; 0 if none is."""
        numbers = _numbers(self._file, 4, 1)
        return 0 if numbers is None or not np.isfinite(numbers[0]) else int(numbers[0])

    def frame(self, step: int) -> LivePoses | None:
        """The frame of a step, counted from 1; None if it is being written, or overwritten."""
        at = _HEADER + (step % self.slots) * self._size
        frame, after_it = _numbers(self._file, at, self._size), _numbers(self._file, at, 1)
        if step < 1 or frame is None or after_it is None or frame[0] != step or after_it[0] != step:
            return None
        cars, objects = self._cars, self._objects
        after = _FRAME_HEADER + len(ROWS) * cars
        values = frame[_FRAME_HEADER:after].reshape(len(ROWS), cars)
        x, y, heading_deg, steering_deg, speed, progress, row, clock, reward, status, done = values
        yaw = np.radians(heading_deg)
        return LivePoses(
            step=step,
            time=float(frame[1]),
            episode=int(frame[2]),
            x=x - FRONT_POINT_AHEAD * np.cos(yaw),
            y=y - FRONT_POINT_AHEAD * np.sin(yaw),
            yaw=yaw,
            steering=np.radians(steering_deg),
            speed=speed,
            progress=progress,
            row=row.astype(np.int64),
            clock=clock,
            reward=reward,
            status=status.astype(np.int64),
            done=done > 0.0,
            objects=frame[after:].reshape(3, cars, objects).transpose(1, 2, 0),
            kind=self._kind,
        )


def _numbers(file: io.FileIO, first: int, count: int) -> NDArray[np.float64] | None:
    """Some numbers of a file, from the one with an index; None if they are not there."""
    try:
        data = os.pread(file.fileno(), 8 * count, 8 * first)
    except OSError:
        return None
    return np.frombuffer(data, "<f8") if len(data) == 8 * count else None
