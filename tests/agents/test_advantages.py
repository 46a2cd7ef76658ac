"""Advantages equal the textbook's sum and Stable-Baselines3's."""

import gymnasium
import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from stable_baselines3.common.buffers import RolloutBuffer

from openracer.agents.advantages import generalised_advantages


def textbook(rewards, values, dones, bootstrap, discount, gae_lambda):
    """A_t = Σ_k (γλ)^k δ_{t+k} of one trajectory, each sum written out until the end of its episode."""
    following = [*values[1:], bootstrap]
    deltas = [
        reward + (0.0 if done else discount * after) - value
        for reward, done, after, value in zip(rewards, dones, following, values, strict=True)
    ]
    advantages = []
    for first in range(len(rewards)):
        total = 0.0
        for step in range(first, len(rewards)):
            total += (discount * gae_lambda) ** (step - first) * deltas[step]
            if dones[step]:
                break
        advantages.append(total)
    return advantages


@st.composite
def interleaved_trajectories(draw):
    """Trajectories of 1 to 12 steps in a random interleaving that keeps each one's order."""
    lengths = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    order = draw(st.permutations([own for own, length in enumerate(lengths) for _ in range(length)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return np.array(order, np.int32), rng


@given(interleaved_trajectories(), st.floats(0, 1), st.floats(0, 1))
def test_advantages_equal_the_textbook_sum(example, discount, gae_lambda):
    trajectory, rng = example
    rows = len(trajectory)
    rewards, values = rng.normal(size=rows), rng.normal(size=rows).astype(np.float32)
    dones, bootstrap = rng.random(rows) < 0.3, rng.normal(size=trajectory.max() + 1).astype(np.float32)
    found = generalised_advantages(rewards, values, dones, trajectory, bootstrap, discount, gae_lambda)
    for own in range(len(bootstrap)):
        mine = trajectory == own
        expected = textbook(rewards[mine], values[mine], dones[mine], bootstrap[own], discount, gae_lambda)
        np.testing.assert_allclose(found[mine], expected, rtol=1e-6, atol=1e-6)


def test_advantages_equal_those_of_stable_baselines3():
    steps, cars = 30, 5
    rng = np.random.default_rng(2)
    rewards, values = rng.normal(size=(steps, cars)), rng.normal(size=(steps, cars)).astype(np.float32)
    dones, last = rng.random((steps, cars)) < 0.1, rng.normal(size=cars).astype(np.float32)
    box = gymnasium.spaces.Box(0, 1, (1,))
    buffer = RolloutBuffer(steps, box, gymnasium.spaces.Discrete(2), "cpu", 0.95, 0.98, cars)
    starts = np.vstack((np.ones((1, cars)), dones[:-1]))
    for step in range(steps):
        zeros = np.zeros((cars, 1))
        value = torch.from_numpy(values[step])
        buffer.add(zeros, zeros, rewards[step], starts[step], value, torch.zeros(cars))
    buffer.compute_returns_and_advantage(torch.from_numpy(last), dones[-1])
    found = generalised_advantages(
        rewards.ravel(),
        values.ravel(),
        dones.ravel(),
        np.tile(np.arange(cars, dtype=np.int32), steps),
        last,
        0.98,
        0.95,
    )
    np.testing.assert_allclose(found.reshape(steps, cars), buffer.advantages, rtol=1e-4, atol=1e-5)
