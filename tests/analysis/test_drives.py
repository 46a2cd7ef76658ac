"""Replay data: everything a canvas needs, as JSON can hold it."""

import json

import numpy as np
import pytest

from openracer.analysis.drives import drive_values, newest_trace, track_shape
from openracer.formats.simtrace import write_simtrace
from openracer.models.description import TrainingDescription
from openracer.models.drives import drives_of
from openracer.models.folder import trace_path
from openracer.models.library import create_model
from openracer.tracks.catalogue import find


def test_a_track_shape_is_the_track_to_the_millimetre():
    track = find("reinvent_base").reverse()
    shape = json.loads(json.dumps(track_shape(track), allow_nan=False))
    assert (shape["name"], shape["reverse"], shape["closed"]) == ("reinvent_base", True, True)
    assert shape["length"] == pytest.approx(track.length, abs=1e-3)
    for line in ("centre", "inner", "outer"):
        np.testing.assert_allclose(shape[line], getattr(track, line), atol=5.1e-4)


def columns(rows, episode=0):
    """A drive along +x that leaves the track in its third row and is carried back by 0.3 m."""
    step = np.arange(rows)
    label = np.full(rows, "in_progress", "<U12")
    label[2], label[-1] = "off_track", "lap_complete"
    return {
        "episode": np.full(rows, episode),
        "steps": step + 1.0,
        "X": 0.1 * step - 0.3 * (step > 2),
        "Y": np.zeros(rows),
        "yaw": np.zeros(rows),
        "steer": np.full(rows, -30.0),
        "throttle": np.full(rows, 2.0),
        "action": step,
        "reward": 0.5 * step,
        "done": step == rows - 1,
        "all_wheels_on_track": np.ones(rows, np.bool_),
        "progress": 10.0 * step,
        "closest_waypoint": step,
        "track_len": np.full(rows, 17.6),
        "tstamp": 5.0 + step / 15,
        "episode_status": label,
        "pause_duration": np.zeros(rows),
    }


def test_a_drive_tells_poses_rewards_and_where_the_car_was_carried():
    (drive,) = drives_of(columns(6, episode=41))
    values = json.loads(json.dumps(drive_values(drive), allow_nan=False))
    assert (values["episode"], values["status"], values["total_reward"]) == (41, "lap_complete", 7.5)
    objects = [values.pop(kind) for kind in ("boxes", "bots")]
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    assert {len(value) for value in lists.values()} == {6}
    assert not any(map(any, objects))  # an empty road
    assert lists["jump"] == [0, 0, 0, 1, 0, 0]
    assert lists["resets"] == [0, 0, 1, 1, 1, 1]
    assert lists["action"] == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(lists["time"], (np.arange(6) + 1) / 15, atol=5.1e-4)
    np.testing.assert_allclose(lists["x"], drive.x, atol=5.1e-5)
    np.testing.assert_allclose(lists["steering"], -np.pi / 6, atol=5.1e-5)


def test_the_newest_trace_are_those_of_the_last_file_committed_or_not():
    folder = create_model(TrainingDescription.from_values({"name": "tiny"}))
    assert newest_trace(folder) is None
    for number in range(3):
        write_simtrace(trace_path(folder.traces_folder, number), columns(6, episode=number))
    assert newest_trace(folder) == trace_path(folder.traces_folder, 2)
