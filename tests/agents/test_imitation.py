"""A student learns to say what its teacher says, from the same pictures."""

import numpy as np
import pytest
import torch

from openracer.agents.imitation import MINIBATCH, Lessons, Student
from openracer.agents.networks import (
    FAST,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    normalized_columns,
)
from openracer.simulation.sensors import Sensor

CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)


def bright_bars(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames with a bright bar, and in which of four quarters it is."""
    rng = np.random.default_rng(0)
    frames, quarters = rng.integers(0, 60, (rows, 64, 64), dtype=np.uint8), rng.integers(0, 4, rows)
    for frame, quarter in zip(frames, quarters, strict=True):
        frame[:, 16 * quarter + 4 : 16 * quarter + 12] = 255
    return frames, quarters


def student(threads, continuous: bool) -> Student:
    torch.manual_seed(0)
    trunk = CameraTrunk(FAST, CAMERA.shape, torch.float32)
    policy = ContinuousPolicy(trunk) if continuous else DiscretePolicy(trunk, 4, normalized_columns(0.01))
    return Student(policy, CameraCritic(CameraTrunk(FAST, CAMERA.shape, torch.float32)), 1e-3, 0, threads)


@pytest.mark.parametrize("continuous", [False, True])
def test_it_says_what_the_teacher_says(threads, continuous):
    """Also of values far from 1, which a critic in units of reward has."""
    frames, quarters = bright_bars(6 * MINIBATCH)
    actions = np.stack([quarters / 2 - 0.75, np.full(len(quarters), 0.5)], axis=1).astype(np.float32)
    probabilities = np.full((len(quarters), 4), 0.02, np.float32)
    probabilities[np.arange(len(quarters)), quarters] = 0.94
    values = (1000 + 50 * quarters).astype(np.float32)
    lessons = Lessons([CAMERA], len(frames), 2 if continuous else 4)
    lessons.add({CAMERA.name: frames}, actions if continuous else probabilities, values)
    learner = student(threads, continuous)
    reports = [learner.learn(lessons) for _pass in range(8)]
    assert reports[-1].policy_loss < reports[0].policy_loss
    seen = {CAMERA.name: torch.from_numpy(frames)}
    with torch.no_grad():
        said = learner.policy.distribution(learner.policy(seen)).mode().numpy()
        expected = learner.critic(seen).numpy()
    if continuous:
        assert np.abs(said - actions).mean() < 0.15
    else:
        assert (said == quarters).mean() > 0.95
    assert np.abs(expected - values).mean() < 20


def test_what_is_beyond_the_room_for_lessons_is_not_kept():
    lessons = Lessons([CAMERA], 5, 2)
    for first in (1, 4):
        rows = np.arange(first, first + 3, dtype=np.float32)
        lessons.add({CAMERA.name: np.zeros((3, 64, 64), np.uint8)}, np.stack([rows, rows], axis=1), rows)
    assert lessons.size == 5
    assert lessons.values.tolist() == [1, 2, 3, 4, 5]
