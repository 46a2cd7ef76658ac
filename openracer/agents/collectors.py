"""Collectors: drive many cars at once and fill a rollout, by number of steps or by number of complete episodes."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openracer.agents.inference import Arrays
from openracer.agents.rollout import Rollout
from openracer.language import gettext as _

Act = Callable[[Arrays], tuple[NDArray[np.generic], NDArray[np.float32]]]
"""From what K cars see, by sensor, to training actions (K,) or (K, 2) and the policy's outputs (K, n_outputs)."""


class CollectableEnvironment(Protocol):
    """N cars that drive at once; whose episode ends stands at the start of the next one after the step.

    ``cars`` below are (K,) indices, each at most once. Looking changes nothing: observing twice shows the same.
    """

    @property
    def privileged_size(self) -> int:
        """Numbers that ``observe_privileged`` writes for each car."""

    @property
    def cars(self) -> int:
        """Number of cars N."""

    def observe(self, cars: NDArray[np.int64], out: Arrays) -> None:
        """Write what is seen into ``out``, (K, …) by sensor."""

    def observe_privileged(self, cars: NDArray[np.int64], out: NDArray[np.float32]) -> None:
        """Write privileged states, numbers of order 1, into ``out`` (K, D)."""

    def step(
        self, cars: NDArray[np.int64], actions: NDArray[np.generic]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Drive some cars for one control step while the others stand still in time.

        Args:
            cars: (K,).
            actions: (K,) indices or (K, 2) numbers.

        Returns:
            Rewards (K,) and whether the episode ended (K,).
        """

    def restart(self, cars: NDArray[np.int64]) -> None:
        """Give up the current episodes of some cars and begin new ones."""


class StepsCollector:
    """Every car drives T steps; episodes go on across collections, and the critic values the cut.

    Args:
        environment: the cars.
        steps: T, per car.
    """

    def __init__(self, environment: CollectableEnvironment, steps: int) -> None:
        self.environment = environment
        self.steps = steps

    @property
    def capacity(self) -> int:
        """Transitions that a rollout must hold."""
        return self.steps * self.environment.cars

    def collect(self, act: Act, rollout: Rollout) -> None:
        """Fill ``rollout`` with T x N transitions, row t N + car."""
        environment, count = self.environment, self.environment.cars
        cars = np.arange(count)
        for step in range(self.steps):
            rows = slice(step * count, (step + 1) * count)
            seen = rollout.see(rows)
            environment.observe(cars, seen)
            environment.observe_privileged(cars, rollout.privileged[rows])
            rollout.actions[rows], rollout.outputs[rows] = act(seen)
            rollout.rewards[rows], rollout.dones[rows] = environment.step(cars, rollout.actions[rows])
            rollout.trajectory[rows] = cars
        rollout.size = self.capacity
        rollout.n_trajectories = rollout.n_cut = count
        after = slice(rollout.size, rollout.size + count)
        environment.observe(cars, rollout.see(after))
        environment.observe_privileged(cars, rollout.privileged[after])


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

    def collect(self, act: Act, rollout: Rollout) -> None:
        """Fill ``rollout`` with complete episodes, trajectory i being episode i.

        Raises:
            ValueError: an episode does not end within the memory.
        """
        environment, count = self.environment, self.environment.cars
        current = np.arange(count)
        lengths = np.zeros(self.episodes, np.int64)
        complete = np.zeros(self.episodes, np.bool_)
        row = 0
        while len(cars := np.flatnonzero(current < self._kept(lengths))):
            if row + len(cars) > rollout.capacity:
                raise ValueError(
                    _(
                        "{episodes} episodes do not end within {steps} steps; raise the lowest speed of "
                        "the action space so that laps take less time"
                    ).format(episodes=self.episodes, steps=rollout.capacity)
                )
            rows = slice(row, row + len(cars))
            seen = rollout.see(rows)
            environment.observe(cars, seen)
            environment.observe_privileged(cars, rollout.privileged[rows])
            rollout.actions[rows], rollout.outputs[rows] = act(seen)
            rollout.rewards[rows], dones = environment.step(cars, rollout.actions[rows])
            rollout.dones[rows] = dones
            rollout.trajectory[rows] = current[cars]
            row += len(cars)
            lengths[current[cars]] += 1
            ended = cars[dones]
            complete[current[ended]] = True
            current[ended] += count
        rollout.size = row
        rollout.n_cut = 0
        rollout.n_trajectories = self._kept(lengths)
        self._drop_ignored(rollout, (lengths > 0) & ~complete)

    def _kept(self, lengths: NDArray[np.int64]) -> int:
        """How many episodes count: those before which the limit is not exceeded by the steps so far."""
        before = np.cumsum(lengths) - lengths
        return int(np.count_nonzero(before <= self.limit))

    def _drop_ignored(self, rollout: Rollout, stopped: NDArray[np.bool_]) -> None:
        """Remove the transitions of ignored episodes and restart the cars that were ``stopped`` within one."""
        if rollout.n_trajectories < self.episodes:
            if stopped.any():
                self.environment.restart(np.flatnonzero(stopped) % self.environment.cars)
            rollout.keep(np.flatnonzero(rollout.trajectory[: rollout.size] < rollout.n_trajectories))
