"""The race car as people see it: a small solid model, projected, shaded and painted into a view."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from openracer.simulation.palette import Colour
from openracer.simulation.view import Viewpoint

CAR_COLOURS: tuple[Colour, ...] = (
    (92, 72, 214),
    (222, 74, 58),
    (28, 160, 148),
    (240, 168, 34),
    (200, 80, 170),
    (64, 132, 222),
)
"""Body colours of the first, second, ... car."""
_DARK, _TYRE, _GLASS, _RIM = (34.0, 36.0, 42.0), (26.0, 26.0, 30.0), (58.0, 74.0, 96.0), (150.0, 154.0, 162.0)
_SUN = np.array([0.35, 0.25, 0.90]) / math.hypot(0.35, 0.25, 0.90)
# Wheels: deepracer-simapp, URDF of the car; the body is drawn freely within the bounding box of its shell.
_WHEEL_RADIUS, _WHEEL_WIDTH = 0.036, 0.035
_FRONT_AXLE, _REAR_AXLE, _HALF_TRACK = 0.082, -0.082, 0.080
_SUPERSAMPLING = 3

Face = tuple[NDArray[np.float64], Colour]


def draw_car(
    image: NDArray[np.uint8],
    viewpoint: Viewpoint,
    x: float,
    y: float,
    yaw: float,
    steering: float = 0.0,
    colour: Colour = CAR_COLOURS[0],
) -> None:
    """Paint a car into a view.

    Args:
        image: (H, W, 3) uint8 of :func:`openracer.simulation.view.render_view`, changed in place.
        viewpoint: of that view.
        x: of the car's origin, m.
        y: m.
        yaw: rad.
        steering: angle of the front wheels, rad, left positive.
        colour: of the body.
    """
    height, width, _ = image.shape
    cos, sin = math.cos(yaw), math.sin(yaw)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    faces = (*_body(colour), *_wheels(round(steering, 2)))
    ends = np.cumsum([len(corners) for corners, _ in faces])
    starts = ends - [len(corners) for corners, _ in faces]
    solid = np.concatenate([_shadow(), *(corners for corners, _ in faces)])
    world = solid @ turn + np.array([x, y, 0.0])
    points = viewpoint.project(world, width, height)
    if (points[:, 2] < 0.02).any():
        return
    shadow, points, world = points[: len(_shadow())], points[len(_shadow()) :], world[len(_shadow()) :]
    eye = np.array([viewpoint.x, viewpoint.y, viewpoint.z])
    normal = np.cross(world[starts + 1] - world[starts], world[starts + 2] - world[starts])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    light = 0.55 + 0.5 * np.maximum(0.0, normal @ _SUN)
    middle = np.add.reduceat(world, starts) / (ends - starts)[:, None]
    seen = np.flatnonzero(((eye - middle) * normal).sum(axis=1) > 0.0)
    seen = seen[np.argsort(-np.linalg.norm(eye - middle[seen], axis=1))]
    everything = np.concatenate([shadow, points])
    low = np.clip(np.floor(everything[:, :2].min(axis=0)).astype(int) - 1, 0, [width, height])
    high = np.clip(np.ceil(everything[:, :2].max(axis=0)).astype(int) + 2, 0, [width, height])
    if (high <= low).any():
        return
    patch = Image.new("RGBA", tuple(((high - low) * _SUPERSAMPLING).tolist()))
    pen = ImageDraw.Draw(patch)
    pen.polygon(_flat(shadow, low), fill=(0, 0, 0, 110))
    for face in seen:
        shade = (min(255, int(light[face] * channel)) for channel in faces[face][1])
        pen.polygon(_flat(points[starts[face] : ends[face]], low), fill=(*shade, 255))
    picture = patch.reduce(_SUPERSAMPLING)
    behind = image[low[1] : high[1], low[0] : high[0]]
    mixed = Image.fromarray(behind)
    mixed.paste(picture, mask=picture)
    behind[:] = np.asarray(mixed)


def _flat(points: NDArray[np.float64], low: NDArray[np.int64]) -> list[float]:
    """Image points as Pillow wants them, in the supersampled patch that begins at ``low``."""
    flat: list[float] = ((points[:, :2] - low) * _SUPERSAMPLING).ravel().tolist()
    return flat


@cache
def _shadow() -> NDArray[np.float64]:
    """Outline of the car's shadow on the ground, (24, 3) m."""
    angle = np.linspace(0.0, 2.0 * math.pi, 24, endpoint=False)
    # A superellipse: a rectangle with round corners.
    across = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.5
    along = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.5
    return np.stack([0.155 * along, 0.105 * across, np.zeros(24)], axis=1)


@cache
def _body(colour: Colour) -> tuple[Face, ...]:
    """Chassis, shell, cockpit, wing and camera in the car's frame."""
    bright: Colour = (0.55 * colour[0] + 110, 0.55 * colour[1] + 110, 0.55 * colour[2] + 110)
    return (
        *_block(-0.125, 0.135, 0.060, 0.060, 0.020, 0.045, _DARK),
        *_block(-0.135, 0.060, 0.062, 0.056, 0.045, 0.082, colour),
        *_block(0.060, 0.158, 0.056, 0.030, 0.040, 0.066, colour, front_height=0.046),
        *_block(-0.090, 0.030, 0.044, 0.030, 0.082, 0.118, _GLASS),
        *_block(-0.080, 0.015, 0.030, 0.026, 0.118, 0.124, bright),
        *_block(-0.150, -0.115, 0.088, 0.088, 0.108, 0.115, bright),
        *_block(-0.138, -0.128, 0.050, 0.050, 0.080, 0.108, _DARK),
        *_block(0.032, 0.060, 0.014, 0.014, 0.082, 0.140, _DARK),
    )


def _block(
    rear: float,
    front: float,
    half_rear: float,
    half_front: float,
    bottom: float,
    top: float,
    colour: Colour,
    front_height: float | None = None,
) -> list[Face]:
    """A box from ``rear`` to ``front`` whose width and height may taper towards its front."""
    nose = top if front_height is None else front_height
    corner = {
        (end, side, rise): np.array([x, side * half, (high if rise else bottom)])
        for end, x, half, high in ((0, rear, half_rear, top), (1, front, half_front, nose))
        for side in (-1, 1)
        for rise in (0, 1)
    }
    sides = (
        ((0, -1, 1), (1, -1, 1), (1, 1, 1), (0, 1, 1)),
        ((1, -1, 0), (1, 1, 0), (1, 1, 1), (1, -1, 1)),
        ((0, 1, 0), (0, -1, 0), (0, -1, 1), (0, 1, 1)),
        ((1, 1, 0), (0, 1, 0), (0, 1, 1), (1, 1, 1)),
        ((0, -1, 0), (1, -1, 0), (1, -1, 1), (0, -1, 1)),
    )
    return [(np.array([corner[k] for k in side]), colour) for side in sides]


@cache
def _wheels(steering: float) -> tuple[Face, ...]:
    """The four wheels, the front ones turned by ``steering`` rad, in the car's frame."""
    faces: list[Face] = []
    angle = np.linspace(0.0, 2.0 * math.pi, 14, endpoint=False)
    rim = np.stack([np.sin(angle), 0.0 * angle, np.cos(angle)], axis=1)
    for axle, turn in ((_REAR_AXLE, 0.0), (_FRONT_AXLE, steering)):
        swing = np.array(
            [[math.cos(turn), math.sin(turn), 0.0], [-math.sin(turn), math.cos(turn), 0.0], [0, 0, 1]]
        )
        for side in (-1, 1):
            hub = np.array([axle, side * _HALF_TRACK, _WHEEL_RADIUS])
            aside = np.array([0.0, 0.5 * _WHEEL_WIDTH, 0.0])
            left = (_WHEEL_RADIUS * rim + aside) @ swing + hub
            right = (_WHEEL_RADIUS * rim - aside) @ swing + hub
            for k in range(len(angle)):
                following = (k + 1) % len(angle)
                faces.append((np.array([left[k], right[k], right[following], left[following]]), _TYRE))
            faces.append((left[::-1], _TYRE))
            faces.append((right, _TYRE))
            cap = 1.03 * aside
            faces.append(((0.55 * _WHEEL_RADIUS * rim + cap)[::-1] @ swing + hub, _RIM))
            faces.append(((0.55 * _WHEEL_RADIUS * rim - cap) @ swing + hub, _RIM))
    return tuple(faces)
