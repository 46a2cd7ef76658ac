"""Writing down every row of N cars as they drive, and handing over each episode when it is complete."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openracer.formats.simtrace import TRACK_COLUMN, Trace, continuous_actions
from openracer.simulation.record import StepRecord
from openracer.simulation.status import Status

Rows = NDArray[np.float64]

# Columns of a row; every quantity of a trace is exact as a float64.
_STEPS, _X, _Y, _YAW, _STEER, _THROTTLE, _ACTION, _REWARD, _DONE, _ON_TRACK = range(10)
_PROGRESS, _WAYPOINT, _TIME, _STATUS, _PAUSE, _CRASHES = range(10, 16)
WIDTH = 16

_LABELS = np.array([status.label for status in Status], np.str_)


@dataclass(frozen=True, eq=False)
class EpisodeTrace:
    """All rows of one complete episode; of an episode of several laps each lap is one, as on AWS.

    Attributes:
        car: who drove it.
        track_length: of its track, m.
        rows: ``(steps, WIDTH)``.
        track: directed name of its track, where cars drive on several.
    """

    car: int
    track_length: float
    rows: Rows
    track: str | None = None

    @property
    def steps(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def reward(self) -> float:
        """Sum of all rewards."""
        return float(self.rows[:, _REWARD].sum())

    @property
    def progress(self) -> float:
        """Percent of the lap at the end."""
        return float(self.rows[-1, _PROGRESS])

    @property
    def status(self) -> Status:
        """How it ended."""
        return Status(int(self.rows[-1, _STATUS]))


def columns_of(episodes: list[EpisodeTrace], first: int, continuous: bool) -> Trace:
    """The rows of some episodes as the columns of a simtrace file.

    Args:
        episodes: in the order of their numbers.
        first: number of the first one.
        continuous: the action space is continuous.
    """
    lengths = [episode.steps for episode in episodes]
    rows = np.concatenate([episode.rows for episode in episodes])
    steer, throttle = rows[:, _STEER], rows[:, _THROTTLE]
    crashes = rows[:, _CRASHES]
    return {
        "episode": np.repeat(np.arange(first, first + len(episodes)), lengths),
        "steps": rows[:, _STEPS],
        "X": rows[:, _X],
        "Y": rows[:, _Y],
        "yaw": rows[:, _YAW],
        "steer": steer,
        "throttle": throttle,
        "action": continuous_actions(steer, throttle) if continuous else rows[:, _ACTION].astype(np.int64),
        "reward": rows[:, _REWARD],
        "done": rows[:, _DONE].astype(np.bool_),
        "all_wheels_on_track": rows[:, _ON_TRACK].astype(np.bool_),
        "progress": rows[:, _PROGRESS],
        "closest_waypoint": rows[:, _WAYPOINT].astype(np.int64),
        "track_len": np.repeat([episode.track_length for episode in episodes], lengths),
        "tstamp": rows[:, _TIME],
        "episode_status": _LABELS[rows[:, _STATUS].astype(np.intp)],
        "pause_duration": rows[:, _PAUSE],
        **({"obstacle_crash_counter": crashes.astype(np.int64)} if crashes.any() else {}),
        **(
            {TRACK_COLUMN: np.repeat([str(episode.track) for episode in episodes], lengths)}
            if episodes[0].track is not None
            else {}
        ),
    }


class EpisodeRecorder:
    """The rows of N cars, until their episodes are complete.

    Args:
        track_lengths: ``(N,)`` length of each car's track, m.
        track_names: directed name of each car's track, where there are several.

    Attributes:
        finished: complete episodes in the order they ended, for the caller to take away.
    """

    def __init__(self, track_lengths: NDArray[np.float64], track_names: Sequence[str] | None = None):
        cars = len(track_lengths)
        self._track_names = track_names
        self.finished: list[EpisodeTrace] = []
        self._track_lengths = track_lengths
        self._length = np.zeros(cars, np.int64)
        self._buffer = np.empty((cars, 512, WIDTH))
        self._row = np.empty((cars, WIDTH))

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[np.generic],
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
        rewards: NDArray[np.float64],
    ) -> None:
        """Write down one row of some cars.

        Args:
            cars: ``(K,)`` indices, each at most once.
            record: state of all N cars, before the row's actions act.
            actions: ``(K,)`` numbers of discrete actions; of continuous ones only the commands are kept.
            steering_deg: ``(K,)`` commands, degrees.
            speed_mps: ``(K,)`` commands, m/s.
            rewards: ``(K,)``.
        """
        row = self._row[: len(cars)]
        row[:, _STEPS] = record.steps[cars]
        row[:, _X] = record.x[cars]
        row[:, _Y] = record.y[cars]
        row[:, _YAW] = record.heading_deg[cars]
        row[:, _STEER] = steering_deg
        row[:, _THROTTLE] = speed_mps
        row[:, _ACTION] = actions if actions.ndim == 1 else -1
        row[:, _REWARD] = rewards
        row[:, _DONE] = record.done[cars]
        row[:, _ON_TRACK] = record.all_wheels_on_track[cars]
        row[:, _PROGRESS] = record.progress[cars]
        row[:, _WAYPOINT] = record.closest_waypoint[cars]
        row[:, _TIME] = record.sim_time[cars]
        row[:, _STATUS] = record.status[cars]
        row[:, _PAUSE] = record.pause_duration[cars]
        row[:, _CRASHES] = record.is_crashed[cars]
        # A first row begins anew, even where the episode before was given up.
        at = np.where(record.steps[cars] == 1, 0, self._length[cars])
        if at.max(initial=0) == self._buffer.shape[1]:
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)], axis=1)
        self._buffer[cars, at] = row
        self._length[cars] = at + 1
        # As a counter over the episode.
        self._buffer[cars, at, _CRASHES] += np.where(at > 0, self._buffer[cars, at - 1, _CRASHES], 0.0)
        for car in cars[record.ends_lap(cars)].tolist():
            rows = self._buffer[car, : self._length[car]].copy()
            name = None if self._track_names is None else self._track_names[car]
            self.finished.append(EpisodeTrace(car, float(self._track_lengths[car]), rows, name))
            self._length[car] = 0

    def take(self, count: int) -> list[EpisodeTrace]:
        """The first ``count`` complete episodes; they are no longer kept here."""
        taken, self.finished = self.finished[:count], self.finished[count:]
        return taken
