"""What is found in the short lists of a table equals what a search of the whole track finds."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit

from openracer.simulation.track_table import CENTRE, INNER, OUTER, TrackTable, on_road, project_nearby
from openracer.tracks import catalogue
from openracer.tracks.kernels import project_point

TRACKS = [
    catalogue.find(name)
    for name in (
        "reinvent_base",
        "Tokyo_Training_track",
        "Straight_track",
        "Bowtie_track",
        "jyllandsringen_pro",
    )
]
TRACKS.append(TRACKS[0].reverse())


@pytest.fixture(scope="module")
def table():
    return TrackTable.of(TRACKS)


@njit
def find(x, y, table, track):
    return (
        project_nearby(x, y, CENTRE, table.centre, table, track),
        project_nearby(x, y, INNER, table.inner, table, track),
        project_nearby(x, y, OUTER, table.outer, table, track),
        on_road(x, y, table, track),
    )


def check(x, y, table, track):
    road = TRACKS[track]
    *projections, is_on_road = find(x, y, table, track)
    for found, line in zip(projections, (road.centre, road.inner, road.outer), strict=True):
        assert found == project_point(x, y, line, road.arc_length)
    assert is_on_road == road.on_road([[x, y]])[0]


@settings(max_examples=500)
@given(
    track=st.integers(0, len(TRACKS) - 1),
    row=st.integers(0, 1000),
    side=st.floats(-0.5, 1.5),
    away=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
)
@example(track=0, row=0, side=0.0, away=(0.0, 0.0))
@example(track=0, row=0, side=1.0, away=(0.0, 0.0))
def test_near_the_road(table, track, row, side, away):
    road = TRACKS[track]
    k = row % len(road.centre)
    x, y = road.inner[k] + side * (road.outer[k] - road.inner[k]) + away
    check(x, y, table, track)


@settings(max_examples=200)
@given(
    track=st.integers(0, len(TRACKS) - 1),
    x=st.floats(-30.0, 30.0) | st.sampled_from([np.inf, -np.inf, 1e300]),
    y=st.floats(-30.0, 30.0) | st.sampled_from([np.inf, -np.inf, 1e300]),
)
def test_anywhere(table, track, x, y):
    check(x, y, table, track)


def test_corners_and_edges_of_cells(table):
    """Points exactly where one cell ends and the next begins, and one rounding step to either side."""
    entry = table.tracks[0]
    for column in range(0, int(entry["columns"]), 3):
        x = entry["left"] + 0.1 * column
        for row in range(0, int(entry["rows"]), 3):
            y = entry["bottom"] + 0.1 * row
            for px, py in ((x, y), (np.nextafter(x, -9.0), y), (x, np.nextafter(y, -9.0))):
                check(float(px), float(py), table, 0)


def test_a_place_that_is_no_number_is_on_no_road(table):
    assert not find(np.nan, np.nan, table, 0)[3]
