"""What a policy would do: the same as it does when it drives."""

import numpy as np
import pytest

from openracer.agents.inference import GreedyDriver
from openracer.agents.threads import TorchThreads
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import create_model
from openracer.runs.policy_view import PolicyView

RANGES = {"steering_angle": {"low": -20, "high": 30}, "speed": {"low": 1, "high": 3}}


@pytest.fixture
def frames():
    return np.random.default_rng(7).integers(0, 256, (3, 120, 160), np.uint8)


def trained(tiny_training, train_here, **changes):
    folder = create_model(TrainingDescription.from_values(merge(tiny_training, changes)))
    train_here(folder)
    return folder


def test_the_likeliest_of_the_actions_is_the_one_that_is_driven(tiny_training, train_here, frames):
    folder = trained(tiny_training, train_here)
    view = PolicyView(folder, "last")
    driven = GreedyDriver(view._policy, TorchThreads(1)).act({"FRONT_FACING_CAMERA": frames})
    for frame, action in zip(frames, driven, strict=True):
        choice = view.choose(frame)
        assert len(choice.probabilities) == len(folder.description().actions)
        assert sum(choice.probabilities) == pytest.approx(1.0, abs=1e-5)
        assert int(np.argmax(choice.probabilities)) == action
        assert choice.mean is choice.deviation is None


def test_a_continuous_choice_is_in_degrees_and_metres_a_second(tiny_training, train_here, frames):
    folder = trained(tiny_training, train_here, action_space=RANGES)
    choice = PolicyView(folder, 2).choose(frames[0])
    assert choice.probabilities is None
    assert -20 <= choice.mean[0] <= 30
    assert 1 <= choice.mean[1] <= 3
    # A fresh Gaussian has a deviation of about one half of each range.
    assert choice.deviation[0] == pytest.approx(25.0, rel=0.2)
    assert choice.deviation[1] == pytest.approx(1.0, rel=0.2)


def test_a_model_that_was_never_trained_has_no_policy(tiny_training):
    folder = create_model(TrainingDescription.from_values(tiny_training))
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        PolicyView(folder, "best")
