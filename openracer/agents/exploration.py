"""Exploration: how a training action is chosen from the policy's distribution."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from openracer.agents.distributions import ActionDistribution, Categorical
from openracer.language import gettext as _


@dataclass(frozen=True)
class LinearSchedule:
    """A number that moves in a straight line from ``start`` to ``end`` within ``steps`` and then stays there.

    Attributes:
        start: value at step 0.
        end: value from ``steps`` on.
        steps: environment steps of all cars together.
    """

    start: float
    end: float
    steps: int

    def at(self, step: int) -> float:
        """The value after ``step`` environment steps."""
        return self.start + (self.end - self.start) * min(1.0, step / self.steps if self.steps else 1.0)


class Exploration(Protocol):
    """A way to choose training actions."""

    def choose(self, distribution: ActionDistribution, step: int, generator: torch.Generator, /) -> Tensor:
        """Actions (B,) or (B, 2) after ``step`` environment steps."""


class Sampling:
    """Draw from the policy's own distribution (DeepRacer's ``categorical``; the only way for continuous actions)."""

    def choose(self, distribution: ActionDistribution, _step: int, generator: torch.Generator, /) -> Tensor:
        """A random action of each row of the distribution."""
        return distribution.sample(generator)


@dataclass(frozen=True)
class EpsilonGreedy:
    """With probability ε any action, else the most probable one (DeepRacer's ``e-greedy``; discrete actions only).

    Attributes:
        epsilon: ε over environment steps; DeepRacer's falls from 1 to 0.05 within 10,000.
    """

    epsilon: LinearSchedule = LinearSchedule(1.0, 0.05, 10_000)

    def choose(self, distribution: ActionDistribution, step: int, generator: torch.Generator, /) -> Tensor:
        """(B,) indices."""
        if not isinstance(distribution, Categorical):
            raise ValueError(
                _("e-greedy exploration needs a discrete action space; use categorical for a continuous one")
            )
        rows, n_actions = distribution.log_probabilities.shape
        anything = torch.randint(n_actions, (rows,), generator=generator)
        explore = torch.rand(rows, generator=generator) < self.epsilon.at(step)
        return torch.where(explore, anything, distribution.mode())
