"""Simulation and reward as one environment for many cars: what a learner talks to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openracer.environments import privileged
from openracer.environments.action_space import ActionSpace
from openracer.environments.starts import RoundRobinStarts
from openracer.rewards.loading import RewardFunctions
from openracer.rewards.params import ParamsBuilder
from openracer.simulation.record import StepRecord
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status


@dataclass(frozen=True)
class FinishedEpisode:
    """What is told of an episode when it is over.

    Of an episode of several laps every lap is told as an episode of its own, as AWS writes a record each time the
    progress comes to 100 %; the first begins at rest, the others flying.

    Attributes:
        car: which car drove it.
        track: directed name of its track.
        number: episodes of the environment are counted from 0 in the order of their ends.
        steps: its rows.
        reward: sum of all rewards.
        progress: percent of the lap.
        status: how it ended.
        lap_time: time of the completed lap, s; None if there is none.
        start_time: simulation clock at its start, s; of a flying lap the end of the lap before.
        end_time: simulation clock at its end, s.
        start_fraction: where on the track its lap begins.
        resets: times the car was put back.
        off_tracks: times it left the track.
        immobilizations: times it stood still.
        reversals: times it drove backwards.
        crashes: times it ran into something.
    """

    car: int
    track: str
    number: int
    steps: int
    reward: float
    progress: float
    status: Status
    lap_time: float | None
    start_time: float
    end_time: float
    start_fraction: float
    resets: int
    off_tracks: int
    immobilizations: int
    reversals: int
    crashes: int


class Recorder(Protocol):
    """Something that writes down every row, such as a trace."""

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[np.generic],
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
        rewards: NDArray[np.float64],
    ) -> None:
        """Take the rows of ``cars`` (K,); ``record`` holds all N cars, the other arrays K."""


class Rivals(Protocol):
    """Those who drive the other cars of every world."""

    def decide(
        self, simulator: Simulator, cars: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """What some cars (K,) do: numbers of actions, steering in degrees and speed in m/s, ``(K,)`` each."""


class RacingEnvironment:
    """N cars driving episodes one after the other.

    Args:
        simulator: the cars and their tracks.
        rewards: one reward function a car.
        action_space: what the actions mean as commands.
        starts: where episodes start; may be replaced between episodes.
        recorders: told of every row.
        rivals: who drive all but the first car of each world. The environment is then of these first cars alone; the
            others start with them, drive with them, and nothing is told of them.

    Attributes:
        episodes: episodes ended so far.
        all_cars: ``(N,)`` indices.
    """

    def __init__(
        self,
        simulator: Simulator,
        rewards: RewardFunctions,
        action_space: ActionSpace,
        starts: RoundRobinStarts,
        recorders: Sequence[Recorder] = (),
        rivals: Rivals | None = None,
    ):
        self.simulator = simulator
        self.action_space = action_space
        self._rivals = rivals
        self.all_cars = np.arange(simulator.cars if rivals is None else simulator.worlds)
        self.episodes = 0
        self._finished: list[FinishedEpisode] = []
        self._rewards = rewards
        self.starts = starts
        self._recorders = recorders
        self._params = ParamsBuilder(
            simulator.tracks, simulator.track, simulator.bodies, simulator.objects_of_cars
        )
        self._returns = np.zeros(simulator.cars)
        self._rows_before = np.zeros(simulator.cars, np.int32)
        self._speed = np.zeros(simulator.cars)
        self._steering_deg = np.zeros(simulator.cars)
        self.restart(self.all_cars)

    @property
    def cars(self) -> int:
        """Number of cars N."""
        return len(self.all_cars)

    @property
    def privileged_size(self) -> int:
        """Numbers that :meth:`observe_privileged` writes for each car."""
        return privileged.size(self.simulator.objects_of_cars.shape[1])

    def restart(self, cars: NDArray[np.int64]) -> None:
        """Begin a new episode for some cars ``(K,)``, at the next start places."""
        self.start(cars, self.starts.take(len(cars)))

    def start(self, cars: NDArray[np.int64], fractions: NDArray[np.float64]) -> None:
        """Begin a new episode for some cars ``(K,)``, each at its fraction of the lap ``(K,)``."""
        self._returns[cars] = 0.0
        self._rows_before[cars] = 0
        if self._rivals is not None:
            others = self._others(cars)
            fractions = np.concatenate([fractions, np.tile(fractions, self.simulator.cars_per_world - 1)])
            cars = np.concatenate([cars, others])
        self.simulator.start(cars, fractions)

    def _others(self, cars: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rivals in the worlds of some cars ``(K,)``, the second of each world first."""
        simulator = self.simulator
        seconds = simulator.worlds * np.arange(1, simulator.cars_per_world)
        return np.asarray((cars + seconds[:, None]).ravel())

    def observe(self, cars: NDArray[np.int64], out: Mapping[str, NDArray[Any]]) -> None:
        """Write what ``cars`` (K,) see to ``out``, ``(K, *shape)`` by the name of the sensor."""
        self.simulator.observe(cars, out)

    def observe_privileged(self, cars: NDArray[np.int64], out: NDArray[np.float32]) -> None:
        """Write the exact state of ``cars`` (K,) to ``out`` ``(K, privileged.size(objects)) float32``."""
        self.simulator.describe(
            privileged.describe_cars,
            cars,
            out,
            privileged.look_ahead_distances(),
            *self.simulator.body_arguments,
        )

    def step(
        self,
        cars: NDArray[np.int64],
        actions: NDArray[Any],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Drive some cars for one control step; an ended episode is followed by the next one's start at once.

        Takes, returns and raises what :meth:`drive` does.
        """
        rewards, done = self.drive(cars, actions)
        if done.any():
            self.restart(cars[done])
        return rewards, done

    def drive(
        self,
        cars: NDArray[np.int64],
        actions: NDArray[Any],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Drive some cars for one control step; a car whose episode ended must be restarted before its next step.

        Args:
            cars: ``(K,)`` indices, each at most once.
            actions: ``(K,)`` or ``(K, 2)``, what the policy chose.

        Returns:
            Rewards ``(K,)`` of this row, and whether the episode ended with it ``(K,)``.

        Raises:
            RewardFunctionError: the reward function raised or returned no usable number.
        """
        return self.command(cars, actions, *self.action_space.to_commands(actions))

    def command(
        self,
        cars: NDArray[np.int64],
        actions: NDArray[Any],
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Drive some cars as :meth:`drive` does, by the commands of their actions: each may have its own action space.

        Args:
            cars: ``(K,)`` indices, each at most once.
            actions: ``(K,)`` or ``(K, 2)``, to be written down.
            steering_deg: ``(K,)`` what they mean, degrees.
            speed_mps: ``(K,)`` m/s.

        Returns:
            What :meth:`drive` does, and raises the same.
        """
        # The simulator counts incidents anew as soon as a flying lap begins.
        counts = self._incidents()
        if self._rivals is None:
            record = self.simulator.step(cars, np.radians(steering_deg), speed_mps)
        else:
            others = self._others(cars)
            _actions, angles_deg, speeds = self._rivals.decide(self.simulator, others)
            record = self.simulator.step(
                np.concatenate([cars, others]),
                np.radians(np.concatenate([steering_deg, angles_deg])),
                np.concatenate([speed_mps, speeds]),
            )
        self._speed[cars] = speed_mps
        self._steering_deg[cars] = steering_deg
        running = record.running[cars]
        driven = cars[running]
        rewards = np.zeros(len(cars))
        params = self._params.build(record, self._speed, self._steering_deg, driven)
        rewards[running] = self._rewards(params, driven, np.full(len(driven), self.episodes))
        self._returns[cars] += rewards
        for recorder in self._recorders:
            recorder.record(cars, record, actions, steering_deg, speed_mps, rewards)
        for car in cars[record.ends_lap(cars)].tolist():
            self._finished.append(self._summary(car, self._incidents() if record.done[car] else counts))
        return rewards, record.done[cars]

    def take_finished(self) -> list[FinishedEpisode]:
        """The episodes that ended since the last call, in the order of their ends."""
        finished, self._finished = self._finished, []
        return finished

    def _incidents(self) -> NDArray[np.int32]:
        """(5, N) resets, times off the track, standing still, driving backwards and crashing in the lap so far."""
        episode = self.simulator.episode
        return np.array(
            [episode.resets, episode.off_tracks, episode.immobilizations, episode.reversals, episode.crashes]
        )

    def _summary(self, car: int, counts: NDArray[np.int32]) -> FinishedEpisode:
        """What there is to tell of the episode, or the lap of one, that a car's row has ended."""
        record, episode = self.simulator.record, self.simulator.episode
        number = self.episodes
        self.episodes += 1
        status = Status(int(record.status[car])) if record.done[car] else Status.LAP_COMPLETE
        end = float(record.sim_time[car])
        lap_time = float(episode.lap_time[car]) if status is Status.LAP_COMPLETE else None
        steps, reward = int(record.steps[car] - self._rows_before[car]), float(self._returns[car])
        self._rows_before[car], self._returns[car] = record.steps[car], 0.0
        resets, off_tracks, immobilizations, reversals, crashes = counts[:, car].tolist()
        return FinishedEpisode(
            car=car,
            track=self.simulator.tracks[self.simulator.track[car]].directed_name,
            number=number,
            steps=steps,
            reward=reward,
            progress=float(record.progress[car]),
            status=status,
            lap_time=lap_time,
            start_time=float(episode.lap_start[car]) if record.done[car] else end - (lap_time or 0.0),
            end_time=end,
            start_fraction=float(episode.start_fraction[car]),
            resets=resets,
            off_tracks=off_tracks,
            immobilizations=immobilizations,
            reversals=reversals,
            crashes=crashes,
        )
