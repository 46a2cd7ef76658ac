"""Painting flat faces into grey pictures: smooth at outlines, and nearer ones before farther ones at every pixel."""

import math

from numba import njit

from openracer.simulation.solids import FACES, NEIGHBOURS

NEAR = 0.02
"""Nearer than this nothing is seen, m (deepracer-simapp: the camera's clip plane)."""
MOST_CORNERS = 8
"""Of a face that is cut off at the near plane."""


@njit(nogil=True, cache=True, error_model="numpy")
def clip_near(face, flags, clipped, clipped_flags):  # type: ignore[no-untyped-def]
    """Cut a face off at the near plane.

    Args:
        face: (4, 3) float64, corners in the camera's axes: right, down and depth, m.
        flags: (4,) int64, whether the edge from corner k to k + 1 is an outline.
        clipped: (MOST_CORNERS, 3), receives the corners that remain.
        clipped_flags: (MOST_CORNERS,), receives the flags of their edges.

    Returns:
        How many corners remain.
    """
    count = 0
    for k in range(4):
        following = (k + 1) % 4
        here, there = face[k, 2] - NEAR, face[following, 2] - NEAR
        if here >= 0.0:
            for axis in range(3):
                clipped[count, axis] = face[k, axis]
            clipped_flags[count] = flags[k]
            count += 1
        if (here >= 0.0) != (there >= 0.0):
            share = here / (here - there)
            for axis in range(3):
                clipped[count, axis] = face[k, axis] + share * (face[following, axis] - face[k, axis])
            clipped_flags[count] = flags[k] if there >= 0.0 else 0
            count += 1
    return count


@njit(nogil=True, cache=True, error_model="numpy")
def _plane(corners, count):  # type: ignore[no-untyped-def]
    """A normal of a face's plane, three numbers, and its product with each of the face's corners."""
    nx = ny = nz = 0.0
    ax, ay, az = corners[0, 0], corners[0, 1], corners[0, 2]
    for k in range(1, count - 1):
        ux, uy, uz = corners[k, 0] - ax, corners[k, 1] - ay, corners[k, 2] - az
        vx, vy, vz = corners[k + 1, 0] - ax, corners[k + 1, 1] - ay, corners[k + 1, 2] - az
        nx, ny, nz = nx + uy * vz - uz * vy, ny + uz * vx - ux * vz, nz + ux * vy - uy * vx
    return nx, ny, nz, nx * ax + ny * ay + nz * az


@njit(nogil=True, cache=True, error_model="numpy")
def _edge_lines(edges, corners, count, height, width, focal):  # type: ignore[no-untyped-def]
    """The edges of a face in the picture.

    Args:
        edges: (MOST_CORNERS, 3), receives the distance of the middle of pixel (0, 0) from each edge, inside positive,
            and its growth to the right and down, pixels.
        corners: (MOST_CORNERS, 3), in the camera's axes, m.
        count: of the corners.
        height: of the picture, pixels.
        width: of the picture, pixels.
        focal: focal length, pixels.

    Returns:
        Twice the area in the picture; lowest and highest row, and lowest and highest column of a corner, pixels.
    """
    low, high, left, right, area = math.inf, -math.inf, math.inf, -math.inf, 0.0
    for k in range(count):
        following = (k + 1) % count
        ax = 0.5 * width + focal * corners[k, 0] / corners[k, 2]
        ay = 0.5 * height + focal * corners[k, 1] / corners[k, 2]
        bx = 0.5 * width + focal * corners[following, 0] / corners[following, 2]
        by = 0.5 * height + focal * corners[following, 1] / corners[following, 2]
        low, high, left, right = min(low, ay), max(high, ay), min(left, ax), max(right, ax)
        area += ax * by - bx * ay
        length = math.hypot(bx - ax, by - ay)
        edges[k, 0], edges[k, 1], edges[k, 2] = 1.0, 0.0, 0.0
        if length > 1e-9:
            edges[k, 1], edges[k, 2] = (ay - by) / length, (bx - ax) / length
            edges[k, 0] = edges[k, 1] * (0.5 - ax) + edges[k, 2] * (0.5 - ay)
    return area, low, high, left, right


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def _columns(edges, flags, count, row, left, right):  # type: ignore[no-untyped-def]
    """First and last + 1 of the columns of a row that a face covers, outlines reaching half a pixel farther."""
    first, last = left, right
    for k in range(count):
        here = edges[k, 0] + edges[k, 2] * row + (0.5 if flags[k] else 0.0)
        growth = edges[k, 1]
        if growth > 1e-9:
            first = max(first, -here / growth)
        elif growth < -1e-9:
            last = min(last, -here / growth)
        elif here < 0.0:
            last = -1.0
    return math.ceil(first), math.floor(last) + 1


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def paint_face(pixels, start, height, width, focal, depths, corners, flags, count, grey, edges):  # type: ignore[no-untyped-def]
    """Paint a convex face.

    Args:
        pixels: (P,) uint8, of which ``height * width`` from ``start`` on are the picture.
        start: of the picture.
        height: of the picture, pixels.
        width: of the picture, pixels.
        focal: focal length, pixels.
        depths: (height * width,) float32, 1/m: how near what is painted is, 0 for the background.
        corners: (MOST_CORNERS, 3), in the camera's axes: right, down and depth, m, clockwise as seen in the picture.
        flags: (MOST_CORNERS,), whether the edge from corner k to k + 1 is an outline, to be mixed with what is behind.
        count: of the corners.
        grey: of the face.
        edges: (MOST_CORNERS, 3) float64, memory to work in.
    """
    area, low, high, left, right = _edge_lines(edges, corners, count, height, width, focal)
    if area < 1e-6:
        return
    nx, ny, nz, offset = _plane(corners, count)
    if offset == 0.0:
        return
    # Inverse depth is linear in the picture: n . ray = n . corner for every ray that meets the face.
    per_column, per_row = nx / (offset * focal), ny / (offset * focal)
    at_zero = nz / offset + per_column * (0.5 - 0.5 * width) + per_row * (0.5 - 0.5 * height)
    nearest, farthest = 0.0, math.inf
    for k in range(count):
        nearest = max(nearest, 1.0 / corners[k, 2])
        farthest = min(farthest, 1.0 / corners[k, 2])
    for row in range(max(0, math.floor(low - 0.5)), min(height, math.ceil(high + 0.5))):
        first, last = _columns(edges, flags, count, row, max(left - 1.0, 0.0), min(right, width - 1.0))
        for column in range(first, last):
            cover = 1.0
            for k in range(count):
                if flags[k]:
                    distance = edges[k, 0] + edges[k, 2] * row + edges[k, 1] * column
                    if distance < 0.5:
                        cover *= distance + 0.5
            if cover <= 0.0:
                continue
            # Outside the outline the plane goes on; the face itself is nowhere nearer or farther than its corners.
            depth = min(max(at_zero + per_column * column + per_row * row, farthest), nearest)
            at = row * width + column
            if depth <= depths[at]:
                continue
            behind = float(pixels[start + at])
            pixels[start + at] = int(behind + cover * (grey - behind) + 0.5)
            if cover >= 0.5:
                depths[at] = depth


@njit(nogil=True, cache=True, boundscheck=False, error_model="numpy")
def paint_part(  # type: ignore[no-untyped-def]
    pixels, start, height, width, focal, depths, seen, greys, face, flags, clipped, clipped_flags, edges
):
    """Paint the visible faces of a block with six faces.

    Args:
        pixels: as for :func:`paint_face`, like ``start``, ``height``, ``width``, ``focal``, ``depths``, ``edges``.
        start: see there.
        height: see there.
        width: see there.
        focal: see there.
        depths: see there.
        seen: (8, 3) float64, its corners in the camera's axes: right, down and depth, m.
        greys: (6,) uint8, of its faces.
        face: (4, 3) float64, memory to work in.
        flags: (4,) int64, the same.
        clipped: (MOST_CORNERS, 3) float64, the same.
        clipped_flags: (MOST_CORNERS,) int64, the same.
        edges: see there.
    """
    visible = 0
    for f in range(6):
        ax, ay, az = seen[FACES[f, 0], 0], seen[FACES[f, 0], 1], seen[FACES[f, 0], 2]
        ux, uy, uz = seen[FACES[f, 1], 0] - ax, seen[FACES[f, 1], 1] - ay, seen[FACES[f, 1], 2] - az
        vx, vy, vz = seen[FACES[f, 3], 0] - ax, seen[FACES[f, 3], 1] - ay, seen[FACES[f, 3], 2] - az
        facing = (uy * vz - uz * vy) * ax + (uz * vx - ux * vz) * ay + (ux * vy - uy * vx) * az
        if facing > 0.0:
            visible |= 1 << f
    for f in range(6):
        if not visible >> f & 1:
            continue
        for k in range(4):
            # From outside the corners go round counter-clockwise, in the picture, whose rows grow downwards, as well.
            for axis in range(3):
                face[k, axis] = seen[FACES[f, k], axis]
            flags[k] = 0 if visible >> NEIGHBOURS[f, k] & 1 else 1
        count = clip_near(face, flags, clipped, clipped_flags)
        if count >= 3:
            paint_face(
                pixels,
                start,
                height,
                width,
                focal,
                depths,
                clipped,
                clipped_flags,
                count,
                float(greys[f]),
                edges,
            )
