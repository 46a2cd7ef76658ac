"""Drives: what a trace says of an episode, as arrays over time."""

import numpy as np
import pytest

from openracer.formats.simtrace import write_simtrace
from openracer.models.drives import PERIOD, drives_of, read_drives
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.status import Status


def trace(episodes):
    """Columns of episodes that drive along +x at 1.5 m/s, given as ``(first clock, labels of the rows)``."""
    rows = [
        (number, step, clock + step * PERIOD, label, step == len(labels) - 1)
        for number, (clock, labels) in enumerate(episodes)
        for step, label in enumerate(labels)
    ]
    number, step, clock, label, done = map(np.array, zip(*rows, strict=True))
    count = len(rows)
    return {
        "episode": number,
        "steps": step + 1.0,
        "X": 0.1 * step,
        "Y": np.full(count, 2.0),
        "yaw": np.zeros(count),
        "steer": np.full(count, 15.0),
        "throttle": np.full(count, 1.5),
        "action": np.full(count, 3),
        "reward": np.ones(count),
        "done": done,
        "all_wheels_on_track": np.ones(count, np.bool_),
        "progress": 1.0 * step,
        "closest_waypoint": step,
        "track_len": np.full(count, 17.6),
        "tstamp": clock,
        "episode_status": label,
        "pause_duration": np.zeros(count),
    }


DRIVING = ["in_progress"] * 5


def test_each_episode_is_a_drive_with_a_clock_of_its_own():
    first, second = drives_of(trace([(10.0, [*DRIVING, "off_track"]), (30.0, [*DRIVING, "lap_complete"])]))
    assert (first.episode, second.episode) == (0, 1)
    assert (first.steps, first.total_reward) == (6, 6.0)
    np.testing.assert_allclose(first.time, PERIOD * np.arange(1, 7))
    np.testing.assert_allclose(second.time, first.time)
    assert (first.ended, second.ended) == (Status.OFF_TRACK, Status.LAP_COMPLETE)
    assert (first.is_complete, second.is_complete) == (False, True)


def test_a_lap_of_several_is_complete_though_its_last_row_is_in_progress():
    columns = trace([(10.0, DRIVING), (30.0, DRIVING), (50.0, [*DRIVING[1:], "pause"])])
    columns["progress"] = np.tile([20.0, 40.0, 60.0, 80.0, 100.2], 3)
    columns["progress"][9] = 99.9
    assert [drive.is_complete for drive in drives_of(columns)] == [True, False, False]


def test_known_starts_give_the_exact_time():
    (drive,) = drives_of(trace([(0.07, DRIVING)]), starts=[0.0])
    assert drive.time[0] == pytest.approx(0.07)


def test_poses_are_those_of_the_origin_and_angles_are_radians():
    columns = trace([(0.0, DRIVING)])
    columns["yaw"] = np.full(5, 90.0)
    (drive,) = drives_of(columns)
    np.testing.assert_allclose(drive.y, 2.0 - FRONT_POINT_AHEAD)
    np.testing.assert_allclose(drive.x, columns["X"], atol=1e-12)
    np.testing.assert_allclose(drive.yaw, np.pi / 2)
    np.testing.assert_allclose(drive.steering, np.radians(15.0))


def test_speed_is_measured_and_a_car_that_is_carried_back_does_not_fly():
    columns = trace([(0.0, ["prepare", "in_progress", "off_track", "pause", "in_progress", "lap_complete"])])
    columns["X"][3:] -= 2.0
    (drive,) = drives_of(columns)
    np.testing.assert_allclose(drive.speed, [0.0, 1.5, 1.5, 0.0, 1.5, 1.5])
    assert drive.put_back.tolist() == [False, False, True, False, False, False]
    assert drive.resets.tolist() == [0, 0, 1, 1, 1, 1]


def test_an_old_trace_without_statuses_is_in_progress():
    columns = trace([(0.0, DRIVING)])
    del columns["episode_status"]
    (drive,) = drives_of(columns)
    assert drive.ended is Status.IN_PROGRESS


def test_an_empty_trace_has_no_drives():
    columns = {name: column[:0] for name, column in trace([(0.0, DRIVING)]).items()}
    assert drives_of(columns) == []


def test_a_file_reads_as_its_columns(tmp_path):
    columns = trace([(0.0, DRIVING), (3.0, DRIVING)])
    write_simtrace(tmp_path / "0-iteration.csv", columns)
    for read, made in zip(read_drives(tmp_path / "0-iteration.csv"), drives_of(columns), strict=True):
        np.testing.assert_array_equal(read.x, made.x)
        np.testing.assert_array_equal(read.action, made.action)
