"""Running networks without learning: many observations at once, in slices on several threads, or on a GPU."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openracer.agents.networks import Critic, Observations, Policy
from openracer.agents.threads import TorchThreads

Arrays = Mapping[str, NDArray[Any]]
"""What some cars see, ``(K, *shape)`` by the name of the sensor."""

SLICE_ROWS = 128
LEAST_SLICE_ROWS = 16
GPU_SLICE_ROWS = 4096
"""Bounds the memory that a GPU needs for the features of a long rollout."""


def evaluate(network: Policy | Critic, observations: Observations, threads: TorchThreads) -> Tensor:
    """Outputs of ``network`` for all observations (R, …), float32, in the processor's memory.

    Args:
        network: on any device.
        observations: by what they are of, on that device, or in the processor's memory: frames travel as uint8.
        threads: to compute with on the processor.
    """
    read = [observations[name] for name in network.reads]
    rows = len(read[0])
    device = next(network.parameters()).device

    def evaluate_slice(parts: Sequence[Tensor]) -> Tensor:
        with torch.no_grad():
            outputs: Tensor = network(dict(zip(network.reads, parts, strict=True)))
            return outputs

    if device.type != "cpu":
        parts = zip(*(torch.split(tensor, GPU_SLICE_ROWS) for tensor in read), strict=True)
        outputs = [
            evaluate_slice([tensor.to(device, non_blocking=True) for tensor in part]) for part in parts
        ]
        return torch.cat(outputs).cpu()
    n_slices = max(1, min(threads.count, rows // LEAST_SLICE_ROWS), -(-rows // SLICE_ROWS))
    slices = list(zip(*(tensor.chunk(n_slices) for tensor in read), strict=True))
    return torch.cat(threads.map(evaluate_slice, slices))


def tensors_of(arrays: Arrays) -> dict[str, Tensor]:
    """The same memory as tensors."""
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


class GreedyDriver:
    """Drives with the most probable action, as in an evaluation.

    Args:
        policy: which network.
        threads: to compute with.
    """

    def __init__(self, policy: Policy, threads: TorchThreads) -> None:
        self.policy = policy
        self.threads = threads

    def act(self, observations: Arrays) -> NDArray[np.generic]:
        """Actions (n,) or (n, 2) for what n cars see, by sensor."""
        outputs = evaluate(self.policy, tensors_of(observations), self.threads)
        return self.policy.distribution(outputs).mode().numpy()
