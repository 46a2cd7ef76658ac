"""Compiled geometry of a point against a polyline or a ring, called for every car and step."""

import numpy as np
from numpy.typing import NDArray

from openracer.tracks.compiled import kernel

Array = NDArray[np.float64]


@kernel()
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
    segment, best, best_fraction, nearest_x, nearest_y = 0, np.inf, 0.0, centre[0, 0], centre[0, 1]
    for i in range(len(centre) - 1):
        squared, fraction, qx, qy = nearest_of_segment(x, y, centre, i)
        if squared < best:
            segment, best, best_fraction, nearest_x, nearest_y = i, squared, fraction, qx, qy
    segment, distance = place_on_line(segment, best_fraction, arc_length)
    return segment, distance, nearest_x, nearest_y


@kernel()
def nearest_of_segment(x: float, y: float, line: Array, i: int) -> tuple[float, float, float, float]:
    """The point nearest to (x, y) between the rows i and i + 1 of a polyline.

    Returns:
        Its squared distance, m²; its place between the rows, 0 to 1; its x and y, m.
    """
    ax = line[i, 0]
    ay = line[i, 1]
    bx = line[i + 1, 0]
    by = line[i + 1, 1]
    vx = bx - ax
    vy = by - ay
    along = (x - ax) * vx + (y - ay) * vy
    squared_length = vx * vx + vy * vy
    fraction = 0.0
    if along <= 0.0:
        qx = ax
        qy = ay
    elif along >= squared_length:  # exactly the row itself, so that both its segments agree to the last bit
        qx = bx
        qy = by
        fraction = 1.0
    else:
        fraction = along / squared_length
        qx = ax + fraction * vx
        qy = ay + fraction * vy
    return (x - qx) * (x - qx) + (y - qy) * (y - qy), fraction, qx, qy


@kernel()
def place_on_line(segment: int, fraction: float, arc_length: Array) -> tuple[int, float]:
    """The last segment that begins at or before a place of a polyline, and the distance along the line, m."""
    start = arc_length[segment]
    distance = start + fraction * (arc_length[segment + 1] - start)
    while segment < len(arc_length) - 2 and arc_length[segment + 1] <= distance:
        segment += 1
    return segment, distance


@kernel()
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
        side = cross_edge(side, x, y, ax, ay, bx, by)
        if side == 0:
            return 0
        ax = bx
        ay = by
    return side


@kernel()
def cross_edge(side: int, x: float, y: float, ax: float, ay: float, bx: float, by: float) -> int:
    """Count one edge of a ring, from (ax, ay) to (bx, by), in the even-odd rule for (x, y).

    Returns:
        ``side`` with the sign changed if the way from (x, y) towards +x crosses the edge; 0 if (x, y) lies on it.
    """
    if (ay > y) != (by > y):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if cross == 0.0:
            return 0
        if (cross > 0.0) == (by > ay):
            return -side
    elif ay == y and by == y:
        if min(ax, bx) <= x <= max(ax, bx):
            return 0
    elif (ay == y and ax == x) or (by == y and bx == x):
        return 0
    return side


@kernel()
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


@kernel()
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


@kernel()
def sides_of_ring(points: Array, ring: Array, side: NDArray[np.int8]) -> None:
    """:func:`side_of_ring` for every row of ``points`` (M, 2); fills ``side`` (M,)."""
    for k in range(len(points)):
        side[k] = side_of_ring(points[k, 0], points[k, 1], ring)
