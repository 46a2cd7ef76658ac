"""Replays: our own drives end where they ended, and the built-in presets follow the real ones."""

import numpy as np
import pytest

from openracer.analysis.replay import HORIZONS, OBSERVERS, loss, replay, window_starts
from openracer.analysis.transitions import make_transitions
from openracer.formats.logs import read_logs
from openracer.simulation.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_drives_of_our_own_simulator_are_replayed_to_the_millimetre(drive, name):
    transitions = make_transitions(drive(PRESETS[name]))
    starts = window_starts(transitions, 3)
    assert len(starts) > 100
    position, heading = replay(transitions, starts, PRESETS[name], OBSERVERS[name])
    assert np.nanmax(position) < 1e-3
    assert np.degrees(np.nanmax(heading)) < 0.1


def test_another_car_is_told_from_ours(drive):
    transitions = make_transitions(drive(PRESETS["v5"]))
    starts = window_starts(transitions, 3)
    own, other = (loss(*replay(transitions, starts, PRESETS[name], OBSERVERS[name])) for name in ("v5", "v6"))
    assert own < 0.01 < 1.0 < other


def test_windows_need_rows_before_and_after_them(drive):
    transitions = make_transitions(drive(PRESETS["v5"]))
    starts = window_starts(transitions, 1)
    assert (starts - transitions.first[starts] >= 5).all()
    assert (starts + 1 < transitions.end[starts]).all()
    position, _heading = replay(transitions, starts, PRESETS["v5"], OBSERVERS["v5"])
    for column, steps in enumerate(HORIZONS):
        reached = starts + steps < transitions.end[starts]
        assert (np.isfinite(position[:, column]) == reached).all()


@pytest.mark.parametrize(
    ("log", "preset", "position_cm", "heading_deg"),
    [
        ("console-v4/sim-trace/evaluation", "v4", 5.7, 3.6),
        ("v5/time-trial-reinvent_base-3mps.log", "v5", 13.7, 6.2),
        ("droa-v6.tar.gz", "v6", 7.4, 3.9),
    ],
)
def test_real_drives_are_followed_as_closely_as_the_study_did(
    real_data, log, preset, position_cm, heading_deg
):
    errors = []
    for drive in read_logs(real_data / "logs" / log):
        transitions = make_transitions(drive)
        starts = window_starts(transitions, 6)
        errors.append(replay(transitions, starts, PRESETS[preset], OBSERVERS[preset]))
    position, heading = (np.concatenate(parts) for parts in zip(*errors, strict=True))
    assert 100.0 * np.nanmedian(position[:, 2]) < position_cm
    assert np.degrees(np.nanmedian(heading[:, 2])) < heading_deg


def test_the_loss_counts_each_horizon_alike_and_caps_surprises():
    typical = np.array([[0.005, 0.02, 0.08, 0.22]]), np.radians([[0.4, 1.5, 4.0, 7.0]])
    assert loss(*typical) == pytest.approx(1.0)
    assert loss(100.0 * typical[0], 100.0 * typical[1]) == pytest.approx(5.0)
    short = (
        np.array([[0.005, 0.02, np.nan, np.nan]]),
        np.array([[np.radians(0.4), np.radians(1.5), np.nan, np.nan]]),
    )
    assert loss(*short) == pytest.approx(1.0)
