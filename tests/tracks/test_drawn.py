"""Tracks drawn by hand are roads that a car can drive, or it is said where they are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.tracks import drawn
from openracer.tracks.drawn import Drawing


def circle(radius: float, count: int = 8) -> np.ndarray:
    angle = np.arange(count) * 2.0 * np.pi / count
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_a_circle_of_points_is_a_round_track():
    track = Drawing(circle(2.0), 0.8).track("ring", "Ring")
    assert track.length == pytest.approx(4.0 * np.pi, rel=0.005)
    assert np.hypot(*track.centre.T) == pytest.approx(np.full(len(track.centre), 2.0), rel=0.01)
    assert track.width == pytest.approx(np.full(len(track.centre), 0.8), rel=1e-6)
    assert track.closed
    assert track.is_counter_clockwise


def test_the_road_begins_at_the_first_point_and_passes_all_in_their_order():
    drawing = drawn.example()
    track = drawing.track("bean", "Bean")
    assert track.centre[0] == pytest.approx(drawing.points[0])
    there = track.project(drawing.points)
    assert np.abs(there.offset_m).max() < 0.02
    along = there.distance_m.copy()
    along[0] = 0.0
    assert (np.diff(along) > 0.0).all()


def test_the_other_way_round_is_driven_clockwise():
    track = Drawing(circle(2.0)[::-1], 0.8).track("ring", "Ring")
    assert not track.is_counter_clockwise
    assert np.hypot(*track.inner.T).max() < np.hypot(*track.outer.T).min()


def test_a_crossing_is_told_where_it_is():
    angle = np.arange(12) * 2.0 * np.pi / 12
    eight = np.stack([3.0 * np.sin(angle), 2.0 * np.sin(2.0 * angle)], axis=1)
    [fault] = Drawing(eight, 0.6).faults()
    assert "itself" in fault.message
    assert np.hypot(*fault.place) < 0.8


def test_roads_that_touch_without_crossing_are_refused():
    points = np.array([[0, 0], [4, 0], [4, 0.7], [2, 0.6], [0, 0.7], [-1, 0.35]], dtype=float)
    assert any("itself" in fault.message for fault in Drawing(points, 0.6).faults())


def test_a_tight_bend_is_told_where_it_is():
    points = circle(3.0, 12)
    points[0] = (4.6, 0.0)
    points[1] = (2.6, 1.2)
    points[-1] = (2.6, -1.2)
    [fault] = Drawing(points, 1.2).faults()
    assert "radius" in fault.message
    assert fault.place == pytest.approx((4.6, 0.0), abs=0.4)


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (Drawing(circle(2.0)[:3], 0.8), "3 points"),
        (Drawing(circle(0.5), 0.4), "long"),
        (Drawing(circle(2.0), 0.1), "0.1 m wide"),
        (Drawing(circle(2.0), 5.0), "5 m wide"),
        (Drawing(circle(2000.0), 1.0), "away"),
        (Drawing(circle(60.0), 1.0), "square metres"),
        (Drawing(np.zeros((5, 2)), 1.0), "long"),
    ],
)
def test_what_is_no_track_is_said_in_a_sentence(drawing, words):
    assert any(words in fault.message for fault in drawing.faults())
    with pytest.raises(ValueError):
        drawing.track("x", "x")


@pytest.mark.parametrize("points", ["no", [[1, 2, 3]], [["a", "b"]], [[1, float("nan")]], [1, 2], None, []])
def test_values_that_are_no_drawing_are_refused(points):
    with pytest.raises(ValueError, match="points of two numbers"):
        Drawing.of(points, 1.0)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-8, 8), st.floats(-8, 8)), min_size=4, max_size=12),
    st.floats(drawn.NARROWEST_M, 1.5),
)
def test_whatever_is_drawn_is_a_track_or_has_faults(points, width):
    drawing = Drawing.of(points, width)
    if not drawing.faults():
        track = drawing.track("any", "Any")
        assert track.on_road(track.centre).all()
