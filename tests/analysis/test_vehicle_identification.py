"""Identification: a car whose constants are known is found again."""

import numpy as np
import pytest

from openracer.analysis.replay import loss
from openracer.analysis.vehicle_identification import Range, closest_preset, identify, prepare
from openracer.simulation.presets import PRESETS, V5


def test_a_changed_car_is_found_from_its_drives(drive):
    changed = V5._replace(mu_lateral=V5.mu_lateral * 1.5)
    drives = prepare([drive(changed, seed) for seed in (0, 1)])
    told = []
    found = identify(drives, "v5", 12.0, on_progress=lambda share, value: told.append((share, value)))
    assert loss(*found.after) < 0.7 * loss(*found.before)
    assert found.preset.mu_lateral > 1.15 * V5.mu_lateral
    assert found.preset.max_wheel_speed_mps == V5.max_wheel_speed_mps
    assert [value for _share, value in told] == sorted((value for _share, value in told), reverse=True)


@pytest.mark.parametrize("name", PRESETS)
def test_a_drive_is_closest_to_its_own_preset(drive, name):
    assert closest_preset(prepare([drive(PRESETS[name])])) == name


def test_test_episodes_are_not_fitted(drive):
    (prepared,) = prepare([drive(V5)])
    episode = prepared.transitions.episode
    assert not set(episode[prepared.fit]) & set(episode[prepared.test])
    assert 0.1 < len(prepared.test) / (len(prepared.fit) + len(prepared.test)) < 0.5


def test_too_little_driving_is_refused(drive):
    log = drive(V5)
    for name in log.trace:
        log.trace[name] = log.trace[name][:30]
    with pytest.raises(ValueError, match="about 1000 rows"):
        prepare([log])


def test_values_stay_in_their_range():
    scale = Range("ratio", 0.1, 10.0, 0.5)
    assert scale.decode(scale.encode(2.0)) == pytest.approx(2.0)
    assert scale.decode(1e6) == 10.0
    assert scale.excess(scale.encode(2.0)) == pytest.approx(0.0, abs=1e-9)
    assert scale.excess(scale.encode(10.0) + 3.0) == pytest.approx(3.0)
    assert np.isclose(Range("linear", -1.0, 1.0, 0.1).decode(-50.0), -1.0)
