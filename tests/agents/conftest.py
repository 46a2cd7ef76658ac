"""Small environments that need no simulator, and agents for their small frames."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from openracer.agents.networks import (
    AWS_SHALLOW,
    FAST,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    PrivilegedCritic,
    glorot_uniform,
    normalized_columns,
)
from openracer.agents.ppo import Ppo, PpoSettings
from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import ContinuousActionSpace, DiscreteActionSpace
from openracer.simulation.sensors import Sensor

SMALL_CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)


class ToyEnvironment:
    """Counts the steps of every car's episode."""

    def __init__(self, cars: int) -> None:
        self.cars = cars
        self.steps = np.zeros(cars, int)

    def count(self, cars: np.ndarray, length: np.ndarray | int) -> np.ndarray:
        """Add one step; returns whose episode has reached its length."""
        self.steps[cars] += 1
        dones = self.steps[cars] >= length
        self.steps[cars[dones]] = 0
        return dones


class BarEnvironment(ToyEnvironment):
    """A white bar stands left, in the middle or right; the right action steers towards it. Ten steps an episode."""

    def __init__(self, cars: int, seed: int) -> None:
        super().__init__(cars)
        self.rng = np.random.default_rng(seed)
        self.side = self.rng.integers(-1, 2, cars)

    def observe(self, cars: np.ndarray, out: dict[str, np.ndarray]) -> None:
        frames = out["FRONT_FACING_CAMERA"]
        frames[:] = 60
        for frame, side in zip(frames, self.side[cars], strict=True):
            frame[20:50, 26 + 20 * side : 38 + 20 * side] = 230

    def observe_privileged(self, cars: np.ndarray, out: np.ndarray) -> None:
        out[:] = self.side[cars, None] == (-1, 0, 1)

    def step(self, cars: np.ndarray, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if actions.ndim == 2:
            rewards = 1.0 - np.abs(np.clip(actions[:, 0], -1, 1) - self.side[cars])
        else:
            rewards = (actions - 1 == self.side[cars]).astype(float)
        self.side[cars] = self.rng.integers(-1, 2, len(cars))
        return rewards, self.count(cars, 10)


class ScriptedEnvironment(ToyEnvironment):
    """Car c's e-th episode lasts ``lengths[c][e % len]`` steps; frame, state and reward say who and when.

    Pixel [0, 0] is the car, [0, 1] the step of the episode, [0, 2] the number of the car's episode.
    """

    def __init__(self, lengths: list[list[int]]) -> None:
        super().__init__(len(lengths))
        self.lengths = lengths
        self.episode = np.zeros(self.cars, int)
        self.n_driven = np.zeros(self.cars, int)
        self.restarted: list[int] = []

    def observe(self, cars: np.ndarray, out: dict[str, np.ndarray]) -> None:
        out["FRONT_FACING_CAMERA"][:, 0, :3] = np.stack((cars, self.steps[cars], self.episode[cars]), axis=1)

    def observe_privileged(self, cars: np.ndarray, out: np.ndarray) -> None:
        out[:] = np.stack((cars, self.steps[cars]), axis=1)

    def step(self, cars: np.ndarray, _actions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        length = np.array([self.lengths[car][self.episode[car] % len(self.lengths[car])] for car in cars])
        rewards = 100.0 * cars + self.steps[cars]
        self.n_driven[cars] += 1
        dones = self.count(cars, length)
        self.episode[cars[dones]] += 1
        return rewards, dones

    def restart(self, cars: np.ndarray) -> None:
        self.restarted += cars.tolist()
        self.episode[cars] += 1
        self.steps[cars] = 0


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


def make_agent(network: str, action_space, settings: PpoSettings, seed: int, threads: TorchThreads) -> Ppo:
    """An agent for frames of 64 x 64: "aws" with two camera networks, "fast" with a critic that knows the side."""
    torch.manual_seed(seed)
    trunk = CameraTrunk(AWS_SHALLOW if network == "aws" else FAST, (64, 64))
    if isinstance(action_space, ContinuousActionSpace):
        policy = ContinuousPolicy(trunk)
    else:
        head = glorot_uniform if network == "aws" else normalized_columns(0.01)
        policy = DiscretePolicy(trunk, action_space.n_actions, head)
    critic = CameraCritic(CameraTrunk(AWS_SHALLOW, (64, 64))) if network == "aws" else PrivilegedCritic(3)
    return Ppo(policy, critic, settings, seed, threads)


@pytest.fixture
def agent_for(threads) -> Callable[..., Ppo]:
    def make(network: str, action_space, settings: PpoSettings, seed: int = 0, count: int = 2) -> Ppo:
        own = threads if count == threads.count else TorchThreads(count)
        return make_agent(network, action_space, settings, seed, own)

    return make
