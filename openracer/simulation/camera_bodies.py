"""Boxes and cars in the camera's frame, over the ground and the walls that are already there."""

import math

import numpy as np
from numba import njit

from openracer.simulation.lens import COSINE, FOCAL, FRAME_HEIGHT, FRAME_WIDTH, HEIGHT, SINE
from openracer.simulation.raster import MOST_CORNERS, paint_part

_REACH = 0.3
"""No part of a body is farther from its middle than this, m."""
MOST_BODIES = 64
"""Bodies of one world that a camera can see at once; the farthest beyond are left out."""


@njit(nogil=True, cache=True, error_model="numpy")
def find_seen(seen, x, y, cos, sin, bodies, first, last, own, slope):  # type: ignore[no-untyped-def]
    """The bodies that may be in view, the farthest first.

    Args:
        seen: (MOST_BODIES,) int64, receives their numbers.
        x: of the eye, m.
        y: m.
        cos: of the viewing direction.
        sin: of the same.
        bodies: structs of :class:`openracer.simulation.bodies.Bodies`.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body, which it does not see; -1 if it has none.
        slope: tangent of half the field of view.

    Returns:
        How many there are.
    """
    count = 0
    for j in range(first, last):
        dx, dy = bodies.x[j] - x, bodies.y[j] - y
        ahead, left = dx * cos + dy * sin, dy * cos - dx * sin
        if bodies.is_away[j]:
            continue
        if j == own or not ahead > -_REACH or abs(left) > (ahead + _REACH) * slope + 2.0 * _REACH:
            continue
        distance = dx * dx + dy * dy
        if count < MOST_BODIES:
            count += 1
        place = count - 1
        while place > 0:
            other = seen[place - 1]
            ox, oy = bodies.x[other] - x, bodies.y[other] - y
            if ox * ox + oy * oy >= distance:
                break
            seen[place] = other
            place -= 1
        seen[place] = j
    return count


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def paint_bodies(  # type: ignore[no-untyped-def]
    pixels, start, x, y, cos, sin, bodies, first, last, own, lens, first_part, parts, greys
):
    """Paint the bodies of a world into a frame.

    Args:
        pixels: (P,) uint8, the frames.
        start: uint64, where in ``pixels`` the frame begins.
        x: of the eye, m.
        y: m.
        cos: of the viewing direction.
        sin: of the same.
        bodies: structs of :class:`openracer.simulation.bodies.Bodies`.
        first: of the world's bodies.
        last: one beyond them.
        own: the car's own body; -1 if it has none.
        lens: row of :func:`openracer.simulation.lens.lens_table`.
        first_part: (M + 1,) int64 of :data:`openracer.simulation.solids.MODELS`, as are the next two.
        parts: (P, 8, 3) float64 m.
        greys: (P, 6) uint8.
    """
    seen = np.empty(MOST_BODIES, np.int64)
    height, sine, cosine, focal = lens[HEIGHT], lens[SINE], lens[COSINE], lens[FOCAL]
    count = find_seen(seen, x, y, cos, sin, bodies, first, last, own, 0.5 * FRAME_WIDTH / focal)
    if count == 0:
        return
    depths = np.zeros(FRAME_HEIGHT * FRAME_WIDTH, np.float32)
    corners = np.empty((8, 3))
    face, flags = np.empty((4, 3)), np.empty(4, np.int64)
    clipped, clipped_flags = np.empty((MOST_CORNERS, 3)), np.empty(MOST_CORNERS, np.int64)
    edges = np.empty((MOST_CORNERS, 3))
    for place in range(count):
        j = seen[place]
        dx, dy = bodies.x[j] - x, bodies.y[j] - y
        ahead, left = dx * cos + dy * sin, dy * cos - dx * sin
        along_x, along_y = math.cos(bodies.yaw[j]), math.sin(bodies.yaw[j])
        turn_cos, turn_sin = along_x * cos + along_y * sin, along_y * cos - along_x * sin
        kind = bodies.kind[j]
        for part in range(first_part[kind], first_part[kind + 1]):
            for corner in range(8):
                px, py = parts[part, corner, 0], parts[part, corner, 1]
                to_front = ahead + px * turn_cos - py * turn_sin
                to_left = left + px * turn_sin + py * turn_cos
                up = parts[part, corner, 2] - height
                corners[corner, 0] = -to_left
                corners[corner, 1] = -to_front * sine - up * cosine
                corners[corner, 2] = to_front * cosine - up * sine
            paint_part(
                pixels, start, FRAME_HEIGHT, FRAME_WIDTH, focal, depths, corners, greys[part], face, flags,
                clipped, clipped_flags, edges,
            )  # fmt: skip
