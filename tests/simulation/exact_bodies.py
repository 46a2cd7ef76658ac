"""Slow exact pictures and scans of boxes and cars: every ray on its own against every face, in plain NumPy."""

import math

import numpy as np

from openracer.simulation import lens
from openracer.simulation.palette import LUMA
from openracer.simulation.solids import BOX_PARTS, LIGHT, car_parts


def camera_axes(x, y, yaw, aside=0.0):
    """Origin (3,) and directions (3, 3) of the camera: right, down, forward."""
    cos, sin = math.cos(yaw), math.sin(yaw)
    ahead, left = np.array([cos, sin, 0.0]), np.array([-sin, cos, 0.0])
    up = np.array([0.0, 0.0, 1.0])
    pitch = lens.CAMERA_PITCH
    forward = math.cos(pitch) * ahead - math.sin(pitch) * up
    down = -math.sin(pitch) * ahead - math.cos(pitch) * up
    origin = np.array([x, y, 0.0]) + lens.CAMERA_FORWARD * ahead + aside * left + lens.CAMERA_HEIGHT * up
    return origin, np.stack([-left, down, forward])


def pixel_rays(axes):
    """(120, 160, 3) directions through the middles of the pixels, of depth 1."""
    columns = (np.arange(160) + 0.5 - 80) / lens.FOCAL_LENGTH
    rows = (np.arange(120) + 0.5 - 60) / lens.FOCAL_LENGTH
    rays = np.empty((120, 160, 3))
    rays[:] = axes[2] + columns[None, :, None] * axes[0] + rows[:, None, None] * axes[1]
    return rays


def parts_of(kind, pose, colours):
    """Blocks of a body in the world: (corners (8, 3), luma)."""
    x, y, yaw = pose
    cos, sin = math.cos(yaw), math.sin(yaw)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    for corners, colour in BOX_PARTS if kind == 0 else car_parts(colours):
        yield corners @ turn + np.array([x, y, 0.0]), float(np.dot(colour, LUMA))


def render(origin, axes, bodies, colours):
    """Grey of the nearest face behind each pixel (120, 160), NaN where there is none."""
    rays = pixel_rays(axes)
    depth, grey = np.full((120, 160), np.inf), np.full((120, 160), np.nan)
    for kind, pose in bodies:
        for corners, luma in parts_of(kind, pose, colours):
            # A convex block is where the ray is inside of all six planes at once.
            middle = corners.mean(axis=0)
            enter, leave = np.full((120, 160), 0.02), np.full((120, 160), np.inf)
            hit = np.full((120, 160), -1)
            for number, face in enumerate(_PLANES):
                a, b, c = corners[face[0]], corners[face[1]], corners[face[2]]
                normal = np.cross(b - a, c - a)
                if normal @ (middle - a) > 0:
                    normal = -normal  # outwards
                speed, gap = rays @ normal, normal @ (a - origin)
                with np.errstate(divide="ignore", invalid="ignore"):
                    when = gap / speed
                entering = speed < 0
                hit = np.where(entering & (when > enter), number, hit)
                enter = np.where(entering, np.maximum(enter, when), enter)
                leave = np.where(speed > 0, np.minimum(leave, when), leave)
                leave = np.where((speed == 0) & (gap < 0), -1.0, leave)
            seen = (enter < leave) & (hit >= 0) & (enter < depth)
            depth = np.where(seen, enter, depth)
            grey = np.where(seen, np.rint(LIGHT[hit] * luma), grey)
    return grey


# front, rear, left, right, top, bottom, in the order of LIGHT; corner 4 * is_front + 2 * is_left + is_top.
_PLANES = ((4, 5, 6), (0, 1, 2), (2, 3, 6), (0, 1, 4), (1, 3, 5), (0, 2, 4))


def near_an_edge(origin, axes, bodies, colours, reach=1.5):
    """Pixels (120, 160) whose middle is nearer than so many pixels to an edge of a block: outlines are smooth there."""
    columns, rows = np.meshgrid(np.arange(160) + 0.5, np.arange(120) + 0.5)
    near = np.zeros((120, 160), np.bool_)
    for kind, pose in bodies:
        for corners, _luma in parts_of(kind, pose, colours):
            seen = (corners - origin) @ axes.T
            for a in range(8):
                for bit in (1, 2, 4):
                    if a & bit == 0:
                        near |= _distance(columns, rows, seen[a], seen[a | bit]) < reach
    return near


def _distance(columns, rows, a, b):
    """Distance of pixels from an edge between two points in the camera's axes, as far as it is before the camera."""
    if max(a[2], b[2]) < 0.02:
        return np.full(columns.shape, np.inf)
    if min(a[2], b[2]) < 0.02:
        back, front = (a, b) if a[2] < b[2] else (b, a)
        a, b = front, back + (0.02 - back[2]) / (front[2] - back[2]) * (front - back)
    ax, ay = 80 + lens.FOCAL_LENGTH * a[0] / a[2], 60 + lens.FOCAL_LENGTH * a[1] / a[2]
    bx, by = 80 + lens.FOCAL_LENGTH * b[0] / b[2], 60 + lens.FOCAL_LENGTH * b[1] / b[2]
    dx, dy = bx - ax, by - ay
    share = np.clip(((columns - ax) * dx + (rows - ay) * dy) / max(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    return np.hypot(columns - ax - share * dx, rows - ay - share * dy)


def ray_to_rectangle(x, y, angle, pose, half_length, half_width):
    """How far a ray goes to the outline of a rectangle: against each side as a segment; inf if it misses."""
    cos, sin = math.cos(pose[2]), math.sin(pose[2])
    corners = [
        (
            pose[0] + a * half_length * cos - b * half_width * sin,
            pose[1] + a * half_length * sin + b * half_width * cos,
        )
        for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))
    ]
    best = math.inf
    dx, dy = math.cos(angle), math.sin(angle)
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        ex, ey = bx - ax, by - ay
        cross = dx * ey - dy * ex
        if abs(cross) < 1e-15:
            continue
        along = ((ax - x) * ey - (ay - y) * ex) / cross
        share = ((ax - x) * dy - (ay - y) * dx) / cross
        if along >= 0 and 0 <= share <= 1:
            best = min(best, along)
    return best
