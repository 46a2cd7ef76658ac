"""Transitions: where a drive is cut, and how much its time stamps are believed."""

import numpy as np
import pytest

from openracer.analysis.transitions import CONTROL_PERIOD, elapsed, make_transitions, timing_slope
from openracer.formats.logs import Log
from openracer.formats.simtrace import COLUMNS, Trace
from openracer.formats.text_log import JobFacts


def straight_drive(rows: int = 40, speed: float = 1.5) -> Trace:
    trace: Trace = {name: np.zeros(rows) for name in COLUMNS}
    trace["episode"] = np.zeros(rows, np.int64)
    trace["worker"] = trace["iteration"] = np.zeros(rows, np.int64)
    trace["steps"] = np.arange(1.0, rows + 1)
    trace["tstamp"] = 30.0 + CONTROL_PERIOD * np.arange(rows)
    trace["X"] = speed * CONTROL_PERIOD * np.arange(rows)
    trace["throttle"] = np.full(rows, speed)
    trace["episode_status"] = np.array(["prepare"] + ["in_progress"] * (rows - 1))
    return trace


def transitions_of(trace: Trace):
    return make_transitions(Log("test", "test", trace, 0, JobFacts()))


def test_held_rows_are_left_out_and_begin_a_segment_at_rest():
    trace = straight_drive()
    trace["episode_status"][20:23] = "pause"
    transitions = transitions_of(trace)
    assert len(transitions.x) == 36
    assert set(transitions.first.tolist()) == {0, 19}
    assert set(transitions.end.tolist()) == {19, 36}
    assert transitions.from_rest.all()


def test_a_jump_cuts_the_drive():
    trace = straight_drive()
    trace["X"][25:] += 3.0
    transitions = transitions_of(trace)
    assert set(transitions.first.tolist()) == {0, 24}
    assert transitions.from_rest.tolist() == [True] * 24 + [False] * 15


def test_rows_before_a_crash_are_left_out():
    trace = straight_drive()
    trace["episode_status"][-1] = "crashed"
    assert len(transitions_of(trace).x) == 39 - 5


def test_headings_do_not_jump_at_half_a_turn():
    trace = straight_drive()
    trace["yaw"] = (170.0 + np.arange(40) + 180.0) % 360.0 - 180.0
    assert np.allclose(np.diff(transitions_of(trace).yaw), np.radians(1.0))


def test_commands_are_clipped_as_the_simulator_does():
    trace = straight_drive()
    trace["steer"][:] = -45.0
    trace["throttle"][:] = 9.0
    transitions = transitions_of(trace)
    assert np.allclose(np.degrees(transitions.steering_command), -30.0)
    assert (transitions.speed_command == 4.0).all()


@pytest.mark.parametrize("real_share", [0.0, 0.5, 1.0])
def test_the_share_of_real_time_in_time_stamps_is_found(real_share):
    """A car at changing speed; its stamps vary, and only a share of that is time it really drove."""
    random = np.random.default_rng(3)
    rows = 5000
    change = np.clip(random.normal(0.0, 0.01, rows), -0.03, 0.03)
    time = CONTROL_PERIOD + real_share * change
    speed = 1.5 + 0.3 * np.sin(np.arange(rows) / 40.0)
    move = np.append(0.0, (speed * time)[:-1])
    breaks = np.zeros(rows, np.bool_)
    breaks[::200] = True
    assert timing_slope(change, move, breaks) == pytest.approx(real_share, abs=0.06)
    dt = elapsed(CONTROL_PERIOD + change, move, breaks, CONTROL_PERIOD)
    assert np.abs(dt - time).max() < 0.003


def test_long_gaps_are_believed():
    rows = 300
    stamps = np.full(rows, CONTROL_PERIOD)
    stamps[100] = 0.25
    dt = elapsed(stamps, np.full(rows, 0.1), np.zeros(rows, np.bool_), CONTROL_PERIOD)
    assert dt[100] == 0.25
    assert np.allclose(np.delete(dt, 100), CONTROL_PERIOD)
