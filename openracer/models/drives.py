"""A drive: one episode of a trace as arrays over time, in SI units, as films and replays show it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.formats.log_rows import select
from openracer.formats.simtrace import TRACK_COLUMN, Trace, read_simtrace
from openracer.simulation.bodies import BOX
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.status import Status

Array = NDArray[np.float64]

PERIOD = 1.0 / 15.0
"""Time between two rows, s."""

_INCIDENTS = [
    status.label for status in (Status.OFF_TRACK, Status.CRASHED, Status.IMMOBILIZED, Status.REVERSED)
]


NO_OBJECTS = np.zeros((0, 0, 3), np.float32)


@dataclass(frozen=True, eq=False)
class Drive:
    """One episode, a value for each of its K rows.

    Attributes:
        episode: its number in the trace.
        time: since the episode's start, s.
        x: of the car's origin, m.
        y: m.
        yaw: heading, rad.
        steering: commanded angle of the front wheels, rad, left positive.
        throttle: commanded speed, m/s.
        speed: of the origin between this row and the one before, m/s; 0 in the first, and where the car was carried.
        reward: of the row.
        progress: percent of the lap.
        action: number of the discrete action; -1 where the action space is continuous.
        put_back: whether the car is put back onto the track after this row.
        status: DeepRacer's label of the row, for example ``in_progress``.
        objects: ``(K, O, 3)`` x and y, m, and yaw, rad, of the boxes or bot cars on the road, as far as they are known.
        track: directed name of its track, where the cars of a training drive on several.
        kind: of the objects, :data:`~openracer.simulation.bodies.BOX` or :data:`~openracer.simulation.bodies.BOT`.
    """

    episode: int
    time: Array
    x: Array
    y: Array
    yaw: Array
    steering: Array
    throttle: Array
    speed: Array
    reward: Array
    progress: Array
    action: NDArray[np.int64]
    put_back: NDArray[np.bool_]
    status: NDArray[np.str_]
    objects: NDArray[np.float32] = field(default_factory=lambda: NO_OBJECTS)
    kind: int = BOX
    track: str | None = None

    @property
    def steps(self) -> int:
        """K, the number of rows."""
        return len(self.time)

    def objects_at(self, row: int) -> NDArray[np.float32]:
        """``(O, 3)`` the objects at a row."""
        return self.objects[row] if row < len(self.objects) else NO_OBJECTS.reshape(0, 3)

    @property
    def resets(self) -> NDArray[np.int64]:
        """(K,) how often the car was put back so far."""
        return np.cumsum(self.put_back)

    @property
    def total_reward(self) -> float:
        """Sum of all rewards."""
        return float(self.reward.sum())

    @property
    def is_complete(self) -> bool:
        """Whether it ended with a whole lap."""
        return self.ended is Status.LAP_COMPLETE

    @property
    def ended(self) -> Status:
        """How it ended; ``IN_PROGRESS`` where the trace stops before."""
        labels = [status.label for status in Status]
        last = str(self.status[-1])
        ended = Status(labels.index(last)) if last in labels else Status.IN_PROGRESS
        # AWS calls the row that ends a lap of several still in progress.
        return Status.LAP_COMPLETE if ended is Status.IN_PROGRESS and self.progress[-1] >= 100.0 else ended


def drives_of(trace: Trace, starts: Sequence[float] | None = None) -> list[Drive]:
    """The episodes of a trace, in its order.

    Args:
        trace: columns; an episode's rows stand together. Files from before 2021 have no ``episode_status``; their
            rows count as in progress.
        starts: when each episode began on the trace's clock, s; by default one control period before its first row,
            which is when a simulator writes that row.
    """
    episode = trace["episode"]
    firsts = np.flatnonzero(np.diff(episode, prepend=episode[:1] - 1) != 0)
    parts = pairwise([*firsts, len(episode)])
    began = trace["tstamp"][firsts] - PERIOD if starts is None else starts
    return [
        _drive(select(trace, slice(first, last)), float(start))
        for (first, last), start in zip(parts, began, strict=True)
    ]


def read_drives(path: Path, starts: Sequence[float] | None = None) -> list[Drive]:
    """The episodes of a simtrace file; ``starts`` as in :func:`drives_of`.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
        ValueError: there are not as many starts as episodes.
    """
    return drives_of(read_simtrace(path), starts)


def join(laps: Sequence[Drive]) -> Drive:
    """Laps that were driven without a stop as one drive, whose progress begins anew with each lap.

    Args:
        laps: whose times count from the same moment; at least one.
    """
    rows: dict[str, Any] = {
        field.name: np.concatenate([getattr(lap, field.name) for lap in laps])
        for field in fields(Drive)
        if isinstance(getattr(laps[0], field.name), np.ndarray) and field.name != "objects"
    }
    return replace(laps[0], **rows)


def _drive(rows: Trace, start: float) -> Drive:
    yaw, times = np.radians(rows["yaw"]), rows["tstamp"]
    x = rows["X"] - FRONT_POINT_AHEAD * np.cos(yaw)
    y = rows["Y"] - FRONT_POINT_AHEAD * np.sin(yaw)
    status = rows.get("episode_status", np.full(len(x), Status.IN_PROGRESS.label))
    put_back = np.isin(status, _INCIDENTS) & ~rows["done"]
    speed = _speeds(x, y, times)
    speed[1:][put_back[:-1]] = 0.0
    is_discrete = rows["action"].dtype.kind == "i"
    return Drive(
        episode=int(rows["episode"][0]),
        time=times - start,
        x=x,
        y=y,
        yaw=yaw,
        steering=np.radians(rows["steer"]),
        throttle=rows["throttle"],
        speed=speed,
        reward=rows["reward"],
        progress=rows["progress"],
        action=rows["action"] if is_discrete else np.full(len(x), -1),
        put_back=put_back,
        status=status,
        track=str(rows[TRACK_COLUMN][0]) if TRACK_COLUMN in rows else None,
    )


def _speeds(x: Array, y: Array, time_s: Array) -> Array:
    """Speed of the car's origin between neighbouring rows, m/s; the first row stands still."""
    moved = np.hypot(np.diff(x), np.diff(y)) / np.maximum(np.diff(time_s), 1e-3)
    return np.concatenate([[0.0], moved])
