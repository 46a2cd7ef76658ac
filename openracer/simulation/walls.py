"""The four walls of a room as the camera sees them: foot lines and corners are straight lines in the image.

Walls are numbered 0 to 3: towards +x, +y, -x, -y. Corner k lies between walls k and k + 1. Positions of the eye are
given from the room's lower corner, so that the room reaches from (0, 0) to (size_x, size_y).
"""

import math

import numpy as np
from numba import njit

from openracer.simulation.lens import DOWN, FORWARD, FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.materials import WALL_CODES

_CENTRE = 0.5 * FRAME_WIDTH


@njit(nogil=True, cache=True, error_model="numpy")
def find_feet(feet, eye_x, eye_y, size_x, size_y, cos, sin, rows, focal):  # type: ignore[no-untyped-def]
    """Where the walls meet the ground, as signed distances from their foot lines, the ground side positive.

    Args:
        feet: (4, 4) float64; row k receives, in pixels, wall k's distance at the centre of pixel (0, 0), its growth
            per column and per row, and the inverse of its growth per column (0 for a line along the image rows).
        eye_x: m.
        eye_y: m.
        size_x: m.
        size_y: m.
        cos: of the yaw.
        sin: of the yaw.
        rows: of :func:`openracer.simulation.lens.camera_rows`.
        focal: focal length, pixels.
    """
    more_down, more_forward = rows[1, DOWN] - rows[0, DOWN], rows[1, FORWARD] - rows[0, FORWARD]
    for wall in range(4):
        gap = (size_x - eye_x, size_y - eye_y, eye_x, eye_y)[wall]
        ahead = (cos, sin, -cos, -sin)[wall]
        left = (-sin, cos, sin, -cos)[wall]
        # A ray meets the ground before the wall where gap * down > ahead * forward + left * leftward.
        per_column = left / focal
        per_row = gap * more_down - ahead * more_forward
        at_zero = gap * rows[0, DOWN] - ahead * rows[0, FORWARD] - left * (_CENTRE - 0.5) / focal
        norm = 1.0 / max(math.hypot(per_column, per_row), 1e-12)
        feet[wall, 0] = at_zero * norm
        feet[wall, 1] = per_column * norm
        feet[wall, 2] = per_row * norm
        feet[wall, 3] = 1.0 / feet[wall, 1] if abs(feet[wall, 1]) > 1e-6 else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def find_corners(corners, eye_x, eye_y, size_x, size_y, cos, sin):  # type: ignore[no-untyped-def]
    """The walls in front of the camera from left to right.

    Args:
        corners: (4, 2) float64; row k receives the number of the k-th wall and the tangent of the angle, left
            positive, between straight ahead and its right end (minus infinity for the last).
        eye_x: m.
        eye_y: m.
        size_x: m.
        size_y: m.
        cos: of the yaw.
        sin: of the yaw.

    Returns:
        How many walls there are.
    """
    ahead, nearest = 0, math.inf
    for wall in range(4):
        approach = (cos, sin, -cos, -sin)[wall]
        gap = (size_x - eye_x, size_y - eye_y, eye_x, eye_y)[wall]
        if approach > 1e-12 and gap / approach < nearest:
            ahead, nearest = wall, gap / approach
    # To the left of wall k is its corner k, then wall k + 1.
    leftmost = ahead
    while leftmost < ahead + 3:
        if _tangent(leftmost % 4, eye_x, eye_y, size_x, size_y, cos, sin) == math.inf:
            break
        leftmost += 1
    walls = 0
    for wall in range(leftmost, leftmost - 4, -1):
        corners[walls, 0] = wall % 4
        tangent = _tangent((wall - 1) % 4, eye_x, eye_y, size_x, size_y, cos, sin)
        corners[walls, 1] = tangent
        walls += 1
        if tangent == math.inf:
            break
    corners[walls - 1, 1] = -math.inf
    return walls


@njit(nogil=True, cache=True, error_model="numpy")
def _tangent(corner, eye_x, eye_y, size_x, size_y, cos, sin):  # type: ignore[no-untyped-def]
    """Tangent of the angle from straight ahead to a corner, left positive; infinity if it is not in front."""
    dx = size_x - eye_x if corner == 0 or corner == 3 else -eye_x
    dy = size_y - eye_y if corner < 2 else -eye_y
    ahead, left = dx * cos + dy * sin, dy * cos - dx * sin
    return left / ahead if ahead > 1e-6 else math.inf


@njit(nogil=True, cache=True, error_model="numpy")
def first_open_row(feet):  # type: ignore[no-untyped-def]
    """The first row from which on downwards nothing but ground is seen."""
    open_row = 0.0
    for wall in range(4):
        lowest = min(feet[wall, 0], feet[wall, 0] + feet[wall, 1] * (FRAME_WIDTH - 1))
        if feet[wall, 2] > 1e-9:
            open_row = max(open_row, (0.5 - lowest) / feet[wall, 2])
        elif lowest + feet[wall, 2] * (FRAME_HEIGHT - 1) < 0.5:
            return FRAME_HEIGHT
    return int(min(math.ceil(open_row), FRAME_HEIGHT))


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def draw_walls(pixels, target, corners, walls, forward, grey, focal):  # type: ignore[no-untyped-def]
    """Fill an image row with the walls; a pixel that two walls share is mixed.

    Args:
        pixels: (P,) uint8, the frames.
        target: uint64, where in ``pixels`` the row begins.
        corners: of :func:`find_corners`.
        walls: how many there are.
        forward: forward component of the row's viewing rays.
        grey: (256,) uint8, the palette.
        focal: focal length, pixels.
    """
    start = 0
    for wall in range(walls):
        shade = grey[WALL_CODES + int(corners[wall, 0])]
        edge = min(_CENTRE - focal * forward * corners[wall, 1], float(FRAME_WIDTH))
        if edge <= start:
            continue
        end = int(edge)
        for i in range(np.uint64(start), np.uint64(end)):
            pixels[target + i] = shade
        if end == FRAME_WIDTH:
            return
        # As floats: the difference of unsigned bytes would wrap round.
        near, far = float(shade), float(grey[WALL_CODES + int(corners[wall + 1, 0])])
        pixels[target + np.uint64(end)] = int(far + (edge - end) * (near - far) + 0.5)
        start = end + 1


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def draw_foot(pixels, target, row, feet, field):  # type: ignore[no-untyped-def]
    """Mix the field into the pixels of a row of walls that a foot line crosses.

    Args:
        pixels: (P,) uint8, the frames.
        target: uint64, where in ``pixels`` the row begins.
        row: of the image.
        feet: of :func:`find_feet`.
        field: grey of the ground along the walls.

    Returns:
        First and last + 1 of the columns that see nothing but ground.
    """
    first, last, touched_first, touched_last = 0.0, FRAME_WIDTH - 1.0, 0.0, FRAME_WIDTH - 1.0
    for wall in range(4):
        distance, inverse = feet[wall, 0] + feet[wall, 2] * row, feet[wall, 3]
        if inverse > 0.0:
            first = max(first, (0.5 - distance) * inverse)
            touched_first = max(touched_first, (-0.5 - distance) * inverse)
        elif inverse < 0.0:
            last = min(last, (0.5 - distance) * inverse)
            touched_last = min(touched_last, (-0.5 - distance) * inverse)
        elif distance < 0.5:
            last = -1.0
            if distance < -0.5:
                return 0, 0
    if touched_last < touched_first:
        return 0, 0
    touched_start, touched_end = math.ceil(touched_first), int(touched_last) + 1
    start, end = touched_end, touched_end
    if first <= last:
        start, end = math.ceil(first), int(last) + 1
    _mix_field(pixels, target, row, touched_start, start, feet, field)
    _mix_field(pixels, target, row, end, touched_end, feet, field)
    return start, end


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _mix_field(pixels, target, row, start, end, feet, field):  # type: ignore[no-untyped-def]
    """Mix the field into the columns ``start`` to ``end - 1`` by how far they lie on the ground side."""
    for i in range(start, end):
        ground = 0.5
        for wall in range(4):
            ground = min(ground, feet[wall, 0] + feet[wall, 1] * i + feet[wall, 2] * row)
        at = target + np.uint64(i)
        wall_grey = float(pixels[at])
        pixels[at] = int(wall_grey + max(0.0, ground + 0.5) * (field - wall_grey) + 0.5)
