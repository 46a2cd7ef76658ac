"""The minimum-time line: known answers on a circle, symmetry, limits, and a drive."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.presets import V5
from openracer.simulation.raceline import corridor as roads
from openracer.simulation.raceline import picture, table
from openracer.simulation.raceline.envelope import Envelope
from openracer.simulation.raceline.line import RaceLine, minimum_time_line
from openracer.simulation.raceline.profile import acceleration_range, speed_profile
from openracer.simulation.status import Status
from openracer.simulation.tracking import drive
from openracer.tracks import npy
from openracer.tracks.track import Track
from tests.simulation.tracks_for_tests import ring, straight


def oval(length: float = 2.4, radius: float = 1.2, width: float = 0.8) -> Track:
    """Two straights along x and two half circles, symmetric to both axes, starting in the middle of a straight."""
    bend = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 24)
    rows = []
    for r in (radius, radius - width / 2, radius + width / 2):
        right = np.stack([0.5 * length + r * np.cos(bend), r * np.sin(bend)], axis=1)
        out = np.stack([np.linspace(0.0, 0.5 * length, 9)[:-1], np.full(8, -r)], axis=1)
        back = np.stack([np.linspace(0.5 * length, 0.0, 9)[1:-1], np.full(7, r)], axis=1)
        half = np.concatenate([out, right, back])
        rows.append(np.concatenate([half, -half, half[:1]]))
    return npy.from_rows(np.hstack(rows), "oval", "Oval", "An oval.")


@pytest.fixture(scope="module")
def envelope() -> Envelope:
    return Envelope.measured(V5, 4.0)


@pytest.fixture(scope="module")
def oval_line() -> RaceLine:
    return minimum_time_line(oval(), V5, 4.0)


def test_envelope_is_friction_on_the_straight(envelope: Envelope) -> None:
    # A locked or spinning wheel slides with nearly all of its friction's limit.
    _, fastest = acceleration_range(1.0, 0.0, float(envelope.speeds[1]), envelope.support)
    slowest, _ = acceleration_range(2.0, 0.0, float(envelope.speeds[1]), envelope.support)
    assert 0.9 < fastest / (V5.mu_longitudinal * 9.81) <= 1.0
    assert 0.9 < -slowest / (V5.mu_longitudinal * 9.81) <= 1.0


def test_no_car_is_faster_than_its_wheels_on_the_straight(envelope: Envelope) -> None:
    speed = speed_profile(np.zeros(600), np.full(600, 0.1), envelope, closed=True)
    assert speed.max() == pytest.approx(V5.max_wheel_speed_mps * V5.wheel_speed_gain, rel=0.01)


@pytest.mark.parametrize("clockwise", [False, True])
def test_on_a_circle_speed_is_that_of_the_lateral_limit(envelope: Envelope, clockwise: bool) -> None:
    width, margin = 0.8, 0.02
    track = ring(radius=2.0, width=width, clockwise=clockwise)
    line = minimum_time_line(track, V5, 4.0, margin=margin)
    room = width / 2 - roads.HALF_TRACK - margin
    # By brute force: the fastest circle that fits. Lines need not be circles, so they may be a little faster.
    laps = []
    for radius in np.linspace(2.0 - room, 2.0 + room, 40):
        steady = speed_profile(np.full(8, 1.0 / radius), np.full(8, 0.1), envelope, closed=True)
        laps.append(2.0 * np.pi * radius / steady.mean())
    assert 0.98 * min(laps) < line.lap_time_s < 1.01 * min(laps)
    assert (np.abs(np.hypot(*line.points.T) - 2.0) < room + 0.005).all()
    assert np.sign(line.curvature).mean() == (-1.0 if clockwise else 1.0)


def test_line_of_a_symmetric_track_is_symmetric(oval_line: RaceLine) -> None:
    turned = -oval_line.points
    away = np.hypot(*(turned[:, None] - oval_line.points[None]).transpose(2, 0, 1)).min(axis=1)
    assert away.max() < 0.12
    assert sum(oval_line.sector_times_s) == pytest.approx(oval_line.lap_time_s)


def test_line_stays_within_the_margin(oval_line: RaceLine) -> None:
    import shapely

    free = roads.free_road(oval(), 0.02).buffer(0.004)
    places = np.linspace(0.0, oval_line.distance_m[-1], 2000)
    dense = np.stack([np.interp(places, oval_line.distance_m, axis) for axis in oval_line.points.T], axis=1)
    assert shapely.contains_xy(free, *dense.T).all()


def test_accelerations_are_within_the_envelope(oval_line: RaceLine) -> None:
    limits = oval_line.envelope
    for i in range(len(oval_line.points) - 1):
        low, high = acceleration_range(
            oval_line.speed_mps[i], abs(oval_line.curvature[i]), float(limits.speeds[1]), limits.support
        )
        assert oval_line.acceleration[i] <= high + 0.02
        assert low <= high


def test_the_other_way_takes_nearly_as_long(oval_line: RaceLine) -> None:
    backwards = minimum_time_line(oval().reverse(), V5, 4.0)
    assert backwards.lap_time_s == pytest.approx(oval_line.lap_time_s, rel=0.01)


def test_the_line_beats_the_centre_line(oval_line: RaceLine) -> None:
    centre, _ = roads.reference(oval(), standing=False)
    steps = roads.lengths(centre, closed=True)
    speed = speed_profile(
        np.abs(roads.curvature(centre, closed=True)), steps, oval_line.envelope, closed=True
    )
    assert oval_line.lap_time_s < 0.93 * float(np.sum(2.0 * steps / (speed + np.roll(speed, -1))))


def test_standing_start_on_a_straight_takes_what_acceleration_takes(envelope: Envelope) -> None:
    line = minimum_time_line(straight(length=5.0), V5, 4.0)
    assert line.standing
    assert line.points[0] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert np.abs(line.points[:, 1]).max() < 0.02
    assert line.distance_m[-1] == pytest.approx(5.0 - FRONT_POINT_AHEAD, abs=0.02)
    time = speed = distance = 0.0
    while distance < line.distance_m[-1]:
        _, gain = acceleration_range(speed, 0.0, float(envelope.speeds[1]), envelope.support)
        speed += 1e-3 * gain
        distance += 1e-3 * speed
        time += 1e-3
    assert line.lap_time_s == pytest.approx(time, rel=0.03)


@settings(max_examples=25)
@given(
    bend=st.lists(st.floats(0.0, 3.0), min_size=8, max_size=60),
    step=st.floats(0.05, 0.3),
)
def test_profile_never_exceeds_the_envelope(envelope: Envelope, bend: list[float], step: float) -> None:
    curvature, lengths = np.array(bend), np.full(len(bend), step)
    speed = speed_profile(curvature, lengths, envelope, closed=True)
    change = (np.roll(speed, -1) ** 2 - speed**2) / (2.0 * step)
    for i in range(len(bend)):
        low, high = acceleration_range(speed[i], curvature[i], float(envelope.speeds[1]), envelope.support)
        assert speed[i] < 1e-2 or low <= high + 1e-6
        assert change[i] <= max(high, 0.0) + 1e-6


@settings(max_examples=20)
@given(shape=st.lists(st.floats(-0.15, 0.15), min_size=12, max_size=12), closed=st.booleans())
def test_curvature_jacobian_is_its_derivative(shape: list[float], closed: bool) -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    points = (2.0 + np.array(shape))[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    room = roads.Corridor(points, points / np.hypot(*points.T)[:, None], -np.ones(12), np.ones(12), closed)
    jacobian = roads.curvature_jacobian(points, room.normals, closed=closed).toarray()
    lengths_by = roads.length_jacobian(points, room.normals, closed=closed).toarray()
    for i in range(12):
        bump = np.zeros(12)
        bump[i] = 1e-6
        for function, matrix in ((roads.curvature, jacobian), (roads.lengths, lengths_by)):
            slope = function(room.line(bump), closed=closed) - function(room.line(-bump), closed=closed)
            assert matrix[:, i] == pytest.approx(slope / 2e-6, abs=1e-5)


def test_the_line_can_be_driven_in_its_time(oval_line: RaceLine) -> None:
    driven = drive(oval(), oval_line, V5, 4.0, laps=2)
    assert driven.status == Status.LAP_COMPLETE
    assert driven.lap_times_s[1] == pytest.approx(oval_line.lap_time_s, rel=0.03)
    assert driven.clock_times_s[1] == pytest.approx(driven.lap_times_s[1], abs=0.07)


def test_impossible_wishes_are_refused() -> None:
    with pytest.raises(ValueError, match="max speed is 0 m/s"):
        minimum_time_line(ring(), V5, 0.0)
    with pytest.raises(ValueError, match="wide enough for a margin of 1 m"):
        minimum_time_line(ring(), V5, 4.0, margin=1.0)


def test_table_tells_units_and_the_whole_lap(oval_line: RaceLine) -> None:
    rows = list(csv.DictReader(io.StringIO(table.csv_text(oval_line))))
    assert tuple(rows[0]) == table.COLUMNS
    assert float(rows[-1]["time_s"]) == pytest.approx(oval_line.lap_time_s, abs=1e-3)
    assert rows[0]["x_m"] == rows[-1]["x_m"]
    assert all(-180.0 <= float(row["heading_deg"]) <= 180.0 for row in rows)


def test_picture_shows_slow_and_fast(oval_line: RaceLine) -> None:
    image = Image.open(io.BytesIO(picture.png(oval(), oval_line, "v5", 600, 400)))
    assert image.size == (600, 400)
    colours = {colour for _, colour in image.getcolors(600 * 400)}
    for wanted in picture.colours(np.array([0.0, 1.0])):
        assert min(np.abs(np.subtract(wanted, colour)).sum() for colour in colours) < 12
