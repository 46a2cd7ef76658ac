"""The rows of the camera against plain pinhole projection."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openracer.simulation import lens


def project(ahead, left, height=lens.CAMERA_HEIGHT, pitch=lens.CAMERA_PITCH):
    """Column and row of a ground point, given from the point below the lens."""
    depth = ahead * np.cos(pitch) + height * np.sin(pitch)
    below = height * np.cos(pitch) - ahead * np.sin(pitch)
    return 80.0 - lens.FOCAL_LENGTH * left / depth, 60.0 + lens.FOCAL_LENGTH * below / depth


@given(st.integers(45, 119), st.integers(0, 159))
def test_taps_project_back_into_their_row(row, column):
    constants = lens.camera_rows()[row]
    assert constants[lens.TAPS] >= 1
    ahead, step = constants[lens.FIRST_TAP : lens.FIRST_TAP + 2]
    u, v = project(ahead, (79.5 - column) * step)
    assert abs(v - (row + 0.5)) < 0.5
    # A row's several taps lie at different depths: within the pixel's row, but not in its middle.
    if constants[lens.TAPS] == 1:
        np.testing.assert_allclose([u, v], [column + 0.5, row + 0.5], atol=1e-9)


def test_the_lens_sees_64_7_by_50_9_degrees():
    assert np.isclose(np.degrees(2 * np.arctan(80 / lens.FOCAL_LENGTH)), 64.74, atol=0.01)
    assert np.isclose(np.degrees(2 * np.arctan(60 / lens.FOCAL_LENGTH)), 50.86, atol=0.01)


def test_rows_above_the_horizon_see_no_ground():
    rows = lens.camera_rows()
    horizon = 60.0 - lens.FOCAL_LENGTH * np.tan(lens.CAMERA_PITCH)
    centres = np.arange(120) + 0.5
    assert (rows[centres < horizon, lens.TAPS] == 0).all()
    assert (rows[centres > horizon + 0.5, lens.TAPS] > 0).all()


def test_levels_grow_coarser_towards_the_horizon():
    rows = lens.camera_rows()
    seen = rows[rows[:, lens.TAPS] > 0]
    assert (np.diff(seen[seen[:, lens.TAPS] == 1, lens.LEVEL]) <= 0).all()
    assert seen[-1, lens.LEVEL] == 0
