"""A view of the world for people: RGB, any size, from any place above the ground."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.materials import WALL_CODES
from openracer.simulation.scenery import Scenery
from openracer.simulation.surface import LEVELS, TEXEL

WALL_HEIGHT = 1.6
"""Height of the room's walls above the ground, m."""
SKY = ((104, 150, 196), (196, 216, 230))
"""Colours of the sky high up and at the horizon."""
_WALL_HAZE = (36.0, 44.0, 56.0)
"""Light that people see on the walls; the cars' palettes have some as dark as night."""
_CHASE_BEHIND, _CHASE_ABOVE, _CHASE_PITCH = 0.88, 0.46, 0.30


@dataclass(frozen=True)
class Viewpoint:
    """Where a view is taken from.

    Attributes:
        x: m.
        y: m.
        z: height above the ground, m.
        yaw: viewing direction, rad.
        pitch: of the optical axis below the horizontal, rad.
        field_of_view: horizontal, rad.
    """

    x: float
    y: float
    z: float
    yaw: float
    pitch: float
    field_of_view: float = 1.2

    def project(self, points: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
        """Where points of the world appear in an image of this view.

        Args:
            points: (..., 3) x, y, z, m.
            width: of the image, pixels.
            height: of the image, pixels.

        Returns:
            (..., 3) column, row (pixels from the upper left corner) and depth along the optical axis, m. Only
            points of positive depth are in front of the camera.
        """
        offset = points - np.array([self.x, self.y, self.z])
        ahead = offset[..., 0] * math.cos(self.yaw) + offset[..., 1] * math.sin(self.yaw)
        left = offset[..., 1] * math.cos(self.yaw) - offset[..., 0] * math.sin(self.yaw)
        depth = ahead * math.cos(self.pitch) - offset[..., 2] * math.sin(self.pitch)
        below = -ahead * math.sin(self.pitch) - offset[..., 2] * math.cos(self.pitch)
        scale = focal_length(width, self.field_of_view) / np.where(depth == 0.0, 1e-12, depth)
        return np.stack([0.5 * width - left * scale, 0.5 * height + below * scale, depth], axis=-1)


def focal_length(width: int, field_of_view: float) -> float:
    """Focal length in pixels of an image that is ``width`` pixels and ``field_of_view`` radians wide."""
    return 0.5 * width / math.tan(0.5 * field_of_view)


def chase_viewpoint(x: float, y: float, yaw: float) -> Viewpoint:
    """Behind and above a car whose origin is at x, y."""
    return Viewpoint(
        x - _CHASE_BEHIND * math.cos(yaw), y - _CHASE_BEHIND * math.sin(yaw), _CHASE_ABOVE, yaw, _CHASE_PITCH
    )


def render_view(
    scenery: Scenery, scene: int, palette: int, viewpoint: Viewpoint, width: int, height: int
) -> NDArray[np.uint8]:
    """Render ground, walls and sky of a track.

    Args:
        scenery: with the track.
        scene: index of the track in it.
        palette: index of the colours in it.
        viewpoint: where from. Outside the room the nearest place inside counts.
        width: of the image, pixels.
        height: of the image, pixels.

    Returns:
        (height, width, 3) uint8, red, green, blue.
    """
    colours = scenery.palettes[palette].rgb().astype(np.float32)
    colours[WALL_CODES:] = 0.75 * colours[WALL_CODES:] + np.array(_WALL_HAZE)
    return _rendered(scenery, scene, viewpoint, width, height, colours, np.array(SKY, np.float32))


def render_lens(
    scenery: Scenery, scene: int, palette: int, viewpoint: Viewpoint, width: int, height: int
) -> NDArray[np.uint8]:
    """What a camera on a car sees: as :func:`render_view`, in the colours of the cars' palettes and without a sky."""
    colours = scenery.palettes[palette].rgb().astype(np.float32)
    wall = colours[WALL_CODES : WALL_CODES + 4].mean(axis=0)
    return _rendered(scenery, scene, viewpoint, width, height, colours, np.stack((wall, wall)))


def _rendered(
    scenery: Scenery,
    scene: int,
    viewpoint: Viewpoint,
    width: int,
    height: int,
    colours: NDArray[np.float32],
    sky: NDArray[np.float32],
) -> NDArray[np.uint8]:
    out = np.empty((height, width, 3), np.uint8)
    room = scenery.rooms[scene]
    size = room[2:] - room[:2]
    eye = np.clip([viewpoint.x - room[0], viewpoint.y - room[1]], 0.02, size - 0.02)
    _render(
        out,
        np.array([*eye, viewpoint.z, viewpoint.yaw, viewpoint.pitch]),
        focal_length(width, viewpoint.field_of_view),
        size,
        scenery.texels,
        scenery.levels[scene],
        colours,
        sky,
    )
    return out


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def _render(out, eye, focal, size, texels, levels, colours, sky):  # type: ignore[no-untyped-def]
    """Fill an image, row by row.

    Args:
        out: (H, W, 3) uint8.
        eye: (5,) float64: x, y from the room's corner, z, m; yaw, pitch, rad.
        focal: length in pixels.
        size: (2,) float64 m, of the room.
        texels: (T,) uint8 codes.
        levels: (LEVELS, 2) int64, where each level begins and how long its rows are.
        colours: (256, 3) float32.
        sky: (2, 3) float32, high up and at the horizon.
    """
    height, width, _ = out.shape
    cos, sin = math.cos(eye[3]), math.sin(eye[3])
    cos_pitch, sin_pitch = math.cos(eye[4]), math.sin(eye[4])
    gaps = (size[0] - eye[0], size[1] - eye[1], eye[0], eye[1])
    to_pixels = np.empty(4)
    for wall in range(4):
        per_row = gaps[wall] * cos_pitch + eye[2] * (cos, sin, -cos, -sin)[wall] * sin_pitch
        to_pixels[wall] = focal / math.hypot(per_row, eye[2] * (-sin, cos, sin, -cos)[wall])
    colour, ground = np.empty(3, np.float32), np.empty(3, np.float32)
    for row in range(height):
        v = (row + 0.5 - 0.5 * height) / focal
        down, forward = sin_pitch + v * cos_pitch, cos_pitch - v * sin_pitch
        far = eye[2] / max(down, 1e-6)
        stretch = 1.0 / max(down, 1e-6)
        taps = min(max(int(0.5 * stretch), 1), 4)
        blur = far / focal * max(1.0, min(stretch / taps, 3.0))
        level = min(max(int(math.log2(blur / TEXEL) + 0.5), 0), LEVELS - 1)
        for column in range(width):
            left = (0.5 * width - column - 0.5) / focal
            dx, dy = forward * cos - left * sin, forward * sin + left * cos
            # Coverage of this pixel by the ground: its distance from the nearest foot line, in pixels.
            inside = 1.0
            for wall in range(4):
                distance = gaps[wall] * down - eye[2] * (dx, dy, -dx, -dy)[wall]
                inside = min(inside, distance * to_pixels[wall] + 0.5)
            if inside < 1.0:
                _shade_wall(colour, eye, dx, dy, down, focal, size, colours, sky)
            if inside > 0.0 and down > 1e-6:
                _shade_ground(ground, eye, dx, dy, down, focal, size, taps, level, texels, levels, colours)
                share = np.float32(inside)
                for k in range(3):
                    colour[k] = ground[k] if inside >= 1.0 else colour[k] + share * (ground[k] - colour[k])
            for k in range(3):
                out[row, column, k] = int(colour[k] + np.float32(0.5))


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def _shade_wall(colour, eye, dx, dy, down, focal, size, colours, sky):  # type: ignore[no-untyped-def]
    """The colour of wall or sky where a ray that leaves the eye with dx, dy, -down goes."""
    nearest, wall_hit = 1e9, 0
    for wall in range(4):
        gap = (size[0] - eye[0], size[1] - eye[1], eye[0], eye[1])[wall]
        approach = (dx, dy, -dx, -dy)[wall]
        if approach > 1e-9 and gap / approach < nearest:
            nearest, wall_hit = gap / approach, wall
    level = math.hypot(dx, dy)
    steepness = min(max(-down / level, 0.0), 1.0)
    above = eye[2] - nearest * down
    # Walls are lit from above; their upper edge is mixed with the sky over one pixel.
    light = 0.8 + 0.5 * min(max(above / WALL_HEIGHT, 0.0), 1.0)
    sky_share = min(max((above - WALL_HEIGHT) * focal / nearest + 0.5, 0.0), 1.0)
    for k in range(3):
        blue = sky[1, k] + steepness * (sky[0, k] - sky[1, k])
        wall_colour = min(light * colours[WALL_CODES + wall_hit, k], 255.0)
        colour[k] = wall_colour + sky_share * (blue - wall_colour)


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy", fastmath={"contract"})
def _shade_ground(  # type: ignore[no-untyped-def]
    colour, eye, dx, dy, down, focal, size, taps, level, texels, levels, colours
):
    """The colour of the ground where a ray meets it: several taps along the ray, each between four texels."""
    scale = 1.0 / (TEXEL * (1 << level))
    base, pitch = levels[level, 0], levels[level, 1]
    columns, lines = int(size[0] * scale + 0.5), int(size[1] * scale + 0.5)
    colour[:] = 0.0
    for tap in range(taps):
        reach = eye[2] / (down + ((tap + 0.5) / taps - 0.5) / focal)
        across = min(max((eye[0] + reach * dx) * scale - 0.5, 0.0), columns - 1.001)
        along = min(max((eye[1] + reach * dy) * scale - 0.5, 0.0), lines - 1.001)
        column, line = int(across), int(along)
        right, upper = np.float32((across - column) / taps), np.float32(along - line)
        here = np.float32(1.0 / taps) - right
        start = np.uint64(base + line * pitch + column)
        following = np.uint64(start + np.uint64(pitch))
        a, b = texels[start], texels[start + np.uint64(1)]
        c, d = texels[following], texels[following + np.uint64(1)]
        for k in range(3):
            lower = here * colours[a, k] + right * colours[b, k]
            higher = here * colours[c, k] + right * colours[d, k]
            colour[k] += lower + upper * (higher - lower)
