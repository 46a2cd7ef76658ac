"""The two lanes of every track as smooth curves over the distance along its centre line."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from openracer.tracks.compiled import kernel
from openracer.tracks.track import Track

LANE_CHANGE_DISTANCE = 1.0
"""Way along the centre line on which a bot changes lanes, m (deepracer-simapp)."""


class LaneTable(NamedTuple):
    """Cubic splines of the lanes of T tracks, one after the other.

    Attributes:
        first: ``(T + 1,)`` where a track's knots begin.
        knots: ``(Q,)`` distance along the centre line, m.
        pieces: ``(Q, 2, 2, 4)`` cubic from each knot to the next: inner and outer lane, x and y, highest power first.
    """

    first: NDArray[np.int64]
    knots: NDArray[np.float64]
    pieces: NDArray[np.float64]

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> "LaneTable":
        """The lanes of some tracks; closed ones go on smoothly across the start line."""
        knots, pieces = [], []
        for track in tracks:
            keep = np.concatenate([np.diff(track.arc_length) > 1e-9, [True]])
            distance = track.arc_length[keep]
            splines = np.zeros((len(distance), 2, 2, 4))
            for lane, border in enumerate((track.inner, track.outer)):
                line = 0.5 * (track.centre + border)[keep]
                if track.closed:
                    line[-1] = line[0]
                curve = CubicSpline(distance, line, bc_type="periodic" if track.closed else "natural")
                splines[:-1, lane] = curve.c.transpose(1, 2, 0)
            knots.append(distance)
            pieces.append(splines)
        first = np.concatenate([[0], np.cumsum([len(k) for k in knots])])
        return cls(first, np.concatenate(knots), np.concatenate(pieces))


@kernel()
def pose_between_lanes(
    lanes: LaneTable, track: int, distance: float, share: float, share_slope: float
) -> tuple[float, float, float]:
    """A place on, or between, the lanes of a track.

    Args:
        lanes: of all tracks.
        track: which.
        distance: along the centre line, m, within the lap.
        share: 0 on the outer lane, 1 on the inner one.
        share_slope: by how much the share grows along the way, 1/m.

    Returns:
        x and y, m, and the direction of driving, rad.
    """
    a, b = lanes.first[track], lanes.first[track + 1]
    knots = lanes.knots[a:b]
    k = min(max(int(np.searchsorted(knots, distance, side="right")) - 1, 0), len(knots) - 2)
    h = distance - knots[k]
    inner_x, inner_dx = _cubic(lanes.pieces, a + k, 0, 0, h)
    inner_y, inner_dy = _cubic(lanes.pieces, a + k, 0, 1, h)
    outer_x, outer_dx = _cubic(lanes.pieces, a + k, 1, 0, h)
    outer_y, outer_dy = _cubic(lanes.pieces, a + k, 1, 1, h)
    rest = 1.0 - share
    dx = share * inner_dx + rest * outer_dx + share_slope * (inner_x - outer_x)
    dy = share * inner_dy + rest * outer_dy + share_slope * (inner_y - outer_y)
    return share * inner_x + rest * outer_x, share * inner_y + rest * outer_y, math.atan2(dy, dx)


@kernel(inline="always")
def _cubic(pieces, k, lane, axis, h):  # type: ignore[no-untyped-def]
    """Value and slope of a cubic piece, h m behind its knot."""
    a, b, c = pieces[k, lane, axis, 0], pieces[k, lane, axis, 1], pieces[k, lane, axis, 2]
    return ((a * h + b) * h + c) * h + pieces[k, lane, axis, 3], (3.0 * a * h + 2.0 * b) * h + c
