"""Who hits whom, and which bodies are next on the road: what a car's row says of the others in its world."""

import math

from openracer.simulation.bodies import BOX, Bodies, rule_halves
from openracer.simulation.body import LENGTH, WIDTH
from openracer.simulation.lens import (
    CAMERA_FORWARD,
    CAMERA_HEIGHT,
    CAMERA_PITCH,
    FOCAL_LENGTH,
    FRAME_HEIGHT,
    FRAME_WIDTH,
)
from openracer.tracks.compiled import kernel

_REACH = 0.6
"""Bodies whose middles are farther apart than this do not touch, m."""
_NEAR = 0.2
"""Nearest depth at which the camera counts an object as seen, m (deepracer-simapp)."""

_halves = kernel()(rule_halves)


@kernel()
def touches(x: float, y: float, yaw: float, bodies: Bodies, j: int) -> bool:
    """Whether a corner of a car lies in the rectangle of a body (deepracer-simapp, ``markov/reset``: crash rule).

    Args:
        x: of the car's origin, m.
        y: m.
        yaw: rad.
        bodies: all.
        j: which.
    """
    dx, dy = bodies.x[j] - x, bodies.y[j] - y
    # Written so that a coordinate that is not a number touches nothing.
    if not dx * dx + dy * dy < _REACH * _REACH:
        return False
    c, s = math.cos(yaw), math.sin(yaw)
    along_x, along_y = math.cos(bodies.yaw[j]), math.sin(bodies.yaw[j])
    half_length, half_width = _halves(bodies.kind[j])
    for corner in range(4):
        ahead = 0.5 * LENGTH if corner < 2 else -0.5 * LENGTH
        aside = 0.5 * WIDTH if corner % 2 == 0 else -0.5 * WIDTH
        corner_x, corner_y = ahead * c - aside * s - dx, ahead * s + aside * c - dy
        along, across = corner_x * along_x + corner_y * along_y, corner_y * along_x - corner_x * along_y
        if abs(along) <= half_length and abs(across) <= half_width:
            return True
    return False


@kernel()
def is_at_fault(own_share: float, other_share: float) -> bool:
    """Whether a car that touches another is the one behind.

    Args:
        own_share: progress along the track, 0 to 1.
        other_share: of the other. Half a lap at most counts as ahead, so that the start line changes nothing.
    """
    ahead = other_share - own_share
    ahead -= math.floor(ahead)
    return 0.0 < ahead < 0.5


@kernel()
def find_contact(
    x: float, y: float, yaw: float, own_share: float, bodies: Bodies, first: int, last: int, own: int
) -> tuple[int, int]:
    """What a car touches.

    A box always counts; another car only if that is ahead: whoever is hit from behind has not crashed.

    Args:
        x: of the car's origin, m.
        y: m.
        yaw: rad.
        own_share: progress of the car along the track, 0 to 1.
        bodies: all.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body; -1 if it has none.

    Returns:
        The body that it has crashed into, and one that has run into it; -1 for none.
    """
    crashed_into, hit_by = -1, -1
    for j in range(first, last):
        if j == own or not bodies.is_solid[j] or not touches(x, y, yaw, bodies, j):
            continue
        if bodies.kind[j] == BOX or is_at_fault(own_share, bodies.lap_share[j]):
            if crashed_into < 0:
                crashed_into = j
        elif hit_by < 0:
            hit_by = j
    return crashed_into, hit_by


@kernel()
def find_neighbours(distance: float, bodies: Bodies, first: int, last: int, own: int) -> tuple[int, int]:
    """The bodies right behind and right ahead of a car along the centre line, around the lap.

    Args:
        distance: of the car's projection, m.
        bodies: all.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body; -1 if it has none.

    Returns:
        Their numbers among the world's bodies without the car's own.
    """
    behind, ahead, farthest, nearest = -1, -1, -1, -1
    for j in range(first, last):
        if j == own:
            continue
        place = bodies.distance[j]
        if place <= distance and (behind < 0 or place >= bodies.distance[behind]):
            behind = j
        if place > distance and (ahead < 0 or place < bodies.distance[ahead]):
            ahead = j
        if farthest < 0 or place >= bodies.distance[farthest]:
            farthest = j
        if nearest < 0 or place < bodies.distance[nearest]:
            nearest = j
    behind, ahead = (farthest if behind < 0 else behind), (nearest if ahead < 0 else ahead)
    behind -= first + (1 if 0 <= own < behind else 0)
    ahead -= first + (1 if 0 <= own < ahead else 0)
    return behind, ahead


@kernel()
def is_in_camera(x: float, y: float, yaw: float, bodies: Bodies, j: int) -> bool:
    """Whether the middle of a body, or one of the corners on which it stands, lies in the camera's field of view."""
    c, s = math.cos(yaw), math.sin(yaw)
    along_x, along_y = math.cos(bodies.yaw[j]), math.sin(bodies.yaw[j])
    half_length, half_width = _halves(bodies.kind[j])
    for corner in range(5):
        along = 0.0 if corner == 4 else half_length if corner < 2 else -half_length
        across = 0.0 if corner == 4 else half_width if corner % 2 == 0 else -half_width
        dx = bodies.x[j] + along * along_x - across * along_y - x - CAMERA_FORWARD * c
        dy = bodies.y[j] + along * along_y + across * along_x - y - CAMERA_FORWARD * s
        ahead, left, up = dx * c + dy * s, dy * c - dx * s, -CAMERA_HEIGHT
        depth = ahead * math.cos(CAMERA_PITCH) - up * math.sin(CAMERA_PITCH)
        below = -ahead * math.sin(CAMERA_PITCH) - up * math.cos(CAMERA_PITCH)
        if (
            depth > _NEAR
            and abs(left) * FOCAL_LENGTH <= 0.5 * FRAME_WIDTH * depth
            and abs(below) * FOCAL_LENGTH <= 0.5 * FRAME_HEIGHT * depth
        ):
            return True
    return False
