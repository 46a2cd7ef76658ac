"""From the network's output to the pulses of servo and motor, as the car computes them.

Sources: aws-deepracer-ctrl-pkg and aws-deepracer-navigation-pkg (choice, normalising, throttle),
aws-deepracer-servo-pkg (limits, pulses and their default calibration).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openracer.formats.model_metadata import ActionRanges, ModelMetadata

FASTEST_COMMAND = 1.0
_THROTTLE_SQUARE, _THROTTLE_LINEAR = -1.2, 2.2
"""Throttle = a s² + b s of the speed s as a share of the fastest action's."""


@dataclass(frozen=True)
class Pulse:
    """Lengths of a servo's pulses.

    Attributes:
        low: at the command -1, ns.
        middle: at 0, ns.
        high: at +1, ns.
        polarity: 1, or -1 where commands count backwards.
    """

    low: int
    middle: int
    high: int
    polarity: int

    def length(self, command: float) -> int:
        """Length of the pulse of a command from -1 to 1, ns."""
        turned = command * self.polarity
        span = self.middle - self.low if turned < 0 else self.high - self.middle
        return round(self.middle + turned * span)


STEERING_PULSE = Pulse(1_200_000, 1_450_000, 1_700_000, 1)
MOTOR_PULSE = Pulse(1_311_000, 1_446_000, 1_603_500, -1)


@dataclass(frozen=True)
class Command:
    """What reaches servo and motor.

    Attributes:
        steering: share of full lock, left positive; None where the servo drops it.
        throttle: share of full throttle; None likewise.
        angle_deg: what the model meant, degrees.
        speed: what the model meant, m/s.
    """

    steering: float | None
    throttle: float | None
    angle_deg: float
    speed: float

    @property
    def pulses(self) -> tuple[int | None, int | None]:
        """Pulse lengths of steering and motor, ns; None where none is sent."""
        return (
            None if self.steering is None else STEERING_PULSE.length(self.steering),
            None if self.throttle is None else MOTOR_PULSE.length(self.throttle),
        )


def command_of(output: NDArray[np.float32], metadata: ModelMetadata, slider: float = 1.0) -> Command:
    """What the car does with the network's output.

    Args:
        output: (A,) probabilities, or (2,) numbers for steering and speed.
        metadata: what they mean.
        slider: of the car's page, 0 to 1.
    """
    space = metadata.action_space
    if isinstance(space, ActionRanges):
        share = (np.clip(output.astype(np.float64), -1.0, 1.0) + 1.0) / 2.0
        angle = space.steering_low_deg + share[0] * (space.steering_high_deg - space.steering_low_deg)
        speed = space.speed_low + share[1] * (space.speed_high - space.speed_low)
        widest, fastest = space.steering_high_deg, space.speed_high
    else:
        action = space[int(np.argmax(output))]
        angle, speed = action.steering_angle_deg, action.speed
        widest = max(abs(each.steering_angle_deg) for each in space)
        fastest = max(each.speed for each in space)
    steering = angle / widest if widest else float("inf")
    return Command(
        _accepted(steering), _accepted(slider * throttle_of(speed, fastest)), float(angle), float(speed)
    )


def throttle_of(speed: float, fastest: float) -> float:
    """Share of full throttle for a speed, at most 1: the car answers to ratios of speeds, not to metres a second."""
    share = speed / fastest
    return min(_THROTTLE_SQUARE * share * share + _THROTTLE_LINEAR * share, 1.0)


def _accepted(value: float) -> float | None:
    """The servo drops what is beyond ±1; a hair of rounding is none of that."""
    return float(np.clip(value, -1.0, 1.0)) if abs(value) <= 1.0 + 1e-9 else None
