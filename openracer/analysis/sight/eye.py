"""The policy of a checkpoint as a function of camera frames, and the questions that can be asked about it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from openracer.agents.distributions import ActionDistribution, Categorical
from openracer.agents.networks import CameraCritic
from openracer.analysis.sight.attention import Scores
from openracer.analysis.sight.faithfulness import Kept
from openracer.environments.action_space import ActionSpace, DiscreteActionSpace, action_space_of
from openracer.formats.checkpoints_index import CheckpointName
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.runs.assembly import build_critic
from openracer.runs.policy_view import check_front_camera_only
from openracer.runs.weights import load_policy
from openracer.simulation.sensors import FRONT_FACING_CAMERA


@dataclass(frozen=True, eq=False)
class Eye:
    """A policy that looks at frames.

    Attributes:
        name: of the checkpoint.
        space: its actions.
        distribution: over actions, from frames ``(B, 120, 160) uint8``; differentiable.
        value: of the state in a frame, ``(B,)`` in units of reward; None where the critic does not look at frames.
    """

    name: str
    space: ActionSpace
    distribution: Callable[[Tensor], ActionDistribution]
    value: Callable[[Tensor], Tensor] | None = None

    @property
    def is_discrete(self) -> bool:
        """Whether it chooses from a list of actions."""
        return isinstance(self.space, DiscreteActionSpace)

    @property
    def questions(self) -> list[str]:
        """What can be asked: how probable each action of a list is; or how far to steer and how fast to drive."""
        if isinstance(self.space, DiscreteActionSpace):
            pairs = zip(self.space.steering_deg.tolist(), self.space.speed.tolist(), strict=True)
            return [
                _("{angle:+g}°, {speed:g} m/s").format(angle=angle, speed=speed) for angle, speed in pairs
            ]
        return [_("steering"), _("speed")]

    @property
    def scores(self) -> Scores:
        """The answers as numbers: ln π of each action; or the mean of steering and speed within -1 to 1."""

        def scores(frames: Tensor) -> Tensor:
            distribution = self.distribution(frames)
            if isinstance(distribution, Categorical):
                return distribution.log_probabilities
            return distribution.mode()

        return scores

    def kept(self, frame: Tensor) -> Kept:
        """How much of the choice in a frame is there in others.

        The probability of each action; or 1 less the change of steering and speed, of which half the range counts 1.

        Args:
            frame: ``(120, 160) uint8``.
        """
        if self.is_discrete:
            return lambda frames: self.scores(frames).exp()
        with torch.no_grad():
            before = self.scores(frame[None])
        return lambda frames: (1.0 - (self.scores(frames) - before).abs()).clamp(min=0.0)


def open_eye(folder: ModelFolder, checkpoint: str | int | CheckpointName) -> Eye:
    """The policy of a checkpoint.

    Args:
        folder: of the model.
        checkpoint: ``best``, ``last``, the number of an iteration, or its name.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged, or it has other sensors than the front camera.
    """
    description = folder.description()
    check_front_camera_only(description)
    name = checkpoint if isinstance(checkpoint, CheckpointName) else folder.checkpoints.find(checkpoint)
    # Full precision: the maps need gradients, and are to be the same on every machine.
    policy = build_policy(description, torch.float32)
    load_policy(policy, folder, name)
    critic = build_critic(description, torch.float32)
    value: Callable[[Tensor], Tensor] | None = None
    if isinstance(critic, CameraCritic) and description.algorithm != "sac":
        tensors = folder.checkpoints.load(name)
        critic.load_state_dict({key: tensors[f"critic.{key}"] for key in critic.state_dict()})

        def value(frames: Tensor) -> Tensor:
            return critic({FRONT_FACING_CAMERA.name: frames})

    return Eye(
        str(name),
        action_space_of(description.actions),
        lambda frames: policy.distribution(policy({FRONT_FACING_CAMERA.name: frames})),
        value,
    )
