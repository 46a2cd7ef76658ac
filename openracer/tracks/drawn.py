"""Tracks that are drawn by hand: a smooth loop through a few points, with a width, and whether a car can drive it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from openracer.language import gettext as _
from openracer.tracks import npy
from openracer.tracks.measures import arc_length
from openracer.tracks.track import Track

Array = NDArray[np.float64]

FEWEST_POINTS, MOST_POINTS = 4, 60
NARROWEST_M, WIDEST_M = 0.4, 3.0
SHORTEST_M = 4.0
ROW_STEP_M = 0.15
"""Distance between rows, as in many of DeepRacer's files; a long track has no more than MOST_ROWS of them."""
MOST_ROWS = 400
LEAST_RADIUS_M = 0.4
"""Wheels that turn by 30 degrees and a wheelbase of 0.164 m make a circle of 0.28 m radius; some room more."""
INNER_RADIUS_M = 0.08
"""The inner border of the tightest bend must have at least this radius, or it would fold over."""
FARTHEST_M = 1000.0


@dataclass(frozen=True)
class Fault:
    """Something that keeps a drawn track from being driven.

    Attributes:
        message: what is wrong and what would be right.
        place: where on the plane, m; None for no place in particular.
    """

    message: str
    place: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Drawing:
    """A loop through points, as somebody draws it.

    Attributes:
        points: (K, 2) m, in driving order; the first is the start.
        width: of the road, m.
    """

    points: Array
    width: float

    @classmethod
    def of(cls, points: Sequence[Sequence[float]], width: float) -> "Drawing":
        """A drawing from values of a file or a browser.

        Raises:
            ValueError: they are no points or no width.
        """
        try:
            table = np.array(points, dtype=np.float64)
            wide = float(width)
        except (TypeError, ValueError) as error:
            raise ValueError(_("a drawing has points of two numbers, and a width")) from error
        if table.ndim != 2 or table.shape[1] != 2 or not np.isfinite(table).all() or not np.isfinite(wide):
            raise ValueError(_("a drawing has points of two numbers, and a width"))
        return cls(table, wide)

    def line(self) -> Array:
        """(N, 2) m: the smooth centre line, evenly spaced, its last row equal to its first."""
        loop = np.concatenate([self.points, self.points[:1]])
        # Knots by the square root of the distance keep the curve from swinging out between uneven points.
        knots = np.concatenate(
            [[0.0], np.cumsum(np.sqrt(np.maximum(np.hypot(*np.diff(loop, axis=0).T), 1e-6)))]
        )
        spline = CubicSpline(knots, loop, bc_type="periodic")
        fine = spline(np.linspace(0.0, knots[-1], 40 * len(self.points) + 1))
        walked = arc_length(fine)
        count = int(np.clip(np.ceil(walked[-1] / ROW_STEP_M), 24, MOST_ROWS))
        even = np.linspace(0.0, walked[-1], count + 1)
        line = np.stack([np.interp(even, walked, axis) for axis in fine.T], axis=1)
        line[-1] = line[0]
        return line

    def rows(self) -> Array:
        """(N, 6) m: the rows of a track file: centre, inner and outer border."""
        line = self.line()
        ahead = np.roll(line[:-1], -1, axis=0) - np.roll(line[:-1], 1, axis=0)
        ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
        left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * self.width / 2.0
        left = np.concatenate([left, left[:1]])
        return np.concatenate([line, line + left, line - left], axis=1)

    def track(self, name: str, title: str) -> Track:
        """The track.

        Raises:
            ValueError: it cannot be one; the first fault's sentence.
        """
        if faults := self.faults():
            raise ValueError(faults[0].message)
        return npy.from_rows(self.rows(), name, title, _("Drawn by hand."))

    def faults(self) -> list[Fault]:
        """Everything that keeps it from being driven; none if it is a track."""
        if not FEWEST_POINTS <= len(self.points) <= MOST_POINTS:
            return [
                Fault(
                    _("it has {count} points; it must have {low} to {high}").format(
                        count=len(self.points), low=FEWEST_POINTS, high=MOST_POINTS
                    )
                )
            ]
        if np.abs(self.points).max() > FARTHEST_M:
            return [Fault(_("a point is more than {limit:g} m away").format(limit=FARTHEST_M))]
        faults = []
        if not NARROWEST_M <= self.width <= WIDEST_M:
            faults.append(
                Fault(
                    _("the road is {width:g} m wide; it must be {low:g} to {high:g} m").format(
                        width=self.width, low=NARROWEST_M, high=WIDEST_M
                    )
                )
            )
        line = self.line()
        length = float(arc_length(line)[-1])
        if length < SHORTEST_M:
            return [
                *faults,
                Fault(
                    _("the lap is {length:.1f} m long; it must be at least {limit:g} m").format(
                        length=length, limit=SHORTEST_M
                    )
                ),
            ]
        faults += self._meetings(line, length) or self._tight_bends(line, length)
        if faults:
            return faults
        try:
            npy.from_rows(self.rows(), "drawing", "", "")
        except ValueError as error:
            return [Fault(str(error))]
        return []

    def _tight_bends(self, line: Array, length: float) -> list[Fault]:
        """The tightest bend, if it is too tight."""
        steps = np.diff(line, axis=0)
        headings = np.arctan2(steps[:, 1], steps[:, 0])
        turns = (np.diff(headings, append=headings[0]) + np.pi) % (2.0 * np.pi) - np.pi
        # Over two rows, so that a single one does not count as a bend of its own.
        curvature = np.abs(turns + np.roll(turns, 1)) / (2.0 * length / (len(line) - 1))
        worst = int(np.argmax(curvature))
        radius = 1.0 / max(float(curvature[worst]), 1e-9)
        least = max(LEAST_RADIUS_M, self.width / 2.0 + INNER_RADIUS_M)
        if radius >= least:
            return []
        message = _(
            "the bend here has a radius of {radius:.2f} m; with this width it must be at least {least:.2f} m"
        )
        return [Fault(message.format(radius=radius, least=least), _place(line[worst]))]

    def _meetings(self, line: Array, length: float) -> list[Fault]:
        """Where the road crosses or touches itself, once for each place."""
        here = line[:-1]
        count = len(here)
        apart = np.hypot(*(here[:, None] - here[None]).transpose(2, 0, 1))
        rows = np.abs(np.arange(count)[:, None] - np.arange(count)[None])
        along = np.minimum(rows, count - rows) * length / count
        # Around a bend that is just wide enough, the road opposite is as far away as half a circle is long.
        wrong = (apart < self.width) & (along > 0.5 * np.pi * self.width + 2.0 * length / count)
        faults: list[Fault] = []
        for row in np.flatnonzero(wrong.any(axis=1)):
            place = here[row]
            told = [fault.place for fault in faults if fault.place is not None]
            if all(np.hypot(*(place - np.array(other))) > 2.0 * self.width for other in told):
                faults.append(Fault(_("the road crosses or touches itself here"), _place(place)))
        return faults


def _place(point: Array) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def example() -> Drawing:
    """A drawing to begin with: a bean of twenty metres."""
    points = [
        [0.0, 0.0], [2.6, -0.15], [4.6, 0.55], [5.0, 2.3], [3.5, 3.3],
        [1.9, 2.75], [0.3, 3.4], [-1.6, 3.0], [-1.9, 0.9],
    ]  # fmt: skip
    return Drawing.of(points, 0.8)
