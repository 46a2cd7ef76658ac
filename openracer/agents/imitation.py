"""Learning to act like another policy: the student's networks learn what a teacher says of the same observations.

What the teacher says is kept as plain numbers, so that teacher and student may be any two networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.distributions import Categorical
from openracer.agents.networks import CameraCritic, ContinuousPolicy, DiscretePolicy
from openracer.agents.optimiser import Adam
from openracer.agents.threads import TorchThreads
from openracer.simulation.sensors import Sensor, buffers_for

MINIBATCH = 128


class Lessons:
    """What cars saw, and what the teacher says of it.

    Args:
        sensors: that the student has.
        capacity: most rows.
        answers: numbers of an answer: a probability for each action, or steering and speed within -1 to 1.

    Attributes:
        size: rows so far.
        answers: (capacity, numbers) float32.
        values: (capacity,) what the teacher expects of the future, in units of reward.
    """

    def __init__(self, sensors: Sequence[Sensor], capacity: int, answers: int) -> None:
        self.seen = buffers_for(sensors, capacity)
        self.answers = np.empty((capacity, answers), np.float32)
        self.values = np.empty(capacity, np.float32)
        self.size = 0

    def add(
        self, seen: Mapping[str, NDArray[Any]], answers: NDArray[np.float32], values: NDArray[np.float32]
    ) -> None:
        """Keep some rows; those beyond the capacity are not kept."""
        rows = slice(self.size, min(self.size + len(values), len(self.values)))
        count = rows.stop - rows.start
        for name, memory in self.seen.items():
            memory[rows] = seen[name][:count]
        self.answers[rows], self.values[rows] = answers[:count], values[:count]
        self.size = rows.stop


@dataclass(frozen=True)
class LessonReport:
    """Means over one pass.

    Attributes:
        policy_loss: cross entropy with the teacher's probabilities, or squared distance from its actions.
        value_loss: squared error of the critic, in units of the variance of the teacher's values.
    """

    policy_loss: float
    value_loss: float


class Student:
    """A policy and a critic that learn from lessons.

    Args:
        policy: acts.
        critic: judges what the policy sees.
        learning_rate: of Adam for both.
        seed: of the order of the lessons.
        threads: to compute with.
    """

    def __init__(
        self,
        policy: DiscretePolicy | ContinuousPolicy,
        critic: CameraCritic,
        learning_rate: float,
        seed: int,
        threads: TorchThreads,
    ) -> None:
        self.policy = policy
        self.critic = critic
        self._rate = learning_rate
        self._networks: dict[str, nn.Module] = {"policy": policy, "critic": critic}
        self._optimisers = {
            name: Adam(network.parameters(), learning_rate) for name, network in self._networks.items()
        }
        self._generator = torch.Generator().manual_seed(seed)
        self._threads = threads
        self._spread = 0.0

    def learn(self, lessons: Lessons, share: float = 1.0) -> LessonReport:
        """One pass over all lessons in random order.

        Args:
            lessons: at least one minibatch of them.
            share: of the learning rate.
        """
        if self._spread == 0.0:
            self._begin_at(lessons.values[: lessons.size])
        for optimiser in self._optimisers.values():
            optimiser.learning_rate = share * self._rate
        order = torch.randperm(lessons.size, generator=self._generator)
        minibatches = order[: len(order) // MINIBATCH * MINIBATCH].view(-1, MINIBATCH)
        losses = np.mean([self._step(lessons, rows) for rows in minibatches], axis=0)
        return LessonReport(*losses.tolist())

    @torch.no_grad()
    def _begin_at(self, values: NDArray[np.float32]) -> None:
        """Let the critic begin with the mean and about the spread of what it is to say."""
        self._spread = max(float(values.std()), 1e-6)
        self.critic.head.weight.mul_(self._spread)
        self.critic.head.bias.fill_(float(values.mean()))

    def _step(self, lessons: Lessons, rows: Tensor) -> NDArray[np.float64]:
        parts = rows.chunk(max(1, self._threads.count // 2))
        tasks = [(name, part) for name in self._networks for part in parts]
        results = self._threads.map(lambda task: self._gradients(lessons, *task), tasks)
        losses = dict.fromkeys(self._networks, 0.0)
        by_network: dict[str, list[tuple[Tensor, ...]]] = {name: [] for name in self._networks}
        for (name, _part), (gradients, loss) in zip(tasks, results, strict=True):
            by_network[name].append(gradients)
            losses[name] += loss
        for name, slices in by_network.items():
            self._optimisers[name].step([sum(shares) for shares in zip(*slices, strict=True)])
        return np.array([losses["policy"], losses["critic"]])

    def _gradients(self, lessons: Lessons, name: str, rows: Tensor) -> tuple[tuple[Tensor, ...], float]:
        """Gradients of a slice's share of the minibatch's mean loss, and that share."""
        index = rows.numpy()
        seen = {sensor: torch.from_numpy(memory[index]) for sensor, memory in lessons.seen.items()}
        if name == "policy":
            loss = self._policy_loss(seen, torch.from_numpy(lessons.answers[index]))
        else:
            errors = (self.critic(seen) - torch.from_numpy(lessons.values[index])) / self._spread
            loss = errors.square()
        mean = loss.sum() / MINIBATCH
        gradients = torch.autograd.grad(mean, list(self._networks[name].parameters()))
        return gradients, float(mean.detach())

    def _policy_loss(self, seen: Mapping[str, Tensor], answers: Tensor) -> Tensor:
        outputs = self.policy(seen)
        if isinstance(self.policy, DiscretePolicy):
            return -(answers * Categorical(outputs).log_probabilities).sum(dim=1)
        return (outputs[:, :2] - answers).square().sum(dim=1)
