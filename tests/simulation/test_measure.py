"""What the rules see, against 44,247 rows that the real AWS console wrote."""

import csv
import math
from pathlib import Path

import pytest

from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.measure import measure, progress_percent
from openracer.simulation.record import StepRecord
from openracer.simulation.track_table import TrackTable
from openracer.simulation.vehicle import VehicleState
from openracer.tracks import npy


def real_rows(real_data: Path):
    folder = real_data / "logs" / "console-v4" / "sim-trace" / "training" / "training-simtrace"
    for path in sorted(folder.glob("*.csv")):
        with path.open() as lines:
            yield from csv.DictReader(lines)


def test_progress_waypoints_and_wheels_equal_those_of_real_logs(real_data):
    track = npy.load(real_data / "tracks" / "reinvent_base.npy", "reinvent_base", "re:Invent 2018", "")
    table = TrackTable.of([track])
    state, record = VehicleState.zeros(1), StepRecord.zeros(1)
    episode, previous, rows, wheel_mismatches, off_mismatches = None, 0.0, 0, 0, 0
    for row in real_rows(real_data):
        if row["episode"] != episode:
            episode, previous = row["episode"], 0.0
        yaw = math.radians(float(row["yaw"]))
        state.x[0] = float(row["X"]) - FRONT_POINT_AHEAD * math.cos(yaw)
        state.y[0] = float(row["Y"]) - FRONT_POINT_AHEAD * math.sin(yaw)
        state.yaw[0] = yaw
        measure(0, state, 0.05 * (int(episode) % 20), previous, record, table, 0)
        previous = record.progress[0]
        rows += 1
        assert record.progress[0] == pytest.approx(float(row["progress"]), abs=1e-9)
        assert record.closest_waypoint[0] == int(row["closest_waypoint"])
        wheel_mismatches += record.all_wheels_on_track[0] != (row["all_wheels_on_track"] == "True")
        off_mismatches += record.is_offtrack[0] != (row["episode_status"] == "off_track")
    assert rows == 44247
    # The real wheels also steer and bounce by fractions of a millimetre.
    assert wheel_mismatches <= 5
    assert off_mismatches <= 3


@pytest.mark.parametrize(
    ("fraction", "start", "previous", "expected"),
    [
        (0.30, 0.25, 0.0, 5.0),
        (0.10, 0.90, 19.0, 20.0),
        (0.002, 0.0, 99.5, 100.0),  # over the finish line
        (0.998, 0.0, 0.5, -0.2),  # backwards over the start line
        (0.0, 0.0, 99.9, 100.0),
    ],
)
def test_progress_over_the_lines(fraction, start, previous, expected):
    assert progress_percent(fraction, start, previous) == pytest.approx(expected)
