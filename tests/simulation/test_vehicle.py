"""The vehicle against an independent, slow integration of the same equations, and against what it must do."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from openracer.simulation.presets import PRESETS, V5, find_preset
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState, advance, follow

CONTROL_PERIOD = 1.0 / 15.0


def continuous_equations(preset: VehiclePreset, steering_command: float, speed_command: float):
    """The differential equations that the kernel steps, as in a text book; no delays."""
    target_speed = preset.wheel_speed_gain * min(speed_command, preset.max_wheel_speed_mps)
    cg = preset.cg_ahead_of_axle_midpoint_m
    arms = np.array([0.082311 - cg, 0.082311 - cg, -0.081663 - cg, -0.081663 - cg])
    sides = preset.half_track_m * np.array([1.0, -1.0, 1.0, -1.0])
    wheelbase = 0.082311 + 0.081663

    def derivative(_time: float, z: np.ndarray) -> list[float]:
        _x, _y, yaw, vx, vy, rate, steering, wheel = z
        loads = 9.81 * 0.5 * np.abs(arms[[2, 2, 0, 0]]) / wheelbase
        loads = loads - np.sign(sides) * 0.25 * preset.cg_height_m * vx * rate / preset.half_track_m
        angles = (steering + preset.steering_offset_rad) * np.array([1.0, 1.0, 0.0, 0.0])
        e = np.stack([np.cos(angles), np.sin(angles)])
        n = np.stack([-np.sin(angles), np.cos(angles)])
        patch = np.stack([vx - rate * sides, vy + rate * arms])
        along = (patch * e).sum(0) - wheel
        across = (patch * n).sum(0)
        ratio = preset.front_slip_longitudinal_ratio
        s_along = preset.slip_scale_longitudinal_mps * np.array([ratio, ratio, 1.0, 1.0])
        s_across = preset.slip_scale_lateral_mps
        chi = preset.slip_coupling
        f_along = -preset.mu_longitudinal * loads * along / np.sqrt(along**2 + chi * across**2 + s_along**2)
        f_across = -preset.mu_lateral * loads * across / np.sqrt(across**2 + chi * along**2 + s_across**2)
        force = f_along * e + f_across * n
        yielding = preset.steering_compliance_rad_per_mps2 * f_across[:2].sum()
        return [
            math.cos(yaw) * vx - math.sin(yaw) * vy,
            math.sin(yaw) * vx + math.cos(yaw) * vy,
            rate,
            rate * vy + force[0].sum(),
            -rate * vx + force[1].sum(),
            (arms * force[1] - sides * force[0]).sum() / preset.yaw_inertia_per_mass_m2,
            (steering_command - yielding - steering) / preset.steering_lag_s,
            (target_speed - wheel) / preset.speed_lag_s,
        ]

    return derivative


def without_delays(preset: VehiclePreset) -> VehiclePreset:
    return preset._replace(speed_delay_s=0.0, steering_delay_s=0.0, steering_jump_gain=0.0)


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("steering_deg, speed", [(0, 2.0), (10, 1.5), (-20, 1.0), (15, 3.0)])
def test_kernel_converges_to_an_independent_integration(name, steering_deg, speed):
    preset = without_delays(PRESETS[name])
    command = math.radians(steering_deg)
    cg = preset.cg_ahead_of_axle_midpoint_m
    start = [cg, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    exact = solve_ivp(
        continuous_equations(preset, command, speed), (0.0, 1.0), start, method="LSODA", rtol=1e-8, atol=1e-9
    ).y[:, -1]

    errors = []
    for ticks in (4, 400):
        state = VehicleState.zeros(1)
        for _ in range(15):
            advance(0, state, command, speed, preset, ticks, CONTROL_PERIOD / ticks)
        centre = (state.x[0] + cg * math.cos(state.yaw[0]), state.y[0] + cg * math.sin(state.yaw[0]))
        errors.append(math.hypot(centre[0] - exact[0], centre[1] - exact[1]))
    assert errors[1] < 0.005
    assert errors[0] < 0.06  # the simulator's own four ticks, after one second and up to 3 m


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_mirrored_commands_give_the_mirrored_path_of_a_mirrored_car(preset):
    mirrored = preset._replace(steering_offset_rad=-preset.steering_offset_rad)
    left, right = VehicleState.zeros(1), VehicleState.zeros(1)
    for step in range(40):
        command = 0.4 * math.sin(0.3 * step)
        advance(0, left, command, 2.0, preset, 4, TICK)
        advance(0, right, -command, 2.0, mirrored, 4, TICK)
    assert left.x[0] == pytest.approx(right.x[0], abs=1e-9)
    assert left.y[0] == pytest.approx(-right.y[0], abs=1e-9)
    assert left.yaw[0] == pytest.approx(-right.yaw[0], abs=1e-9)


@given(
    steering=st.floats(-0.5235, 0.5235),
    speed=st.floats(0.1, 12.0),
    preset=st.sampled_from(list(PRESETS.values())),
    start=st.floats(0.0, 6.0),
)
@settings(max_examples=60)
def test_stays_finite_and_no_faster_than_its_wheels(steering, speed, preset, start):
    state = VehicleState.zeros(1)
    state.forward_speed[0] = start
    for _ in range(60):
        advance(0, state, steering, speed, preset, 4, TICK)
    top = max(start, preset.wheel_speed_gain * min(speed, preset.max_wheel_speed_mps)) * 1.05 + 0.05
    assert all(np.isfinite(quantity[0]) for quantity in state)
    assert math.hypot(state.forward_speed[0], state.lateral_speed[0]) <= top


def test_speeds_of_the_real_car_from_rest():
    """v/command by step from rest on the 2022 console (v4): .1 .3 .49 .64 .76 .87 .92 .98."""
    state = VehicleState.zeros(1)
    speeds = []
    for _ in range(8):
        advance(0, state, 0.0, 1.0, PRESETS["v4"], 4, TICK)
        speeds.append(state.forward_speed[0])
    # Measured over each step, so the step's mean speed.
    means = np.convolve([0.0, *speeds], [0.5, 0.5], "valid")
    assert np.abs(means - [0.1, 0.3, 0.49, 0.64, 0.76, 0.87, 0.92, 0.98]).max() < 0.06


def test_fast_cars_understeer():
    """Measured for v5 at 30° and 1.6 m/s: curvature near 0.9, where geometry would give 3.5."""
    state = VehicleState.zeros(1)
    for step in range(90):
        advance(0, state, math.radians(min(30.0, step)), 1.6, V5, 4, TICK)
    curvature = state.yaw_rate[0] / math.hypot(state.forward_speed[0], state.lateral_speed[0])
    assert 0.7 < curvature < 1.1


def test_a_lag_is_exact_across_a_change_of_target():
    value = follow(0.0, 1.0, 3.0, 0.05, 0.02, 0.1)
    first = 1.0 - math.exp(-0.2)
    assert value == pytest.approx(3.0 + (first - 3.0) * math.exp(-0.3))


def test_an_unknown_vehicle_is_named():
    with pytest.raises(ValueError, match=r"v9.*v4, v5, v6"):
        find_preset("v9")
