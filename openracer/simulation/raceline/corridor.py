"""Where a line may run: offsets from a reference line within the road, and what they make of length and curvature."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.interpolate import CubicSpline

from openracer.simulation.body import FRONT_HALF_TRACK, REAR_HALF_TRACK
from openracer.tracks.track import Track

Array = NDArray[np.float64]

POINT_STEP_M = 0.1
SMOOTHING_M = 0.25
HALF_TRACK = max(FRONT_HALF_TRACK, REAR_HALF_TRACK)
RACE_ON_M = 2.0
"""A standing lap's line is sought so far beyond the lap's end, m."""
RUN_OUT_M = 1.0
"""By so much the road of an open track is prolonged at both ends, so that its ends are no borders."""


@dataclass(frozen=True, eq=False)
class Corridor:
    """A reference line with its normals, and how far the line may lie to either side of it."""

    points: Array
    """(N, 2) m; a loop's first point is not repeated."""
    normals: Array
    """(N, 2) unit vectors to the left."""
    low: Array
    """(N,) smallest offset along the normal, m."""
    high: Array
    """(N,) largest offset, m."""
    closed: bool

    def line(self, offset: Array) -> Array:
        """(N, 2) points at some offsets (N,), m."""
        return self.points + offset[:, None] * self.normals


def free_road(track: Track, margin: float) -> shapely.Geometry:
    """The part of the plane in which the car's origin may be, so that its wheels keep a distance to the borders.

    Args:
        track: the road.
        margin: distance between wheels and border, m; below 0 the wheels may cross it so far.
    """
    outline, hole = track.road_outline, track.road_hole
    if not track.closed:
        inner, outer = (_prolonged(border) for border in (track.inner, track.outer))
        outline = np.concatenate([outer, inner[::-1]])
    road = shapely.make_valid(shapely.Polygon(outline))
    if len(hole):
        road = road.difference(shapely.make_valid(shapely.Polygon(hole)))
    return road.buffer(-(HALF_TRACK + margin), quad_segs=16)


def _prolonged(border: Array) -> Array:
    first, last = border[0] - border[1], border[-1] - border[-2]
    head = border[0] + RUN_OUT_M * first / np.hypot(*first)
    tail = border[-1] + RUN_OUT_M * last / np.hypot(*last)
    return np.concatenate([head[None], border, tail[None]])


def reference(track: Track, *, standing: bool) -> tuple[Array, bool]:
    """The smoothed centre line: (N, 2) m, and whether it is a loop.

    A standing start begins with the car's origin on the centre line.
    """
    count = int(np.ceil(track.length / POINT_STEP_M))
    step = track.length / count
    if track.closed:
        loop = _smoothed(track.point_at(np.arange(count) * step), SMOOTHING_M / step)
        if not standing:
            return loop, True
        # The run goes on beyond the end of the lap, so that the line does not end in an impossible place.
        line = np.concatenate([loop, loop[: int(RACE_ON_M / step)]])
        raw = track.point_at(np.arange(len(line)) * step)
    else:
        raw = track.point_at(np.linspace(0.0, track.length, count + 1))
        ends = np.concatenate([2 * raw[0] - raw[:0:-1], raw, 2 * raw[-1] - raw[-2:0:-1]])
        line = _smoothed(ends, SMOOTHING_M / step)[count : 2 * count + 1]
    # At its beginning the run is where the car is set down.
    weight = np.exp(-0.5 * (np.arange(len(line)) * step / SMOOTHING_M) ** 2)[:, None]
    return (1.0 - weight) * line + weight * raw, False


def _smoothed(loop: Array, blur: float) -> Array:
    """A Gaussian blur of points (N, 2) around a loop; ``blur`` in points."""
    frequency = np.fft.rfftfreq(len(loop)) * 2.0 * np.pi
    response = np.exp(-0.5 * (frequency * blur) ** 2)[:, None]
    return np.fft.irfft(np.fft.rfft(loop, axis=0) * response, len(loop), axis=0)


def resampled(line: Array, *, closed: bool) -> Array:
    """Evenly spaced points of a line (N, 2), by a cubic spline."""
    if closed:
        line = np.concatenate([line, line[:1]])
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = int(np.ceil(distance[-1] / POINT_STEP_M))
    spline = CubicSpline(distance, line, bc_type="periodic" if closed else "natural")
    return spline(np.arange(count + (not closed)) * distance[-1] / count)


def corridor(line: Array, road: shapely.Geometry, reach: float, *, closed: bool) -> Corridor:
    """Measure how far one may go to either side of a reference line.

    Args:
        line: (N, 2) m.
        road: where points may be.
        reach: no farther than this, m.
        closed: the line is a loop.
    """
    ahead = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    if not closed:
        ahead[0], ahead[-1] = line[1] - line[0], line[-1] - line[-2]
    normals = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.hypot(*ahead.T)[:, None]
    sides = []
    for sign in (-1.0, 1.0):
        rays = shapely.linestrings(np.stack([line, line + sign * reach * normals], axis=1))
        to_border = shapely.distance(shapely.points(line), shapely.intersection(rays, road.boundary))
        sides.append(sign * np.where(np.isnan(to_border), reach, to_border))
    low, high = sides
    outside = ~shapely.contains_xy(road, *line.T)
    # A reference point outside may go only to where the road is nearest along its normal.
    nearer_left = high < -low
    low = np.where(outside, np.where(nearer_left, high, low), low)
    high = np.where(outside, low, high)
    return Corridor(line, normals, low, high, closed)


def lengths(points: Array, *, closed: bool) -> Array:
    """(N,) from each point (N, 2) to the next, m; the last of an open line is 0."""
    steps = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
    if not closed:
        steps[-1] = 0.0
    return steps


def curvature(points: Array, *, closed: bool) -> Array:
    """(N,) 1/m at each point (N, 2), by central differences, positive to the left."""
    first = 0.5 * (np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0))
    second = np.roll(points, -1, axis=0) - 2.0 * points + np.roll(points, 1, axis=0)
    bend = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / np.hypot(*first.T) ** 3
    if not closed:
        bend[0], bend[-1] = bend[1], bend[-2]
    return bend


def curvature_jacobian(points: Array, normals: Array, *, closed: bool) -> sparse.csr_array:
    """(N, N) derivative of :func:`curvature` by the offsets along the normals, 1/m²."""
    count = len(points)
    first = 0.5 * (np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0))
    second = np.roll(points, -1, axis=0) - 2.0 * points + np.roll(points, 1, axis=0)
    size = np.hypot(*first.T)
    bend = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / size**3
    here = np.arange(count)
    rows, columns, values = [], [], []
    for shift, slope, curve in ((-1, -0.5, 1.0), (0, 0.0, -2.0), (1, 0.5, 1.0)):
        normal = np.roll(normals, -shift, axis=0)
        cross = slope * (normal[:, 0] * second[:, 1] - normal[:, 1] * second[:, 0])
        cross += curve * (first[:, 0] * normal[:, 1] - first[:, 1] * normal[:, 0])
        stretch = 3.0 * slope * (first * normal).sum(axis=1) / size**2
        rows.append(here)
        columns.append((here + shift) % count)
        values.append(cross / size**3 - bend * stretch)
    jacobian = sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(count, count)
    )
    if not closed:
        pick = here.copy()
        pick[0], pick[-1] = 1, count - 2
        jacobian = jacobian[pick]
    return jacobian


def length_jacobian(points: Array, normals: Array, *, closed: bool) -> sparse.csr_array:
    """(N, N) derivative of :func:`lengths` by the offsets along the normals."""
    count = len(points)
    step = np.roll(points, -1, axis=0) - points
    size = np.hypot(*step.T)
    direction = step / size[:, None]
    after = (direction * np.roll(normals, -1, axis=0)).sum(axis=1)
    before = -(direction * normals).sum(axis=1)
    if not closed:
        after[-1] = before[-1] = 0.0
    here = np.arange(count)
    return sparse.csr_array(
        (
            np.concatenate([before, after]),
            (np.concatenate([here, here]), np.concatenate([here, (here + 1) % count])),
        ),
        shape=(count, count),
    )
