"""First guess of straights and arcs: the heading of a polyline, cut where straight lines fit it best."""

import numpy as np
from numpy.typing import NDArray

from openracer.tracks.measures import arc_length, segment_headings

Array = NDArray[np.float64]

SAMPLE_M = 0.1


def sampled_heading(line: Array) -> tuple[Array, Array]:
    """Heading of a polyline as a continuous function of arc length.

    Args:
        line: (N, 2) m; repeated rows are allowed.

    Returns:
        Distances (K,), m, about :data:`SAMPLE_M` apart, and headings (K,), rad, unwrapped: each segment's
        heading holds at its middle, in between it changes linearly.
    """
    line = line[np.append(True, (np.diff(line, axis=0) != 0.0).any(axis=1))]
    arc = arc_length(line)
    middles = (arc[1:] + arc[:-1]) / 2.0
    distances = np.linspace(0.0, arc[-1], max(int(arc[-1] / SAMPLE_M), 2 * len(line)) + 1)
    return distances, np.interp(distances, middles, np.unwrap(segment_headings(line)))


def cut(distances: Array, headings: Array, price: float) -> list[int]:
    """Cut a heading function into pieces, each close to a straight line, by dynamic programming.

    Args:
        distances: (K,) m, evenly spaced.
        headings: (K,) rad.
        price: cost of one more piece, in rad²·m of squared heading error.

    Returns:
        Sample numbers of the cuts, beginning with 0 and ending with K - 1.
    """
    count = len(distances)
    step = distances[1] - distances[0]
    sums = [
        np.concatenate([[0.0], np.cumsum(v)]) for v in _moments(np.arange(count, dtype=np.float64), headings)
    ]
    best = np.full(count, np.inf)
    best[0] = 0.0
    origin = np.zeros(count, dtype=int)
    for end in range(1, count):
        starts = np.arange(end)
        n, x, y, xx, xy, yy = (total[end + 1] - total[starts] for total in sums)
        spread = xx - x * x / n
        shared = xy - x * y / n
        error = np.maximum(yy - y * y / n - shared * shared / spread, 0.0) * step
        total_cost = best[:end] + error + price
        origin[end] = int(np.argmin(total_cost))
        best[end] = total_cost[origin[end]]
    cuts = [count - 1]
    while cuts[-1] > 0:
        cuts.append(int(origin[cuts[-1]]))
    return cuts[::-1]


def _moments(x: Array, y: Array) -> tuple[Array, ...]:
    return np.ones_like(x), x, y, x * x, x * y, y * y


def pieces(line: Array, price: float) -> tuple[float, Array, Array]:
    """First guess of a chain for a polyline.

    Args:
        line: (N, 2) m.
        price: see :func:`cut`.

    Returns:
        Start heading, rad; lengths (S,), m; curvatures (S,), 1/m.
    """
    distances, headings = sampled_heading(line)
    cuts = cut(distances, headings, price)
    lengths = np.diff(distances[cuts])
    curvatures = np.diff(headings[cuts]) / lengths
    return float(headings[0]), lengths, curvatures
