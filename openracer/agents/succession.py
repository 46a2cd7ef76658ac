"""In which order rollouts are collected and learned from: one after the other, or both at once."""

import contextlib
import copy
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.background import Background
from openracer.agents.collectors import Act
from openracer.agents.inference import Arrays, evaluate, tensors_of
from openracer.agents.ppo import Ppo
from openracer.agents.rollout import Rollout
from openracer.agents.sac import Sac
from openracer.agents.threads import TorchThreads

Collect = Callable[[Act, Rollout], None]
"""Drives the cars with a policy and fills a rollout: ``collect`` of a collector."""


class Succession(Protocol):
    """Hands out rollouts to learn from."""

    def take(self) -> Rollout:
        """The next rollout, which stays as it is until the next call.

        Raises:
            Exception: what the collector raised.
        """

    def settle(self) -> None:
        """Return when no car drives, so that the environment can be looked at; none drives until the next ``take``.

        Raises:
            Exception: what the collector raised.
        """

    def stop(self) -> None:
        """Give up whatever is being collected."""


class Alternating:
    """Collect, learn, collect, learn: every rollout is driven by the newest weights.

    The right order where simulator and learner compute on the same cores.

    Args:
        collect: fills a rollout.
        learner: acts.
        rollout: to fill.
    """

    def __init__(self, collect: Collect, learner: Ppo | Sac, rollout: Rollout) -> None:
        self._collect = collect
        self._learner = learner
        self._rollout = rollout

    def take(self) -> Rollout:
        """Collect, now."""
        self._collect(self._learner.act, self._rollout)
        return self._rollout

    def settle(self) -> None:
        """Nothing is being collected."""

    def stop(self) -> None:
        """Nothing is being collected."""


class _StoppedError(Exception):
    """The collection is not wanted any more."""


class Overlapping:
    """While the learner works on a rollout, the cars drive the next one.

    The right order where the learner has a GPU and the simulator the processor. A rollout is then driven by weights
    that are one update old. PPO allows for it: it weighs every transition by the ratio of the new policy's probability
    to that of the policy that acted, whose outputs are in the rollout; there is only one update more between the two
    (IMPALA, Espeholt et al. 2018, arXiv:1802.01561, discusses the lag of such actors).

    What is random in acting comes from a generator of its own, so that the same seed gives the same training whichever
    of the two is quicker.

    Args:
        collect: fills a rollout.
        learner: whose policy acts, and whose steps are counted here.
        rollouts: the two to fill in turn.
    """

    def __init__(self, collect: Collect, learner: Ppo | Sac, rollouts: tuple[Rollout, Rollout]) -> None:
        self._collect = collect
        self._learner = learner
        self._policy = copy.deepcopy(learner.policy)
        self._threads = TorchThreads(1)
        seed = int(torch.randint(2**62, (), generator=learner.generator))
        self._generator = torch.Generator().manual_seed(seed)
        self._steps = learner.steps
        self._filling, self._other = rollouts
        self._is_begun = False
        self._is_stopped = False
        self._background = Background("collect")

    def take(self) -> Rollout:
        """The rollout that was driven meanwhile; the next one begins, with the weights as they are now."""
        if not self._is_begun:
            self._begin()
        self.settle()
        self._filling, self._other = self._other, self._filling
        self._begin()
        return self._other

    def settle(self) -> None:
        """Wait for the collection in progress."""
        self._background.settle()
        self._learner.steps = self._steps

    def stop(self) -> None:
        """Let the collection in progress end at its next step, and wait for that; its error is lost."""
        self._is_stopped = True
        with contextlib.suppress(Exception):
            self._background.settle()

    def _begin(self) -> None:
        """Start to fill the next rollout."""
        self._is_begun = True
        self._policy.load_state_dict(self._learner.policy.state_dict())
        rollout = self._filling
        self._background.start(lambda: self._collect(self._act, rollout))

    def _act(self, seen: Arrays) -> tuple[NDArray[np.generic], NDArray[np.float32]]:
        """As :meth:`Ppo.act`, with the policy of the beginning."""
        if self._is_stopped:
            raise _StoppedError
        outputs = evaluate(self._policy, tensors_of(seen), self._threads)
        distribution = self._policy.distribution(outputs)
        exploration = self._learner.settings.exploration
        actions = exploration.choose(distribution, self._steps, self._generator)
        self._steps += len(outputs)
        return actions.numpy(), outputs.numpy()
