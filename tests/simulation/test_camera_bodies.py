"""Boxes and cars in the camera against exact rays: perspective, occlusion, near plane and image edge."""

import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openracer.simulation.bodies import BOT, BOX, Bodies
from openracer.simulation.camera import EYE_ASIDE
from openracer.simulation.obstacles import Objects
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import buffers_for, find_sensors
from openracer.simulation.simulator import Simulator
from openracer.simulation.solids import BOT_COLOUR
from openracer.tracks.catalogue import find
from tests.simulation import exact_bodies

TRACK = find("reinvent_base")
CAR = np.array([0])
EYE = (4.0, 1.0, 0.3)
"""Pose of the car that looks, in the middle of the room."""
SEEN = Simulator([TRACK], 1, find_preset("v5"), objects=Objects(BOX, 3))
STEREO = Simulator(
    [TRACK], 1, find_preset("v5"), objects=Objects(BOX, 3), sensors=find_sensors(["STEREO_CAMERAS"])
)
EMPTY = Simulator([TRACK], 1, find_preset("v5"))

ahead = st.floats(-0.3, 4.0)
aside = st.floats(-1.5, 1.5)
turn = st.floats(-math.pi, math.pi)
body = st.tuples(st.sampled_from([BOX, BOT]), ahead, aside, turn)


def in_world(placed):
    """Kinds and poses of bodies that are placed before the car."""
    x, y, yaw = EYE
    cos, sin = math.cos(yaw), math.sin(yaw)
    return [(kind, (x + a * cos - b * sin, y + a * sin + b * cos, yaw + t)) for kind, a, b, t in placed]


def look(simulator, placed=()):
    state, bodies = simulator.state, simulator.bodies
    state.x[0], state.y[0], state.yaw[0] = EYE
    for j, (kind, pose) in enumerate(in_world(placed)):
        bodies.kind[j] = kind
        bodies.x[j], bodies.y[j], bodies.yaw[j] = pose
    for j in range(len(placed), simulator.bodies_per_world):
        bodies.x[j], bodies.y[j] = -100.0, -100.0
    out = buffers_for(simulator.sensors, 1)
    simulator.observe(CAR, out)
    return next(iter(out.values()))[0]


def assert_exact(frame, empty, placed, side=0.0):
    origin, axes = exact_bodies.camera_axes(*EYE, side)
    bodies = in_world(placed)
    exact = exact_bodies.render(origin, axes, bodies, BOT_COLOUR)
    sure = ~exact_bodies.near_an_edge(origin, axes, bodies, BOT_COLOUR)
    expected = np.where(np.isnan(exact), empty, exact)
    assert np.abs(frame.astype(int) - expected)[sure].max(initial=0) <= 1


@settings(max_examples=20, deadline=None)
@given(st.lists(body, min_size=1, max_size=3))
@example([(BOX, 0.35, 0.0, 0.0)])  # the near plane cuts it
@example([(BOX, 1.0, 0.0, 0.0), (BOX, 2.0, 0.1, 0.4)])  # partly hidden
@example([(BOX, 1.0, 0.7, 0.2)])  # at the image's edge
@example([(BOT, 0.6, 0.1, 0.0), (BOX, 1.4, 0.0, 0.0), (BOT, 3.5, 0.3, 1.0)])
def test_every_pixel_shows_the_nearest_face_or_the_empty_world(placed):
    assert_exact(look(SEEN, placed), look(EMPTY), placed)


@settings(max_examples=5, deadline=None)
@given(st.lists(body, min_size=1, max_size=3))
def test_each_stereo_eye_sees_from_its_own_place(placed):
    frame, empty = look(STEREO, placed), look(STEREO)
    for eye, side in ((0, EYE_ASIDE), (1, -EYE_ASIDE)):
        assert_exact(frame[..., eye], empty[..., eye], placed, side)


def test_a_near_box_moves_between_the_eyes_and_a_far_one_hardly():
    def left_edge(distance, eye):
        changed = look(STEREO, [(BOX, distance, 0.0, 0.0)])[:, :, eye] != look(STEREO)[:, :, eye]
        return np.flatnonzero(changed.any(axis=0))[0]

    near, far = (left_edge(distance, 0) - left_edge(distance, 1) for distance in (0.9, 4.0))
    assert near >= 8 > 3 >= far >= 0


def test_the_objects_of_other_worlds_are_not_seen():
    several = Simulator([TRACK], 2, find_preset("v5"), objects=Objects(BOX, 1))
    several.state.x[:], several.state.y[:], several.state.yaw[:] = EYE
    (_kind, pose), *_ = in_world([(BOX, 1.0, 0.0, 0.0)])
    several.bodies.x[:], several.bodies.y[:], several.bodies.yaw[:] = pose[0], pose[1], pose[2]
    several.bodies.x[0] = -100.0
    out = buffers_for(several.sensors, 2)
    several.observe(np.arange(2), out)
    first, second = out["FRONT_FACING_CAMERA"]
    np.testing.assert_array_equal(first, look(EMPTY))
    assert (second != first).sum() > 1000


def test_cars_of_one_world_see_each_other_but_not_themselves():
    pair = Simulator([TRACK], 2, find_preset("v5"), cars_per_world=2)
    pair.start(np.arange(2), np.zeros(2))
    out = buffers_for(pair.sensors, 2)
    pair.observe(np.arange(2), out)
    alone = Simulator([TRACK], 2, find_preset("v5"))
    alone.state.x[:], alone.state.y[:], alone.state.yaw[:] = pair.state.x, pair.state.y, pair.state.yaw
    empty = buffers_for(alone.sensors, 2)
    alone.observe(np.arange(2), empty)
    changed = (out["FRONT_FACING_CAMERA"] != empty["FRONT_FACING_CAMERA"]).reshape(2, -1).sum(axis=1)
    assert changed[0] == 0 and changed[1] > 50  # the second starts behind the first


def test_bodies_begin_as_boxes_in_the_origin():
    assert Bodies.zeros(2).kind.tolist() == [BOX, BOX]
