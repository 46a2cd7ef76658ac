"""The cars' front camera: grey frames of a flat ground in a walled room, row by row from top-down maps.

The camera is rigid and the ground flat, so along one image row the ground point moves linearly: position and step are
known from the row alone, and a pixel costs one fetch from the map and one from the palette. Walls are vertical, so
their foot lines and corners are straight lines in the image; each row knows in closed form where the ground begins.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.materials import FIELD, WALL_CODES, pure_code
from openracer.simulation.surface import LEVELS, TEXEL

FRAME_HEIGHT = 120
FRAME_WIDTH = 160
# The camera's place and lens: deepracer-simapp, deepracer.xacro of the car (simulation application 3 and later).
CAMERA_FORWARD = 0.14529379
"""Distance of the lens ahead of the car's origin, m."""
CAMERA_HEIGHT = 0.13032555
CAMERA_PITCH = 0.2618
"""Angle of the optical axis below the horizontal, rad."""
HORIZONTAL_FIELD_OF_VIEW = 1.13
FOCAL_LENGTH = 0.5 * FRAME_WIDTH / math.tan(0.5 * HORIZONTAL_FIELD_OF_VIEW)
"""Focal length in pixels, which are square."""
MAX_TAPS = 4

_FIELD_CODE = pure_code(FIELD)
_WALL_GAP = 0.02


def camera_rows(height: float = CAMERA_HEIGHT, pitch: float = CAMERA_PITCH) -> NDArray[np.float64]:
    """What one image row has in common, whatever the pose of the car.

    Args:
        height: of the lens above the ground, m.
        pitch: of the optical axis below the horizontal, rad.

    Returns:
        (120, 4 + 2 * MAX_TAPS): column 0 the downward and column 1 the forward component of the viewing rays of that
        row (the sideways one of column i is ``(79.5 - i) / FOCAL_LENGTH``), column 2 the map level, column 3 the
        number of taps, then for each tap the distance ahead of the lens and the sideways step from pixel to pixel, m.
        Rows at and above the horizon have no taps. Rows near it see far along the ground within one pixel: they take
        several taps, and a coarser level of the map, so that nothing finer than a pixel shimmers.
    """
    rows = np.zeros((FRAME_HEIGHT, 4 + 2 * MAX_TAPS))
    tangent = (np.arange(FRAME_HEIGHT) + 0.5 - 0.5 * FRAME_HEIGHT) / FOCAL_LENGTH
    rows[:, 0] = math.sin(pitch) + tangent * math.cos(pitch)
    rows[:, 1] = math.cos(pitch) - tangent * math.sin(pitch)
    for row in range(FRAME_HEIGHT):
        down = rows[row, 0]
        half = 0.5 * math.cos(pitch) / FOCAL_LENGTH
        if down <= half:
            continue
        width = height / down / FOCAL_LENGTH
        length = width / down
        taps = 1 if length < 4.0 * width else 2 if length < 12.0 * width else MAX_TAPS
        blur = max(width, min(length / taps, 4.0 * width))
        rows[row, 2] = min(max(round(math.log2(blur / TEXEL)), 0), LEVELS - 1)
        rows[row, 3] = taps
        for tap in range(taps):
            sub = tangent[row] + ((tap + 0.5) / taps - 0.5) / FOCAL_LENGTH
            scale = height / (math.sin(pitch) + sub * math.cos(pitch))
            rows[row, 4 + 2 * tap] = scale * (math.cos(pitch) - sub * math.sin(pitch))
            rows[row, 5 + 2 * tap] = scale / FOCAL_LENGTH
    return rows


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def render_frames(  # type: ignore[no-untyped-def]
    first, last, out, x, y, yaw, scene, palette, texels, levels, rooms, palettes, rows
):
    """Render the camera frames of the cars ``first`` to ``last - 1``.

    Args:
        first: index of the first car.
        last: index after the last car.
        out: (N, 120, 160) uint8, C-contiguous; receives the luma frames.
        x: (N,) float64 m, the cars' origins (base_link).
        y: (N,) float64 m.
        yaw: (N,) float64 rad.
        scene: (N,) int32, which track of the scenery a car is on.
        palette: (N,) int32, which palette of the scenery it sees.
        texels: (T,) uint8, all maps of all tracks, one after the other.
        levels: (S, LEVELS, 2) int64, where in ``texels`` a map begins and how many texels its rows have.
        rooms: (S, 4) float64 m, lower and upper corner of the rooms.
        palettes: (P, 256) uint8, the grey of each code.
        rows: (120, ...) float64 of :func:`camera_rows`.

    A car outside its room or without a finite pose sees the room from its nearest place inside.
    """
    index = np.empty(FRAME_WIDTH, np.uint32)
    total = np.empty(FRAME_WIDTH, np.uint16)
    walls = np.empty((4, 3))
    bounds = np.empty((5, 2))
    for car in range(first, last):
        room = rooms[scene[car]]
        heading = yaw[car] if abs(yaw[car]) < 1e6 else 0.0
        cos, sin = math.cos(heading), math.sin(heading)
        eye_x = _inside(x[car] + CAMERA_FORWARD * cos, room[0], room[2])
        eye_y = _inside(y[car] + CAMERA_FORWARD * sin, room[1], room[3])
        frame, grey = out[car], palettes[palette[car]]
        _find_walls(walls, eye_x, eye_y, cos, sin, room, rows)
        pieces = _find_corners(bounds, eye_x, eye_y, cos, sin, room)
        open_row = _first_open_row(walls)
        for row in range(FRAME_HEIGHT):
            start, end = 0, FRAME_WIDTH
            if row < open_row:
                _draw_walls(frame[row], bounds, pieces, rows[row, 1], grey)
                if rows[row, 3] == 0:
                    continue
                start, end = _draw_foot(frame[row], walls, row, grey[_FIELD_CODE])
            _draw_ground(
                frame[row],
                start,
                end,
                rows[row],
                eye_x - room[0],
                eye_y - room[1],
                cos,
                sin,
                texels,
                levels[scene[car]],
                grey,
                index,
                total,
            )


@njit(nogil=True, cache=True, inline="always")
def _inside(value, low, high):  # type: ignore[no-untyped-def]
    """The value, at least a little within low and high; low for NaN."""
    if not value > low + _WALL_GAP:
        return low + _WALL_GAP
    return min(value, high - _WALL_GAP)


@njit(nogil=True, cache=True, error_model="numpy")
def _find_walls(walls, eye_x, eye_y, cos, sin, room, rows):  # type: ignore[no-untyped-def]
    """The foot lines of the four walls as signed distances in pixels, the ground side positive.

    Row k of ``walls`` receives the distance at the centre of pixel (0, 0) and its growth per column and per row.
    """
    top_down, top_forward = rows[0, 0], rows[0, 1]
    more_down, more_forward = rows[1, 0] - rows[0, 0], rows[1, 1] - rows[0, 1]
    # A pixel of row 'length' metres ahead of the lens: recover the height from any tap.
    last = rows[FRAME_HEIGHT - 1]
    height = last[5] * FOCAL_LENGTH * last[0] if last[3] == 1 else CAMERA_HEIGHT
    for wall in range(4):
        if wall == 0:
            nx, ny, gap = 1.0, 0.0, room[2] - eye_x
        elif wall == 1:
            nx, ny, gap = 0.0, 1.0, room[3] - eye_y
        elif wall == 2:
            nx, ny, gap = -1.0, 0.0, eye_x - room[0]
        else:
            nx, ny, gap = 0.0, -1.0, eye_y - room[1]
        ahead, left = nx * cos + ny * sin, ny * cos - nx * sin
        per_column = height * left / FOCAL_LENGTH
        per_row = gap * more_down - height * ahead * more_forward
        norm = max(math.hypot(per_column, per_row), 1e-12)
        at_zero = gap * top_down - height * (
            ahead * top_forward + left * (0.5 * FRAME_WIDTH - 0.5) / FOCAL_LENGTH
        )
        walls[wall, 0] = at_zero / norm
        walls[wall, 1] = per_column / norm
        walls[wall, 2] = per_row / norm


@njit(nogil=True, cache=True, error_model="numpy")
def _find_corners(bounds, eye_x, eye_y, cos, sin, room):  # type: ignore[no-untyped-def]
    """The walls in view from left to right.

    Row k of ``bounds`` receives the index of the wall and the tangent of the angle, left positive, of its right end.

    Returns:
        How many walls are in view.
    """
    # The wall straight ahead is the one the forward ray meets first.
    ahead, nearest = 0, math.inf
    for wall in range(4):
        approach = (cos, sin, -cos, -sin)[wall]
        gap = (room[2] - eye_x, room[3] - eye_y, eye_x - room[0], eye_y - room[1])[wall]
        if approach > 1e-12 and gap / approach < nearest:
            ahead, nearest = wall, gap / approach
    # Corner k lies between wall k and wall k + 1, counter-clockwise: to the left of wall k.
    leftmost = ahead
    while leftmost < ahead + 3 and _corner_tangent(leftmost % 4, eye_x, eye_y, cos, sin, room) < math.inf:
        leftmost += 1
    pieces = 0
    for wall in range(leftmost, leftmost - 4, -1):
        bounds[pieces, 0] = wall % 4
        bounds[pieces, 1] = -math.inf
        pieces += 1
        tangent = _corner_tangent((wall - 1) % 4, eye_x, eye_y, cos, sin, room)
        if tangent == math.inf:
            break
        bounds[pieces - 1, 1] = tangent
    bounds[pieces - 1, 1] = -math.inf
    return pieces


@njit(nogil=True, cache=True, error_model="numpy")
def _corner_tangent(corner, eye_x, eye_y, cos, sin, room):  # type: ignore[no-untyped-def]
    """Tangent of the angle between straight ahead and a corner, left positive; infinity if it is not in front."""
    dx = room[2] - eye_x if corner == 0 or corner == 3 else room[0] - eye_x
    dy = room[3] - eye_y if corner < 2 else room[1] - eye_y
    ahead, left = dx * cos + dy * sin, dy * cos - dx * sin
    return left / ahead if ahead > 1e-6 else math.inf


@njit(nogil=True, cache=True, error_model="numpy")
def _first_open_row(walls):  # type: ignore[no-untyped-def]
    """The first row from which on downwards no wall is seen."""
    row = 0.0
    for wall in range(4):
        lowest = min(walls[wall, 0], walls[wall, 0] + walls[wall, 1] * (FRAME_WIDTH - 1))
        if walls[wall, 2] > 1e-9:
            row = max(row, (0.5 - lowest) / walls[wall, 2])
        elif lowest + walls[wall, 2] * (FRAME_HEIGHT - 1) < 0.5:
            return FRAME_HEIGHT
    return int(min(math.ceil(row), FRAME_HEIGHT))


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _draw_walls(line, bounds, pieces, forward, grey):  # type: ignore[no-untyped-def]
    """Fill a row with the walls; a pixel that two walls share is mixed."""
    start = 0
    for piece in range(pieces):
        shade = grey[WALL_CODES + int(bounds[piece, 0])]
        edge = 0.5 * FRAME_WIDTH - FOCAL_LENGTH * forward * bounds[piece, 1]
        if edge >= FRAME_WIDTH:
            line[start:] = shade
            return
        if edge <= 0.0:
            continue
        end = int(edge)
        line[start:end] = shade
        other = grey[WALL_CODES + int(bounds[piece + 1, 0])]
        share = edge - end
        line[end] = np.uint8(share * shade + (1.0 - share) * other + 0.5)
        start = end + 1


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _draw_foot(line, walls, row, field):  # type: ignore[no-untyped-def]
    """Mix wall and field in the pixels of a row that a foot line crosses.

    Returns:
        First and last + 1 of the columns that see nothing but ground.
    """
    start, end = _columns_within(walls, row, 0.5)
    outer_start, outer_end = _columns_within(walls, row, -0.5)
    if start >= end:
        start, end = outer_end, outer_end
    for i in range(outer_start, outer_end):
        if start <= i < end:
            continue
        ground = 1.0
        for wall in range(4):
            distance = walls[wall, 0] + walls[wall, 1] * i + walls[wall, 2] * row
            ground = min(ground, distance + 0.5)
        ground = max(ground, 0.0)
        line[i] = np.uint8(ground * field + (1.0 - ground) * line[i] + 0.5)
    return start, end


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _columns_within(walls, row, distance):  # type: ignore[no-untyped-def]
    """The range of columns whose pixels lie at least ``distance`` pixels on the ground side of every foot line."""
    first, last = 0.0, FRAME_WIDTH - 1.0
    for wall in range(4):
        here = walls[wall, 0] + walls[wall, 2] * row - distance
        slope = walls[wall, 1]
        if slope > 1e-9:
            first = max(first, -here / slope)
        elif slope < -1e-9:
            last = min(last, -here / slope)
        elif here < 0.0:
            return 0, 0
    if last < first:
        return 0, 0
    return int(math.ceil(first)), int(last) + 1


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def _draw_ground(  # type: ignore[no-untyped-def]
    line, start, end, constants, eye_x, eye_y, cos, sin, texels, levels, grey, index, total
):
    """Fetch the ground pixels ``start`` to ``end - 1`` of a row; eye_x and eye_y are from the room's corner."""
    level = int(constants[2])
    taps = int(constants[3])
    scale = 1.0 / (TEXEL * (1 << level))
    base = np.uint32(levels[level, 0])
    pitch = np.int32(levels[level, 1])
    for tap in range(taps):
        forward, step = constants[4 + 2 * tap], constants[5 + 2 * tap]
        left = (0.5 * FRAME_WIDTH - 0.5 - start) * step
        from_x = np.float32((eye_x + forward * cos - left * sin) * scale)
        from_y = np.float32((eye_y + forward * sin + left * cos) * scale)
        step_x, step_y = np.float32(step * sin * scale), np.float32(-step * cos * scale)
        for i in range(end - start):
            column = np.int32(from_x + np.float32(i) * step_x)
            index[i] = base + np.uint32(np.int32(from_y + np.float32(i) * step_y) * pitch + column)
        if taps == 1:
            for i in range(end - start):
                line[start + i] = grey[texels[index[i]]]
        elif tap == 0:
            for i in range(end - start):
                total[i] = grey[texels[index[i]]]
        else:
            for i in range(end - start):
                total[i] += grey[texels[index[i]]]
    if taps == 2:
        for i in range(end - start):
            line[start + i] = (total[i] + 1) >> 1
    elif taps == 4:
        for i in range(end - start):
            line[start + i] = (total[i] + 2) >> 2
