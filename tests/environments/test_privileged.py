"""What the privileged critic is told agrees with the track's own geometry and the vehicle's state."""

import numpy as np
import pytest

from openracer.environments import privileged
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.tracks import npy
from openracer.tracks.catalogue import find

CARS = 12


def straight():
    x = np.linspace(0.0, 6.0, 25)
    y = np.zeros(25)
    return npy.from_rows(
        np.stack([x, y, x, y + 0.4, x, y - 0.4], axis=1), "straight", "Straight", "A straight."
    )


def described(track, steps):
    """The description of some cars after some steps, with the simulator that they drive in."""
    simulator = Simulator([track], CARS, find_preset("v5"), workers=1)
    cars = np.arange(CARS)
    rng = np.random.default_rng(3)
    simulator.start(cars, np.linspace(0, 0.99, CARS))
    for _ in range(steps):
        simulator.step(cars, rng.uniform(-0.5, 0.5, CARS), rng.uniform(1, 2, CARS))
    out = np.full((CARS, privileged.SIZE), np.nan, np.float32)
    simulator.describe(
        privileged.describe_cars, cars, out, privileged.look_ahead_distances(), *simulator.body_arguments
    )
    return simulator, out


@pytest.mark.parametrize("steps", [0, 1, 12])
@pytest.mark.parametrize("track", [find("reinvent_base"), find("reinvent_base", reverse=True), straight()])
def test_place_and_motion_are_the_tracks_and_the_vehicles(track, steps):
    simulator, out = described(track, steps)
    state = simulator.state
    axis = np.stack([np.cos(state.yaw), np.sin(state.yaw)], axis=1)
    front = np.stack([state.x, state.y], axis=1) + FRONT_POINT_AHEAD * axis
    place = track.project(front)
    # The road's width is taken where its segment begins; on bends it differs a little from that at the very place.
    np.testing.assert_allclose(out[:, 0], place.offset_m / (place.width_m / 2), rtol=0.05, atol=0.02)
    np.testing.assert_allclose(out[:, 1], out[:, 0] ** 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(out[:, 2] ** 2 + out[:, 3] ** 2, 1.0, rtol=1e-5)
    np.testing.assert_allclose(out[:, 4], 0.5 * state.forward_speed, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(out[:, 7], 2 * state.steering, rtol=1e-5, atol=1e-6)
    assert out[:, 9].tolist() == [float(steps < 2)] * CARS

    left = np.stack([-axis[:, 1], axis[:, 0]], axis=1)
    for n, ahead in enumerate(privileged.LOOK_AHEAD_M):
        distance = place.distance_m + ahead
        distance = distance % track.length if track.closed else np.minimum(distance, track.length)
        to_point = track.point_at(distance) - front
        seen = out[:, privileged.MOTION_SIZE + 2 * n : privileged.MOTION_SIZE + 2 * n + 2]
        expected = np.stack([(to_point * axis).sum(1), (to_point * left).sum(1)], axis=1)
        np.testing.assert_allclose(seen, expected, atol=1e-4)


def test_heading_error_is_positive_when_the_car_points_left_of_the_road():
    simulator = Simulator([straight()], 1, find_preset("v5"), workers=1)
    simulator.start(np.array([0]), np.zeros(1))
    simulator.state.yaw[0] = np.radians(30)
    out = np.zeros((1, privileged.SIZE), np.float32)
    simulator.describe(
        privileged.describe_cars,
        np.array([0]),
        out,
        privileged.look_ahead_distances(),
        *simulator.body_arguments,
    )
    np.testing.assert_allclose(out[0, 2:4], [0.5, np.sqrt(0.75)], rtol=1e-6)
    assert out[0, 0] > 0  # and so does its front point
