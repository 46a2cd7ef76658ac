"""The camera kernel against exact rays, and what every frame must keep to whatever the pose."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.simulation.bodies import Bodies
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH, render_frames
from openracer.simulation.columns import rows_of
from openracer.simulation.palette import PALETTES, SMILE_SPEEDWAY
from openracer.simulation.scenery import Scenery
from openracer.simulation.threads import Threads, all_turns
from openracer.simulation.vehicle import VehicleState
from tests.simulation.exact_camera import ExactCamera
from tests.simulation.tracks_for_tests import ring, straight

NOBODY = (rows_of(Bodies.zeros(1)), np.zeros(256, np.int64), 0, 0)
PLAIN = dataclasses.replace(SMILE_SPEEDWAY, grain=(0.0, 0.0, 0.0, 0.0))


def render(scenery, x, y, yaw, scene=0, palette=0, fill=0):
    x, y, yaw = (np.atleast_1d(np.asarray(v, np.float64)) for v in (x, y, yaw))
    frames = np.full((len(x), FRAME_HEIGHT, FRAME_WIDTH), fill, np.uint8)
    scene = np.broadcast_to(np.asarray(scene, np.int32), len(x)).copy()
    palette = np.broadcast_to(np.asarray(palette, np.int32), len(x)).copy()
    cars, state = np.arange(len(x)), rows_of(VehicleState.at(x, y, yaw))
    render_frames(all_turns(len(x)), frames, cars, state, scene, palette, *NOBODY, *scenery.kernel_arguments)
    return frames


def poses_on(track, count):
    """Poses along a track, some off the centre line and some across it."""
    random = np.random.default_rng(3)
    starts = np.linspace(0.0, 0.9 * track.length, count)
    poses = np.array([track.start_pose(start) for start in starts])
    poses[:, :2] += random.normal(0.0, 0.1, (count, 2))
    poses[:, 2] += random.normal(0.0, 0.5, count)
    return poses


@pytest.fixture(scope="module")
def plain_ring():
    return Scenery([ring()], [PLAIN])


@pytest.mark.parametrize("track", [ring(), straight()], ids=["closed", "open"])
def test_frames_equal_those_of_exact_rays(track):
    scenery = Scenery([track], [PLAIN])
    exact = ExactCamera(track, scenery.rooms[0], PLAIN.grey())
    poses = poses_on(track, 4)
    errors = np.abs(render(scenery, *poses.T) - np.stack([exact.render(*pose) for pose in poses]))
    assert errors.mean() < 0.8
    assert errors[:, 60:].mean() < 0.65
    # Nothing but thin edges may differ visibly.
    assert (errors > 40.0).mean() < 0.003


def test_a_millimetre_of_motion_changes_frames_hardly_more_than_it_must(plain_ring):
    exact = ExactCamera(plain_ring.tracks[0], plain_ring.rooms[0], PLAIN.grey())
    poses = poses_on(plain_ring.tracks[0], 3)
    moved = poses + 0.001 * np.stack([np.cos(poses[:, 2]), np.sin(poses[:, 2]), np.zeros(3)], axis=1)
    needed = np.stack([exact.render(*b) - exact.render(*a) for a, b in zip(poses, moved, strict=True)])
    change = render(plain_ring, *moved.T).astype(float) - render(plain_ring, *poses.T)
    assert np.abs(change).mean() < 2.0 * np.abs(needed).mean() + 0.05
    far = slice(0, 45)
    assert np.abs(change[:, far]).mean() < 2.0 * np.abs(needed[:, far]).mean() + 0.05


def test_texture_averages_out_with_distance():
    frame = render(Scenery([ring()], [SMILE_SPEEDWAY]), 0.0, 0.0, 0.0)[0]
    plain = render(Scenery([ring()], [PLAIN]), 0.0, 0.0, 0.0)[0]
    texture = (frame.astype(float) - plain)[plain == plain[119, 80]]
    assert 1.0 < texture.std() < 12.0
    assert abs(texture.mean()) < 0.5
    near, far = frame[110:, 40:120], frame[45:50, 40:120]
    assert near.std() > 1.5 * far.std()


def test_neither_threads_nor_the_order_of_cars_matter(plain_ring):
    poses = poses_on(plain_ring.tracks[0], 24)
    state, zeros = rows_of(VehicleState.at(*poses.T)), np.zeros(24, np.int32)
    whole, shared = np.zeros((2, 24, FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    cars = np.arange(24)
    render_frames(all_turns(24), whole, cars, state, zeros, zeros, *NOBODY, *plain_ring.kernel_arguments)
    threads = Threads(3)
    for order in (cars, cars[::-1].copy()):
        threads.run(
            render_frames, 24, 1, shared, order, state, zeros, zeros, *NOBODY, *plain_ring.kernel_arguments
        )
        np.testing.assert_array_equal(whole[order], shared)
    threads.close()


def test_a_car_sees_its_own_track_and_palette():
    packed = Scenery([ring(), straight()])
    alone = Scenery([straight()], [PALETTES[1]])
    both = render(packed, [1.0, 1.0], [0.1, 0.1], [0.2, 0.2], [1, 1], [0, 1])
    np.testing.assert_array_equal(both[1], render(alone, 1.0, 0.1, 0.2)[0])
    assert (both[0] != both[1]).mean() > 0.9


@settings(max_examples=60)
@given(
    x=st.one_of(st.floats(-30.0, 30.0), st.sampled_from([np.nan, np.inf, -np.inf, 1e300])),
    y=st.one_of(st.floats(-30.0, 30.0), st.sampled_from([np.nan, -np.inf])),
    yaw=st.one_of(st.floats(-10.0, 10.0), st.sampled_from([np.nan, np.inf, 1e300])),
)
def test_every_pose_fills_the_whole_frame_with_colours_of_the_world(plain_ring, x, y, yaw):
    frame = render(plain_ring, x, y, yaw, fill=0)[0]
    np.testing.assert_array_equal(frame, render(plain_ring, x, y, yaw, fill=255)[0])
    assert frame.max() <= PLAIN.grey().max()


def test_turning_by_a_full_circle_returns_to_the_same_frame(plain_ring):
    start, turned = render(plain_ring, [2.0, 2.0], [0.0, 0.0], [0.3, 0.3 + 2.0 * np.pi])
    assert (start != turned).mean() < 0.001


def test_a_straight_road_looks_the_same_to_both_sides():
    ground = render(Scenery([straight(length=8.0)], [PLAIN]), 1.0, 0.0, 0.0)[0, 60:].astype(float)
    assert np.abs(ground - ground[:, ::-1]).mean() < 1.0
