"""Collectors: drive many cars at once and fill a rollout, by number of steps or by number of complete episodes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openracer.agents.rollout import Rollout

Act = Callable[[NDArray[np.uint8]], tuple[NDArray[np.generic], NDArray[np.float32]]]


class CollectableEnvironment(Protocol):
    """N cars that drive at once and begin a new episode by themselves when one ends.

    Looking changes nothing: observing twice without a step shows the same.
    """

    n_cars: int

    def observe(self, out: NDArray[np.uint8]) -> None:
        """Write each car's camera frame into `out` (N, H, W)."""

    def observe_privileged(self, out: NDArray[np.float32]) -> None:
        """Write each car's privileged state, numbers of order 1, into `out` (N, D)."""

    def step(
        self, actions: NDArray[np.generic], driving: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """One control step of the cars that are `driving` (N,); the others stand still and nothing is recorded.

        Args:
            actions: (N,) indices or (N, 2) numbers.
            driving: (N,).

        Returns:
            Rewards (N,) and whether each car's episode ended (N,), False for cars that are not driving. A car whose
            episode ended stands at the start of its next one afterwards.
        """

    def restart(self, cars: NDArray[np.bool_]) -> None:
        """Give up the current episodes of the marked cars (N,) and begin new ones."""


@dataclass(frozen=True)
class FinishedEpisode:
    """An episode that ended while collecting.

    Attributes:
        car: which car drove it.
        steps: its length in control steps.
        total_reward: undiscounted sum of rewards.
    """

    car: int
    steps: int
    total_reward: float


class StepsCollector:
    """Every car drives T steps; episodes go on across collections, and the critic values the cut.

    Args:
        environment: the cars.
        steps: T, per car.
    """

    def __init__(self, environment: CollectableEnvironment, steps: int) -> None:
        self.environment = environment
        self.steps = steps
        self._lengths = np.zeros(environment.n_cars, np.int64)
        self._rewards = np.zeros(environment.n_cars)

    @property
    def capacity(self) -> int:
        """Transitions that a rollout must hold."""
        return self.steps * self.environment.n_cars

    def collect(self, act: Act, rollout: Rollout) -> list[FinishedEpisode]:
        """Fill `rollout` with T x N transitions, row t N + car; returns the episodes that ended."""
        environment, n_cars = self.environment, self.environment.n_cars
        driving = np.ones(n_cars, np.bool_)
        finished = []
        for step in range(self.steps):
            rows = slice(step * n_cars, (step + 1) * n_cars)
            environment.observe(rollout.frames[rows])
            environment.observe_privileged(rollout.privileged[rows])
            actions, outputs = act(rollout.frames[rows])
            rewards, dones = environment.step(actions, driving)
            rollout.actions[rows], rollout.outputs[rows] = actions, outputs
            rollout.rewards[rows], rollout.dones[rows] = rewards, dones
            rollout.trajectory[rows] = np.arange(n_cars)
            self._lengths += 1
            self._rewards += rewards
            for car in np.flatnonzero(dones):
                finished.append(FinishedEpisode(int(car), int(self._lengths[car]), float(self._rewards[car])))
                self._lengths[car], self._rewards[car] = 0, 0.0
        rollout.size = self.capacity
        rollout.n_trajectories = rollout.n_cut = n_cars
        after = slice(rollout.size, rollout.size + n_cars)
        environment.observe(rollout.frames[after])
        environment.observe_privileged(rollout.privileged[after])
        return finished


class EpisodesCollector:
    """Exactly n complete episodes between updates, as AWS trains.

    Which car drives which episode is decided before the first step (car c drives episodes c, c + N, c + 2N, …), so
    that a car whose episodes are short does not drive more of them. A car that has driven its share stands still.

    AWS keeps at most 10,000 transitions: once the episodes so far exceed that, the remaining ones are ignored. Here
    the episodes count in the order of their numbers, not of their ends, so again short ones are not favoured; a car
    is stopped as soon as it is certain that its episode will be ignored.

    Args:
        environment: the cars, each at the start of an episode.
        episodes: n.
        limit: transitions after which the remaining episodes are ignored.
    """

    def __init__(self, environment: CollectableEnvironment, episodes: int, limit: int = 10_000) -> None:
        self.environment = environment
        self.episodes = episodes
        self.limit = limit

    @property
    def capacity(self) -> int:
        """Transitions that a rollout must hold, those of episodes that are ignored in the end included.

        While n cars drive side by side beyond the limit L, ever fewer are worth going on; after k times as many
        steps, L (1 + ln k) transitions are held, so this is enough for k = 20.
        """
        return 4 * self.limit

    def collect(self, act: Act, rollout: Rollout) -> list[FinishedEpisode]:
        """Fill `rollout` with complete episodes, trajectory i being episode i; returns them in that order.

        Raises:
            ValueError: an episode does not end within the memory.
        """
        environment, n_cars = self.environment, self.environment.n_cars
        episode = np.arange(n_cars)
        driving = episode < self.episodes
        lengths = np.zeros(self.episodes, np.int64)
        totals = np.zeros(self.episodes)
        row = 0
        while driving.any():
            if row + n_cars > rollout.capacity + n_cars:
                raise ValueError(
                    f"{self.episodes} episodes do not end within {rollout.capacity} steps; "
                    f"raise the lowest speed of the action space so that laps take less time"
                )
            cars = np.flatnonzero(driving)
            rows = slice(row, row + len(cars))
            self._observe(rollout, row, cars)
            chosen, rollout.outputs[rows] = act(rollout.frames[rows])
            actions = np.zeros((n_cars, *chosen.shape[1:]), chosen.dtype)
            actions[cars] = chosen
            rewards, dones = environment.step(actions, driving)
            rollout.actions[rows] = chosen
            rollout.rewards[rows], rollout.dones[rows] = rewards[cars], dones[cars]
            rollout.trajectory[rows] = episode[cars]
            row += len(cars)
            lengths[episode[cars]] += 1
            totals[episode[cars]] += rewards[cars]
            episode[dones] += n_cars
            driving = driving & (episode < self._kept(lengths))
        rollout.size = row
        rollout.n_cut = 0
        rollout.n_trajectories = self._drop_ignored(rollout, lengths)
        return [
            FinishedEpisode(number % n_cars, int(lengths[number]), float(totals[number]))
            for number in range(rollout.n_trajectories)
        ]

    def _observe(self, rollout: Rollout, row: int, cars: NDArray[np.intp]) -> None:
        """Write frames and privileged states of the driving cars from `row` on, close together."""
        rows = slice(row, row + self.environment.n_cars)
        self.environment.observe(rollout.frames[rows])
        self.environment.observe_privileged(rollout.privileged[rows])
        for target, car in enumerate(cars):
            if target != car:
                rollout.frames[row + target] = rollout.frames[row + car]
                rollout.privileged[row + target] = rollout.privileged[row + car]

    def _kept(self, lengths: NDArray[np.int64]) -> int:
        """How many episodes count: those before which the limit is not exceeded by the steps so far."""
        before = np.cumsum(lengths) - lengths
        return int(np.count_nonzero(before <= self.limit))

    def _drop_ignored(self, rollout: Rollout, lengths: NDArray[np.int64]) -> int:
        """Remove the ignored episodes and restart the cars that were stopped within one; returns how many stay."""
        kept = self._kept(lengths)
        if kept < self.episodes:
            own = rollout.trajectory[: rollout.size]
            unfinished = np.zeros(self.episodes, np.bool_)
            unfinished[own] = True
            unfinished[own[rollout.dones[: rollout.size]]] = False
            stopped = np.zeros(self.environment.n_cars, np.bool_)
            stopped[np.flatnonzero(unfinished) % self.environment.n_cars] = True
            self.environment.restart(stopped)
            rollout.keep(np.flatnonzero(own < kept))
        return kept
