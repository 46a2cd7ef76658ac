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
    """Curvature of a polyline as a car feels it: change of its heading, smoothed over about half a metre.

    Args:
        line: (N, 2) m.
        arc: (N,) arc length of the rows, m.
        closed: whether the line is a loop (last row equal to the first).

    Returns:
        (N,) 1/m, positive to the left.
    """
    count = max(int(np.ceil(arc[-1] / CURVATURE_STEP_M)), 8)
    step = arc[-1] / count
    middles = (np.arange(count) + 0.5) * step
    headings = np.unwrap(segment_headings(line))
    segments = np.searchsorted(arc[1:-1], middles, side="right")
    heading = headings[segments]
    turns = np.diff(heading)
    if closed:
        full = heading[0] - heading[-1]
        turns = np.append(turns, (full + np.pi) % (2.0 * np.pi) - np.pi)
    else:
        turns = np.append(turns, 0.0)
    smooth = gaussian_filter1d(turns / step, CURVATURE_BLUR_M / step, mode="wrap" if closed else "nearest")
    places = (np.arange(count) + 1.0) * step
    return np.interp(arc, places, smooth, period=arc[-1]) if closed else np.interp(arc, places, smooth)


def difficulty(curvature: Array, width: Array, arc: Array) -> float:
    """How hard a track is to drive, from its shape alone: 0 (a straight road) to 100.

    Args:
        curvature: (N,) 1/m at each row.
        width: (N,) road width at each row, m.
        arc: (N,) arc length of the rows, m.

    Returns:
        The measure.
    """
    bend = np.trapezoid(np.abs(curvature) / width, arc)
    return float(100.0 * (1.0 - np.exp(-bend / 40.0)))
