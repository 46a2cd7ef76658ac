"""The cars' LIDAR: rays that end at boxes, other cars and the walls of the room, and what the three kinds tell of them.

Unlike the original's, the scan is as new as the camera's frame and free of noise.
"""

import math

from numba import njit

from openracer.simulation.bodies import own_body, seen_halves
from openracer.simulation.threads import next_car
from openracer.tracks.compiled import kernel

# Mount, rays and kinds: aws-deepracer-community/deepracer-simapp, URDF of the car and ``markov/sensors``.
MOUNT_AHEAD = 0.02913
"""Of the car's origin, m."""
RAYS = 64
SPREAD = 2.0 * 2.61799
"""Angle between the first ray and the last, rad. The sensor looks backwards: what is missing is ahead."""
NEAREST = 0.15
"""Anything nearer counts as this far, m."""
FARTHEST = 1.0
"""The plain LIDAR's readings are cut off here, m."""
SECTORS = 8
SECTOR_RANGE = 0.5
"""A sector says whether anything is nearer than this, m."""
STEPS, STEP_LENGTH = 8, 0.25
"""Steps of distance that the discretised LIDAR tells apart, and their length, m."""
_BODY_RADIUS = 0.3

_halves = kernel()(seen_halves)


@njit(nogil=True, cache=True, error_model="numpy")
def ray_angle(ray):  # type: ignore[no-untyped-def]
    """Direction of a ray against the car's, rad, left positive: the first points ahead to the left, then backwards."""
    return math.pi - 0.5 * SPREAD + ray * SPREAD / (RAYS - 1)


@njit(nogil=True, cache=True, error_model="numpy")
def ray_length(x, y, cos, sin, bodies, first, last, own, room):  # type: ignore[no-untyped-def]
    """How far a ray goes before it ends at a wall or a body.

    Args:
        x: where it begins, m.
        y: m.
        cos: of its direction.
        sin: of its direction.
        bodies: structs of :class:`openracer.simulation.bodies.Bodies`.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body; -1 if it has none.
        room: (4,) m, lower and upper corner of the walls.

    Returns:
        Metres.
    """
    length = math.inf
    if abs(cos) > 1e-12:
        length = min(length, max(((room[2] if cos > 0.0 else room[0]) - x) / cos, 0.0))
    if abs(sin) > 1e-12:
        length = min(length, max(((room[3] if sin > 0.0 else room[1]) - y) / sin, 0.0))
    for j in range(first, last):
        dx, dy = x - bodies.x[j], y - bodies.y[j]
        if j == own or bodies.is_away[j] or abs(dx * sin - dy * cos) > _BODY_RADIUS:
            continue
        along_x, along_y = math.cos(bodies.yaw[j]), math.sin(bodies.yaw[j])
        half_length, half_width = _halves(bodies.kind[j])
        enter, leave = 0.0, length
        for axis in range(2):
            place = dx * along_x + dy * along_y if axis == 0 else dy * along_x - dx * along_y
            growth = cos * along_x + sin * along_y if axis == 0 else sin * along_x - cos * along_y
            half = half_length if axis == 0 else half_width
            if abs(growth) < 1e-12:
                if abs(place) > half:
                    leave = -1.0
                continue
            near, far = (-half - place) / growth, (half - place) / growth
            enter, leave = max(enter, min(near, far)), min(leave, max(near, far))
        if enter <= leave:
            length = enter
    return length


@njit(nogil=True, cache=True, error_model="numpy")
def scan(turns, out, kind, cars, state, scene, bodies, world, objects, others, rooms):  # type: ignore[no-untyped-def]
    """Fill what the LIDARs of some cars tell.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        out: (K, 64) or, for sectors, (K, 8) float32.
        kind: 0 distances, 1 sectors, 2 discretised sectors.
        cars: (K,) int64, indices of the cars.
        state: (N,) structs of :class:`openracer.simulation.vehicle.VehicleState`, of which x, y and yaw are read.
        scene: (N,) int32, which room a car is in.
        bodies: structs of :class:`openracer.simulation.bodies.Bodies`.
        world: (N,) int64, world of each car.
        objects: boxes or bots of a world.
        others: cars that are bodies in a world: all of it if there are several, else none.
        rooms: (S, 4) float64 m, lower and upper corner of the rooms.
    """
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car = cars[k]
        first = world[car] * (objects + others)
        own = own_body(car, world, objects, others)
        yaw = state.yaw[car]
        x, y = state.x[car] + MOUNT_AHEAD * math.cos(yaw), state.y[car] + MOUNT_AHEAD * math.sin(yaw)
        for sector in range(SECTORS):
            nearest = math.inf
            for ray in range(sector * RAYS // SECTORS, (sector + 1) * RAYS // SECTORS):
                angle = yaw + ray_angle(ray)
                length = ray_length(
                    x, y, math.cos(angle), math.sin(angle), bodies, first, first + objects + others, own,
                    rooms[scene[car]],
                )  # fmt: skip
                if kind == 0:
                    out[k, ray] = min(max(length, NEAREST), FARTHEST)
                nearest = min(nearest, max(length, NEAREST))
            if kind == 1:
                out[k, sector] = 1.0 if nearest < SECTOR_RANGE else 0.0
            elif kind == 2:
                for step in range(STEPS):
                    is_here = step * STEP_LENGTH <= nearest < (step + 1) * STEP_LENGTH
                    out[k, sector * STEPS + step] = 1.0 if is_here else 0.0
        k, share_end = next_car(turns, len(cars), k, share_end)
