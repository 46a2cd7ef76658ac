"""Exploration follows its schedule."""

import pytest
import torch

from openracer.agents.distributions import Categorical, Gaussian
from openracer.agents.exploration import EpsilonGreedy, LinearSchedule, Sampling


def test_a_schedule_moves_in_a_straight_line_and_then_stays():
    schedule = LinearSchedule(1.0, 0.05, 10_000)
    assert [schedule.at(step) for step in (0, 5_000, 10_000, 99_999)] == pytest.approx(
        [1.0, 0.525, 0.05, 0.05]
    )
    assert LinearSchedule(0.3, 0.1, 0).at(0) == 0.1


def test_epsilon_greedy_takes_the_best_action_except_for_epsilon():
    certain = Categorical(torch.tensor([[0.0, 1.0, 0.5, 0.2]]).expand(40_000, 4))
    generator = torch.Generator().manual_seed(0)
    for step, epsilon in ((0, 1.0), (5_000, 0.525), (20_000, 0.05)):
        counts = EpsilonGreedy().choose(certain, step, generator).bincount(minlength=4) / 40_000
        expected = torch.full((4,), epsilon / 4)
        expected[1] += 1 - epsilon
        torch.testing.assert_close(counts, expected, atol=0.013, rtol=0)


def test_epsilon_greedy_needs_a_list_of_actions():
    with pytest.raises(ValueError, match="needs a discrete action space"):
        EpsilonGreedy().choose(Gaussian(torch.zeros(1, 4)), 0, torch.Generator())


def test_sampling_draws_from_the_distribution():
    distribution = Categorical(torch.zeros(10, 3))
    drawn = Sampling().choose(distribution, 0, torch.Generator().manual_seed(5))
    assert torch.equal(drawn, distribution.sample(torch.Generator().manual_seed(5)))
