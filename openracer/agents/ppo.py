"""Proximal policy optimisation with a clipped surrogate: from a rollout to better weights.

Schulman et al. 2017, arXiv:1707.06347. One update looks at the same transitions for several epochs; the clip keeps
the new policy close to the one that acted, for which the transitions are evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from openracer.agents.advantages import generalised_advantages
from openracer.agents.exploration import Exploration, LinearSchedule, Sampling
from openracer.agents.inference import Arrays, evaluate, tensors_of
from openracer.agents.networks import PRIVILEGED, Critic, Observations, Policy
from openracer.agents.optimiser import Adam
from openracer.agents.rollout import Rollout
from openracer.agents.state import load_progress, load_weights, progress_of, weights_of
from openracer.agents.threads import TorchThreads
from openracer.language import gettext as _

LEAST_SLICE_ROWS, MOST_SLICE_ROWS = 32, 128
"""Rows of a minibatch that one thread works on at once: fewer do not pay, more do not stay in a core's cache."""


class TrainingDivergedError(ValueError):
    """A loss is not a number any more; the weights of this update are worthless."""


@dataclass(frozen=True, kw_only=True)
class PpoSettings:
    """Hyperparameters of PPO; the defaults are those of AWS DeepRacer's trainer.

    Attributes:
        batch_size: transitions in a minibatch.
        epochs: passes over the rollout in one update.
        learning_rate: of Adam for the policy.
        critic_learning_rate: of Adam for the critic.
        entropy: β over environment steps, how much being undecided is worth.
        discount: γ, worth of a reward one step later.
        gae_lambda: λ of generalised advantage estimation.
        clip: ε, how far a probability may move in one update, as a share.
        value_loss: of the critic: squared error or Huber with its corner at 1.
        exploration: how training actions are chosen.
    """

    batch_size: int = 64
    epochs: int = 10
    learning_rate: float = 3e-4
    critic_learning_rate: float = 3e-4
    entropy: LinearSchedule = field(default=LinearSchedule(0.01, 0.01, 0))
    discount: float = 0.999
    gae_lambda: float = 0.95
    clip: float = 0.2
    value_loss: Literal["huber", "mean squared error"] = "huber"
    exploration: Exploration = field(default_factory=Sampling)


@dataclass(frozen=True)
class EpochReport:
    """Means over the minibatches of one epoch, measured before each step.

    Attributes:
        surrogate: clipped surrogate, negated: the policy's loss without the entropy.
        divergence: KL(old policy ‖ policy), nats.
        entropy: of the policy, nats.
        value_loss: of the critic.
    """

    surrogate: float
    divergence: float
    entropy: float
    value_loss: float


def clipped_surrogate(log_ratio: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """PPO's objective for each transition, to be made large.

    With the ratio r = π(a|s) / π_old(a|s): min(r A, clip(r, 1 - ε, 1 + ε) A). A good action's probability is
    raised, and a bad one's lowered, only until the ratio leaves 1 ± ε; mistakes are corrected from anywhere.

    Args:
        log_ratio: (B,) ln π(a|s) - ln π_old(a|s).
        advantages: (B,) A, standardised.
        clip: ε.

    Returns:
        (B,).
    """
    ratio = log_ratio.exp()
    return torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages)


def value_errors(values: Tensor, returns: Tensor, kind: Literal["huber", "mean squared error"]) -> Tensor:
    """The critic's loss for each transition, (B,): (V - R)², or Huber's, which grows linearly beyond 1."""
    if kind == "huber":
        return functional.huber_loss(values, returns, reduction="none")
    return functional.mse_loss(values, returns, reduction="none")


def standardise(advantages: NDArray[np.float64]) -> NDArray[np.float32]:
    """(A - mean) / (standard deviation + 1e-8) over the whole rollout, (R,)."""
    return ((advantages - advantages.mean()) / (advantages.std() + 1e-8)).astype(np.float32)


def minibatch_size(transitions: int, batch_size: int) -> int:
    """``batch_size``, or the greatest power of two within a rollout that is not larger than that."""
    return batch_size if transitions > batch_size else 1 << (transitions.bit_length() - 1)


class Ppo:
    """A policy, its critic and what it takes to improve both.

    Args:
        policy: acts; trained.
        critic: judges; trained. Policy and critic share no weights, but the device that they are on.
        settings: hyperparameters.
        seed: of everything random here: exploration and the order of minibatches.
        threads: to compute with on the processor; for a GPU one is enough.
    """

    def __init__(
        self, policy: Policy, critic: Critic, settings: PpoSettings, seed: int, threads: TorchThreads
    ) -> None:
        self.policy = policy
        self.critic = critic
        self.settings = settings
        self.threads = threads
        self.device = next(policy.parameters()).device
        self.steps = 0
        self.generator = torch.Generator().manual_seed(seed)
        self._optimisers = {
            "policy": Adam(policy.parameters(), settings.learning_rate),
            "critic": Adam(critic.parameters(), settings.critic_learning_rate),
        }

    def act(self, seen: Arrays) -> tuple[NDArray[np.generic], NDArray[np.float32]]:
        """Training actions (n,) or (n, 2) for what n cars see, and the policy's outputs (n, K)."""
        outputs = evaluate(self.policy, tensors_of(seen), self.threads)
        distribution = self.policy.distribution(outputs)
        actions = self.settings.exploration.choose(distribution, self.steps, self.generator)
        self.steps += len(outputs)
        return actions.numpy(), outputs.numpy()

    def update(self, rollout: Rollout) -> list[EpochReport]:
        """Improve policy and critic from a rollout.

        Raises:
            TrainingDivergedError: a loss is NaN or infinite.
        """
        batch = self._prepare(rollout)
        size = minibatch_size(rollout.size, self.settings.batch_size)
        return [self._epoch(batch, size) for _ in range(self.settings.epochs)]

    def _prepare(self, rollout: Rollout) -> "_Batch":
        """Advantages and value targets, both from the critic as it is before the update, then fixed."""
        size, observed = rollout.size, rollout.size + rollout.n_cut
        everything = {**rollout.see(slice(observed)), PRIVILEGED: rollout.privileged[:observed]}
        observations = {
            name: tensor.to(self.device, non_blocking=True) for name, tensor in tensors_of(everything).items()
        }
        values = evaluate(self.critic, observations, self.threads).numpy()
        bootstrap = np.zeros(rollout.n_trajectories, np.float32)
        bootstrap[: rollout.n_cut] = values[size:]
        advantages = generalised_advantages(
            rollout.rewards[:size],
            values[:size],
            rollout.dones[:size],
            rollout.trajectory[:size],
            bootstrap,
            self.settings.discount,
            self.settings.gae_lambda,
        )
        returns = advantages + values[:size]
        self.critic.adapt_to(returns)
        return _Batch(
            observations={name: tensor[:size] for name, tensor in observations.items()},
            actions=torch.from_numpy(rollout.actions[:size]).to(self.device),
            old_outputs=torch.from_numpy(rollout.outputs[:size]).to(self.device),
            advantages=torch.from_numpy(standardise(advantages)).to(self.device),
            returns=torch.from_numpy(returns.astype(np.float32)).to(self.device),
        )

    def _epoch(self, batch: "_Batch", size: int) -> EpochReport:
        """One pass in minibatches of ``size`` in random order; what is left over is not used."""
        order = torch.randperm(len(batch.returns), generator=self.generator).to(self.device)
        sums = np.zeros(4)
        n_minibatches = len(order) // size
        for minibatch in order[: n_minibatches * size].view(n_minibatches, size):
            sums += self._step(batch, minibatch)
        return EpochReport(*(sums / n_minibatches).tolist())

    def _step(self, batch: "_Batch", minibatch: Tensor) -> NDArray[np.float64]:
        """One step of Adam for policy and critic; returns what ``EpochReport`` averages."""
        rows = len(minibatch)
        n_policy, n_critic = self._slices(rows)
        tasks = [("policy", part) for part in minibatch.chunk(n_policy)]
        tasks += [("critic", part) for part in minibatch.chunk(n_critic)]
        results = self.threads.map(lambda task: self._gradients(batch, *task, rows), tasks)

        measures = np.zeros(4)
        gradients: dict[str, list[Sequence[Tensor]]] = {"policy": [], "critic": []}
        for (network, _rows), (slice_gradients, slice_measures) in zip(tasks, results, strict=True):
            gradients[network].append(slice_gradients)
            measures += slice_measures
        if not np.isfinite(measures).all():
            raise TrainingDivergedError(
                _(
                    "the loss became {loss} after {steps} steps; lower the learning rate ({learning_rate}) "
                    "or the size of the rewards"
                ).format(
                    loss=measures[0] + measures[3],
                    steps=self.steps,
                    learning_rate=self.settings.learning_rate,
                )
            )
        self.threads.map(lambda name: self._descend(name, gradients[name]), list(gradients))
        return measures

    def _slices(self, rows: int) -> tuple[int, int]:
        """Into how many slices a minibatch is cut for the policy and for the critic."""
        if self.device.type != "cpu":
            return 1, 1
        camera_networks = 2 if self.critic.reads == self.policy.reads else 1
        wanted = min(self.threads.count // camera_networks, rows // LEAST_SLICE_ROWS)
        n_slices = max(1, wanted, -(-rows // MOST_SLICE_ROWS))
        return n_slices, n_slices if camera_networks == 2 else 1

    def _gradients(
        self, batch: "_Batch", network: str, rows: Tensor, minibatch_rows: int
    ) -> tuple[Sequence[Tensor], NDArray[np.float64]]:
        """Gradients of one slice's share of the minibatch's mean loss, and its share of the measures."""
        if network == "policy":
            loss, measures = self._policy_loss(batch, rows)
            parameters = list(self.policy.parameters())
        else:
            loss, measures = self._critic_loss(batch, rows)
            parameters = list(self.critic.parameters())
        gradients = torch.autograd.grad(loss / minibatch_rows, parameters)
        return gradients, measures.double().cpu().numpy() / minibatch_rows

    def _policy_loss(self, batch: "_Batch", rows: Tensor) -> tuple[Tensor, Tensor]:
        """Σ over rows of -surrogate - β entropy, and (surrogate, KL, entropy, 0) summed over rows."""
        distribution = self.policy.distribution(self.policy(batch.rows_for(self.policy, rows)))
        old_outputs, actions = batch.old_outputs[rows], batch.actions[rows]
        old = self.policy.distribution(old_outputs)
        log_ratio = distribution.log_probability(actions) - old.log_probability(actions)
        surrogate = -clipped_surrogate(log_ratio, batch.advantages[rows], self.settings.clip).sum()
        entropy = distribution.entropy().sum()
        with torch.no_grad():
            divergence = distribution.divergence_from(old_outputs).sum()
        loss = surrogate - self.settings.entropy.at(self.steps) * entropy
        nothing = torch.zeros_like(divergence)
        return loss, torch.stack((surrogate, divergence, entropy, nothing)).detach()

    def _critic_loss(self, batch: "_Batch", rows: Tensor) -> tuple[Tensor, Tensor]:
        """Σ over rows of the value loss, in units of the critic's scale, and (0, 0, 0, loss)."""
        values = self.critic(batch.rows_for(self.critic, rows))
        scale = self.critic.scale
        loss = value_errors(values / scale, batch.returns[rows] / scale, self.settings.value_loss).sum()
        nothing = torch.zeros_like(loss)
        return loss, torch.stack((nothing, nothing, nothing, loss)).detach()

    def _descend(self, network: str, slices: Sequence[Sequence[Tensor]]) -> None:
        """Sum the slices' gradients, in their order, and take one step of Adam."""
        gradients = []
        for first, *others in zip(*slices, strict=True):
            total = first
            for share in others:
                total = total + share
            gradients.append(total)
        self._optimisers[network].step(gradients)

    def fade(self, share: float) -> None:
        """Learn at this share of the settings' learning rates from now on."""
        rates = {"policy": self.settings.learning_rate, "critic": self.settings.critic_learning_rate}
        for network, optimiser in self._optimisers.items():
            optimiser.learning_rate = share * rates[network]

    @property
    def _modules(self) -> dict[str, nn.Module]:
        return {"policy": self.policy, "critic": self.critic}

    def weights(self) -> dict[str, Tensor]:
        """Weights of policy and critic under flat names, for a file."""
        return weights_of(self._modules)

    def load_weights(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over weights; the tensors of ``state_tensors`` contain them too.

        Raises:
            ValueError: a tensor is missing or has another shape.
        """
        load_weights(self._modules, tensors)

    def state_tensors(self) -> dict[str, Tensor]:
        """Everything that training depends on, so that it goes on as if never interrupted."""
        return self.weights() | progress_of(self._optimisers, self.generator, self.steps)

    def load_state_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from ``state_tensors``.

        Raises:
            ValueError: they are not those of such a training.
        """
        self.load_weights(tensors)
        self.steps = load_progress(self._optimisers, self.generator, tensors)


@dataclass(frozen=True)
class _Batch:
    """What one update learns from, R rows each."""

    observations: Observations
    actions: Tensor
    old_outputs: Tensor
    advantages: Tensor
    returns: Tensor

    def rows_for(self, network: Policy | Critic, rows: Tensor) -> Observations:
        """What a network reads, in some rows."""
        return {name: self.observations[name].index_select(0, rows) for name in network.reads}
