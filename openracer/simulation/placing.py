"""Where cars are put: at the start of an episode, and back on the road after an incident."""

import math

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import BOX, Bodies
from openracer.simulation.episode_state import EpisodeState
from openracer.simulation.obstacles import INNER_LANE, OUTER_LANE
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.compiled import kernel

# Distances: aws-deepracer-community/deepracer-simapp, ``markov/agent_ctrl``.
START_GAP = 1.0
"""A car starts in the other lane if an object is nearer to its start than this along the centre line, m."""
RESET_GAP = 1.0
"""A car that is put back nearer to a box than this ..."""
RESET_BEHIND = 1.0
"""... is put so far behind it, in the other lane, m."""


@kernel()
def halt(car: int, state: VehicleState) -> None:
    """Stop a car where it is."""
    for quantity in (
        state.forward_speed, state.lateral_speed, state.yaw_rate, state.steering, state.wheel_speed, state.front_force,
        state.steering_command, state.speed_command,
    ):  # fmt: skip
        quantity[car] = 0.0


@kernel()
def place(
    car: int, state: VehicleState, distance: float, lane: int, centre: NDArray[np.float64], inner: NDArray[np.float64],
    outer: NDArray[np.float64], arc_length: NDArray[np.float64],
) -> None:  # fmt: skip
    """Put a car at rest on a lane, facing the next waypoint.

    Args:
        car: index of the car.
        state: motion of all cars, changed in place.
        distance: along the centre line, m.
        lane: 0 the centre line, 1 midway to the inner border, -1 midway to the outer border.
        centre: ``(K, 2)`` rows of the track, m.
        inner: ``(K, 2)``.
        outer: ``(K, 2)``.
        arc_length: ``(K,)`` m.
    """
    length = arc_length[-1]
    if distance >= length or distance < 0.0:
        distance = distance % length
    following = min(max(int(np.searchsorted(arc_length, distance, side="right")), 1), len(arc_length) - 1)
    behind = following - 1
    step = arc_length[following] - arc_length[behind]
    share = (distance - arc_length[behind]) / step if step > 0.0 else 0.0
    x = centre[behind, 0] + share * (centre[following, 0] - centre[behind, 0])
    y = centre[behind, 1] + share * (centre[following, 1] - centre[behind, 1])
    target_x, target_y = centre[following, 0], centre[following, 1]
    if lane != 0:
        border = inner if lane > 0 else outer
        x = 0.5 * (x + border[behind, 0] + share * (border[following, 0] - border[behind, 0]))
        y = 0.5 * (y + border[behind, 1] + share * (border[following, 1] - border[behind, 1]))
        target_x = 0.5 * (target_x + border[following, 0])
        target_y = 0.5 * (target_y + border[following, 1])
    state.x[car], state.y[car] = x, y
    state.yaw[car] = math.atan2(target_y - y, target_x - x)
    halt(car, state)


@kernel()
def gap_between(distance: float, other: float, length: float) -> float:
    """How far two places of a lap are apart along the centre line, the shorter way round, m."""
    gap = abs(distance - other) % length
    return min(gap, length - gap)


@kernel()
def start_lane(distance: float, length: float, bodies: Bodies, first: int, last: int) -> int:
    """The lane for a start at a distance along the centre line, m: 0, or the one without an object near the start.

    Args:
        distance: of the start, m.
        length: of the track, m.
        bodies: all.
        first: of the world's boxes and bots.
        last: one beyond them.
    """
    nearest, found = START_GAP, -1
    for j in range(first, last):
        gap = gap_between(distance, bodies.distance[j], length)
        if gap < nearest:
            nearest, found = gap, j
    if found < 0:
        return 0
    return OUTER_LANE if bodies.is_inner[found] else INNER_LANE


@kernel()
def put_back(
    car: int, progress: float, state: VehicleState, episode: EpisodeState, bodies: Bodies, first: int, last: int,
    centre: NDArray[np.float64], inner: NDArray[np.float64], outer: NDArray[np.float64],
    arc_length: NDArray[np.float64],
) -> None:  # fmt: skip
    """Put a car back on the lane that is nearer to it, or well behind a box that stands there, in the other lane.

    Args:
        car: index of the car.
        progress: where to, percent of the lap.
        state: motion of all cars, changed in place.
        episode: rule state of all cars, changed in place.
        bodies: all.
        first: of the world's bodies.
        last: one beyond them.
        centre: ``(K, 2)`` rows of the track, m.
        inner: ``(K, 2)``.
        outer: ``(K, 2)``.
        arc_length: ``(K,)`` m.
    """
    x, y, length = state.x[car], state.y[car], arc_length[-1]
    distance = (episode.start_fraction[car] + progress / 100.0) * length
    nearest, box = RESET_GAP, -1
    for j in range(first, last):
        if bodies.kind[j] == BOX:
            gap = gap_between(distance, bodies.distance[j], length)
            if gap < nearest:
                nearest, box = gap, j
    if box >= 0:
        lane = OUTER_LANE if bodies.is_inner[box] else INNER_LANE
        place(car, state, bodies.distance[box] - RESET_BEHIND, lane, centre, inner, outer, arc_length)
    else:
        place(car, state, distance, OUTER_LANE, centre, inner, outer, arc_length)
        to_outer = math.hypot(state.x[car] - x, state.y[car] - y)
        place(car, state, distance, INNER_LANE, centre, inner, outer, arc_length)
        if math.hypot(state.x[car] - x, state.y[car] - y) > to_outer:
            place(car, state, distance, OUTER_LANE, centre, inner, outer, arc_length)
    episode.still_rows[car] = episode.reverse_rows[car] = 0
