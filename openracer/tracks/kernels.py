"""Compiled geometry of a point against a polyline or a ring, called for every car and step."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@njit(nogil=True, cache=True)
def project_point(x: float, y: float, centre: Array, arc_length: Array) -> tuple[int, float, float, float]:
    """The point of a polyline nearest to (x, y), searched over all of it.

    Where several points are equally near, the first along the line counts.

    Args:
        x: metres.
        y: metres.
        centre: (N, 2) points of the line, m; for a closed line the last row equals the first.
        arc_length: (N,) distance along the line up to each row, m; not decreasing.

    Returns:
        Index i of the segment from row i to row i + 1, the largest with ``arc_length[i] <= distance`` (so
        never a zero-length one unless it ends the line); the distance along the line, m; the nearest
        point's x and y, m.
    """
    last = len(centre) - 2
    segment = 0
    best = np.inf
    best_fraction = 0.0
    nearest_x = centre[0, 0]
    nearest_y = centre[0, 1]
    for i in range(last + 1):
        ax = centre[i, 0]
        ay = centre[i, 1]
        bx = centre[i + 1, 0]
        by = centre[i + 1, 1]
        vx = bx - ax
        vy = by - ay
        along = (x - ax) * vx + (y - ay) * vy
        squared_length = vx * vx + vy * vy
        fraction = 0.0
        if along <= 0.0:
            qx = ax
            qy = ay
        elif (
            along >= squared_length
        ):  # exactly the row itself, so that both its segments agree to the last bit
            qx = bx
            qy = by
            fraction = 1.0
        else:
            fraction = along / squared_length
            qx = ax + fraction * vx
            qy = ay + fraction * vy
        squared = (x - qx) * (x - qx) + (y - qy) * (y - qy)
        if squared < best:
            best = squared
            segment = i
            best_fraction = fraction
            nearest_x = qx
            nearest_y = qy
    start = arc_length[segment]
    distance = start + best_fraction * (arc_length[segment + 1] - start)
    while segment < last and arc_length[segment + 1] <= distance:
        segment += 1
    return segment, distance, nearest_x, nearest_y


@njit(nogil=True, cache=True)
def side_of_ring(x: float, y: float, ring: Array) -> int:
    """Where (x, y) lies with respect to a ring, by the even-odd rule.

    Args:
        x: metres.
        y: metres.
        ring: (K, 2) corners, m; the last may repeat the first. No corner at all encloses nothing.

    Returns:
        1 inside, 0 exactly on the ring, -1 outside.
    """
    side = -1
    count = len(ring)
    if count == 0:
        return side
    ax = ring[count - 1, 0]
    ay = ring[count - 1, 1]
    for k in range(count):
        bx = ring[k, 0]
        by = ring[k, 1]
        if (ay > y) != (by > y):
            cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if cross == 0.0:
                return 0
            if (cross > 0.0) == (by > ay):
                side = -side
        elif ay == y and by == y:
            if min(ax, bx) <= x <= max(ax, bx):
                return 0
        elif (ay == y and ax == x) or (by == y and bx == x):
            return 0
        ax = bx
        ay = by
    return side


@njit(nogil=True, cache=True)
def inside_ring(x: float, y: float, ring: Array) -> bool:
    """Whether (x, y) lies strictly inside a ring.

    Args:
        x: metres.
        y: metres.
        ring: (K, 2) corners, m; the last may repeat the first.

    Returns:
        False outside and exactly on the ring.
    """
    return side_of_ring(x, y, ring) > 0


@njit(nogil=True, cache=True)
def project_points(
    points: Array,
    centre: Array,
    arc_length: Array,
    segment: NDArray[np.int64],
    distance: Array,
    nearest: Array,
) -> None:
    """:func:`project_point` for every row of ``points`` (M, 2).

    Fills ``segment`` (M,), ``distance`` (M,) and ``nearest`` (M, 2).
    """
    for k in range(len(points)):
        segment[k], distance[k], nearest[k, 0], nearest[k, 1] = project_point(
            points[k, 0], points[k, 1], centre, arc_length
        )


@njit(nogil=True, cache=True)
def sides_of_ring(points: Array, ring: Array, side: NDArray[np.int8]) -> None:
    """:func:`side_of_ring` for every row of ``points`` (M, 2); fills ``side`` (M,)."""
    for k in range(len(points)):
        side[k] = side_of_ring(points[k, 0], points[k, 1], ring)
