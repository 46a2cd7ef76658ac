"""Where a car is on its track: progress, waypoints, distances and wheels, as reward functions and rules see them."""

import math

from openracer.simulation.body import (
    FRONT_AXLE_AHEAD,
    FRONT_HALF_TRACK,
    FRONT_POINT_AHEAD,
    REAR_AXLE_AHEAD,
    REAR_HALF_TRACK,
)
from openracer.simulation.record import StepRecord
from openracer.simulation.track_table import CENTRE, INNER, OUTER, TrackTable, on_road, project_nearby
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.compiled import kernel


@kernel()
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


@kernel(inline="always")
def measure(
    car: int, state: VehicleState, start_fraction: float, previous_progress: float, record: StepRecord,
    table: TrackTable, track: int,
) -> None:  # fmt: skip
    """Fill one car's row with everything that follows from its pose.

    Args:
        car: index of the car.
        state: motion of all cars.
        start_fraction: start of the lap as a fraction of the track's length.
        previous_progress: progress of the previous row, percent.
        record: rows of all cars, changed in place.
        table: all tracks.
        track: the car's.
    """
    entry = table.tracks[track]
    centre, arc_length = table.centre[entry.first : entry.last], table.arc_length[entry.first : entry.last]
    yaw = state.yaw[car]
    c, s = math.cos(yaw), math.sin(yaw)
    x = state.x[car] + FRONT_POINT_AHEAD * c
    y = state.y[car] + FRONT_POINT_AHEAD * s
    record.x[car], record.y[car] = x, y
    record.heading_deg[car] = math.degrees(math.atan2(s, c))

    segment, distance, centre_x, centre_y = project_nearby(x, y, CENTRE, table.centre, table, track)
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
    _, _, inner_x, inner_y = project_nearby(centre_x, centre_y, INNER, table.inner, table, track)
    _, _, outer_x, outer_y = project_nearby(centre_x, centre_y, OUTER, table.outer, table, track)
    record.track_width[car] = math.hypot(inner_x - outer_x, inner_y - outer_y)
    nearer_inner = math.hypot(x - inner_x, y - inner_y) < math.hypot(x - outer_x, y - outer_y)
    record.is_left_of_centre[car] = nearer_inner == entry.is_counter_clockwise

    wheels_on = 0
    for wheel in range(4):
        ahead = FRONT_AXLE_AHEAD if wheel < 2 else REAR_AXLE_AHEAD
        aside = FRONT_HALF_TRACK if wheel < 2 else REAR_HALF_TRACK
        if wheel % 2 == 1:
            aside = -aside
        wheel_x = state.x[car] + ahead * c - aside * s
        wheel_y = state.y[car] + ahead * s + aside * c
        wheels_on += on_road(wheel_x, wheel_y, table, track)
    record.all_wheels_on_track[car] = wheels_on == 4
    record.is_offtrack[car] = wheels_on == 0
