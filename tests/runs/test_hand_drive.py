"""A car driven by hand obeys the rules of every other, and is recorded as they are."""

import numpy as np
import pytest

from openracer.runs.hand_drive import HandDriving
from openracer.simulation.status import Status
from openracer.tracks import catalogue


@pytest.fixture
def driving():
    driving = HandDriving(catalogue.find("Straight_track"), "v5")
    yield driving
    driving.close()


def test_a_lap_ends_the_drive_with_its_time_and_trace(driving):
    trace = None
    while trace is None and driving.steps < 600:
        trace = driving.step(0.0, 2.0)
    assert trace is not None
    assert trace.status is Status.LAP_COMPLETE
    assert trace.steps == driving.steps
    assert driving.lap_time == pytest.approx(trace.steps / 15.0, abs=0.2)
    assert driving.resets == 0


def test_leaving_the_track_costs_time_and_the_car_is_put_back(driving):
    for _step in range(150):
        driving.step(30.0, 2.0)
        if driving.resets:
            break
    assert driving.resets == 1
    assert driving.penalty > 1.5
    x, y, _yaw, _steering = driving.pose
    assert driving.track.on_road(np.array([[x, y]]))[0]


def test_a_restart_begins_at_the_line_again(driving):
    for _step in range(30):
        driving.step(0.0, 2.0)
    assert driving.progress > 10.0
    driving.restart()
    assert (driving.steps, driving.progress, driving.time) == (0, 0.0, 0.0)
    assert driving.lap_time is None
    assert driving.pose[:2] == pytest.approx(driving.track.centre[0], abs=0.01)


def test_the_camera_sees_the_road(driving):
    driving.step(0.0, 1.0)
    picture = driving.picture()
    assert picture.shape == (120, 160)
    assert picture.std() > 10.0
