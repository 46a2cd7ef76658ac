"""Actions become steering in degrees and speed in m/s as model_metadata.json says."""

import numpy as np
import pytest

from openracer.environments.action_space import ContinuousActionSpace, DiscreteActionSpace


@pytest.fixture
def three_actions() -> DiscreteActionSpace:
    return DiscreteActionSpace([-30.0, 0.0, 30.0], [1.0, 2.0, 1.0])


@pytest.fixture
def rectangle() -> ContinuousActionSpace:
    return ContinuousActionSpace(steering_deg=(-30.0, 30.0), speed=(1.0, 4.0))


def test_a_discrete_action_is_an_index_into_the_list(three_actions):
    steering, speed = three_actions.to_commands(np.array([2, 0, 1, 2]))
    assert steering.tolist() == [30.0, -30.0, 0.0, 30.0]
    assert speed.tolist() == [1.0, 1.0, 2.0, 1.0]


def test_continuous_actions_map_linearly_in_the_order_steering_speed(rectangle):
    steering, speed = rectangle.to_commands(np.array([[-1.0, 1.0], [0.0, 0.0], [0.5, -0.5]], np.float32))
    np.testing.assert_allclose(steering, [-30.0, 0.0, 15.0])
    np.testing.assert_allclose(speed, [4.0, 2.5, 1.75])


def test_continuous_actions_outside_the_square_are_clipped(rectangle):
    steering, speed = rectangle.to_commands(np.array([[-7.0, 1.5], [9.0, -3.0]]))
    assert steering.tolist() == [-30.0, 30.0]
    assert speed.tolist() == [4.0, 1.0]


def test_lists_of_unequal_length_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match="3 steering angles and 2 speeds"):
        DiscreteActionSpace([0, 1, 2], [1, 1])


def test_an_empty_interval_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"a speed from 2\.0 to 2\.0 m/s"):
        ContinuousActionSpace((-30.0, 30.0), (2.0, 2.0))
