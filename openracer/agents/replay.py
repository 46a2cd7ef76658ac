"""The replay buffer: what many cars saw, did and got, kept for learning from it again and again, in a ring."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openracer.agents.inference import tensors_of
from openracer.agents.networks import PRIVILEGED, Observations
from openracer.agents.random_shifts import shift
from openracer.agents.rollout import Rollout
from openracer.simulation.sensors import Sensor


@dataclass(frozen=True)
class Transitions:
    """What a gradient step learns from, B rows each.

    Attributes:
        seen: by name, what was observed before the action, the privileged state included.
        following: the same afterwards, of what the critics read.
        actions: (B, 2) as sampled, within -1 to 1.
        rewards: (B,) float32.
        dones: (B,) bool, whether the episode ended.
    """

    seen: Observations
    following: Observations
    actions: Tensor
    rewards: Tensor
    dones: Tensor

    def changed(self, change: Callable[[Tensor], Tensor]) -> "Transitions":
        """The same with every tensor changed."""
        seen, following = (
            {name: change(tensor) for name, tensor in part.items()} for part in (self.seen, self.following)
        )
        return Transitions(seen, following, change(self.actions), change(self.rewards), change(self.dones))

    def split(self, parts: int) -> list["Transitions"]:
        """The rows in so many parts, in their order."""
        ends = np.cumsum([0, *map(len, self.rewards.chunk(parts))]).tolist()
        return [self._part(slice(first, end)) for first, end in pairwise(ends)]

    def _part(self, rows: slice) -> "Transitions":
        return self.changed(lambda tensor: tensor[rows])

    def shifted(self, pixels: int, generator: torch.Generator) -> "Transitions":
        """The same with every frame shifted at random."""

        def change(tensor: Tensor) -> Tensor:
            return shift(tensor, pixels, generator) if tensor.dtype == torch.uint8 else tensor

        return self.changed(change)


class ReplayBuffer:
    """Rows of rollouts; the oldest make room for new ones.

    A frame is kept once, though it is what followed one action and what was seen before the next: each row knows which
    row follows it. It is always a younger one, so it is there as long as the row itself.

    Args:
        capacity: rows; memory is taken from the system only as they are first written.
        sensors: what the cars see with.
        privileged_size: D, length of a privileged state.

    Attributes:
        size: rows held.
    """

    def __init__(self, capacity: int, sensors: Sequence[Sensor], privileged_size: int) -> None:
        self.capacity = capacity
        self.size = self._next = 0
        self._seen: dict[str, NDArray[Any]] = {
            sensor.name: np.empty((capacity, *sensor.shape), sensor.dtype) for sensor in sensors
        }
        self._seen[PRIVILEGED] = np.empty((capacity, privileged_size), np.float32)
        self._actions: NDArray[np.float32] = np.empty((capacity, 2), np.float32)
        self._rewards: NDArray[np.float32] = np.empty(capacity, np.float32)
        self._dones: NDArray[np.bool_] = np.empty(capacity, np.bool_)
        self._following: NDArray[np.int64] = np.empty(capacity, np.int64)
        self._is_transition: NDArray[np.bool_] = np.zeros(capacity, np.bool_)

    @property
    def transitions(self) -> int:
        """How many rows can be learned from; the others are only what follows one of them."""
        return int(np.count_nonzero(self._is_transition))

    def add(self, rollout: Rollout) -> None:
        """Take over a rollout's transitions, and what was seen at its cut.

        Raises:
            ValueError: it is larger than the whole buffer.
        """
        rows, size = rollout.size + rollout.n_cut, rollout.size
        if rows > self.capacity:
            raise ValueError(f"a rollout of {rows} rows does not fit into a buffer of {self.capacity}")
        places = (self._next + np.arange(rows)) % self.capacity
        for name, memory in self._seen.items():
            memory[places] = rollout.privileged[:rows] if name == PRIVILEGED else rollout.seen[name][:rows]
        self._actions[places[:size]] = rollout.actions[:size]
        self._rewards[places[:size]] = rollout.rewards[:size]
        self._dones[places[:size]] = rollout.dones[:size]
        self._following[places[:size]] = places[following_rows(rollout)]
        self._is_transition[places] = np.arange(rows) < size
        self._next = int((self._next + rows) % self.capacity)
        self.size = min(self.size + rows, self.capacity)

    def sample(self, count: int, reads: Sequence[str], generator: torch.Generator) -> "Transitions":
        """Some transitions at random, the same one perhaps twice.

        Args:
            count: how many.
            reads: what is wanted of the observations that follow.
            generator: of the random numbers.
        """
        rows = np.flatnonzero(self._is_transition)
        chosen = rows[torch.randint(len(rows), (count,), generator=generator).numpy()]
        following = self._following[chosen]
        return Transitions(
            tensors_of({name: memory[chosen] for name, memory in self._seen.items()}),
            tensors_of({name: self._seen[name][following] for name in reads}),
            torch.from_numpy(self._actions[chosen]),
            torch.from_numpy(self._rewards[chosen]),
            torch.from_numpy(self._dones[chosen]),
        )


def following_rows(rollout: Rollout) -> NDArray[np.int64]:
    """(R,) the row in which the same car's next observation is; of a row that ends its episode, any."""
    after = np.arange(rollout.size, rollout.size + rollout.n_cut)
    latest = np.zeros(max(rollout.n_trajectories, rollout.n_cut), np.int64)
    latest[: rollout.n_cut] = after
    following = np.empty(rollout.size, np.int64)
    for row in range(rollout.size - 1, -1, -1):
        own = rollout.trajectory[row]
        following[row] = latest[own]
        latest[own] = row
    return following
