"""Several tracks as flat arrays, so that one compiled kernel serves cars on different tracks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely import LineString

from openracer.tracks.track import Track


class TrackTable(NamedTuple):
    """The rows of T tracks one after the other; track t owns rows ``first[t]`` to ``first[t + 1]``.

    Attributes:
        first: ``(T + 1,) int64``.
        centre: ``(M, 2)`` m.
        inner: ``(M, 2)`` m.
        outer: ``(M, 2)`` m.
        arc_length: ``(M,)`` along the track's centre line, m.
        is_counter_clockwise: ``(T,)``.
        is_closed: ``(T,)``.
        clearance: ``(T,)`` shortest way from the centre line to a border, m: what is nearer to it is on the road.
    """

    first: NDArray[np.int64]
    centre: NDArray[np.float64]
    inner: NDArray[np.float64]
    outer: NDArray[np.float64]
    arc_length: NDArray[np.float64]
    is_counter_clockwise: NDArray[np.bool_]
    is_closed: NDArray[np.bool_]
    clearance: NDArray[np.float64]

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> "TrackTable":
        """Pack the tracks in their order."""
        return cls(
            first=np.cumsum([0, *(len(track.centre) for track in tracks)]),
            centre=np.ascontiguousarray(np.concatenate([track.centre for track in tracks])),
            inner=np.ascontiguousarray(np.concatenate([track.inner for track in tracks])),
            outer=np.ascontiguousarray(np.concatenate([track.outer for track in tracks])),
            arc_length=np.concatenate([track.arc_length for track in tracks]),
            is_counter_clockwise=np.array([track.is_counter_clockwise for track in tracks]),
            is_closed=np.array([track.closed for track in tracks]),
            clearance=np.array([_clearance(track) for track in tracks]),
        )


def _clearance(track: Track) -> float:
    """Distance between the centre line and the nearer border; two lines that do not cross are nearest at a corner."""
    if not track.closed:  # beyond its ends is no road, however near the centre line is
        return 0.0
    centre = LineString(track.centre)
    return float(min(centre.distance(LineString(track.inner)), centre.distance(LineString(track.outer))))
