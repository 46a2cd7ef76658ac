"""The track: centre line and borders of a road, and every question of geometry that a race asks of them."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import atan2

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openracer.tracks import kernels, measures

Array = NDArray[np.float64]

REVERSE = ":reverse"
"""What follows the name of a track that is driven the other way."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Where M points lie along and across a track."""

    distance_m: Array
    """(M,) arc length along the centre line, m."""
    offset_m: Array
    """(M,) distance from the centre line, m; positive to the left of the driving direction."""
    previous: NDArray[np.int64]
    """(M,) row of the waypoint behind."""
    next: NDArray[np.int64]
    """(M,) row of the waypoint ahead."""
    nearest_waypoint: NDArray[np.int64]
    """(M,) the nearer of the two in a straight line; the one behind where they are equally near."""
    nearest: Array
    """(M, 2) nearest point of the centre line, m."""
    width_m: Array
    """(M,) road width there, m: between the points of the two borders nearest to ``nearest``."""


@dataclass(frozen=True, eq=False)
class Track:
    """A road in the plane, driven in the order of its rows.

    Rows are DeepRacer's waypoints, duplicated points included, so that row numbers mean what they mean in a
    DeepRacer track file. ``inner`` is the border inside the loop, whatever the driving direction. A closed
    track's last row equals its first; an open track counts as counter-clockwise, its inner border on the
    left.

    Raises:
        ValueError: arrays that are not finite (N, 2) float rows of equal number, N at least 3 (2 if open), a
            closed track whose last row differs from its first, or one without length.
    """

    name: str
    """DeepRacer's world name, such as ``reinvent_base``."""
    title: str
    """Name for people, such as ``re:Invent 2018``."""
    description: str
    centre: Array
    """(N, 2) m, world frame, in driving order."""
    inner: Array
    """(N, 2) m."""
    outer: Array
    """(N, 2) m."""
    closed: bool
    is_reversed: bool = False
    """Whether the rows are the file's in reverse order."""

    def __post_init__(self) -> None:
        for part in ("centre", "inner", "outer"):
            rows = np.ascontiguousarray(getattr(self, part), dtype=np.float64)
            if rows.ndim != 2 or rows.shape[1] != 2 or not np.isfinite(rows).all():
                raise ValueError(f"track {self.name}: {part} must be finite x, y rows of shape (N, 2)")
            object.__setattr__(self, part, rows)
            if len(rows) != len(self.centre) or len(rows) < 2 + self.closed:
                raise ValueError(
                    f"track {self.name}: {part} has {len(rows)} rows, too few or not as many as centre"
                )
            if self.closed and (rows[0] != rows[-1]).any():
                raise ValueError(f"track {self.name}: a closed track's last {part} row must equal its first")
        if self.length <= 0.0:
            raise ValueError(f"track {self.name}: all centre points are the same")

    def reverse(self) -> "Track":
        """The same road driven the other way: rows in reverse order, same start point, same inner border."""
        return replace(
            self,
            centre=self.centre[::-1],
            inner=self.inner[::-1],
            outer=self.outer[::-1],
            is_reversed=not self.is_reversed,
        )

    @property
    def directed_name(self) -> str:
        """How choices of several tracks name it: its world name, with ``:reverse`` where it is driven the other way."""
        return self.name + (REVERSE if self.is_reversed else "")

    @cached_property
    def arc_length(self) -> Array:
        """(N,) distance along the centre line from row 0 to each row, m."""
        return measures.arc_length(self.centre)

    @cached_property
    def length(self) -> float:
        """Length of the centre line, m."""
        return float(self.arc_length[-1])

    @cached_property
    def is_counter_clockwise(self) -> bool:
        """Whether the loop is driven counter-clockwise; an open track is unless reversed."""
        if not self.closed:
            return not self.is_reversed
        return measures.signed_area(self.centre) > 0.0

    @cached_property
    def width(self) -> Array:
        """(N,) distance between the two border points of each row, m."""
        return np.hypot(*(self.inner - self.outer).T)

    @cached_property
    def curvature(self) -> Array:
        """(N,) curvature at each row, 1/m, positive to the left; see :func:`measures.curvature`."""
        return measures.curvature(self.centre, self.arc_length, closed=self.closed)

    @cached_property
    def tightest_radius(self) -> float:
        """Radius of the tightest corner of the centre line, m; infinite on a straight road."""
        sharpest = float(np.abs(self.curvature).max())
        return 1.0 / sharpest if sharpest > 1e-3 else float("inf")

    @cached_property
    def difficulty(self) -> float:
        """How hard the track is to drive, 0 to 100; see :func:`measures.difficulty`."""
        return measures.difficulty(self.curvature, self.width, self.arc_length)

    @cached_property
    def heading(self) -> Array:
        """(N - 1,) direction of each segment, rad; one without length has its successor's."""
        return measures.segment_headings(self.centre)

    @cached_property
    def road_outline(self) -> Array:
        """(K, 2) outer ring of the road, m; an open track's goes out on one border, back on the other."""
        return self.outer if self.closed else np.concatenate([self.outer, self.inner[::-1]])

    @cached_property
    def road_hole(self) -> Array:
        """(K, 2) ring of the hole in the road, m; no rows for an open track."""
        return self.inner if self.closed else np.empty((0, 2))

    @cached_property
    def _inner_arc_length(self) -> Array:
        return measures.arc_length(self.inner)

    @cached_property
    def _outer_arc_length(self) -> Array:
        return measures.arc_length(self.outer)

    def project(self, points: ArrayLike) -> Projection:
        """Project points onto the centre line.

        As on AWS the nearest point is sought over the whole line, so near a neighbouring section it may jump
        there (deepracer-simapp, ``track_geom/track_data.py``). The waypoint ahead of a point exactly on a
        waypoint is the one after it; ahead of the very end it is row 0.

        Args:
            points: (M, 2) m.

        Returns:
            All quantities for each point.
        """
        points = _rows(points)
        segment, distance, nearest = _nearest(points, self.centre, self.arc_length)
        previous = np.where(distance >= self.length, len(self.centre) - 1, segment)
        following = (previous + 1) % len(self.centre)
        to_previous = np.hypot(*(points - self.centre[previous]).T)
        to_next = np.hypot(*(points - self.centre[following]).T)
        _, _, inner = _nearest(nearest, self.inner, self._inner_arc_length)
        _, _, outer = _nearest(nearest, self.outer, self._outer_arc_length)
        return Projection(
            distance_m=distance,
            offset_m=self._offset(points, segment, nearest),
            previous=previous,
            next=following,
            nearest_waypoint=np.where(to_next < to_previous, following, previous),
            nearest=nearest,
            width_m=np.hypot(*(inner - outer).T),
        )

    def along(self, points: ArrayLike) -> tuple[Array, Array]:
        """Arc length and offset of :meth:`project`, in a third of its time.

        Args:
            points: (M, 2) m.

        Returns:
            Arc length and offset from the centre line, left positive, (M,) m each.
        """
        points = _rows(points)
        segment, distance, nearest = _nearest(points, self.centre, self.arc_length)
        return distance, self._offset(points, segment, nearest)

    def _offset(self, points: Array, segment: NDArray[np.int64], nearest: Array) -> Array:
        heading = self.heading[segment]
        away = points - nearest
        left = np.cos(heading) * away[:, 1] - np.sin(heading) * away[:, 0]
        return np.copysign(np.hypot(*away.T), left)

    def on_road(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether points lie strictly between the borders.

        Args:
            points: (M, 2) m.

        Returns:
            (M,) False also exactly on a border.
        """
        points = _rows(points)
        outline, hole = np.empty((2, len(points)), dtype=np.int8)
        kernels.sides_of_ring(points, self.road_outline, outline)
        kernels.sides_of_ring(points, self.road_hole, hole)
        return (outline > 0) & (hole < 0)

    def point_at(self, distance_m: ArrayLike) -> Array:
        """Points of the centre line.

        Args:
            distance_m: (M,) arc length, m; a closed track wraps around, an open one stops at its ends.

        Returns:
            (M, 2) m.
        """
        distance = np.atleast_1d(np.asarray(distance_m, dtype=np.float64))
        distance = distance % self.length if self.closed else distance
        return np.stack([np.interp(distance, self.arc_length, axis) for axis in self.centre.T], axis=1)

    def start_pose(self, distance_m: float) -> tuple[float, float, float]:
        """The pose of a car set down on the centre line, facing the next waypoint.

        This is how deepracer-simapp starts an episode (``track_geom/track_data.py``).

        Args:
            distance_m: arc length, m; wraps around on a closed track.

        Returns:
            x, y in m and yaw in rad, within (-pi, pi].
        """
        distance = float(distance_m % self.length if self.closed else np.clip(distance_m, 0.0, self.length))
        x, y = self.point_at(distance)[0].tolist()
        following = int(np.searchsorted(self.arc_length[:-1], distance, side="right"))
        dx, dy = self.centre[following] - (x, y)
        if distance >= self.length or (dx == 0.0 and dy == 0.0):
            return x, y, float(self.heading[following - 1])
        return x, y, atan2(dy, dx)


def _rows(points: ArrayLike) -> Array:
    return np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)


def _nearest(points: Array, line: Array, arc_length: Array) -> tuple[NDArray[np.int64], Array, Array]:
    segment = np.empty(len(points), dtype=np.int64)
    distance = np.empty(len(points))
    nearest = np.empty((len(points), 2))
    kernels.project_points(points, line, arc_length, segment, distance, nearest)
    return segment, distance, nearest
