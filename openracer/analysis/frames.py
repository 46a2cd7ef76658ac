"""Rows of a trace as a data frame with the columns that deepracer-utils gives them, which users' notebooks know."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from openracer.formats.logs import Log
from openracer.formats.simtrace import TRACK_COLUMN, Trace

NAMES = {
    "episode": "episode",
    "steps": "steps",
    "X": "x",
    "Y": "y",
    "yaw": "yaw",
    "steer": "steering_angle",
    "throttle": "speed",
    "action": "action",
    "reward": "reward",
    "done": "done",
    "all_wheels_on_track": "on_track",
    "progress": "progress",
    "closest_waypoint": "closest_waypoint",
    "track_len": "track_len",
    "tstamp": "tstamp",
    "episode_status": "episode_status",
    "pause_duration": "pause_duration",
    "wall_clock": "wall_clock",
    "iteration": "iteration",
    "worker": "worker",
}
"""Columns of the frame by those of :mod:`openracer.formats.simtrace`."""

CONTINUOUS = -1
"""The number that stands for an action of a continuous action space."""


def steps_frame(log: Log) -> pd.DataFrame:
    """One row for each control step of a job.

    Args:
        log: a job's drive.

    Returns:
        Columns of :data:`NAMES` and ``unique_episode``, which counts the episodes of all workers from 0 in the order
        of iterations. ``yaw`` and ``steering_angle`` are in degrees, ``x``, ``y`` in m, ``speed`` in m/s, ``tstamp``
        in s. The rows of an episode stand together. Of a training on several tracks there is also ``track``.
    """
    trace = dict(log.trace)
    if "wall_clock" not in trace:
        trace["wall_clock"] = np.full(len(trace["X"]), np.nan)
    if trace["action"].dtype.kind != "i":
        trace["action"] = np.full(len(trace["X"]), CONTINUOUS)
    episode_rows = np.append(log.episode_starts, len(trace["X"]))
    trace["iteration"] = _iterations(trace, log.facts.episodes_per_iteration)
    columns = {ours: trace[theirs] for theirs, ours in NAMES.items() if theirs != "episode_status"}
    columns["episode_status"] = _categories(trace["episode_status"])
    order, numbers = _episode_order(trace, episode_rows)
    frame = pd.DataFrame({name: columns[name] for name in NAMES.values()}, copy=False)
    frame["unique_episode"] = np.repeat(numbers, np.diff(episode_rows))
    if TRACK_COLUMN in trace:
        frame[TRACK_COLUMN] = _categories(trace[TRACK_COLUMN])
    return frame if order is None else frame.iloc[order].reset_index(drop=True)


def _iterations(trace: Trace, per_iteration: int | None) -> NDArray[np.int64]:
    """Text logs do not tell the iteration of a row; it follows from the number of its episode."""
    if (trace["iteration"] >= 0).all():
        return trace["iteration"]
    counted = trace["episode"] // per_iteration if per_iteration else np.zeros_like(trace["episode"])
    return np.where(trace["iteration"] >= 0, trace["iteration"], counted)


def _categories(status: NDArray[np.str_]) -> pd.Categorical:
    """Statuses as a categorical; there are few, and comparing is much faster than sorting."""
    codes = np.full(len(status), -1, np.int8)
    labels: list[str] = []
    while len(left := np.flatnonzero(codes < 0)):
        label = status[left[0]]
        codes[status == label] = len(labels)
        labels.append(str(label))
    return pd.Categorical.from_codes(codes, labels)


def _episode_order(
    trace: Trace, episode_rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | None, NDArray[np.int64]]:
    """The order of rows by iteration, worker and episode (None: as they are), and the numbers of the episodes."""
    first = episode_rows[:-1]
    order = np.lexsort((np.arange(len(first)), trace["worker"][first], trace["iteration"][first]))
    numbers = np.empty(len(first), np.int64)
    numbers[order] = np.arange(len(first))
    if (order == np.arange(len(first))).all():
        return None, numbers
    rows = [np.arange(episode_rows[k], episode_rows[k + 1]) for k in order.tolist()]
    return np.concatenate(rows), numbers
