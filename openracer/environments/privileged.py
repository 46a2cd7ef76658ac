"""What a critic may know beyond the picture: the car's exact place and motion and the road ahead.

Only the value estimate uses it while training; the policy, which later drives alone, never does (asymmetric
actor-critic: Pinto et al. 2017, arXiv:1710.06542).
"""

import math

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import Bodies, own_body
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
"""Numbers per car on an empty road."""

LOOK_FOR = 2
"""So many boxes or bots ahead are described ..."""
SIGHT_M = 4.0
"""... if they are not farther away along the centre line than this, m."""
BESIDE_M = 0.5
_OBJECT_SIZE = 4


def size(objects: int) -> int:
    """Numbers per car where so many boxes, bots or other cars are on the road with it."""
    return SIZE + (LOOK_FOR * _OBJECT_SIZE if objects else 0)


_LOOK_AHEAD = np.array(LOOK_AHEAD_M)


@kernel()
def describe_cars(
    turns: NDArray[np.int64], out: NDArray[np.float32], cars: NDArray[np.int64], state: VehicleState,
    episode: EpisodeState, table: TrackTable, track: NDArray[np.int64], look_ahead: NDArray[np.float64],
    bodies: Bodies, world: NDArray[np.int64], objects: int, others: int,
) -> None:  # fmt: skip
    """Fill the privileged state of some cars, every entry of the order of one.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        out: ``(K, size(objects)) float32``: signed offset over half the width, its square, sine and cosine of the
            heading error, forward and lateral speed, yaw rate, steering angle, wheel speed, whether the episode has
            just begun; then the points of the centre line ahead in the car's axes; then what
            :func:`describe_objects` tells of what is on the road.
        cars: ``(K,)`` indices.
        state: motion of all cars.
        episode: rule state of all cars.
        table: all tracks.
        track: ``(N,)`` track of each car.
        look_ahead: distances ahead, m.
        bodies: of all worlds.
        world: ``(N,)`` world of each car.
        objects: boxes or bots of a world.
        others: cars that are bodies in a world.
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
        if objects + others > 0:
            first, own = world[car] * (objects + others), own_body(car, world, objects, others)
            describe_objects(
                out[k, SIZE:], x, y, c, s, distance, length, bodies, first, first + objects + others, own
            )
        k, share_end = next_car(turns, len(cars), k, share_end)


@kernel()
def describe_objects(
    out: NDArray[np.float32], x: float, y: float, c: float, s: float, distance: float, length: float, bodies: Bodies,
    first: int, last: int, own: int,
) -> None:  # fmt: skip
    """Fill what is told of the next boxes, bots or other cars ahead of a car.

    Args:
        out: ``(LOOK_FOR * 4,)``: for each nearness along the road, 1 beside it and 0 out of sight, its place in the
            car's axes over 4 m and 1 m, and its speed; zeros where there is none.
        x: of the car's front point, m.
        y: m.
        c: cosine of its heading.
        s: sine of its heading.
        distance: along the centre line, m.
        length: of the track, m.
        bodies: of all worlds.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body; -1 if it has none.
    """
    passed = -1.0
    for n in range(LOOK_FOR):
        nearest, found = SIGHT_M, -1
        for j in range(first, last):
            if j == own or bodies.is_away[j]:
                continue
            # Half a metre behind the front point an object is still beside the car.
            gap = bodies.distance[j] - distance + BESIDE_M
            gap -= math.floor(gap / length) * length
            if passed < gap < nearest:
                nearest, found = gap, j
        out[4 * n : 4 * n + 4] = 0.0
        if found >= 0:
            dx, dy = bodies.x[found] - x, bodies.y[found] - y
            out[4 * n] = 1.0 - nearest / SIGHT_M
            out[4 * n + 1] = (c * dx + s * dy) / SIGHT_M
            out[4 * n + 2] = c * dy - s * dx
            out[4 * n + 3] = bodies.speed[found]
            passed = nearest
        else:
            passed = SIGHT_M


def look_ahead_distances() -> NDArray[np.float64]:
    """:data:`LOOK_AHEAD_M` as the kernel wants it, ``(6,) float64``."""
    return _LOOK_AHEAD
