"""Where on the track each step was: arc length, offset and section, and what quantities are along the lap."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from openracer.analysis.episodes import episode_bounds, step_changes
from openracer.analysis.sections import Section, section_of
from openracer.tracks.track import Track

Array = NDArray[np.float64]

FASTEST_MPS = 8.0
"""A car that seems faster between two rows was put somewhere else."""


def with_places(steps: pd.DataFrame, track: Track, sections: list[Section]) -> pd.DataFrame:
    """Steps with their places.

    Args:
        steps: see :func:`openracer.analysis.frames.steps_frame`.
        track: that they were driven on, in the driving direction.
        sections: of the track.

    Returns:
        A copy with ``distance`` (along the centre line, m), ``lap_distance`` (the same without the jump at the start
        line: how far the car came since the episode's start line, m), ``offset`` (from the centre line, m, left
        positive), ``section`` (index) and ``velocity`` (really driven around the row, m/s; 0 where the car was
        carried).
    """
    distance, offset = track.along(steps[["x", "y"]].to_numpy(np.float64))
    time, moved = step_changes(steps)
    bounds = episode_bounds(steps)
    velocity = _velocity(time, moved, bounds[:-1])
    return steps.assign(
        distance=distance,
        lap_distance=_unwrapped(distance, bounds, track),
        offset=offset,
        section=section_of(sections, distance, track.length),
        velocity=velocity,
    )


def _velocity(time: Array, moved: Array, first: NDArray[np.int64]) -> Array:
    """Speed over the step before and the one after, m/s: time stamps of single steps are uneven."""
    together = [
        np.convolve(column, np.ones(3), "same") if len(column) > 3 else column for column in (time, moved)
    ]
    velocity = np.divide(together[1], together[0], out=np.zeros(len(time)), where=together[0] > 1e-3)
    velocity[(velocity > FASTEST_MPS) | (moved > FASTEST_MPS * np.maximum(time, 1.0 / 15.0))] = 0.0
    velocity[first] = 0.0
    return velocity


def _unwrapped(distance: Array, bounds: NDArray[np.int64], track: Track) -> Array:
    """Arc lengths that go on growing over the start line, episode by episode."""
    if not track.closed:
        return distance
    gained = np.diff(distance, prepend=distance[:1])
    gained -= track.length * np.round(gained / track.length)
    first = bounds[:-1]
    gained[first] = 0.0
    along = np.cumsum(gained)
    counts = np.diff(bounds)
    return along - np.repeat(along[first], counts) + np.repeat(distance[first], counts)


def along_lap(placed: pd.DataFrame, column: str, track: Track, step_m: float = 0.25) -> pd.DataFrame:
    """Median and spread of a quantity along the lap.

    Args:
        placed: see :func:`with_places`.
        column: for example ``velocity``.
        track: of the steps.
        step_m: length of a bin, m.

    Returns:
        ``distance`` of the bins' middles, ``median``, ``low`` and ``high`` (10th and 90th percentile) and ``count``.
    """
    count = max(round(track.length / step_m), 1)
    bins = np.minimum((placed["distance"].to_numpy() / track.length * count).astype(np.int64), count - 1)
    groups = pd.Series(placed[column].to_numpy(np.float64)).groupby(bins)
    table = groups.quantile([0.1, 0.5, 0.9]).unstack()
    table.columns = ["low", "median", "high"]
    table["count"] = groups.size()
    table.insert(0, "distance", (table.index.to_numpy() + 0.5) * track.length / count)
    return table.reset_index(drop=True)
