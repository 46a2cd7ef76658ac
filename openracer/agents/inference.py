"""Running networks without learning: many observations at once, in slices on several threads."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openracer.agents.networks import Policy
from openracer.agents.threads import TorchThreads

SLICE_ROWS = 128
LEAST_SLICE_ROWS = 16


def evaluate(network: nn.Module, observations: Tensor, threads: TorchThreads) -> Tensor:
    """Outputs of ``network`` for all observations (R, …), float32."""
    rows = len(observations)
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
