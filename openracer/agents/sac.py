"""Soft actor-critic: from everything driven so far to better weights, for actions that are numbers.

Haarnoja et al. 2018, arXiv:1801.01290. What is made large is the reward and, weighed by α, how undecided the policy is.
Unlike PPO, which forgets a rollout after its update, SAC learns from old transitions as well: the critics tell what an
action is worth that the policy as it is now would take, so it does not matter which policy drove. Few steps are needed,
and much computing for each.

Three networks learn at once, each from the others' word:

- Q(s, a), two of them: the reward, and γ V of what was seen next. The smaller of the two counts, against rash hopes.
- V(s): what Q says of an action that the policy would take, and α times how surprising that action is.
- The policy: towards actions of which Q says the most, and α times how surprising they are.

The V that Q listens to follows the learning one slowly, so that the two do not chase each other.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.distributions import SquashedGaussian
from openracer.agents.exploration import Exploration, Sampling
from openracer.agents.inference import Arrays, evaluate, tensors_of
from openracer.agents.networks import SquashedPolicy
from openracer.agents.optimiser import Adam
from openracer.agents.ppo import EpochReport, TrainingDivergedError, value_errors
from openracer.agents.replay import ReplayBuffer, Transitions
from openracer.agents.rollout import Rollout
from openracer.agents.soft_critics import SoftCritics
from openracer.agents.state import load_progress, load_weights, progress_of, weights_of
from openracer.agents.threads import TorchThreads
from openracer.language import gettext as _

LEAST_SLICE_ROWS = 32
FOLLOW = 0.005
"""Share by which the slow V comes nearer to the learning one at each gradient step (Haarnoja et al. 2018, table 1).
AWS copies it whole instead, after as many steps as ``num_episodes_between_training`` says."""
FIRST_TRANSITIONS = 2_000
"""Gradient steps begin when there are so many to learn from."""


@dataclass(frozen=True, kw_only=True)
class SacSettings:
    """Hyperparameters of SAC.

    Attributes:
        batch_size: transitions in a minibatch.
        updates_per_step: gradient steps for each step of a car; AWS makes one.
        learning_rate: of Adam for the policy.
        critic_learning_rate: of Adam for the critics.
        alpha: α, what being undecided is worth, in units of reward.
        discount: γ, worth of a reward one step later.
        value_loss: of the critics: squared error or Huber.
        random_shift: frames are shifted at random by up to so many pixels, so that no network learns single pixels
            by heart (DrQ, Kostrikov et al. 2020, arXiv:2004.13649); 0 leaves them.
        exploration: how training actions are chosen.
    """

    batch_size: int = 64
    updates_per_step: float = 1.0
    learning_rate: float = 3e-4
    critic_learning_rate: float = 3e-4
    alpha: float = 0.2
    discount: float = 0.999
    value_loss: Literal["huber", "mean squared error"] = "mean squared error"
    random_shift: int = 0
    exploration: Exploration = field(default_factory=Sampling)


class Sac:
    """A policy, its critics, the replay buffer and what it takes to improve them.

    Args:
        policy: acts; trained.
        critics: judge; trained.
        replay: to learn from, empty at first, also after an interruption.
        settings: hyperparameters.
        seed: of everything random here.
        threads: to compute with on the processor.
    """

    def __init__(
        self,
        policy: SquashedPolicy,
        critics: SoftCritics,
        replay: ReplayBuffer,
        settings: SacSettings,
        seed: int,
        threads: TorchThreads,
    ) -> None:
        self.policy = policy
        self.critics = critics
        self.replay = replay
        self.settings = settings
        self.threads = threads
        self.device = next(policy.parameters()).device
        self.steps = 0
        self.generator = torch.Generator().manual_seed(seed)
        self._slow_value = copy.deepcopy(critics.value).requires_grad_(False)
        self._optimisers = {
            "policy": Adam(policy.parameters(), settings.learning_rate),
            "critic": Adam(critics.parameters(), settings.critic_learning_rate),
        }

    def act(self, seen: Arrays) -> tuple[NDArray[np.generic], NDArray[np.float32]]:
        """Training actions (n, 2) for what n cars see, and the policy's outputs (n, 4)."""
        outputs = evaluate(self.policy, tensors_of(seen), self.threads)
        actions = self.settings.exploration.choose(
            self.policy.distribution(outputs), self.steps, self.generator
        )
        self.steps += len(outputs)
        return actions.numpy(), outputs.numpy()

    def update(self, rollout: Rollout) -> list[EpochReport]:
        """Remember a rollout, then improve policy and critics from everything that is remembered.

        Raises:
            TrainingDivergedError: a loss is NaN or infinite.
        """
        self.replay.add(rollout)
        if self.replay.transitions < FIRST_TRANSITIONS:
            return [EpochReport(0.0, 0.0, 0.0, 0.0)]
        count = max(1, round(self.settings.updates_per_step * rollout.size))
        measures = np.mean([self._step() for _ in range(count)], axis=0)
        return [EpochReport(measures[0], 0.0, measures[1], measures[2])]

    def _step(self) -> NDArray[np.float64]:
        """One step of Adam for every network; returns (policy's loss, entropy, critics' loss)."""
        rows = self.settings.batch_size
        batch = self.replay.sample(rows, self.critics.reads, self.generator)
        noise = torch.randn((rows, 2), generator=self.generator)
        if self.settings.random_shift:
            batch = batch.shifted(self.settings.random_shift, self.generator)
        wanted = min(self.threads.count, rows // LEAST_SLICE_ROWS)
        n_slices = max(1, wanted) if self.device.type == "cpu" else 1
        here = batch.changed(lambda tensor: tensor.to(self.device)).split(n_slices)
        slices = list(zip(here, noise.to(self.device).chunk(n_slices), strict=True))
        results = self.threads.map(lambda part: self._gradients(*part), slices)
        measures = np.sum([found for _gradients, found in results], axis=0) / rows
        if not np.isfinite(measures).all():
            raise TrainingDivergedError(
                _(
                    "the loss became {loss} after {steps} steps; lower the learning rate ({learning_rate}) "
                    "or the size of the rewards"
                ).format(
                    loss=measures[0] + measures[2],
                    steps=self.steps,
                    learning_rate=self.settings.learning_rate,
                )
            )
        for name in self._optimisers:
            sums = [
                sum(parts) / rows
                for parts in zip(*(found[name] for found, _measures in results), strict=True)
            ]
            self._optimisers[name].step(sums)
        self._follow()
        return measures

    def _gradients(
        self, batch: Transitions, noise: Tensor
    ) -> tuple[dict[str, tuple[Tensor, ...]], NDArray[np.float64]]:
        """Gradients of the summed losses of some transitions for each network, and the summed measures."""
        alpha, scale = self.settings.alpha, self.critics.scale
        distribution = self.policy.distribution(self.policy(batch.seen))
        assert isinstance(distribution, SquashedGaussian)
        actions, log_probability = distribution.draw(noise)
        worth = torch.minimum(*self.critics.worth(batch.seen, actions))
        policy_loss = (alpha * log_probability - worth).sum()
        policy_gradients = torch.autograd.grad(policy_loss / scale, list(self.policy.parameters()))

        with torch.no_grad():
            soft_value = worth - alpha * log_probability
            following = self._slow_value(batch.following)
            target = batch.rewards + self.settings.discount * following * ~batch.dones
        value_loss = self._errors(self.critics.value(batch.seen), soft_value)
        worth_loss = sum(
            self._errors(found, target) for found in self.critics.worth(batch.seen, batch.actions)
        )
        critic_loss = (value_loss + worth_loss).sum()
        critic_gradients = torch.autograd.grad(critic_loss, list(self.critics.parameters()))
        entropy = -log_probability.detach().sum()
        measures = torch.stack((policy_loss.detach(), entropy, critic_loss.detach())).double().cpu().numpy()
        return {"policy": policy_gradients, "critic": critic_gradients}, measures

    def _errors(self, found: Tensor, target: Tensor) -> Tensor:
        """Half the loss of each row, (B,), in units of the critics' scale."""
        return 0.5 * value_errors(
            found / self.critics.scale, target / self.critics.scale, self.settings.value_loss
        )

    @torch.no_grad()
    def _follow(self) -> None:
        for slow, quick in zip(self._slow_value.parameters(), self.critics.value.parameters(), strict=True):
            slow.lerp_(quick, FOLLOW)

    def fade(self, share: float) -> None:
        """Learn at this share of the settings' learning rates from now on."""
        self._optimisers["policy"].learning_rate = share * self.settings.learning_rate
        self._optimisers["critic"].learning_rate = share * self.settings.critic_learning_rate

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {"policy": self.policy, "critic": self.critics}

    def weights(self) -> dict[str, Tensor]:
        """Weights of policy and critics under flat names, for a file."""
        return weights_of(self._modules)

    def load_weights(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over weights; the tensors of ``state_tensors`` contain them too.

        Raises:
            ValueError: a tensor is missing or has another shape.
        """
        load_weights(self._modules, tensors)
        self._slow_value.load_state_dict(self.critics.value.state_dict())

    def state_tensors(self) -> dict[str, Tensor]:
        """Everything that training depends on but the replay buffer, which a resumed training fills anew."""
        weights = weights_of({**self._modules, "slow_value": self._slow_value})
        return weights | progress_of(self._optimisers, self.generator, self.steps)

    def load_state_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from ``state_tensors``.

        Raises:
            ValueError: they are not those of such a training.
        """
        load_weights({**self._modules, "slow_value": self._slow_value}, tensors)
        self.steps = load_progress(self._optimisers, self.generator, tensors)
