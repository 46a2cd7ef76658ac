"""Action spaces: what the policy's numbers mean as steering angles (degrees, left positive) and speeds (m/s)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openracer.formats.model_metadata import Action, ActionRanges
from openracer.language import gettext as _

Commands = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class DiscreteActionSpace:
    """A list of A pairs of steering and speed; an action is an index into it (DeepRacer's list ``action_space``).

    Attributes:
        steering_deg: (A,) steering angle, degrees, left positive.
        speed: (A,) speed, m/s.
    """

    steering_deg: NDArray[np.float64]
    speed: NDArray[np.float64]

    def __init__(self, steering_deg: ArrayLike, speed: ArrayLike) -> None:
        steering, speeds = np.array(steering_deg, float), np.array(speed, float)
        if steering.ndim != 1 or steering.shape != speeds.shape or len(steering) < 2:
            raise ValueError(
                _(
                    "a discrete action space needs as many steering angles as speeds, at least two; it "
                    "has {angles} steering angles and {speeds} speeds"
                ).format(angles=steering.size, speeds=speeds.size)
            )
        object.__setattr__(self, "steering_deg", steering)
        object.__setattr__(self, "speed", speeds)

    @property
    def n_actions(self) -> int:
        """Number of actions A."""
        return len(self.steering_deg)

    @property
    def action_shape(self) -> tuple[int, ...]:
        """Shape of one action: a single index."""
        return ()

    @property
    def action_dtype(self) -> type[np.generic]:
        """Type of an action: an index."""
        return np.int64

    def to_commands(self, actions: NDArray[np.int64]) -> Commands:
        """Steering (N,) in degrees and speed (N,) in m/s of the actions (N,)."""
        return self.steering_deg[actions], self.speed[actions]


@dataclass(frozen=True)
class ContinuousActionSpace:
    """A rectangle of steering and speed; an action is a point of [-1, 1]², in the order (steering, speed).

    The policy is a Gaussian without bounds: its samples are clipped to [-1, 1] and then mapped linearly, as
    DeepRacer does (aws-deepracer-community/deepracer-simapp, agent_ctrl); the learner keeps the unclipped sample.

    Attributes:
        steering_deg: lowest and highest steering angle, degrees, left positive.
        speed: lowest and highest speed, m/s.
    """

    steering_deg: tuple[float, float]
    speed: tuple[float, float]

    def __post_init__(self) -> None:
        for name, unit, (low, high) in (
            ("steering angle", "degrees", self.steering_deg),
            ("speed", "m/s", self.speed),
        ):
            if not low < high:
                raise ValueError(
                    _(
                        "a continuous action space has a {name} from {low} to {high} {unit}; the lowest must "
                        "be below the highest"
                    ).format(name=name, low=low, high=high, unit=unit)
                )

    @property
    def action_shape(self) -> tuple[int, ...]:
        """Shape of one action: steering and speed."""
        return (2,)

    @property
    def action_dtype(self) -> type[np.generic]:
        """Type of an action's two numbers."""
        return np.float32

    def to_commands(self, actions: NDArray[np.floating]) -> Commands:
        """Steering (N,) in degrees and speed (N,) in m/s of the actions (N, 2)."""
        share = (np.clip(actions.astype(np.float64), -1.0, 1.0) + 1.0) / 2.0
        low = np.array((self.steering_deg[0], self.speed[0]))
        high = np.array((self.steering_deg[1], self.speed[1]))
        commands = low + share * (high - low)
        return commands[:, 0], commands[:, 1]


ActionSpace = DiscreteActionSpace | ContinuousActionSpace


def action_space_of(description: tuple[Action, ...] | ActionRanges) -> ActionSpace:
    """The action space that a ``model_metadata.json`` describes."""
    if isinstance(description, ActionRanges):
        return ContinuousActionSpace(
            (description.steering_low_deg, description.steering_high_deg),
            (description.speed_low, description.speed_high),
        )
    return DiscreteActionSpace(
        [action.steering_angle_deg for action in description], [action.speed for action in description]
    )
