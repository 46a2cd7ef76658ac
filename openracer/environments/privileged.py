"""What a critic may know beyond the picture: the car's exact place and motion and the road ahead.

Only the value estimate uses it while training; the policy, which later drives alone, never does (asymmetric
actor-critic: Pinto et al. 2017, arXiv:1710.06542).
"""

import math

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.episode_state import EpisodeState
from openracer.simulation.threads import next_car
from openracer.simulation.track_table import CENTRE, TrackTable, project_nearby
from openracer.simulation.vehicle import VehicleState
from openracer.tracks.compiled import kernel

LOOK_AHEAD_M = (0.2, 0.5, 0.9, 1.4, 2.0, 2.8)
"""Distances along the centre line at which the road ahead is described, m."""

MOTION_SIZE = 10
SIZE = MOTION_SIZE + 2 * len(LOOK_AHEAD_M)
"""Numbers per car."""

_LOOK_AHEAD = np.array(LOOK_AHEAD_M)


@kernel()
def describe_cars(
    turns: NDArray[np.int64], out: NDArray[np.float32], cars: NDArray[np.int64], state: VehicleState,
    episode: EpisodeState, table: TrackTable, track: NDArray[np.int64], look_ahead: NDArray[np.float64],
) -> None:  # fmt: skip
    """Fill the privileged state of some cars, every entry of the order of one.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        out: ``(K, SIZE) float32``: signed offset over half the width, its square, sine and cosine of the heading error,
            forward and lateral speed, yaw rate, steering angle, wheel speed, whether the episode has just begun; then
            the points of the centre line ahead in the car's axes.
        cars: ``(K,)`` indices.
        state: motion of all cars.
        episode: rule state of all cars.
        table: all tracks.
        track: ``(N,)`` track of each car.
        look_ahead: distances ahead, m.
    """
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car = cars[k]
        entry = table.tracks[track[car]]
        a, b = entry.first, entry.last
        centre, arc_length = table.centre[a:b], table.arc_length[a:b]
        yaw = state.yaw[car]
        c, s = math.cos(yaw), math.sin(yaw)
        x, y = state.x[car] + FRONT_POINT_AHEAD * c, state.y[car] + FRONT_POINT_AHEAD * s
        i, distance, near_x, near_y = project_nearby(x, y, CENTRE, table.centre, table, track[car])
        length = arc_length[-1]
        road_x, road_y = centre[i + 1, 0] - centre[i, 0], centre[i + 1, 1] - centre[i, 1]
        step = max(math.hypot(road_x, road_y), 1e-9)
        road_x, road_y = road_x / step, road_y / step
        offset = road_x * (y - near_y) - road_y * (x - near_x)
        width = math.hypot(
            table.inner[a + i, 0] - table.outer[a + i, 0], table.inner[a + i, 1] - table.outer[a + i, 1]
        )
        offset /= max(0.5 * width, 1e-3)
        out[k, 0] = offset
        out[k, 1] = offset * offset
        out[k, 2] = road_x * s - road_y * c
        out[k, 3] = road_x * c + road_y * s
        out[k, 4] = 0.5 * state.forward_speed[car]
        out[k, 5] = state.lateral_speed[car]
        out[k, 6] = 0.3 * state.yaw_rate[car]
        out[k, 7] = 2.0 * state.steering[car]
        out[k, 8] = 0.5 * state.wheel_speed[car]
        out[k, 9] = 1.0 if episode.steps[car] < 2 else 0.0
        j = i
        for n in range(len(look_ahead)):
            target = distance + look_ahead[n]
            if target > length:
                target = target - length if entry.is_closed else length
                j = 0 if entry.is_closed else j
            while j < len(arc_length) - 2 and arc_length[j + 1] < target:
                j += 1
            share = (target - arc_length[j]) / max(arc_length[j + 1] - arc_length[j], 1e-9)
            dx = centre[j, 0] + share * (centre[j + 1, 0] - centre[j, 0]) - x
            dy = centre[j, 1] + share * (centre[j + 1, 1] - centre[j, 1]) - y
            out[k, 10 + 2 * n] = c * dx + s * dy
            out[k, 11 + 2 * n] = -s * dx + c * dy
        k, share_end = next_car(turns, len(cars), k, share_end)


def look_ahead_distances() -> NDArray[np.float64]:
    """:data:`LOOK_AHEAD_M` as the kernel wants it, ``(6,) float64``."""
    return _LOOK_AHEAD
