"""Probability distributions over actions: categorical (a list of actions), Gaussian and squashed (a rectangle).

Both are made from the numbers that a policy network puts out, one row for each observation, so that the numbers
kept from the time of acting give the old policy of PPO back. Everything is float32 and differentiable.
"""

import math
from typing import Protocol

import torch
from torch import Tensor

LEAST_PROBABILITY = 1e-8
LOG_STD_RANGE = (-20.0, 3.0)
SQUASHED_LOG_STD_RANGE = (-20.0, 2.0)


class ActionDistribution(Protocol):
    """What PPO asks of a distribution over actions for a batch of B observations."""

    def sample(self, generator: torch.Generator) -> Tensor:
        """One random action per observation, (B,) indices or (B, D) numbers."""

    def mode(self) -> Tensor:
        """The most probable action of each observation, as ``sample``."""

    def log_probability(self, actions: Tensor) -> Tensor:
        """Ln π(a|s), (B,); a density for numbers."""

    def entropy(self) -> Tensor:
        """H(π(·|s)) in nats, (B,)."""

    def divergence_from(self, old: Tensor) -> Tensor:
        """KL(old ‖ this), (B,), where ``old`` holds the network outputs of the old policy."""


class Categorical:
    """π(a|s) = softmax(outputs), no probability below 1e-8, so that a ratio of two stays finite.

    Args:
        outputs: (B, A) unnormalised log-probabilities.
    """

    def __init__(self, outputs: Tensor) -> None:
        self.log_probabilities = torch.log_softmax(outputs, dim=1).clamp(min=math.log(LEAST_PROBABILITY))

    @property
    def probabilities(self) -> Tensor:
        """(B, A)."""
        return self.log_probabilities.exp()

    def sample(self, generator: torch.Generator) -> Tensor:
        """(B,) indices, by inverting the cumulative distribution at a uniform number."""
        cumulative = self.probabilities.cumsum(dim=1)
        threshold = torch.rand((len(cumulative), 1), generator=generator) * cumulative[:, -1:]
        return (cumulative <= threshold).sum(dim=1).clamp(max=cumulative.shape[1] - 1)

    def mode(self) -> Tensor:
        """(B,) index of the greatest probability."""
        return self.log_probabilities.argmax(dim=1)

    def log_probability(self, actions: Tensor) -> Tensor:
        """(B,) of the indices ``actions`` (B,)."""
        return self.log_probabilities.gather(1, actions.unsqueeze(1)).squeeze(1)

    def entropy(self) -> Tensor:
        """(B,) H = -Σ_a π(a) ln π(a)."""
        return -(self.probabilities * self.log_probabilities).sum(dim=1)

    def divergence_from(self, old: Tensor) -> Tensor:
        """(B,) KL = Σ_a π_old(a) (ln π_old(a) - ln π(a))."""
        before = Categorical(old)
        return (before.probabilities * (before.log_probabilities - self.log_probabilities)).sum(dim=1)


class Gaussian:
    """π(a|s) = N(mean(s), diag(σ²)) over D numbers, ln σ between -20 and 3.

    Args:
        outputs: (B, 2D), the means and then ln σ.
    """

    def __init__(self, outputs: Tensor) -> None:
        self.mean, log_std = outputs.chunk(2, dim=1)
        self.log_std = log_std.clamp(*LOG_STD_RANGE)

    def sample(self, generator: torch.Generator) -> Tensor:
        """(B, D), not clipped."""
        return self.mean + self.log_std.exp() * torch.randn(self.mean.shape, generator=generator)

    def mode(self) -> Tensor:
        """(B, D) the mean."""
        return self.mean

    def log_probability(self, actions: Tensor) -> Tensor:
        """(B,) ln N = -Σ_d [((a - mean) / σ)² / 2 + ln σ + ln(2π) / 2]."""
        deviation = (actions - self.mean) * (-self.log_std).exp()
        return -(deviation.square() / 2 + self.log_std + math.log(2 * math.pi) / 2).sum(dim=1)

    def entropy(self) -> Tensor:
        """(B,) H = Σ_d [ln σ + (1 + ln 2π) / 2]."""
        return (self.log_std + (1 + math.log(2 * math.pi)) / 2).sum(dim=1)

    def divergence_from(self, old: Tensor) -> Tensor:
        """(B,) KL = Σ_d [ln(σ / σ_old) + (σ_old² + (mean_old - mean)²) / (2 σ²) - 1/2]."""
        before = Gaussian(old)
        spread = (2 * before.log_std).exp() + (before.mean - self.mean).square()
        return (self.log_std - before.log_std + spread * (-2 * self.log_std).exp() / 2 - 0.5).sum(dim=1)


class SquashedGaussian(Gaussian):
    """The hyperbolic tangent of a Gaussian, so that every action lies within -1 to 1 (SAC).

    ``mean`` and ``log_std`` tell where the action's two numbers lie: tanh of the mean before, and how far they spread
    around it for small σ. Divergences do not change by squashing.

    Args:
        outputs: (B, 2D), the means and then ln σ, both before squashing.
    """

    def __init__(self, outputs: Tensor) -> None:
        before, log_std = outputs.chunk(2, dim=1)
        self.before = before
        self.log_std_before = log_std.clamp(*SQUASHED_LOG_STD_RANGE)
        self.mean = torch.tanh(before)
        self.log_std = self.log_std_before + _log_slope(before)

    def draw(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Actions (B, D) made of standard normal numbers, and ln π of each (B,); differentiable.

        ln π(tanh u) = ln N(u) - Σ_d ln(1 - tanh² u_d).
        """
        drawn = self.before + self.log_std_before.exp() * noise
        log_density = -(noise.square() / 2 + self.log_std_before + math.log(2 * math.pi) / 2)
        return torch.tanh(drawn), (log_density - _log_slope(drawn)).sum(dim=1)

    def sample(self, generator: torch.Generator) -> Tensor:
        """(B, D) within -1 to 1."""
        return self.draw(torch.randn(self.before.shape, generator=generator))[0]

    def log_probability(self, actions: Tensor) -> Tensor:
        """(B,) the density of actions within -1 to 1."""
        drawn = torch.atanh(actions.clamp(-1 + 1e-6, 1 - 1e-6))
        return self.draw((drawn - self.before) * (-self.log_std_before).exp())[1]

    def divergence_from(self, old: Tensor) -> Tensor:
        """(B,) KL of the two Gaussians before squashing, which is that of the squashed ones."""
        return Gaussian(torch.cat((self.before, self.log_std_before), dim=1)).divergence_from(old)


def _log_slope(before: Tensor) -> Tensor:
    """ln(1 - tanh² u) = 2 (ln 2 - u - ln(1 + e^{-2u})), without the loss of digits of the left side."""
    return 2 * (math.log(2) - before - torch.nn.functional.softplus(-2 * before))
