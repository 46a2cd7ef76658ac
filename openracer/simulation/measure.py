"""Where a car is on its track: progress, waypoints, distances and wheels, as reward functions and rules see them."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.body import (
    FRONT_AXLE_AHEAD,
    FRONT_HALF_TRACK,
    FRONT_POINT_AHEAD,
    REAR_AXLE_AHEAD,
    REAR_HALF_TRACK,
)
from openracer.simulation.record import StepRecord
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.kernels import inside_ring, project_point

Points = NDArray[np.float64]

WHEEL_REACH = math.hypot(FRONT_POINT_AHEAD - REAR_AXLE_AHEAD, REAR_HALF_TRACK)
"""No wheel is farther than this from the front point, m."""


@njit(nogil=True, cache=True, error_model="numpy")
def progress_percent(fraction: float, start_fraction: float, previous: float) -> float:
    """Share of the lap that lies behind the car.

    Crossing the start line forwards continues beyond the previous value and ends at 100; crossing it backwards gives a
    value below 0 (aws-deepracer-community/deepracer-simapp, ``markov/agent_ctrl``).

    Args:
        fraction: arc length of the car over the track's length.
        start_fraction: the same at the start of the lap.
        previous: progress of the previous row, percent.

    Returns:
        Percent, at most 100.
    """
    progress = 100.0 * (fraction - start_fraction)
    if progress <= 0.0:
        progress += 100.0
    if previous > progress + 50.0:
        progress += 100.0
    if progress > previous + 50.0:
        progress -= 100.0
    return min(progress, 100.0)


@njit(nogil=True, cache=True, error_model="numpy")
def on_road(x: float, y: float, inner: Points, outer: Points, is_closed: bool) -> bool:
    """Whether a point lies strictly between the borders (closed track) or in the strip they enclose (open track)."""
    if is_closed:
        return inside_ring(x, y, outer) and not inside_ring(x, y, inner)
    # The strip's ring is the outer border and back along the inner one; even-odd parities of its parts add up.
    ring = np.concatenate((outer, inner[::-1]))
    return inside_ring(x, y, ring)


@njit(nogil=True, cache=True, error_model="numpy")
def measure(
    car: int, state: VehicleState, start_fraction: float, previous_progress: float, record: StepRecord, centre: Points,
    inner: Points, outer: Points, arc_length: Points, is_counter_clockwise: bool, is_closed: bool, clearance: float,
) -> None:  # fmt: skip
    """Fill one car's row with everything that follows from its pose.

    Args:
        car: index of the car.
        state: motion of all cars.
        start_fraction: start of the lap as a fraction of the track's length.
        previous_progress: progress of the previous row, percent.
        record: rows of all cars, changed in place.
        centre: ``(K, 2)`` rows of the car's track, m.
        inner: ``(K, 2)``.
        outer: ``(K, 2)``.
        arc_length: ``(K,)`` m.
        is_counter_clockwise: driving direction of the track.
        is_closed: the track is a loop.
        clearance: shortest way from the centre line to a border, m.
    """
    yaw = state.yaw[car]
    c, s = math.cos(yaw), math.sin(yaw)
    x = state.x[car] + FRONT_POINT_AHEAD * c
    y = state.y[car] + FRONT_POINT_AHEAD * s
    record.x[car], record.y[car] = x, y
    record.heading_deg[car] = math.degrees(math.atan2(s, c))

    segment, distance, centre_x, centre_y = project_point(x, y, centre, arc_length)
    length = arc_length[-1]
    record.projection_distance[car] = distance
    record.distance_from_centre[car] = math.hypot(x - centre_x, y - centre_y)
    record.progress[car] = progress_percent(distance / length, start_fraction, previous_progress)

    rows = len(centre)
    following = segment + 1
    while following < rows and arc_length[following] <= distance:
        following += 1
    behind = following - 1
    if following == rows:
        following = 0
    record.previous_waypoint[car], record.next_waypoint[car] = behind, following
    to_following = math.hypot(centre[following, 0] - x, centre[following, 1] - y)
    to_behind = math.hypot(centre[behind, 0] - x, centre[behind, 1] - y)
    record.closest_waypoint[car] = following if to_following < to_behind else behind

    # As on AWS, the borders' nearest points are seen from the centre line, not from the car.
    _, _, inner_x, inner_y = project_point(centre_x, centre_y, inner, arc_length)
    _, _, outer_x, outer_y = project_point(centre_x, centre_y, outer, arc_length)
    record.track_width[car] = math.hypot(inner_x - outer_x, inner_y - outer_y)
    nearer_inner = math.hypot(x - inner_x, y - inner_y) < math.hypot(x - outer_x, y - outer_y)
    record.is_left_of_centre[car] = nearer_inner == is_counter_clockwise

    if record.distance_from_centre[car] + WHEEL_REACH < clearance:
        record.all_wheels_on_track[car], record.is_offtrack[car] = True, False
        return
    wheels_on = 0
    for wheel in range(4):
        ahead = FRONT_AXLE_AHEAD if wheel < 2 else REAR_AXLE_AHEAD
        aside = FRONT_HALF_TRACK if wheel < 2 else REAR_HALF_TRACK
        if wheel % 2 == 1:
            aside = -aside
        if on_road(
            state.x[car] + ahead * c - aside * s,
            state.y[car] + ahead * s + aside * c,
            inner,
            outer,
            is_closed,
        ):
            wheels_on += 1
    record.all_wheels_on_track[car] = wheels_on == 4
    record.is_offtrack[car] = wheels_on == 0
