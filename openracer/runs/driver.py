"""A model that drives cars with its most probable actions, beside others that drive otherwise."""

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.inference import GreedyDriver
from openracer.agents.networks import Policy
from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import action_space_of
from openracer.formats.model_metadata import ActionRanges
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.runs.weights import load_policy
from openracer.simulation.sensors import buffers_for
from openracer.simulation.simulator import Simulator


class ModelDriver:
    """Looks with the sensors of a model, and tells what the model does.

    Args:
        description: of the model's training.
        policy: its network, whose weights may change while it drives.
        threads: to compute with.
        cars: that it drives at once at most.

    Attributes:
        description: as given.
        policy: as given.
    """

    def __init__(self, description: TrainingDescription, policy: Policy, threads: TorchThreads, cars: int):
        self.description = description
        self.policy = policy
        self._act = GreedyDriver(policy, threads).act
        self._space = action_space_of(description.actions)
        self._buffers = buffers_for(description.sensors, cars)

    @property
    def is_continuous(self) -> bool:
        """Whether its action space is."""
        return isinstance(self.description.actions, ActionRanges)

    def decide(
        self, simulator: Simulator, cars: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """What some cars (K,) do.

        Returns:
            ``(K,)`` numbers of actions, -1 for continuous ones; steering in degrees; speed in m/s.
        """
        seen = {name: memory[: len(cars)] for name, memory in self._buffers.items()}
        simulator.observe(cars, seen)
        actions = self._act(seen)
        numbers = np.full(len(cars), -1) if self.is_continuous else actions
        return numbers, *self._space.to_commands(actions)  # type: ignore[arg-type, return-value]


def load_driver(
    folder: ModelFolder,
    checkpoint: str,
    threads: TorchThreads,
    cars: int,
    dtype: torch.dtype = torch.float32,
    device: torch.device | None = None,
) -> ModelDriver:
    """A model with the weights of a checkpoint.

    Args:
        folder: of the model.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        threads: to compute with.
        cars: that it drives at once at most.
        dtype: full precision by default, so that processors without bfloat16 drive the same laps.
        device: None is the processor.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged.
    """
    description = folder.description()
    policy = build_policy(description, dtype)
    load_policy(policy, folder, folder.checkpoints.find(checkpoint))
    return ModelDriver(description, policy.to(device or torch.device("cpu")), threads, cars)
