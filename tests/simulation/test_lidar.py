"""The LIDAR against a slow ray cast, and what its kinds make of the same scan."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.simulation.bodies import BOT, BOX, seen_halves
from openracer.simulation.lidar import MOUNT_AHEAD
from openracer.simulation.obstacles import Objects
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import buffers_for, find_sensors
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find
from tests.simulation.exact_bodies import ray_to_rectangle

TRACK = find("reinvent_base")
KINDS = ("LIDAR", "SECTOR_LIDAR", "DISCRETIZED_SECTOR_LIDAR")
SIMULATORS = {
    kind: Simulator(
        [TRACK],
        1,
        find_preset("v5"),
        objects=Objects(BOX, 2),
        sensors=find_sensors(["FRONT_FACING_CAMERA", kind]),
    )
    for kind in KINDS
}
ROOM = SIMULATORS["LIDAR"].scenery.rooms[0]

place = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-math.pi, math.pi))
body = st.tuples(
    st.sampled_from([BOX, BOT]), st.floats(-2.5, 2.5), st.floats(-2.5, 2.5), st.floats(-4.0, 4.0)
)


def scan(kind, pose, bodies):
    simulator = SIMULATORS[kind]
    simulator.state.x[0], simulator.state.y[0], simulator.state.yaw[0] = pose
    around = simulator.bodies
    for j, (kind_of_body, x, y, yaw) in enumerate(bodies):
        around.kind[j] = kind_of_body
        around.x[j], around.y[j], around.yaw[j] = pose[0] + x, pose[1] + y, yaw
    out = buffers_for(simulator.sensors, 1)
    simulator.observe(np.array([0]), out)
    return out[kind][0]


def exact_lengths(pose, bodies):
    """64 distances: rays from 30 degrees left of straight ahead, around the tail, to 30 degrees right of it."""
    x, y = pose[0] + MOUNT_AHEAD * math.cos(pose[2]), pose[1] + MOUNT_AHEAD * math.sin(pose[2])
    middle, half = (ROOM[:2] + ROOM[2:]) / 2, (ROOM[2:] - ROOM[:2]) / 2
    lengths = []
    for angle in pose[2] + np.linspace(math.pi - 2.61799, math.pi + 2.61799, 64):
        found = ray_to_rectangle(x, y, angle, (*middle, 0.0), *half)
        for kind, dx, dy, yaw in bodies:
            halves = seen_halves(kind)
            cos, sin = math.cos(yaw), math.sin(yaw)
            own_x, own_y = x - pose[0] - dx, y - pose[1] - dy
            inside = (
                abs(own_x * cos + own_y * sin) <= halves[0] and abs(own_y * cos - own_x * sin) <= halves[1]
            )
            hit = 0.0 if inside else ray_to_rectangle(x, y, angle, (pose[0] + dx, pose[1] + dy, yaw), *halves)
            found = min(found, hit)
        lengths.append(max(found, 0.15))
    return np.array(lengths)


@settings(max_examples=60, deadline=None)
@given(place, st.lists(body, min_size=2, max_size=2))
def test_the_scan_is_that_of_exact_rays(fraction, bodies):
    low, high = ROOM[:2] + 0.1, ROOM[2:] - 0.1
    pose = (low[0] + fraction[0] * (high[0] - low[0]), low[1] + fraction[1] * (high[1] - low[1]), fraction[2])
    lengths = exact_lengths(pose, bodies)
    # A ray along a body's side or through its corner may go either way.
    np.testing.assert_allclose(scan("LIDAR", pose, bodies), np.minimum(lengths, 1.0), atol=1e-4)
    nearest = lengths.reshape(8, 8).min(axis=1)
    sure = np.abs(nearest - 0.5) > 1e-4
    np.testing.assert_array_equal(scan("SECTOR_LIDAR", pose, bodies)[sure], (nearest < 0.5)[sure])
    steps = scan("DISCRETIZED_SECTOR_LIDAR", pose, bodies).reshape(8, 8)
    for sector, distance in zip(steps, nearest, strict=True):
        if abs(distance / 0.25 - round(distance / 0.25)) > 1e-3:
            expected = np.zeros(8)
            if distance < 2.0:
                expected[int(distance / 0.25)] = 1.0
            np.testing.assert_array_equal(sector, expected)


def test_what_is_straight_ahead_is_not_scanned():
    pose = (4.0, 1.0, 0.0)
    far = (BOX, 2.4, 2.4, 0.0)
    ahead, behind = (
        scan("LIDAR", pose, [(BOX, 0.9, 0.0, 0.0), far]),
        scan("LIDAR", pose, [(BOX, -0.9, 0.0, 0.0), far]),
    )
    np.testing.assert_array_equal(ahead, scan("LIDAR", pose, [far, far]))
    assert (behind != ahead).any()
