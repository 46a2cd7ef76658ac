"""The real track files give the figures that were measured on them independently."""

from pathlib import Path

import numpy as np
import pytest

from openracer.tracks import npy
from openracer.tracks.track import Track

# name: rows, length m, direction, zero-length segments, start x, y, direction of the first segment in degrees
# (measured on the route files of deepracer-simapp 6.0.5, independently of this package)
FIGURES = {
    "2022_june_pro": (197, 58.61, "ccw", 1, 3.147, 0.943, -158.5),
    "2022_reinvent_champ_ccw": (113, 33.28, "ccw", 0, 0.191, 0.940, 131.7),
    "2022_summit_speedway": (127, 25.17, "ccw", 1, 8.549, 3.174, -179.7),
    "Bowtie_track": (163, 17.43, "ccw", 1, 2.085, 0.871, 0.5),
    "Canada_Training": (203, 21.74, "ccw", 1, 4.609, 1.643, 164.8),
    "Mexico_track": (181, 20.51, "ccw", 1, 6.310, 2.717, -179.6),
    "Oval_track": (102, 19.55, "ccw", 1, 2.973, 0.959, -0.2),
    "Spain_track": (259, 60.00, "cw", 1, 0.348, -2.173, 180.0),
    "Straight_track": (22, 5.71, "open", 0, 0.709, 1.201, 0.0),
    "Tokyo_Training_track": (169, 22.63, "ccw", 1, 3.997, -2.398, 0.0),
    "Vegas_track": (151, 22.55, "ccw", 1, 4.503, 0.182, -179.7),
    "Virtual_May19_Train_track": (214, 19.45, "ccw", 1, 5.202, 0.595, -27.3),
    "dubai_open": (164, 40.66, "ccw", 1, 3.832, -3.693, -0.5),
    "dubai_open_cw": (138, 40.61, "cw", 0, 4.211, -3.693, 179.6),
    "dubai_pro": (260, 64.95, "ccw", 0, 1.090, -5.204, -0.5),
    "hamption_open": (78, 45.93, "ccw", 1, 6.033, -1.802, 121.7),
    "hamption_pro": (89, 60.74, "ccw", 1, 6.259, -1.267, 117.3),
    "jyllandsringen_open": (155, 46.12, "ccw", 1, 1.635, -3.960, 0.0),
    "jyllandsringen_pro": (126, 62.03, "ccw", 1, 4.556, -6.364, 0.5),
    "reInvent2019_track": (155, 23.12, "ccw", 1, 0.308, 2.831, -84.0),
    "reInvent2019_wide": (112, 16.64, "ccw", 1, 2.561, 1.062, 0.0),
    "reInvent2019_wide_ccw": (57, 16.60, "ccw", 0, -1.563, -1.713, -0.3),
    "reInvent2019_wide_cw": (57, 16.60, "cw", 0, -1.303, -1.716, 179.0),
    "reinvent_base": (119, 17.71, "ccw", 0, 3.060, 0.683, 0.2),
}


def load(track_files: Path, name: str) -> Track:
    return npy.load(track_files / f"{name}.npy", name, name, "")


def test_there_is_a_figure_for_every_file(track_files: Path) -> None:
    assert {file.stem for file in track_files.glob("*.npy")} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_real_file_gives_the_known_figures(name: str, track_files: Path) -> None:
    count, length, direction, repeated, x, y, yaw = FIGURES[name]
    track = load(track_files, name)
    assert len(track.centre) == count
    assert track.length == pytest.approx(length, abs=0.01)
    assert track.closed == (direction != "open")
    assert track.is_counter_clockwise == (direction != "cw")
    assert int((np.diff(track.arc_length) == 0.0).sum()) == repeated
    start = track.start_pose(0.0)
    assert start[:2] == pytest.approx((x, y), abs=0.0006)
    assert (np.degrees(start[2]) - yaw + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.06)


@pytest.mark.parametrize("name", FIGURES)
def test_rows_are_those_of_the_file(name: str, track_files: Path) -> None:
    track = load(track_files, name)
    rows = np.load(track_files / f"{name}.npy")
    assert np.array_equal(np.concatenate([track.centre, track.inner, track.outer], axis=1), rows)


@pytest.mark.parametrize("name", FIGURES)
def test_the_centre_line_is_on_the_road_and_projects_onto_itself(name: str, track_files: Path) -> None:
    track = load(track_files, name)
    distance = np.linspace(0.0, track.length, 100)[1:-1]
    points = track.point_at(distance)
    projection = track.project(points)
    assert track.on_road(points).all()
    assert projection.distance_m == pytest.approx(distance, abs=1e-6)
    assert projection.offset_m == pytest.approx(0.0, abs=1e-6)
    assert (projection.width_m > 0.5).all()


@pytest.mark.parametrize("name", FIGURES)
def test_repeated_points_disturb_neither_heading_nor_curvature(name: str, track_files: Path) -> None:
    track = load(track_files, name)
    assert np.isfinite(track.heading).all()
    assert np.isfinite(track.curvature).all()
    full_turn = float(np.trapezoid(track.curvature, track.arc_length))
    expected = (2.0 * np.pi if track.is_counter_clockwise else -2.0 * np.pi) if track.closed else 0.0
    assert full_turn == pytest.approx(expected, abs=0.15)
    assert 0.0 <= track.difficulty < 100.0
