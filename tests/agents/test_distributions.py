"""The distributions agree with torch.distributions and Stable-Baselines3, and keep DeepRacer's floors."""

import math

import pytest
import torch
from stable_baselines3.common.distributions import CategoricalDistribution, DiagGaussianDistribution
from torch.distributions import Categorical as TorchCategorical
from torch.distributions import Normal, kl_divergence

from openracer.agents.distributions import Categorical, Gaussian


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(1)


def test_categorical_agrees_with_stable_baselines3(generator):
    outputs = torch.randn(50, 7, generator=generator)
    actions = torch.randint(7, (50,), generator=generator)
    ours, theirs = Categorical(outputs), CategoricalDistribution(7).proba_distribution(outputs)
    torch.testing.assert_close(ours.log_probability(actions), theirs.log_prob(actions))
    torch.testing.assert_close(ours.entropy(), theirs.entropy())
    assert torch.equal(ours.mode(), theirs.mode())


def test_gaussian_agrees_with_stable_baselines3(generator):
    mean, log_std = torch.randn(50, 2, generator=generator), torch.tensor([-0.7, 0.4])
    actions = torch.randn(50, 2, generator=generator)
    ours = Gaussian(torch.cat((mean, log_std.expand(50, 2)), dim=1))
    theirs = DiagGaussianDistribution(2).proba_distribution(mean, log_std)
    torch.testing.assert_close(ours.log_probability(actions), theirs.log_prob(actions))
    torch.testing.assert_close(ours.entropy(), theirs.entropy())
    assert torch.equal(ours.mode(), mean)


def test_divergences_agree_with_torch(generator):
    old, new = torch.randn(2, 50, 4, generator=generator)
    expected = kl_divergence(TorchCategorical(logits=old), TorchCategorical(logits=new))
    torch.testing.assert_close(Categorical(new).divergence_from(old), expected, atol=1e-5, rtol=1e-5)
    expected = kl_divergence(Normal(old[:, :2], old[:, 2:].exp()), Normal(new[:, :2], new[:, 2:].exp()))
    torch.testing.assert_close(Gaussian(new).divergence_from(old), expected.sum(1), atol=1e-4, rtol=1e-4)


def test_no_discrete_probability_is_below_1e_8():
    certain = Categorical(torch.tensor([[100.0, 0.0, -100.0]]))
    torch.testing.assert_close(certain.probabilities, torch.tensor([[1.0, 1e-8, 1e-8]]))


def test_log_standard_deviation_stays_between_minus_20_and_3():
    wide = Gaussian(torch.tensor([[0.0, 0.0, 50.0, -50.0]]))
    assert wide.log_std.tolist() == [[3.0, -20.0]]


def test_samples_follow_the_probabilities(generator):
    outputs = torch.tensor([0.7, 0.1, 0.2]).log().expand(20_000, 3)
    counts = Categorical(outputs).sample(generator).bincount(minlength=3)
    # Five standard deviations of a binomial count: sqrt(n p (1 - p)) <= 71.
    assert (counts - 20_000 * torch.tensor([0.7, 0.1, 0.2])).abs().max() < 5 * 71


def test_gaussian_samples_follow_mean_and_deviation(generator):
    outputs = torch.tensor([[1.0, -2.0, math.log(0.5), 0.0]]).expand(20_000, 4)
    samples = Gaussian(outputs).sample(generator)
    torch.testing.assert_close(samples.mean(0), torch.tensor([1.0, -2.0]), atol=0.04, rtol=0)
    torch.testing.assert_close(samples.std(0), torch.tensor([0.5, 1.0]), atol=0.03, rtol=0)


def test_the_same_seed_draws_the_same_actions():
    outputs = torch.zeros(64, 5)
    first, second = (Categorical(outputs).sample(torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
