"""Several tracks as flat arrays, so that one compiled kernel serves cars on different tracks."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.tracks.compiled import kernel
from openracer.tracks.kernels import project_point
from openracer.tracks.nearby import CELL, list_edges, list_segments, project_among, side_among
from openracer.tracks.track import Track

MARGIN = 0.5
"""How far the cells of a track reach beyond it, m; for a place farther away all of the track is searched."""

CENTRE, INNER, OUTER = range(3)
"""The lines of a track."""

ENTRY = np.dtype(
    [
        *((name, np.int64) for name in ("first", "last")),
        *((name, np.float64) for name in ("left", "bottom")),
        *((name, np.int64) for name in ("columns", "rows", "first_cell")),
        *((name, np.float64) for name in ("outline_bottom", "hole_bottom")),
        *((name, np.int64) for name in ("first_outline_band", "outline_bands", "first_hole_band", "hole_bands")),
        *((name, np.bool_) for name in ("is_counter_clockwise", "is_closed")),
    ],
    align=True,
)  # fmt: skip
"""What a :class:`TrackTable` says of one track: its rows of the lines, its grid of cells with the number of its first
cell, and the same of the bands of its road's outline and hole; lengths in m."""


class TrackTable(NamedTuple):
    """The rows of T tracks one after the other, and what to look at near a place.

    Attributes:
        tracks: ``(T,)`` of :data:`ENTRY`.
        centre: ``(M, 2)`` m.
        inner: ``(M, 2)`` m.
        outer: ``(M, 2)`` m.
        arc_length: ``(M,)`` along the track's centre line, m.
        first_segment: ``(3, C + 1)`` where in ``segments`` the list of a cell begins, for each line.
        segments: ``(S,)`` of :func:`openracer.tracks.nearby.list_segments`, counted from the track's first row.
        first_edge: ``(B + 1,)`` where in ``edges`` the list of a band begins.
        edges: ``(E, 4)`` of :func:`openracer.tracks.nearby.list_edges`, m.
    """

    tracks: NDArray[np.void]
    centre: NDArray[np.float64]
    inner: NDArray[np.float64]
    outer: NDArray[np.float64]
    arc_length: NDArray[np.float64]
    first_segment: NDArray[np.int64]
    segments: NDArray[np.int32]
    first_edge: NDArray[np.int64]
    edges: NDArray[np.float64]

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> "TrackTable":
        """Pack the tracks in their order."""
        entries = np.zeros(len(tracks), ENTRY)
        segment_lists: list[list[Any]] = [[], [], []]
        edge_lists: list[Any] = []
        rows = cells = bands = 0
        for entry, track in zip(entries, tracks, strict=True):
            entry["first"], entry["last"] = rows, rows + len(track.centre)
            rows += len(track.centre)
            entry["is_counter_clockwise"], entry["is_closed"] = track.is_counter_clockwise, track.closed
            points = np.concatenate([track.centre, track.inner, track.outer])
            low = points.min(axis=0) - MARGIN
            grid = tuple(np.ceil((points.max(axis=0) + MARGIN - low) / CELL).astype(int).tolist())
            entry["left"], entry["bottom"] = low
            entry["columns"], entry["rows"], entry["first_cell"] = *grid, cells
            cells += grid[0] * grid[1]
            for lists, line in zip(segment_lists, (track.centre, track.inner, track.outer), strict=True):
                lists.append(list_segments(line, *low, *grid))
            for ring, corners in (("outline", track.road_outline), ("hole", track.road_hole)):
                bottom = corners[:, 1].min() if len(corners) else 0.0
                edge_lists.append(list_edges(corners, bottom))
                entry[f"{ring}_bottom"] = bottom
                entry[f"first_{ring}_band"], entry[f"{ring}_bands"] = bands, len(edge_lists[-1][0])
                bands += len(edge_lists[-1][0])
        first_segment = _beginnings([count for lists in segment_lists for count, _ in lists])
        return cls(
            tracks=entries,
            centre=np.ascontiguousarray(np.concatenate([track.centre for track in tracks])),
            inner=np.ascontiguousarray(np.concatenate([track.inner for track in tracks])),
            outer=np.ascontiguousarray(np.concatenate([track.outer for track in tracks])),
            arc_length=np.concatenate([track.arc_length for track in tracks]),
            first_segment=np.stack([first_segment[k * cells : (k + 1) * cells + 1] for k in range(3)]),
            segments=np.concatenate([listed for lists in segment_lists for _, listed in lists]),
            first_edge=_beginnings([count for count, _ in edge_lists]),
            edges=np.concatenate([edges for _, edges in edge_lists]),
        )


def _beginnings(counts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Where each of some lists, stored one after the other, begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.concatenate(counts))])


@kernel(inline="always")
def project_nearby(x, y, which, line, table, track):  # type: ignore[no-untyped-def]
    """What :func:`openracer.tracks.kernels.project_point` returns for a line of a track.

    Args:
        x: metres.
        y: metres.
        which: :data:`CENTRE`, :data:`INNER` or :data:`OUTER`.
        line: (M, 2) this line of all tracks, m.
        table: a :class:`TrackTable`.
        track: which track.
    """
    entry = table.tracks[track]
    points, arc_length = line[entry.first : entry.last], table.arc_length[entry.first : entry.last]
    column, row = (x - entry.left) / CELL, (y - entry.bottom) / CELL
    # Written so that a coordinate that is not a number lies outside.
    if 0.0 <= column < entry.columns and 0.0 <= row < entry.rows:
        cell = entry.first_cell + int(row) * entry.columns + int(column)
        first, last = table.first_segment[which, cell], table.first_segment[which, cell + 1]
        found = project_among(x, y, points, arc_length, table.segments, first, last)
    else:
        found = project_point(x, y, points, arc_length)
    return found


@kernel(inline="always")
def on_road(x, y, table, track):  # type: ignore[no-untyped-def]
    """Whether a point lies strictly between the borders, as :meth:`openracer.tracks.track.Track.on_road` says.

    Args:
        x: metres.
        y: metres.
        table: a :class:`TrackTable`.
        track: which track.
    """
    entry = table.tracks[track]
    outline = hole = -1
    band = (y - entry.outline_bottom) / CELL
    if 0.0 <= band < entry.outline_bands:
        first = entry.first_outline_band + int(band)
        outline = side_among(x, y, table.edges, table.first_edge[first], table.first_edge[first + 1])
    band = (y - entry.hole_bottom) / CELL
    if 0.0 <= band < entry.hole_bands:
        first = entry.first_hole_band + int(band)
        hole = side_among(x, y, table.edges, table.first_edge[first], table.first_edge[first + 1])
    return outline > 0 and hole < 0
