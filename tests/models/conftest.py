"""Cars that drive by dice: rows as a simulator would give them, without one."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from openracer.environments.racing import FinishedEpisode, Recorder
from openracer.simulation.record import StepRecord
from openracer.simulation.status import Status

PERIOD = 1 / 15
ENDS = (Status.OFF_TRACK, Status.LAP_COMPLETE, Status.IMMOBILIZED)


class DiceCars:
    """N cars whose rows are random but have the shape of real ones: prepare, driven rows, an end.

    Attributes:
        finished: episodes that ended, in order.
        returns: rewards of every row, by episode in the order they ended.
    """

    def __init__(self, cars: int, seed: int, continuous: bool = False):
        self.rng = np.random.default_rng(seed)
        self.cars = cars
        self.continuous = continuous
        self.finished: list[FinishedEpisode] = []
        self.rewards: list[list[float]] = []
        self.progress: list[list[float]] = []
        self._clock = np.zeros(cars)
        self._steps = np.zeros(cars, np.int32)
        self._length = self.rng.integers(3, 40, cars)
        self._rewards: list[list[float]] = [[] for _ in range(cars)]
        self._progress: list[list[float]] = [[] for _ in range(cars)]

    def step(self, recorder: Recorder, cars: NDArray[np.int64] | None = None) -> list[FinishedEpisode]:
        """One row of some cars, told to the recorder; the episodes that ended with it."""
        cars = np.arange(self.cars) if cars is None else cars
        record = StepRecord.zeros(self.cars)
        self._steps[cars] += 1
        self._clock[cars] += PERIOD
        record.steps[:] = self._steps
        record.sim_time[:] = self._clock
        for column in (record.x, record.y, record.heading_deg):
            column[:] = self.rng.normal(0, 10, self.cars)
        record.progress[:] = 99.0 * self._steps / self._length + self.rng.uniform(0, 0.5, self.cars)
        record.closest_waypoint[:] = self.rng.integers(0, 119, self.cars)
        record.all_wheels_on_track[:] = self.rng.random(self.cars) < 0.9
        record.done[:] = self._steps >= self._length
        record.status[:] = np.where(self._steps == 1, int(Status.PREPARE), int(Status.IN_PROGRESS))
        ends = self.rng.choice([int(status) for status in ENDS], self.cars)
        record.status[record.done] = ends[record.done]
        record.progress[record.status == int(Status.LAP_COMPLETE)] = 100.0
        steering, speed = self.rng.choice([-30.0, 0.0, 30.0], len(cars)), self.rng.uniform(1, 2, len(cars))
        actions = (
            self.rng.normal(size=(len(cars), 2)) if self.continuous else self.rng.integers(0, 9, len(cars))
        )
        rewards = np.where(self._steps[cars] == 1, 0.0, self.rng.choice([1.0, 0.5, 0.1, 1e-3], len(cars)))
        recorder.record(cars, record, actions, steering, speed, rewards)
        for car, reward in zip(cars.tolist(), rewards.tolist(), strict=True):
            self._rewards[car].append(reward)
            self._progress[car].append(float(record.progress[car]))
        ended = [self._end(car, record) for car in cars[record.done[cars]].tolist()]
        self.finished += ended
        return ended

    def _end(self, car: int, record: StepRecord) -> FinishedEpisode:
        status = Status(int(record.status[car]))
        time = float(self._clock[car])
        episode = FinishedEpisode(
            car=car,
            track="reinvent_base",
            number=len(self.rewards),
            steps=int(self._steps[car]),
            reward=sum(self._rewards[car]),
            progress=float(record.progress[car]),
            status=status,
            lap_time=float(self._steps[car]) * PERIOD if status is Status.LAP_COMPLETE else None,
            start_time=time - float(self._steps[car]) * PERIOD,
            end_time=time,
            start_fraction=0.0,
            resets=0,
            off_tracks=int(status is Status.OFF_TRACK),
            immobilizations=int(status is Status.IMMOBILIZED),
            reversals=0,
            crashes=0,
        )
        self.rewards.append(self._rewards[car])
        self.progress.append(self._progress[car])
        self._rewards[car], self._progress[car] = [], []
        self._steps[car], self._length[car] = 0, self.rng.integers(3, 40)
        return episode


@pytest.fixture
def dice_cars() -> Callable[..., DiceCars]:
    return DiceCars
