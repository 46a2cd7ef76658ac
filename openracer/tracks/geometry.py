"""Compact track geometry: a chain of straights and arcs with a width, as kept in the built-in YAML files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from openracer.tracks.measures import arc_length
from openracer.tracks.track import Track

Array = NDArray[np.float64]

BORDER_SAMPLES = 2001
"""Points at which the length of a border is measured."""


@dataclass(frozen=True, eq=False)
class Chain:
    """A smooth path: straights and arcs, each continuing in the direction of the one before."""

    x: float
    """Start, m."""
    y: float
    heading: float
    """Direction at the start, rad."""
    lengths: Array
    """(S,) length of each segment, m."""
    curvatures: Array
    """(S,) 1/m, positive to the left; 0 for a straight."""

    def at(self, distance: Array, offset: float | Array = 0.0) -> Array:
        """Points on or beside the path.

        Args:
            distance: (M,) m along the path; beyond its ends the first and last segments continue.
            offset: m to the left of the path, one number or (M,).

        Returns:
            (M, 2) m.
        """
        starts = np.concatenate([[0.0], np.cumsum(self.lengths)])
        turns = self.curvatures * self.lengths
        headings = self.heading + np.concatenate([[0.0], np.cumsum(turns)])[:-1]
        chords = _chords(headings, self.curvatures, self.lengths)
        corners = np.cumsum(np.concatenate([[[self.x, self.y]], chords[:-1]]), axis=0)
        segment = np.clip(np.searchsorted(starts, distance, side="right") - 1, 0, len(self.lengths) - 1)
        along = distance - starts[segment]
        heading = headings[segment] + self.curvatures[segment] * along
        left = np.stack([-np.sin(heading), np.cos(heading)], axis=1)
        return (
            corners[segment]
            + _chords(headings[segment], self.curvatures[segment], along)
            + left * np.broadcast_to(offset, along.shape)[:, None]
        )


def _chords(heading: Array, curvature: Array, length: Array) -> Array:
    """(M, 2) from start to end of arcs that begin with a heading."""
    half = curvature * length / 2.0
    reach = length * np.sinc(half / np.pi)
    return np.stack([reach * np.cos(heading + half), reach * np.sin(heading + half)], axis=1)


Profile = Sequence[tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Geometry:
    """A track as its own few numbers. :func:`parse` documents the file they are kept in."""

    chain: Chain
    closed: bool
    width: float
    """Road width, m; the path is in the middle."""
    places: Sequence[tuple[int, float]]
    """(row, m along the path) of some rows; the rows between two of them are evenly spaced."""
    repeated: Sequence[int] = ()
    """Rows that repeat the row before them, as some DeepRacer files do; not counted in the spacing."""
    square_to_rows: bool = False
    """Whether border points lie square to the rows instead of the path; see :meth:`rows`."""
    border_starts: tuple[float, float] | None = None
    """Where on the path the inner and the outer border's row 0 lie, m; see :meth:`rows`."""
    border_offsets: tuple[Profile, Profile] | None = None
    """Where the road is not equally wide: (m along the path, m from it) of the inner and the outer border."""

    def distances(self) -> Array:
        """(N,) m along the path of every row."""
        row_count = self.places[-1][0] + 1
        moves = np.ones(row_count)
        moves[[0, *self.repeated]] = 0.0
        place = np.cumsum(moves)
        rows, distances = zip(*self.places, strict=True)
        return np.interp(place, place[list(rows)], distances)

    def rows(self) -> Array:
        """The rows of the track file that this geometry stands for.

        DeepRacer's files pair border points with centre points in three ways. Most often a border point lies
        square to the path, half a width away. With ``square_to_rows`` it lies square to the mean direction of
        the two steps between rows that meet there, which differs where rows are far apart. With
        ``border_starts`` the rows divide each border's own length in the proportions in which they divide the
        centre line's, so that border points run ahead of or behind their centre points.

        Returns:
            (N, 6) m: centre, inner (left) and outer (right) border.
        """
        distance = self.distances()
        half = self.width / 2.0
        centre = self.chain.at(distance)
        if self.square_to_rows:
            left = half * left_of_rows(centre, self.repeated, closed=self.closed)
            inner, outer = centre + left, centre - left
        else:
            inner, outer = self._border(distance, 0), self._border(distance, 1)
        rows = np.concatenate([centre, inner, outer], axis=1)
        if self.closed:
            rows[-1] = rows[0]
        return rows

    def _border(self, distance: Array, border: int) -> Array:
        """(M, 2) points of the inner (0) or outer (1) border that are paired with distances along the path."""
        if self.border_starts is None:
            return self.chain.at(distance, self._offset(distance, border))
        lap = float(self.chain.lengths.sum())
        path = np.linspace(0.0, lap, BORDER_SAMPLES)
        walked = arc_length(self.chain.at(path, self._offset(path, border)))
        first = np.interp(self.border_starts[border] % lap, path, walked)
        place = np.interp((first + distance / distance[-1] * walked[-1]) % walked[-1], walked, path)
        return self.chain.at(place, self._offset(place, border))

    def _offset(self, distance: Array, border: int) -> Array:
        """(M,) m to the left of the path at which the inner (0) or outer (1) border runs."""
        side = -1.0 if border else 1.0
        if self.border_offsets is None:
            return np.full(distance.shape, side * self.width / 2.0)
        places, offsets = zip(*self.border_offsets[border], strict=True)
        return side * np.interp(distance, places, offsets)


def left_of_rows(line: Array, repeated: Sequence[int], *, closed: bool) -> Array:
    """Directions square to the rows of a line.

    Args:
        line: (N, 2) m.
        repeated: rows that repeat the row before them.
        closed: whether the line is a loop (last row equal to the first).

    Returns:
        (N, 2) unit vectors to the left of the mean direction of the two steps that meet at each row.
    """
    distinct = np.ones(len(line), dtype=bool)
    distinct[list(repeated)] = False
    steps = np.diff(line[distinct], axis=0)
    steps /= np.hypot(*steps.T)[:, None]
    before, after = (steps[-1:], steps[:1]) if closed else (steps[:1], steps[-1:])
    tangents = np.concatenate([before, steps]) + np.concatenate([steps, after])
    tangents /= np.hypot(*tangents.T)[:, None]
    return (tangents @ [[0.0, 1.0], [-1.0, 0.0]])[np.cumsum(distinct) - 1]


def parse(text: str) -> Track:
    """Make a track of a built-in file.

    The file is YAML: ``name``, ``title``, ``description``; ``closed`` (true unless said otherwise);
    ``width`` in m; ``start`` with ``x``, ``y`` in m and ``heading_deg``; ``segments``, each either
    ``straight`` (m) or ``left`` or ``right`` (degrees turned) with ``radius`` (m); ``waypoints`` with
    ``places`` ([row, m along the path], evenly spaced in between) and, where rows repeat, ``repeated``; where
    borders are not square to the path or not everywhere as far from it, ``borders`` with ``square_to: rows``,
    or ``inner_start`` and ``outer_start`` (m), and ``inner`` and ``outer`` ([m along the path, m from it]).
    All tracks run counter-clockwise: the inner border is on the left.

    Args:
        text: the file's content.

    Returns:
        The track.
    """
    document = yaml.safe_load(text)
    geometry = geometry_of(document)
    rows = geometry.rows()
    return Track(
        name=document["name"],
        title=document["title"],
        description=" ".join(document["description"].split()),
        centre=rows[:, 0:2],
        inner=rows[:, 2:4],
        outer=rows[:, 4:6],
        closed=geometry.closed,
    )


def geometry_of(document: dict[str, Any]) -> Geometry:
    """The geometry that the mapping of a built-in file describes; see :func:`parse`."""
    start = document["start"]
    lengths, curvatures = zip(*map(_segment, document["segments"]), strict=True)
    borders = document.get("borders", {})
    return Geometry(
        chain=Chain(
            float(start["x"]),
            float(start["y"]),
            float(np.radians(start["heading_deg"])),
            np.array(lengths),
            np.array(curvatures),
        ),
        closed=document.get("closed", True),
        width=float(document["width"]),
        places=[(int(row), float(distance)) for row, distance in document["waypoints"]["places"]],
        repeated=tuple(document["waypoints"].get("repeated", ())),
        square_to_rows=borders.get("square_to") == "rows",
        border_starts=(borders["inner_start"], borders["outer_start"]) if "inner_start" in borders else None,
        border_offsets=(borders["inner"], borders["outer"]) if "inner" in borders else None,
    )


def _segment(entry: dict[str, float]) -> tuple[float, float]:
    """Length (m) and curvature (1/m) of one entry of ``segments``."""
    if "straight" in entry:
        return float(entry["straight"]), 0.0
    side, turned = ("left", 1.0) if "left" in entry else ("right", -1.0)
    return float(np.radians(entry[side]) * entry["radius"]), turned / float(entry["radius"])
