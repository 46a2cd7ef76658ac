"""Boxes as people see them in a view, painted by the same faces as in the cars' camera."""

import math

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.raster import MOST_CORNERS, paint_part
from openracer.simulation.solids import BOX_PARTS, LIGHT
from openracer.simulation.view import Viewpoint, focal_length


def draw_boxes(image: NDArray[np.uint8], viewpoint: Viewpoint, boxes: NDArray[np.floating]) -> None:
    """Paint boxes into a view, the farthest first.

    Args:
        image: (H, W, 3) uint8 of :func:`openracer.simulation.view.render_view`, changed in place.
        viewpoint: of that view.
        boxes: (B, 3) x and y, m, and yaw, rad.
    """
    if not len(boxes):
        return
    height, width, _ = image.shape
    focal = focal_length(width, viewpoint.field_of_view)
    distance = np.hypot(boxes[:, 0] - viewpoint.x, boxes[:, 1] - viewpoint.y)
    face, flags = np.empty((4, 3)), np.empty(4, np.int64)
    clipped, clipped_flags = np.empty((MOST_CORNERS, 3)), np.empty(MOST_CORNERS, np.int64)
    edges = np.empty((MOST_CORNERS, 3))
    for channel in range(3):
        plane = image[..., channel].ravel()
        depths = np.zeros(height * width, np.float32)
        for box in boxes[np.argsort(-distance)]:
            for corners, colour in BOX_PARTS:
                seen = _in_camera(viewpoint, corners, box)
                greys = np.minimum(np.rint(LIGHT * colour[channel]), 255).astype(np.uint8)
                paint_part(
                    plane, 0, height, width, focal, depths, seen, greys, face, flags, clipped, clipped_flags, edges
                )  # fmt: skip
        image[..., channel] = plane.reshape(height, width)


def _in_camera(
    viewpoint: Viewpoint, corners: NDArray[np.float64], pose: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Corners (8, 3) of a body with a pose (3,) in the view's axes: right, down and depth, m."""
    turn = float(pose[2]) - viewpoint.yaw
    dx, dy = float(pose[0]) - viewpoint.x, float(pose[1]) - viewpoint.y
    cos, sin = math.cos(viewpoint.yaw), math.sin(viewpoint.yaw)
    ahead = dx * cos + dy * sin + corners[:, 0] * math.cos(turn) - corners[:, 1] * math.sin(turn)
    left = dy * cos - dx * sin + corners[:, 0] * math.sin(turn) + corners[:, 1] * math.cos(turn)
    up = corners[:, 2] - viewpoint.z
    pitch_cos, pitch_sin = math.cos(viewpoint.pitch), math.sin(viewpoint.pitch)
    return np.stack([-left, -ahead * pitch_sin - up * pitch_cos, ahead * pitch_cos - up * pitch_sin], axis=1)
