"""Tracks used by several tests: real files, and small ones of known shape."""

from pathlib import Path

import numpy as np
import pytest

from openracer.tracks.track import Track


@pytest.fixture(scope="session")
def track_files(real_data: Path) -> Path:
    folder = real_data / "tracks"
    if not folder.is_dir():
        pytest.skip(f"real tracks are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def circle_rows() -> np.ndarray:
    """A counter-clockwise circle of radius 2 m and width 1 m with its closing row."""
    angle = np.linspace(0.0, 2.0 * np.pi, 361)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rows = np.concatenate([2.0 * direction, 1.5 * direction, 2.5 * direction], axis=1)
    rows[-1] = rows[0]
    return rows


@pytest.fixture(scope="session")
def square() -> Track:
    """A counter-clockwise square of side 4 m, width 1 m, with one point twice."""
    corners = np.array(
        [[-2.0, -2.0], [0.0, -2.0], [2.0, -2.0], [2.0, -2.0], [2.0, 2.0], [-2.0, 2.0], [-2.0, -2.0]]
    )
    return Track("square", "Square", "", corners, corners * 0.75, corners * 1.25, closed=True)


@pytest.fixture(scope="session")
def straight() -> Track:
    """An open road of 4 m along x, 1 m wide."""
    centre = np.stack([np.linspace(0.0, 4.0, 5), np.zeros(5)], axis=1)
    up = np.array([0.0, 0.5])
    return Track("straight", "Straight", "", centre, centre + up, centre - up, closed=False)
