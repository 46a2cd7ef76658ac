"""Small environments that need no simulator."""

from collections.abc import Callable

import numpy as np
import pytest

from openracer.agents.action_space import ContinuousActionSpace, DiscreteActionSpace
from openracer.agents.threads import TorchThreads

FRAME_SHAPE = (64, 64)


class BarEnvironment:
    """A white bar stands left, in the middle or right; the right action steers towards it. Ten steps an episode."""

    def __init__(self, n_cars: int, seed: int) -> None:
        self.n_cars = n_cars
        self.rng = np.random.default_rng(seed)
        self.steps = np.zeros(n_cars, int)
        self.side = self.rng.integers(-1, 2, n_cars)

    def observe(self, out: np.ndarray) -> None:
        out[:] = 60
        for car in range(self.n_cars):
            left = 26 + 20 * self.side[car]
            out[car, 20:50, left : left + 12] = 230

    def observe_privileged(self, out: np.ndarray) -> None:
        out[:] = self.side[:, None] == (-1, 0, 1)

    def reward(self, actions: np.ndarray) -> np.ndarray:
        if actions.ndim == 2:
            return 1.0 - np.abs(np.clip(actions[:, 0], -1, 1) - self.side)
        return (actions - 1 == self.side).astype(float)

    def step(self, actions: np.ndarray, driving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rewards = self.reward(actions) * driving
        self.steps += driving
        dones = self.steps >= 10
        self.steps[dones] = 0
        self.side = np.where(driving, self.rng.integers(-1, 2, self.n_cars), self.side)
        return rewards, dones

    def restart(self, cars: np.ndarray) -> None:
        self.steps[cars] = 0


class ScriptedEnvironment:
    """Car c's e-th episode lasts `lengths[c][e % len]` steps; frame, state and reward say who and when.

    Pixel [0, 0] is the car, [0, 1] the step of the episode, [0, 2] the number of the car's episode.
    """

    def __init__(self, lengths: list[list[int]]) -> None:
        self.n_cars = len(lengths)
        self.lengths = lengths
        self.step_of_episode = np.zeros(self.n_cars, int)
        self.episode = np.zeros(self.n_cars, int)
        self.n_driven = np.zeros(self.n_cars, int)
        self.restarted: list[int] = []

    def observe(self, out: np.ndarray) -> None:
        out[:, 0, 0] = np.arange(self.n_cars)
        out[:, 0, 1] = self.step_of_episode
        out[:, 0, 2] = self.episode

    def observe_privileged(self, out: np.ndarray) -> None:
        out[:, 0] = np.arange(self.n_cars)
        out[:, 1] = self.step_of_episode

    def step(self, _actions: np.ndarray, driving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rewards = np.where(driving, 100.0 * np.arange(self.n_cars) + self.step_of_episode, np.nan)
        self.step_of_episode += driving
        self.n_driven += driving
        length = np.array(
            [own[episode % len(own)] for own, episode in zip(self.lengths, self.episode, strict=True)]
        )
        dones = driving & (self.step_of_episode >= length)
        self.episode += dones
        self.step_of_episode[dones] = 0
        return rewards, dones

    def restart(self, cars: np.ndarray) -> None:
        self.restarted += np.flatnonzero(cars).tolist()
        self.episode += cars
        self.step_of_episode[cars] = 0


@pytest.fixture
def bar_environment() -> Callable[[int, int], BarEnvironment]:
    return BarEnvironment


@pytest.fixture
def scripted_environment() -> Callable[[list[list[int]]], ScriptedEnvironment]:
    return ScriptedEnvironment


@pytest.fixture
def three_actions() -> DiscreteActionSpace:
    return DiscreteActionSpace([-30.0, 0.0, 30.0], [1.0, 2.0, 1.0])


@pytest.fixture
def rectangle() -> ContinuousActionSpace:
    return ContinuousActionSpace(steering_deg=(-30.0, 30.0), speed=(1.0, 4.0))


@pytest.fixture(scope="session")
def threads() -> TorchThreads:
    return TorchThreads(2)
