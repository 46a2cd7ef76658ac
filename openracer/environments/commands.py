"""From a policy's actions to commands: the action spaces of ``model_metadata.json``."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openracer.formats.model_metadata import Action, ActionRanges

Commands = tuple[NDArray[np.float64], NDArray[np.float64]]


class ActionSpace(Protocol):
    """What turns actions into commands."""

    def to_commands(self, actions: NDArray[np.generic]) -> Commands:
        """Steering angles ``(N,)`` degrees, left positive, and speeds ``(N,)`` m/s of N actions."""


class DiscreteActionSpace:
    """A list of actions; an action is its number in the list.

    Args:
        actions: at least one.

    Attributes:
        steering_deg: ``(A,)`` degrees, left positive.
        speed_mps: ``(A,)`` m/s.
    """

    def __init__(self, actions: Sequence[Action]):
        self.steering_deg = np.array([action.steering_angle_deg for action in actions], np.float64)
        self.speed_mps = np.array([action.speed for action in actions], np.float64)

    def __len__(self) -> int:
        return len(self.speed_mps)

    def to_commands(self, actions: NDArray[np.generic]) -> Commands:
        """Steering angles (N,) degrees and speeds (N,) m/s of actions ``(N,) int``."""
        return self.steering_deg[actions], self.speed_mps[actions]


class ContinuousActionSpace:
    """Ranges of steering and speed; an action is a pair [steering, speed] of numbers from -1 to 1.

    Numbers beyond are clipped, as the AWS simulator does, then mapped linearly to the ranges.

    Args:
        ranges: bounds of both.
    """

    def __init__(self, ranges: ActionRanges):
        self.low = np.array([ranges.steering_low_deg, ranges.speed_low], np.float64)
        self.high = np.array([ranges.steering_high_deg, ranges.speed_high], np.float64)

    def to_commands(self, actions: NDArray[np.generic]) -> Commands:
        """Steering angles (N,) degrees and speeds (N,) m/s of actions ``(N, 2) float``."""
        share = 0.5 * (np.clip(actions.astype(np.float64), -1.0, 1.0) + 1.0)
        scaled = self.low + share * (self.high - self.low)
        return scaled[:, 0], scaled[:, 1]


def action_space_of(
    description: tuple[Action, ...] | ActionRanges,
) -> DiscreteActionSpace | ContinuousActionSpace:
    """The action space that a ``model_metadata.json`` describes."""
    if isinstance(description, ActionRanges):
        return ContinuousActionSpace(description)
    return DiscreteActionSpace(description)
