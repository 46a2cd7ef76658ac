"""What the policy of a checkpoint would do in a frame: every action with its probability."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.distributions import Categorical, Gaussian
from openracer.agents.inference import evaluate
from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import ContinuousActionSpace, action_space_of
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.runs.weights import load_policy
from openracer.simulation.sensors import DEFAULT, FRONT_FACING_CAMERA


@dataclass(frozen=True)
class Choice:
    """A policy's distribution over actions in one frame, for the kind of action space that it has.

    Attributes:
        probabilities: of each action of a list; None for a continuous space.
        mean: steering in degrees, left positive, and speed in m/s; None for a list of actions.
        deviation: standard deviations of the same two; None likewise.
    """

    probabilities: tuple[float, ...] | None = None
    mean: tuple[float, float] | None = None
    deviation: tuple[float, float] | None = None


def check_front_camera_only(description: TrainingDescription) -> None:
    """Check that frames of the front camera are all that a model sees.

    Raises:
        ValueError: it has other sensors; one sentence.
    """
    if description.sensors != DEFAULT:
        raise ValueError(
            _("{name} sees with {sensors}; what a model sees can be shown of the front camera alone").format(
                name=description.name, sensors=", ".join(description.sensor)
            )
        )


class PolicyView:
    """The policy of a checkpoint, to be asked frame by frame.

    Args:
        folder: of the model.
        checkpoint: ``best``, ``last`` or the number of an iteration.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged, or it has other sensors than the front camera.
    """

    def __init__(self, folder: ModelFolder, checkpoint: str | int):
        description = folder.description()
        check_front_camera_only(description)
        self._policy = build_policy(description, torch.float32)
        load_policy(self._policy, folder, folder.checkpoints.find(checkpoint))
        self._threads = TorchThreads(1)
        self._space = action_space_of(description.actions)

    def choose(self, frame: NDArray[np.uint8]) -> Choice:
        """What it would do.

        Args:
            frame: (120, 160) of the camera.
        """
        outputs = evaluate(
            self._policy, {FRONT_FACING_CAMERA.name: torch.from_numpy(frame[None])}, self._threads
        )
        distribution = self._policy.distribution(outputs)
        if isinstance(distribution, Categorical):
            return Choice(probabilities=tuple(distribution.probabilities[0].tolist()))
        assert isinstance(distribution, Gaussian)
        assert isinstance(self._space, ContinuousActionSpace)
        steering, speed = self._space.to_commands(distribution.mean.numpy().astype(np.float64))
        halves = [0.5 * (high - low) for low, high in (self._space.steering_deg, self._space.speed)]
        spread = distribution.log_std[0].exp().tolist()
        return Choice(
            mean=(float(steering[0]), float(speed[0])),
            deviation=(halves[0] * spread[0], halves[1] * spread[1]),
        )
