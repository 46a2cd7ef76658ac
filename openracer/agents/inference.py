"""Running networks without learning: many observations at once, in slices on several threads, or on a GPU."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.networks import Policy
from openracer.agents.threads import TorchThreads

SLICE_ROWS = 128
LEAST_SLICE_ROWS = 16
GPU_SLICE_ROWS = 4096
"""Bounds the memory that a GPU needs for the features of a long rollout."""


def evaluate(network: nn.Module, observations: Tensor, threads: TorchThreads) -> Tensor:
    """Outputs of ``network`` for all observations (R, …), float32, in the processor's memory.

    Args:
        network: on any device.
        observations: on that device, or in the processor's memory: frames travel as uint8.
        threads: to compute with on the processor.
    """
    rows = len(observations)
    device = next(network.parameters()).device
    if device.type != "cpu":
        with torch.no_grad():
            parts = torch.split(observations, GPU_SLICE_ROWS)
            return torch.cat([network(part.to(device, non_blocking=True)) for part in parts]).cpu()
    n_slices = max(1, min(threads.count, rows // LEAST_SLICE_ROWS), -(-rows // SLICE_ROWS))

    def evaluate_slice(part: Tensor) -> Tensor:
        with torch.no_grad():
            return network(part)

    return torch.cat(threads.map(evaluate_slice, observations.chunk(n_slices)))


class GreedyDriver:
    """Drives with the most probable action, as in an evaluation.

    Args:
        policy: which network.
        threads: to compute with.
    """

    def __init__(self, policy: Policy, threads: TorchThreads) -> None:
        self.policy = policy
        self.threads = threads

    def act(self, frames: NDArray[np.uint8]) -> NDArray[np.generic]:
        """Actions (n,) or (n, 2) for frames (n, H, W)."""
        outputs = evaluate(self.policy, torch.from_numpy(frames), self.threads)
        return self.policy.distribution(outputs).mode().numpy()
