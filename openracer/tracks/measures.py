"""What can be measured on the rows of a track: arc length, area, headings, curvature, difficulty."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Array = NDArray[np.float64]

CURVATURE_STEP_M = 0.05
CURVATURE_BLUR_M = 0.15


def arc_length(line: Array) -> Array:
    """Distance along a polyline of rows (N, 2) from row 0 to each row: (N,), m."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def signed_area(ring: Array) -> float:
    """Area inside a ring of rows (K, 2), m²; positive if the rows go counter-clockwise."""
    x, y = ring.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def segment_headings(line: Array) -> Array:
    """Direction of each segment of a polyline.

    Args:
        line: (N, 2) m, not all rows the same.

    Returns:
        (N - 1,) rad. A segment without length has the direction of the next one that has some, or of the last
        one where none follows.
    """
    steps = np.diff(line, axis=0)
    has_length = np.flatnonzero((steps != 0.0).any(axis=1))
    source = has_length[np.minimum(np.searchsorted(has_length, np.arange(len(steps))), len(has_length) - 1)]
    return np.arctan2(steps[source, 1], steps[source, 0])


def curvature(line: Array, arc: Array, *, closed: bool) -> Array:
    """Curvature of a polyline as a car feels it: change of its heading, smoothed.

    A polyline turns at its corners only. A Gaussian of CURVATURE_BLUR_M, or of half the usual step where rows
    are far apart, spreads every turn over the road around it.

    Args:
        line: (N, 2) m.
        arc: (N,) arc length of the rows, m.
        closed: whether the line is a loop (last row equal to the first).

    Returns:
        (N,) 1/m, positive to the left.
    """
    count = max(int(np.ceil(arc[-1] / CURVATURE_STEP_M)), 8)
    step = arc[-1] / count
    headings = segment_headings(line)[
        np.searchsorted(arc[1:-1], (np.arange(count) + 0.5) * step, side="right")
    ]
    turns = np.diff(headings, append=headings[0] if closed else headings[-1])
    turns = (turns + np.pi) % (2.0 * np.pi) - np.pi
    blur = max(CURVATURE_BLUR_M, float(np.median(np.diff(arc))) / 2.0)
    smooth = gaussian_filter1d(turns / step, blur / step, mode="wrap" if closed else "nearest")
    places = (np.arange(count) + 1.0) * step
    return np.interp(arc, places, smooth, period=arc[-1]) if closed else np.interp(arc, places, smooth)


def difficulty(curvature: Array, width: Array, arc: Array) -> float:
    """How hard a track is to drive, from its shape alone.

    A bend counts by its angle, more the tighter it is (by the square root of its curvature, with which the speed
    falls that it allows) and the narrower the road is. The sum over the lap, E = ∫ |κ|·sqrt(|κ|·1 m)·(1 m / w) ds,
    becomes 100·(1 - exp(-E / 20)), so that each further bend adds something and nothing reaches 100. A straight
    road has 0, re:Invent 2018 about 40, a long lap of hairpins 70.

    Args:
        curvature: (N,) 1/m at each row.
        width: (N,) road width at each row, m.
        arc: (N,) arc length of the rows, m.

    Returns:
        0 to 100.
    """
    effort = float(np.trapezoid(np.abs(curvature) ** 1.5 / np.maximum(width, 0.1), arc))
    return 100.0 * (1.0 - float(np.exp(-effort / 20.0)))
