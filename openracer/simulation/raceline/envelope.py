"""What a vehicle can do at each speed: its g-g diagram, measured by driving the simulator's own vehicle model.

Nothing here knows how the vehicle model works. Cars are driven by its kernel at a held forward speed, each with one
steering and one speed command, until they corner steadily; what they reach is the envelope. So steering limit,
understeer, wheel slip and the top speed of the wheels are all in it, whatever the preset.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.body import MAX_STEERING, MIN_SPEED
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState, advance

Array = NDArray[np.float64]

SETTLING_TICKS = 240
"""Ticks after which steady cornering is reached, or given up."""

DIRECTIONS = np.radians(np.arange(0.0, 181.0, 7.5))
"""Directions of acceleration in which the g-g diagram is bounded: 0 is forward, π/2 sideways, π braking."""

LARGEST_SLIP = 0.27
"""Lateral over forward speed (15°) beyond which a car is said to drift, not to corner; drifts are left out."""

STEERING_SAMPLES = 25
WHEEL_SLIPS_MPS = (-0.7, -0.35, -0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.35, 0.7)
"""Speed commands are tried at these distances from the car's speed, and at the lowest and highest command."""
SPEED_STEP_MPS = 0.15


@njit(nogil=True, cache=True, error_model="numpy")
def corner_steadily(
    speeds: Array,
    steering: Array,
    speed_commands: Array,
    preset: VehiclePreset,
    state: VehicleState,
    out: Array,
) -> None:
    """Drive at held forward speeds under constant commands until the motion is steady.

    Args:
        speeds: ``(S,)`` forward speeds, m/s.
        steering: ``(C,)`` steering commands, rad.
        speed_commands: ``(S, U)`` m/s, those of each forward speed.
        preset: the vehicle.
        state: of at least ``S * C * U`` cars at rest.
        out: ``(S, C, U, 3)``, filled with forward acceleration (m/s²), lateral acceleration (m/s²) and body slip angle
            (rad, positive where the car moves to the left of its nose); not a number where the car spins.
    """
    car = 0
    for i in range(len(speeds)):
        for j in range(len(steering)):
            for k in range(speed_commands.shape[1]):
                forward = rate = lateral = 0.0
                for _ in range(SETTLING_TICKS):
                    state.forward_speed[car] = speeds[i]
                    rate, lateral = state.yaw_rate[car], state.lateral_speed[car]
                    advance(car, state, steering[j], speed_commands[i, k], preset, 1, TICK)
                    forward = (state.forward_speed[car] - speeds[i]) / TICK
                change = abs(state.yaw_rate[car] - rate) + abs(state.lateral_speed[car] - lateral)
                travel = math.hypot(speeds[i], state.lateral_speed[car])
                if (
                    change < 1e-3 * (1.0 + abs(rate))
                    and abs(state.lateral_speed[car]) < LARGEST_SLIP * speeds[i]
                ):
                    out[i, j, k, 0] = forward * speeds[i] / travel
                    out[i, j, k, 1] = travel * state.yaw_rate[car]
                    out[i, j, k, 2] = math.atan2(state.lateral_speed[car], speeds[i])
                else:
                    out[i, j, k, :] = np.nan
                car += 1


@dataclass(frozen=True, eq=False)
class Envelope:
    """The g-g diagram of a vehicle by speed, and the steering that corners so.

    The diagram is symmetric to left and right. At each speed one side of it is taken to be convex, because a driver who
    alternates quickly between two motions has their mean, and written as its support: an acceleration (forward,
    lateral) is within it if ``cos(θ) forward + sin(θ) |lateral| <= support`` for every direction θ.
    """

    speeds: Array
    """(S,) m/s, evenly spaced from 0."""
    support: Array
    """(S, K) largest acceleration in each of ``DIRECTIONS``, m/s²."""
    corner_lateral: Array
    """(S, C) lateral acceleration in steady cornering without forward acceleration, m/s², not falling ..."""
    corner_steering: Array
    """(C,) ... under these steering commands, rad."""
    corner_slip: Array
    """(S, C) body slip angle then, rad."""

    @classmethod
    @lru_cache(maxsize=8)
    def measured(cls, preset: VehiclePreset, max_speed: float) -> "Envelope":
        """Measure a vehicle whose speed commands end at ``max_speed`` (m/s)."""
        steering = np.linspace(0.0, MAX_STEERING, STEERING_SAMPLES)
        # The wheels' surface cannot run faster than this; beyond it the car can only slow down.
        top = 1.05 * preset.wheel_speed_gain * min(max_speed, preset.max_wheel_speed_mps)
        count = max(math.ceil(top / SPEED_STEP_MPS), 4)
        speeds = np.linspace(0.0, top, count + 1)
        driven = np.maximum(speeds, 0.02)
        rolling = driven[:, None] / preset.wheel_speed_gain + np.array(WHEEL_SLIPS_MPS)
        commands = np.clip(
            np.pad(rolling, ((0, 0), (1, 1)), constant_values=(0.0, np.inf)), MIN_SPEED, max_speed
        )
        out = np.empty((len(driven), len(steering), commands.shape[1], 3))
        corner_steadily(driven, steering, commands, preset, VehicleState.zeros(out[..., 0].size), out)
        forward, lateral, slip = np.moveaxis(out, -1, 0)
        reach = np.cos(DIRECTIONS) * forward[..., None] + np.sin(DIRECTIONS) * np.abs(lateral)[..., None]
        support = np.nanmax(reach, axis=(1, 2))
        # Nobody weaves down a straight because turned wheels push a little longer near their top speed.
        support[:, 0] = np.nanmax(forward[:, 0], axis=1)
        support[:, -1] = -np.nanmin(forward[:, 0], axis=1)
        # Few commands are sampled, so that limits jump a little from one speed to the next; the search prefers slopes.
        support[1:-1] = 0.25 * support[:-2] + 0.5 * support[1:-1] + 0.25 * support[2:]
        corner, angle = np.zeros((2, len(speeds), len(steering)))
        for i, j in np.ndindex(corner.shape):
            steady = np.isfinite(forward[i, j])
            if steady.any():
                corner[i, j] = np.interp(0.0, forward[i, j, steady], lateral[i, j, steady])
                angle[i, j] = np.interp(0.0, forward[i, j, steady], slip[i, j, steady])
        return cls(speeds, support, np.maximum.accumulate(corner, axis=1), steering, angle)

    def steering_for(self, speed: Array, lateral: Array) -> Array:
        """Steering commands that corner steadily.

        Args:
            speed: (M,) m/s.
            lateral: (M,) wanted lateral acceleration, m/s², positive to the left.

        Returns:
            (M,) rad; the full lock's where no command is enough.
        """
        speed = np.clip(speed, 0.0, self.speeds[-1])
        row = np.minimum((speed / self.speeds[1]).astype(int), len(self.speeds) - 2)
        share = speed / self.speeds[1] - row
        angle = np.empty(len(speed))
        for i, wanted in enumerate(np.abs(lateral)):
            reached = (1.0 - share[i]) * self.corner_lateral[row[i]] + share[i] * self.corner_lateral[
                row[i] + 1
            ]
            angle[i] = np.interp(wanted, reached, self.corner_steering)
        return np.copysign(angle, lateral)
