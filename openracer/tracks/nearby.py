"""Short lists of what can matter near a place, made once for a track, so that no step searches all of it.

They leave out only what cannot change the answer: what is found with them equals, to the last bit, what
:func:`openracer.tracks.kernels.project_point` and :func:`openracer.tracks.kernels.side_of_ring` find.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.tracks.compiled import kernel
from openracer.tracks.kernels import cross_edge, nearest_of_segment, place_on_line

Array = NDArray[np.float64]

CELL = 0.1
"""Edge of a cell and height of a band, m."""


@njit(cache=True)
def list_segments(  # type: ignore[no-untyped-def]
    line: Array, left: float, bottom: float, columns: int, rows: int
):
    """Of every square cell of a grid, the segments of a line that are nearest to some point in it.

    No point of a cell is farther from its middle than half a diagonal r, so its distances differ from the middle's by
    at most r: a segment that is more than 2 r farther from the middle than the nearest one is nearest nowhere.

    Args:
        line: (N, 2) m.
        left: least x of the grid, m.
        bottom: least y, m.
        columns: cells along x.
        rows: cells along y.

    Returns:
        How many segments each cell has, (columns * rows,) counted along x first; their numbers, ascending, one cell
        after the other, (S,).
    """
    count, listed = np.zeros(columns * rows, np.int64), np.empty(8 * columns * rows, np.int32)
    distances = np.empty(len(line) - 1)
    slack = math.sqrt(2.0) * CELL + 1e-6  # a little more, as rounding may move a point into the next cell
    total = 0
    for cell in range(columns * rows):
        x, y = left + (cell % columns + 0.5) * CELL, bottom + (cell // columns + 0.5) * CELL
        for i in range(len(distances)):
            distances[i] = math.sqrt(nearest_of_segment(x, y, line, i)[0])
        limit = distances.min() + slack
        if total + len(distances) > len(listed):
            listed = np.concatenate((listed, np.empty(len(listed) + len(distances), np.int32)))
        for i in range(len(distances)):
            if distances[i] <= limit:
                listed[total] = i
                total += 1
                count[cell] += 1
    return count, listed[:total].copy()


@njit(cache=True)
def list_edges(ring: Array, bottom: float):  # type: ignore[no-untyped-def]
    """Of every horizontal band, the edges of a ring that touch it: only they change the side of a point in it.

    Args:
        ring: (K, 2) m.
        bottom: least y of the ring, m; there the first band begins.

    Returns:
        How many edges each band has, (B,); their ends ax, ay, bx, by, one band after the other, (E, 4).
    """
    if len(ring) == 0:
        return np.zeros(0, np.int64), np.empty((0, 4))
    # The same formula as for a point. It never decreases, so no point of an edge has a band that is not the edge's.
    band = ((ring[:, 1] - bottom) / CELL).astype(np.int64)
    count = np.zeros(band.max() + 1, np.int64)
    for k in range(len(ring)):
        count[min(band[k - 1], band[k]) : max(band[k - 1], band[k]) + 1] += 1
    at = np.cumsum(count) - count
    edges = np.empty((count.sum(), 4))
    for k in range(len(ring)):
        for touched in range(min(band[k - 1], band[k]), max(band[k - 1], band[k]) + 1):
            edges[at[touched], :2] = ring[k - 1]
            edges[at[touched], 2:] = ring[k]
            at[touched] += 1
    return count, edges


@kernel(inline="always")
def project_among(  # type: ignore[no-untyped-def]
    x, y, line, arc_length, segments, first, last
):
    """What :func:`openracer.tracks.kernels.project_point` returns, of a few segments only.

    Args:
        x: metres.
        y: metres.
        line: (N, 2) m.
        arc_length: (N,) m.
        segments: (S,) of :func:`list_segments`.
        first: where in ``segments`` the list begins.
        last: where it ends.
    """
    segment, best, best_fraction, nearest_x, nearest_y = 0, np.inf, 0.0, line[0, 0], line[0, 1]
    for k in range(first, last):
        squared, fraction, qx, qy = nearest_of_segment(x, y, line, segments[k])
        if squared < best:
            segment, best, best_fraction, nearest_x, nearest_y = segments[k], squared, fraction, qx, qy
    segment, distance = place_on_line(segment, best_fraction, arc_length)
    return segment, distance, nearest_x, nearest_y


@kernel(inline="always")
def side_among(x, y, edges, first, last):  # type: ignore[no-untyped-def]
    """What :func:`openracer.tracks.kernels.side_of_ring` returns, counting a few edges only.

    Args:
        x: metres.
        y: metres.
        edges: (E, 4) of :func:`list_edges`.
        first: where in ``edges`` the list begins.
        last: where it ends.
    """
    side = -1
    for k in range(first, last):
        side = cross_edge(side, x, y, edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3])
        if side == 0:
            break
    return side
