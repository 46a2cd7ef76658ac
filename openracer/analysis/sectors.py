"""Times through the sections of a track: of every drive, of the best one, and of the minimum-time line."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from openracer.analysis.episodes import episode_bounds
from openracer.analysis.sections import Section
from openracer.tracks.track import Track

if TYPE_CHECKING:
    from openracer.simulation.raceline.line import RaceLine

Array = NDArray[np.float64]

STARTS_AT_BORDER_M = 0.3
"""A drive that begins so little behind a border counts from it: the front point is ahead of the start line."""

LONGEST_STEP_M = 0.6
"""A car that seems to come farther in one step has not driven there."""


def sector_times(placed: pd.DataFrame, track: Track, sections: list[Section]) -> pd.DataFrame:
    """Every passage through a whole section.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        track: of the steps.
        sections: of the track.

    Returns:
        ``unique_episode``, ``section`` (index), ``time`` s, ``entry_speed`` and ``exit_speed`` (really driven, m/s)
        and ``complete`` (whether the episode was a whole lap), in driving order.
    """
    rows = []
    bounds = episode_bounds(placed)
    stamps, along, speed, progress, episodes = (
        placed[name].to_numpy()
        for name in ("tstamp", "lap_distance", "velocity", "progress", "unique_episode")
    )
    starts = np.array([section.start_m for section in sections])
    ends = np.array([section.end_m for section in sections])
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        path = np.maximum.accumulate(along[first:end])
        leaps = np.flatnonzero(np.diff(path) > LONGEST_STEP_M)
        complete = bool(progress[first:end].max() >= 100.0)
        reached = path[-1] + (STARTS_AT_BORDER_M if complete else 0.0)
        for lap in range(int(path[0] // track.length) - 1, int(path[-1] // track.length) + 1):
            begin, close = starts + lap * track.length, ends + lap * track.length
            whole = (begin >= path[0] - STARTS_AT_BORDER_M) & (close <= reached)
            for leap in leaps.tolist():  # a car beside the road may be nearest to another part of it
                whole &= (close <= path[leap]) | (begin >= path[leap + 1])
            for k in np.flatnonzero(whole).tolist():
                enter, leave = np.interp([begin[k], close[k]], path, stamps[first:end])
                into, out = np.interp([begin[k], close[k]], path, speed[first:end])
                rows.append((int(episodes[first]), k, leave - enter, into, out, complete))
    names = ["unique_episode", "section", "time", "entry_speed", "exit_speed", "complete"]
    return pd.DataFrame(rows, columns=names)


def sector_table(times: pd.DataFrame, sections: list[Section], ideal: Array | None = None) -> pd.DataFrame:
    """One row for each section.

    Args:
        times: see :func:`sector_times`.
        sections: of the track.
        ideal: ``(S,)`` times of the minimum-time line, s; see :func:`ideal_times`.

    Returns:
        ``section`` (its label), ``length`` m, ``turn`` degrees, ``passages``, ``best`` and ``median`` s, and where an
        ideal is given ``ideal`` and ``lost`` (median less ideal), s.
    """
    groups = times.groupby("section")["time"]
    index = np.arange(len(sections))
    table = pd.DataFrame(
        {
            "section": [section.label for section in sections],
            "length": [section.length_m for section in sections],
            "turn": [section.turn_deg for section in sections],
            "passages": groups.size().reindex(index, fill_value=0),
            "best": groups.min().reindex(index),
            "median": groups.median().reindex(index),
        },
        index=pd.RangeIndex(len(sections)),
    )
    if ideal is not None:
        table["ideal"] = ideal
        table["lost"] = table["median"] - table["ideal"]
    return table


def ideal_times(line: "RaceLine", track: Track, sections: list[Section]) -> Array:
    """Times of a flying lap on the minimum-time line through the sections, ``(S,)`` s; NaN on an open track."""
    if not track.closed:
        return np.full(len(sections), np.nan)
    along = np.unwrap(track.project(line.points).distance_m, period=track.length)
    time = line.time_s
    path = np.maximum.accumulate(
        np.concatenate([along[:-1], along[:-1] + track.length, along + 2 * track.length])
    )
    clock = np.concatenate([time[:-1], time[:-1] + time[-1], time + 2 * time[-1]])
    shift = np.ceil(path[0] / track.length) * track.length
    begin = np.array([section.start_m for section in sections]) + shift
    close = np.array([section.end_m for section in sections]) + shift
    begin, close = (np.where(begin < path[0], border + track.length, border) for border in (begin, close))
    return np.interp(close, path, clock) - np.interp(begin, path, clock)


def line_along(line: "RaceLine", track: Track) -> pd.DataFrame:
    """A line by place: ``distance`` m along the centre line, ``speed`` m/s, ``steering`` degrees, ``x``, ``y`` m."""
    distance = track.project(line.points).distance_m
    order = np.argsort(distance)
    return pd.DataFrame(
        {
            "distance": distance[order],
            "speed": line.speed_mps[order],
            "steering": np.degrees(line.steering)[order],
            "x": line.points[order, 0],
            "y": line.points[order, 1],
        }
    )
