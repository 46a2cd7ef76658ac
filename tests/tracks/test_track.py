"""Geometry of tracks, against Shapely where it knows the answer."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from openracer.tracks import kernels, npy
from openracer.tracks.track import Track

coordinate = st.floats(-4.0, 4.0, allow_nan=False).map(lambda value: round(value, 6))
points = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def lumpy() -> Track:
    """A closed track of uneven steps and a changing bend, some rows repeated."""
    angle = np.sort(
        np.concatenate([np.random.default_rng(3).uniform(0.0, 2.0 * np.pi, 80), [1.0, 1.0, 4.0, 4.0, 4.0]])
    )
    radius = 2.5 + 0.6 * np.sin(3.0 * angle) + 0.2 * np.cos(7.0 * angle)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    ring = np.concatenate([ring, ring[:1]])
    return Track("lumpy", "Lumpy", "", ring, ring * 0.8, ring * 1.2, closed=True)


@given(points)
def test_projection_agrees_with_shapely(lumpy: Track, points: list[tuple[float, float]]) -> None:
    line = shapely.LineString(lumpy.centre)
    projection = lumpy.project(points)
    expected = shapely.distance(line, shapely.points(points))
    assert np.abs(projection.offset_m) == pytest.approx(expected, abs=1e-9)
    assert lumpy.point_at(projection.distance_m) == pytest.approx(projection.nearest, abs=1e-9)
    assert np.hypot(*(projection.nearest - points).T) == pytest.approx(expected, abs=1e-9)
    distance, offset = lumpy.along(points)
    assert (distance == projection.distance_m).all() and (offset == projection.offset_m).all()


@given(points)
def test_previous_and_next_waypoint_bracket_the_projection(
    lumpy: Track, points: list[tuple[float, float]]
) -> None:
    projection = lumpy.project(points)
    # DeepRacer: next = bisect_right of the distances (the last one being the length), previous the one before
    expected = np.searchsorted(
        np.append(lumpy.arc_length[:-1], lumpy.length), projection.distance_m, side="right"
    )
    count = len(lumpy.centre)
    assert np.array_equal(projection.next, expected % count)
    assert np.array_equal(projection.previous, (expected - 1) % count)
    behind = np.hypot(*(lumpy.centre[projection.previous] - points).T)
    ahead = np.hypot(*(lumpy.centre[projection.next] - points).T)
    assert np.array_equal(
        projection.nearest_waypoint, np.where(ahead < behind, projection.next, projection.previous)
    )


@given(points)
def test_width_is_measured_between_the_nearest_border_points(
    lumpy: Track, points: list[tuple[float, float]]
) -> None:
    projection = lumpy.project(points)
    for nearest, width in zip(projection.nearest, projection.width_m, strict=True):
        ends = [
            shapely.line_interpolate_point(line, shapely.line_locate_point(line, shapely.Point(nearest)))
            for line in (shapely.LineString(lumpy.inner), shapely.LineString(lumpy.outer))
        ]
        assert width == pytest.approx(shapely.distance(*ends), abs=1e-6)


@given(points)
def test_on_road_agrees_with_shapely(lumpy: Track, points: list[tuple[float, float]]) -> None:
    road = shapely.Polygon(lumpy.outer, [lumpy.inner])
    geometries = shapely.points(points)
    clear = shapely.distance(road.boundary, geometries) > 1e-9
    assert np.array_equal(lumpy.on_road(points)[clear], shapely.contains(road, geometries)[clear])


@given(st.integers(0, 84), st.floats(0.05, 0.95))
def test_offset_is_positive_to_the_left(lumpy: Track, segment: int, fraction: float) -> None:
    a, b = lumpy.centre[segment], lumpy.centre[segment + 1]
    step = b - a
    if np.hypot(*step) < 1e-3:
        return
    left = np.array([-step[1], step[0]]) / np.hypot(*step) * 1e-5
    place = a + fraction * step
    assert lumpy.project([place + left, place - left]).offset_m == pytest.approx([1e-5, -1e-5], abs=1e-9)


@given(points)
def test_the_reversed_track_mirrors_distance_and_side(
    lumpy: Track, points: list[tuple[float, float]]
) -> None:
    there, back = lumpy.project(points), lumpy.reverse().project(points)
    assert back.distance_m % lumpy.length == pytest.approx(
        (lumpy.length - there.distance_m) % lumpy.length, abs=1e-6
    )
    assert np.abs(back.offset_m) == pytest.approx(np.abs(there.offset_m), abs=1e-9)
    inside = np.abs(there.offset_m) > 1e-6
    assert np.array_equal(back.offset_m[inside] > 0.0, there.offset_m[inside] < 0.0)


def test_a_track_reversed_twice_is_itself(lumpy: Track) -> None:
    twice = lumpy.reverse().reverse()
    assert np.array_equal(twice.centre, lumpy.centre)
    assert not twice.is_reversed
    assert lumpy.reverse().is_reversed


def test_reversing_keeps_start_point_borders_and_length(square: Track) -> None:
    back = square.reverse()
    assert np.array_equal(back.centre[0], square.centre[0])
    assert np.array_equal(back.inner, square.inner[::-1])
    assert back.length == square.length
    assert square.is_counter_clockwise
    assert not back.is_counter_clockwise


def test_an_open_track_counts_as_counter_clockwise_unless_reversed(straight: Track) -> None:
    assert straight.is_counter_clockwise
    assert not straight.reverse().is_counter_clockwise


def test_arc_length_and_width_of_a_square(square: Track) -> None:
    assert square.arc_length.tolist() == [0.0, 2.0, 4.0, 4.0, 8.0, 12.0, 16.0]
    assert square.project([[0.0, -2.0]]).width_m == pytest.approx([1.0])


def test_a_point_on_a_repeated_waypoint_is_past_both(square: Track) -> None:
    projection = square.project([[2.0, -2.0]])
    assert (projection.previous[0], projection.next[0]) == (3, 4)
    assert square.heading == pytest.approx([0.0, 0.0, np.pi / 2, np.pi / 2, np.pi, -np.pi / 2])


def test_start_pose_faces_the_next_waypoint(square: Track) -> None:
    assert square.start_pose(1.0) == pytest.approx((-1.0, -2.0, 0.0))
    assert square.start_pose(4.0) == pytest.approx((2.0, -2.0, np.pi / 2))
    assert square.start_pose(16.0 + 5.0) == pytest.approx((2.0, -1.0, np.pi / 2))
    assert square.start_pose(-1.0) == pytest.approx((-2.0, -1.0, -np.pi / 2))


def test_start_pose_at_the_end_of_an_open_track_looks_along_it(straight: Track) -> None:
    assert straight.start_pose(99.0) == pytest.approx((4.0, 0.0, 0.0))
    assert straight.start_pose(-1.0) == pytest.approx((0.0, 0.0, 0.0))


def test_the_road_of_an_open_track_ends_at_its_ends(straight: Track) -> None:
    assert straight.on_road([[2.0, 0.4], [-0.1, 0.0], [4.1, 0.0], [2.0, 0.6]]).tolist() == [
        True,
        False,
        False,
        False,
    ]


def test_a_point_on_a_border_is_not_on_the_road(square: Track) -> None:
    assert not square.on_road([[0.0, -2.5], [0.0, -1.5], [1.5, -1.5], [2.5, 0.3]]).any()
    assert square.on_road([[0.0, -2.49], [0.0, -1.51]]).all()


def test_curvature_of_a_circle_is_one_over_its_radius(circle_rows: np.ndarray) -> None:
    track = npy.from_rows(circle_rows, "circle", "Circle", "")
    assert track.curvature == pytest.approx(0.5, abs=0.01)
    assert track.reverse().curvature == pytest.approx(-0.5, abs=0.01)
    assert track.tightest_radius == pytest.approx(2.0, rel=0.02)


def test_difficulty_grows_with_bends_and_shrinks_with_width(circle_rows: np.ndarray, straight: Track) -> None:
    circle = npy.from_rows(circle_rows, "circle", "Circle", "")
    wide = np.concatenate([circle_rows[:, :2], circle_rows[:, :2] * 0.5, circle_rows[:, :2] * 1.5], axis=1)
    small = circle_rows * 0.5
    small[:, 2:4], small[:, 4:6] = small[:, :2] * 0.5, small[:, :2] * 1.5
    assert straight.difficulty == 0.0
    assert npy.from_rows(wide, "wide", "", "").difficulty < circle.difficulty
    assert npy.from_rows(small, "small", "", "").difficulty > circle.difficulty


def test_rows_that_are_no_track_are_refused() -> None:
    line = np.zeros((3, 2))
    with pytest.raises(ValueError, match="all centre points are the same"):
        Track("t", "T", "", line, line, line, closed=True)
    ramp = np.arange(6.0).reshape(3, 2)
    with pytest.raises(ValueError, match="last centre row must equal its first"):
        Track("t", "T", "", ramp, ramp, ramp, closed=True)
    with pytest.raises(ValueError, match="inner must be finite"):
        Track("t", "T", "", ramp, ramp * np.nan, ramp, closed=False)
    with pytest.raises(ValueError, match="not as many as centre"):
        Track("t", "T", "", ramp, ramp[:2], ramp, closed=False)


def test_inside_ring_of_a_triangle() -> None:
    ring = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    assert kernels.inside_ring(0.5, 0.5, ring)
    assert not kernels.inside_ring(1.5, 1.5, ring)
    assert not kernels.inside_ring(1.0, 0.0, ring)
    assert not kernels.inside_ring(0.0, 0.0, ring)
    assert kernels.inside_ring(0.5, 0.5, np.concatenate([ring, ring[:1]]))


def test_projection_of_a_real_track_agrees_with_shapely(track_files: Path) -> None:
    track = npy.load(track_files / "Tokyo_Training_track.npy", "Tokyo_Training_track", "", "")
    points = np.random.default_rng(0).uniform(track.outer.min(axis=0), track.outer.max(axis=0), (500, 2))
    expected = shapely.line_locate_point(shapely.LineString(track.centre), shapely.points(points))
    assert track.project(points).distance_m == pytest.approx(expected, abs=1e-6)
