"""The parts of a training are what its description says."""

import math

import torch

from openracer.agents.threads import TorchThreads
from openracer.models.description import TrainingDescription
from openracer.models.networks import build_policy
from openracer.runs.assembly import build_learner, prefer_slow_actions

FRAMES = torch.randint(0, 256, (8, 120, 160), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def described(**values) -> TrainingDescription:
    return TrainingDescription.from_values({"name": "parts", **values})


def test_a_fresh_racing_policy_prefers_slow_actions_by_its_factor_for_each_metre_per_second():
    description = described(preset="race", slow_start=2.0)
    policy = build_policy(description, torch.float32)
    torch.nn.init.zeros_(policy.head.weight)
    prefer_slow_actions(policy, description)
    with torch.no_grad():
        probabilities = policy.distribution(policy({"FRONT_FACING_CAMERA": FRAMES})).probabilities[0]
    by_speed = {
        action.speed: float(probability)
        for action, probability in zip(description.actions, probabilities, strict=True)
    }
    assert len(by_speed) > 2
    slowest = min(by_speed)
    for speed, probability in by_speed.items():
        preference = math.exp(2.0 * (speed - slowest))
        assert math.isclose(by_speed[slowest] / probability, preference, rel_tol=1e-4)


def test_a_fresh_policy_with_ranges_starts_at_their_slow_end():
    ranges = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 4}}
    description = described(action_space=ranges, slow_start=1.5)
    policy = build_policy(description, torch.float32)
    prefer_slow_actions(policy, description)
    with torch.no_grad():
        mean_speed = policy({"FRONT_FACING_CAMERA": FRAMES})[:, 1]
    assert (mean_speed < -0.9).all()


def test_both_networks_learn_at_the_share_that_is_left():
    learner = build_learner(described(), TorchThreads(1), torch.device("cpu"))
    learner.fade(0.25)
    rates = [optimiser.learning_rate for optimiser in learner._optimisers.values()]
    assert rates == [0.25 * 0.001, 0.25 * 0.001]
