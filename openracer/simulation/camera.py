"""The cars' front camera: grey frames of a flat ground in a walled room, row by row from top-down maps.

The camera is rigid and the ground flat, so along one image row the ground point moves linearly: position and step
are known from the row alone, and a pixel costs one fetch from the map. Each row knows in
closed form which of its columns see the ground, so that no pixel needs a test of its own.
"""

import math

import numpy as np
from numba import njit

from openracer.simulation import walls
from openracer.simulation.bodies import own_body
from openracer.simulation.camera_bodies import paint_bodies
from openracer.simulation.lens import (
    CAMERA_FORWARD,
    DOWN,
    FIRST_TAP,
    FOCAL,
    FORWARD,
    FRAME_HEIGHT,
    FRAME_WIDTH,
    LEVEL,
    MAX_TAPS,
    TAPS,
    TEXELS_PER_METRE,
)
from openracer.simulation.materials import FIELD, pure_code
from openracer.simulation.threads import next_car

__all__ = ["FRAME_HEIGHT", "FRAME_WIDTH", "render_frames"]

_FIELD_CODE = pure_code(FIELD)
_WALL_GAP = 0.02
"""The camera never comes nearer to a wall than this, m."""


EYE_ASIDE = 0.03
"""How far the eyes of stereo cameras are to the left and right of the car's middle, m (deepracer-simapp)."""


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def render_frames(  # type: ignore[no-untyped-def]
    turns, out, cars, state, scene, palette, bodies, world, objects, others, maps, levels, rooms, shades, lens_of_look,
    lenses, rows, first_part, parts, greys,
):  # fmt: skip
    """Render the camera frames of some cars.

    A car outside its room, or without a finite pose, sees the room from the nearest place inside.

    Args:
        turns: of :func:`openracer.simulation.threads.all_turns`.
        out: (K, 120, 160) uint8, C-contiguous; receives the luma frames.
        cars: (K,) int64, indices of the cars.
        state: (N,) structs of :class:`openracer.simulation.vehicle.VehicleState`, of which x, y and yaw are read.
        scene: (N,) int32, which track of the scenery a car is on.
        palette: (N,) int32, which look of the scenery it sees.
        bodies: structs of :class:`openracer.simulation.bodies.Bodies`.
        world: (N,) int64, world of each car.
        objects: boxes or bots of a world.
        others: cars that are bodies in a world: all of it if there are several, else none.
        maps: uint8, all maps of all tracks, one after the other: (L, T) in the greys of each look, or (1, T) in codes.
        levels: (S, LEVELS, 2) int64, where among the T texels a map begins and how many texels its rows have.
        rooms: (S, 4) float64 m, lower and upper corner of the rooms.
        shades: (L, 256) uint8, the grey of each code in each look.
        lens_of_look: (L,) int64.
        lenses: of :func:`openracer.simulation.lens.lens_table`, V.
        rows: (V, ...), of each lens what :func:`openracer.simulation.lens.camera_rows` gives.
        first_part: of :data:`openracer.simulation.solids.MODELS`, as is the next.
        parts: see there.
        greys: (L, ...) in each look, see there.
    """
    pixels, texels = out.reshape(-1), maps.reshape(-1)
    index = np.empty(MAX_TAPS * FRAME_WIDTH, np.uint32)
    feet, corners = np.empty((4, 4)), np.empty((4, 2))
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car = cars[k]
        _render(
            pixels, k * FRAME_HEIGHT * FRAME_WIDTH, car, 0.0, state, scene, palette, bodies, world, objects, others,
            texels, maps.shape, levels, rooms, shades, lens_of_look, lenses, rows, first_part, parts, greys, index,
            feet, corners,
        )  # fmt: skip
        k, share_end = next_car(turns, len(cars), k, share_end)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def render_stereo(  # type: ignore[no-untyped-def]
    turns, out, cars, state, scene, palette, bodies, world, objects, others, maps, levels, rooms, shades, lens_of_look,
    lenses, rows, first_part, parts, greys,
):  # fmt: skip
    """Render what the stereo cameras of some cars see, as :func:`render_frames` does, into (K, 120, 160, 2) uint8.

    Of every pixel the left eye's luma comes first.
    """
    pixels, texels = out.reshape(-1), maps.reshape(-1)
    size = FRAME_HEIGHT * FRAME_WIDTH
    eyes = np.empty(2 * size, np.uint8)
    index = np.empty(MAX_TAPS * FRAME_WIDTH, np.uint32)
    feet, corners = np.empty((4, 4)), np.empty((4, 2))
    k, share_end = next_car(turns, len(cars), 0, 0)
    while k < len(cars):
        car = cars[k]
        for eye in range(2):
            _render(
                eyes, eye * size, car, EYE_ASIDE * (1.0 - 2.0 * eye), state, scene, palette, bodies, world, objects,
                others, texels, maps.shape, levels, rooms, shades, lens_of_look, lenses, rows, first_part, parts, greys,
                index, feet, corners,
            )  # fmt: skip
        start = np.uint64(k * 2 * size)
        for i in range(np.uint64(size)):
            pixels[start + np.uint64(2) * i] = eyes[i]
            pixels[start + np.uint64(2) * i + np.uint64(1)] = eyes[np.uint64(size) + i]
        k, share_end = next_car(turns, len(cars), k, share_end)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def _render(  # type: ignore[no-untyped-def]
    pixels, first_pixel, car, aside, state, scene, palette, bodies, world, objects, others, texels, map_shape, levels,
    rooms, shades, lens_of_look, lenses, all_rows, first_part, parts, greys, index, feet, corners,
):  # fmt: skip
    """Render the frame of one eye of one car, ``aside`` m to the left of its middle, from ``first_pixel`` on."""
    look = palette[car]
    lens, is_coded = lens_of_look[look], map_shape[0] < len(shades)
    scene_of_car, grey, rows, focal = scene[car], shades[look], all_rows[lens], lenses[lens, FOCAL]
    heading = state.yaw[car] if abs(state.yaw[car]) < 1e6 else 0.0
    cos, sin = math.cos(heading), math.sin(heading)
    room_x, room_y = rooms[scene_of_car, 0], rooms[scene_of_car, 1]
    size_x, size_y = rooms[scene_of_car, 2] - room_x, rooms[scene_of_car, 3] - room_y
    eye_x = _inside(state.x[car] + CAMERA_FORWARD * cos - aside * sin - room_x, size_x)
    eye_y = _inside(state.y[car] + CAMERA_FORWARD * sin + aside * cos - room_y, size_y)
    walls.find_feet(feet, eye_x, eye_y, size_x, size_y, cos, sin, rows, focal)
    walls_in_view = walls.find_corners(corners, eye_x, eye_y, size_x, size_y, cos, sin)
    open_row = walls.first_open_row(feet)
    for row in range(FRAME_HEIGHT):
        target = np.uint64(first_pixel + row * FRAME_WIDTH)
        start, end = 0, FRAME_WIDTH
        if row < open_row:
            walls.draw_walls(pixels, target, corners, walls_in_view, rows[row, FORWARD], grey, focal)
            end = 0
            if rows[row, DOWN] > 0.0:
                start, end = walls.draw_foot(pixels, target, row, feet, grey[_FIELD_CODE])
        level, taps = int(rows[row, LEVEL]), int(rows[row, TAPS])
        if start >= end or taps == 0:
            continue
        count = np.uint64(end - start)
        target += np.uint64(start)
        scale = rows[row, TEXELS_PER_METRE]
        start_of_map = (0 if is_coded else look * map_shape[1]) + levels[scene_of_car, level, 0]
        base, pitch = np.uint32(start_of_map), np.int32(levels[scene_of_car, level, 1])
        for tap in range(taps):
            forward, step = rows[row, FIRST_TAP + 2 * tap], rows[row, FIRST_TAP + 2 * tap + 1]
            left = (0.5 * FRAME_WIDTH - 0.5 - start) * step
            from_x = np.float32((eye_x + forward * cos - left * sin) * scale)
            from_y = np.float32((eye_y + forward * sin + left * cos) * scale)
            step_x, step_y = np.float32(step * sin * scale), np.float32(-step * cos * scale)
            slot = np.uint64(tap * FRAME_WIDTH)
            for i in range(count):
                column = np.int32(from_x + np.float32(np.int32(i)) * step_x)
                line = np.int32(from_y + np.float32(np.int32(i)) * step_y)
                index[slot + i] = base + np.uint32(line * pitch + column)
        if is_coded:
            _fetch_codes(pixels, target, count, taps, index, texels, grey)
        else:
            _fetch(pixels, target, count, taps, index, texels)
    if objects + others > 0:
        first = world[car] * (objects + others)
        own = own_body(car, world, objects, others)
        paint_bodies(
            pixels, first_pixel, eye_x + room_x, eye_y + room_y, cos, sin, bodies, first, first + objects + others, own,
            lenses[lens], first_part, parts, greys[look],
        )  # fmt: skip


@njit(nogil=True, cache=True, inline="always")
def _inside(value, size):  # type: ignore[no-untyped-def]
    """The value, kept between 0 and size and a little away from both; NaN becomes the least."""
    return min(value, size - _WALL_GAP) if value > _WALL_GAP else _WALL_GAP


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _fetch(pixels, target, count, taps, index, texels):  # type: ignore[no-untyped-def]
    """Fill ``count`` pixels from ``target`` on with the mean grey of their taps.

    Args:
        pixels: (P,) uint8, the frames.
        target: uint64.
        count: uint64.
        taps: 1, 2 or 4.
        index: (MAX_TAPS * FRAME_WIDTH,) uint32, where the texel of each tap of each pixel lies.
        texels: (P * T,) uint8 greys.
    """
    # Unsigned indices spare the test for negative ones.
    second, third, fourth = np.uint64(FRAME_WIDTH), np.uint64(2 * FRAME_WIDTH), np.uint64(3 * FRAME_WIDTH)
    if taps == 1:
        for i in range(count):
            pixels[target + i] = texels[index[i]]
    elif taps == 2:
        for i in range(count):
            total = np.uint32(texels[index[i]]) + np.uint32(texels[index[second + i]])
            pixels[target + i] = (total + np.uint32(1)) >> np.uint32(1)
    else:
        for i in range(count):
            total = np.uint32(texels[index[i]]) + np.uint32(texels[index[second + i]])
            total += np.uint32(texels[index[third + i]]) + np.uint32(texels[index[fourth + i]])
            pixels[target + i] = (total + np.uint32(2)) >> np.uint32(2)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _fetch_codes(pixels, target, count, taps, index, codes, grey):  # type: ignore[no-untyped-def]
    """The same from a map of codes, whose greys are looked up: two fetches for a tap, but one map for all looks."""
    second, third, fourth = np.uint64(FRAME_WIDTH), np.uint64(2 * FRAME_WIDTH), np.uint64(3 * FRAME_WIDTH)
    if taps == 1:
        for i in range(count):
            pixels[target + i] = grey[codes[index[i]]]
    elif taps == 2:
        for i in range(count):
            total = np.uint32(grey[codes[index[i]]]) + np.uint32(grey[codes[index[second + i]]])
            pixels[target + i] = (total + np.uint32(1)) >> np.uint32(1)
    else:
        for i in range(count):
            total = np.uint32(grey[codes[index[i]]]) + np.uint32(grey[codes[index[second + i]]])
            total += np.uint32(grey[codes[index[third + i]]]) + np.uint32(grey[codes[index[fourth + i]]])
            pixels[target + i] = (total + np.uint32(2)) >> np.uint32(2)
