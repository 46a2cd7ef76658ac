"""How the car moves: a four-wheel friction model of the simulated DeepRacer, one car per call.

Every wheel is a patch of rubber that slides a little. Its friction points against the slip (the patch's velocity over
the ground less the wheel's surface speed), grows with it, and saturates near ``mu * load``: Coulomb friction, rounded
off at small slip. Steering and drive do not move the car; they only say where the wheels point and how fast their
surfaces run, and friction does the rest. That is why the car understeers when it is fast, slides when it brakes in a
bend, and needs time to reach its speed.

Structure and constants were identified from 226,000 transitions of real AWS simulator logs (console 2020 to 2022,
DeepRacer-for-Cloud, DeepRacer on AWS 2026); see ``docs/vehicle.md``.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.body import FRONT_AXLE_AHEAD, REAR_AXLE_AHEAD
from openracer.simulation.columns import zero_columns
from openracer.tracks.compiled import kernel

TICK = 1.0 / 60.0
"""A world's time step, s."""

GRAVITY = 9.81


class VehiclePreset(NamedTuple):
    """The constants of one generation of the simulated car.

    Attributes:
        wheel_speed_gain: wheel surface speed for a commanded speed of 1; 0.036 m wheel radius over the 0.035 m by which
            the simulator converts speed to wheel rotation.
        max_wheel_speed_mps: commands above it have no further effect (100 rad/s joint limit times 0.035 m).
        speed_lag_s: time constant with which the wheels follow the speed command.
        speed_delay_s: time before a new speed command is felt.
        steering_lag_s: time constant with which the front wheels turn towards the command.
        steering_delay_s: time before a new steering command is felt.
        steering_jump_gain: share of a command's change that the wheels jump at once (the kick of a PD controller's
            derivative term) ...
        steering_jump_limit_rad: ... and the most they can jump.
        steering_compliance_rad_per_mps2: how far the front tyres' lateral force turns the wheels back.
        mu_longitudinal: friction along the wheel.
        mu_lateral: friction across the wheel.
        slip_scale_longitudinal_mps: slip at which friction along a rear wheel is at 71 % of its limit.
        slip_scale_lateral_mps: the same across any wheel.
        slip_coupling: 0: the two directions are independent; 1: they share one friction circle.
        yaw_inertia_per_mass_m2: moment of inertia about the vertical over mass.
        cg_ahead_of_axle_midpoint_m: centre of mass ahead of the car's origin.
        cg_height_m: effective height of the centre of mass, for the load shift in bends.
        half_track_m: wheels' distance from the centre line of the car.
        steering_offset_rad: by how much the front wheels stand to the left of where their servo believes them. The
            physics engine's solver is not symmetric: with a weak servo the car pulls to one side, whatever its heading.
        front_slip_longitudinal_ratio: the front wheels' slip scale along the wheel over the rear wheels': below 1, the
            front wheels hold their speed harder.
    """

    wheel_speed_gain: float
    max_wheel_speed_mps: float
    speed_lag_s: float
    speed_delay_s: float
    steering_lag_s: float
    steering_delay_s: float
    steering_jump_gain: float
    steering_jump_limit_rad: float
    steering_compliance_rad_per_mps2: float
    mu_longitudinal: float
    mu_lateral: float
    slip_scale_longitudinal_mps: float
    slip_scale_lateral_mps: float
    slip_coupling: float
    yaw_inertia_per_mass_m2: float
    cg_ahead_of_axle_midpoint_m: float
    cg_height_m: float
    half_track_m: float
    steering_offset_rad: float = 0.0
    front_slip_longitudinal_ratio: float = 1.0


class VehicleState(NamedTuple):
    """Pose and motion of N cars, one ``(N,) float64`` array for each quantity.

    Attributes:
        x: origin of the car, m.
        y: origin of the car, m.
        yaw: heading, rad, counter-clockwise from +x; not wrapped.
        forward_speed: velocity of the centre of mass along the car, m/s.
        lateral_speed: the same to the left, m/s.
        yaw_rate: rad/s.
        steering: angle of both front wheels as their servo has it, rad, left positive.
        wheel_speed: surface speed of all four wheels, m/s.
        front_force: lateral force of both front tyres over the car's mass, left positive, m/s².
        steering_command: the command in force, rad.
        speed_command: the command in force, m/s.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    yaw: NDArray[np.float64]
    forward_speed: NDArray[np.float64]
    lateral_speed: NDArray[np.float64]
    yaw_rate: NDArray[np.float64]
    steering: NDArray[np.float64]
    wheel_speed: NDArray[np.float64]
    front_force: NDArray[np.float64]
    steering_command: NDArray[np.float64]
    speed_command: NDArray[np.float64]

    @classmethod
    def zeros(cls, cars: int) -> "VehicleState":
        """States of cars at rest in the origin."""
        return cls(*zero_columns(dict.fromkeys(cls._fields, np.float64), cars))

    @classmethod
    def at(cls, x: NDArray[np.float64], y: NDArray[np.float64], yaw: NDArray[np.float64]) -> "VehicleState":
        """States of cars at rest at some places (N,), m, with some headings (N,), rad."""
        state = cls.zeros(len(x))
        state.x[:], state.y[:], state.yaw[:] = x, y, yaw
        return state


@kernel()
def follow(
    value: float, old_target: float, new_target: float, seconds: float, old_seconds: float, lag: float
) -> float:
    """First-order lag over a time in which the target changes once.

    Args:
        value: what follows the target.
        old_target: target before the change.
        new_target: target after it.
        seconds: length of the time.
        old_seconds: how long the old target still holds; beyond ``seconds`` it holds throughout.
        lag: time constant, s.

    Returns:
        The value after the time (the exact solution of value' = (target - value) / lag).
    """
    old_part = min(max(old_seconds, 0.0), seconds)
    if old_part > 0.0:
        value += (1.0 - math.exp(-old_part / lag)) * (old_target - value)
    return value + (1.0 - math.exp(-(seconds - old_part) / lag)) * (new_target - value)


@kernel()
def advance(
    car: int,
    state: VehicleState,
    steering_command: float,
    speed_command: float,
    preset: VehiclePreset,
    ticks: int,
    tick: float,
) -> None:
    """Drive one car for some ticks under one command.

    Args:
        car: index of the car in the arrays of ``state``, which are changed in place.
        state: motion of all cars.
        steering_command: wanted angle of the front wheels, rad, left positive.
        speed_command: wanted speed, m/s.
        preset: constants of the car.
        ticks: number of time steps.
        tick: length of a time step, s.
    """
    old_speed = min(state.speed_command[car], preset.max_wheel_speed_mps) * preset.wheel_speed_gain
    new_speed = min(speed_command, preset.max_wheel_speed_mps) * preset.wheel_speed_gain
    old_steering = state.steering_command[car]
    state.speed_command[car] = speed_command
    state.steering_command[car] = steering_command

    # A PD servo answers a step of its set point with a kick of its derivative term that lasts one physics tick.
    jump = preset.steering_jump_gain * (steering_command - old_steering)
    limit = preset.steering_jump_limit_rad
    state.steering[car] += min(max(jump, -limit), limit)

    for i in range(ticks):
        elapsed = i * tick
        state.wheel_speed[car] = follow(
            state.wheel_speed[car],
            old_speed,
            new_speed,
            tick,
            preset.speed_delay_s - elapsed,
            preset.speed_lag_s,
        )
        yielding = preset.steering_compliance_rad_per_mps2 * state.front_force[car]
        state.steering[car] = follow(
            state.steering[car],
            old_steering - yielding,
            steering_command - yielding,
            tick,
            preset.steering_delay_s - elapsed,
            preset.steering_lag_s,
        )
        slide(car, state, preset, tick)


@kernel()
def slide(car: int, state: VehicleState, preset: VehiclePreset, tick: float) -> None:
    """Move one car for one tick by the friction of its four wheels.

    Friction is stiff (a resting wheel stops within milliseconds), so the step is linearly implicit: each wheel's
    friction coefficient is frozen at the old slip, which makes friction linear in the new velocity ``v = (forward,
    lateral, yaw rate)``; then ``(I + h A) v_new = v_old + h b`` is solved. It is stable for any tick.

    Args:
        car: index of the car.
        state: motion of all cars, changed in place.
        preset: constants of the car.
        tick: length of the time step h, s.
    """
    forward = state.forward_speed[car]
    lateral = state.lateral_speed[car]
    rate = state.yaw_rate[car]
    surface_speed = state.wheel_speed[car]
    cg = preset.cg_ahead_of_axle_midpoint_m
    front_arm = FRONT_AXLE_AHEAD - cg
    rear_arm = cg - REAR_AXLE_AHEAD
    half_track = preset.half_track_m
    # Static load of one wheel over the car's mass, and what a bend moves from the inner to the outer wheels, m/s².
    front_load = 0.5 * GRAVITY * rear_arm / (front_arm + rear_arm)
    rear_load = 0.5 * GRAVITY * front_arm / (front_arm + rear_arm)
    shift = 0.25 * preset.cg_height_m * forward * rate / half_track

    # Accumulated system: m11 .. m33 of I + h A, and the right-hand side.
    turn = tick * rate
    m11, m12, m13 = 1.0, -turn, 0.0
    m21, m22, m23 = turn, 1.0, 0.0
    m31, m32, m33 = 0.0, 0.0, 1.0
    b1, b2, b3 = forward, lateral, rate
    inertia = preset.yaw_inertia_per_mass_m2
    coupling = preset.slip_coupling

    angle = state.steering[car] + preset.steering_offset_rad
    cos_steering, sin_steering = math.cos(angle), math.sin(angle)
    # Lateral force of the front wheels as a linear function of the new velocity: f1 v1 + f2 v2 + f3 v3.
    f1 = f2 = f3 = 0.0
    for wheel in range(4):
        is_front = wheel < 2
        x = front_arm if is_front else -rear_arm
        y = half_track if wheel % 2 == 0 else -half_track
        c = cos_steering if is_front else 1.0
        s = sin_steering if is_front else 0.0
        load = (front_load if is_front else rear_load) + (-shift if wheel % 2 == 0 else shift)

        patch_x, patch_y = forward - rate * y, lateral + rate * x
        along = c * patch_x + s * patch_y - surface_speed
        across = -s * patch_x + c * patch_y
        scale_along, scale_across = preset.slip_scale_longitudinal_mps, preset.slip_scale_lateral_mps
        if is_front:
            scale_along *= preset.front_slip_longitudinal_ratio
        slip_along = math.sqrt(along**2 + coupling * across**2 + scale_along**2)
        slip_across = math.sqrt(across**2 + coupling * along**2 + scale_across**2)
        k_along = preset.mu_longitudinal * load / slip_along
        k_across = preset.mu_lateral * load / slip_across

        # Force = -K (patch velocity) + drive, with K = k_along e eᵀ + k_across n nᵀ in the car's axes.
        kxx = k_along * c * c + k_across * s * s
        kxy = (k_along - k_across) * c * s
        kyy = k_along * s * s + k_across * c * c
        drive_x, drive_y = k_along * surface_speed * c, k_along * surface_speed * s
        k13, k23 = -kxx * y + kxy * x, -kxy * y + kyy * x
        m11 += tick * kxx
        m12 += tick * kxy
        m13 += tick * k13
        m21 += tick * kxy
        m22 += tick * kyy
        m23 += tick * k23
        m31 += tick / inertia * k13
        m32 += tick / inertia * k23
        m33 += tick / inertia * (x * k23 - y * k13)
        b1 += tick * drive_x
        b2 += tick * drive_y
        b3 += tick / inertia * (x * drive_y - y * drive_x)
        if is_front:
            # Component across the wheel only: what twists the steering.
            f1 += k_across * s
            f2 -= k_across * c
            f3 -= k_across * (s * y + c * x)

    forward, lateral, rate = _solve(m11, m12, m13, m21, m22, m23, m31, m32, m33, b1, b2, b3)
    state.front_force[car] = f1 * forward + f2 * lateral + f3 * rate
    _move(car, state, forward, lateral, rate, cg, tick)


@kernel(inline="always")
def _move(
    car: int, state: VehicleState, forward: float, lateral: float, rate: float, cg: float, tick: float
) -> None:
    """Give one car its new velocity, and its pose after a tick at the mean of the old one and the new.

    Args:
        car: index of the car.
        state: motion of all cars, changed in place.
        forward: new velocity of the centre of mass along the car, m/s.
        lateral: the same to the left, m/s.
        rate: new yaw rate, rad/s.
        cg: centre of mass ahead of the car's origin, m.
        tick: length of the time step, s.
    """
    middle_rate = 0.5 * (state.yaw_rate[car] + rate)
    yaw = state.yaw[car]
    middle_yaw = yaw + 0.5 * tick * middle_rate
    c, s = math.cos(middle_yaw), math.sin(middle_yaw)
    v1 = 0.5 * (state.forward_speed[car] + forward)
    v2 = 0.5 * (state.lateral_speed[car] + lateral)
    # The velocity is that of the centre of mass; the stored position is the origin's, which turns around it. By the
    # sum formulas cos(yaw) - cos(new yaw) = 2 sin(middle) sin(half the turn): one sine instead of four.
    swing = 2.0 * cg * math.sin(0.5 * tick * middle_rate)
    state.x[car] += tick * (c * v1 - s * v2) + swing * s
    state.y[car] += tick * (s * v1 + c * v2) - swing * c
    state.yaw[car] = yaw + tick * middle_rate
    state.forward_speed[car], state.lateral_speed[car], state.yaw_rate[car] = forward, lateral, rate


@kernel(inline="always")
def _solve(
    m11: float, m12: float, m13: float, m21: float, m22: float, m23: float, m31: float, m32: float, m33: float,
    b1: float, b2: float, b3: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Solve a 3 x 3 linear system by Cramer's rule."""
    c11, c12, c13 = m22 * m33 - m23 * m32, m23 * m31 - m21 * m33, m21 * m32 - m22 * m31
    determinant = m11 * c11 + m12 * c12 + m13 * c13
    x1 = (b1 * c11 + m12 * (m23 * b3 - b2 * m33) + m13 * (b2 * m32 - m22 * b3)) / determinant
    x2 = (m11 * (b2 * m33 - m23 * b3) + b1 * c12 + m13 * (m21 * b3 - b2 * m31)) / determinant
    x3 = (m11 * (m22 * b3 - b2 * m32) + m12 * (b2 * m31 - m21 * b3) + b1 * c13) / determinant
    return x1, x2, x3
