"""What canvases ask for: poses as bytes, the camera's picture."""

import struct

import numpy as np
import pytest
from fastapi import HTTPException

from openracer.console.feeds.live import ROWS, pack_poses
from openracer.console.feeds.look import _places, camera_frame
from openracer.runs.live import LivePoses
from openracer.simulation.bodies import BOX
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find


def test_a_message_of_poses_has_a_row_for_each_quantity():
    quantities = {name: np.arange(3) + 10.0 * row for row, name in enumerate(ROWS)}
    others = {
        "clock": np.zeros(3),
        "reward": np.zeros(3),
        "status": np.zeros(3),
        "done": np.zeros(3, np.bool_),
    }
    objects = np.arange(18.0).reshape(3, 2, 3)
    message = pack_poses(
        LivePoses(
            step=2**40 + 1, time=1.8e9 + 0.125, episode=4, objects=objects, kind=BOX, **quantities, **others
        )
    )
    assert struct.unpack("<dddd", message[:32]) == (2**40 + 1, 1.8e9 + 0.125, 2, BOX)
    after = 32 + 4 * 3 * len(ROWS)
    rows = np.frombuffer(message[32:after], "<f4").reshape(len(ROWS), 3)
    np.testing.assert_array_equal(np.frombuffer(message[after:], "<f4").reshape(3, 2, 3), objects)
    np.testing.assert_array_equal(rows, [quantities[name] for name in ROWS])
    # 64 cars at 30 pictures a second stay below 60 kB/s.
    assert 30 * (16 + 4 * len(ROWS) * 64) < 60_000


def test_the_picture_is_what_the_policy_would_see():
    track = find("reinvent_base").reverse()
    x, y, yaw = track.start_pose(3.0)
    simulator = Simulator([track], 1, find_preset("v5"))
    simulator.start(np.array([0]), np.array([3.0 / track.length]))
    frame = np.empty((1, 120, 160), np.uint8)
    simulator.observe(np.array([0]), {"FRONT_FACING_CAMERA": frame})
    simulator.close()
    np.testing.assert_array_equal(camera_frame(track, x, y, yaw), frame[0])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_pose_that_is_none_is_refused(bad):
    with pytest.raises(HTTPException, match="finite"):
        camera_frame(find("reinvent_base"), bad, 0.0, 0.0)


def test_boxes_of_the_question_are_seen_and_wrong_ones_refused():
    track = find("reinvent_base")
    here, ahead = track.point_at(np.array([1.0, 1.8]))
    empty = camera_frame(track, *here, 0.0)
    with_box = camera_frame(track, *here, 0.0, _places(f"{ahead[0]},{ahead[1]},0.5"), BOX)
    assert 1000 < (empty != with_box).sum() < empty.size / 2
    for bad in ("1,2", "1,2,nan", "a,b,c", "1,2,3;4"):
        with pytest.raises(HTTPException, match="places"):
            _places(bad)
