"""Rows of SIM_TRACE_LOG and of simtrace CSV as columns, fast, with damaged rows counted instead of fatal.

Column names, units and kinds are those of :mod:`openracer.formats.simtrace`. The eras of the format, by the number of
values in a row (aws-deepracer-community/deepracer-simapp, ``markov/log_handler``; deepracer-utils ``logs/log.py``):
15 (2019; yaw and steering in radians, time of day), 16 (2020; degrees, status added), 17 (2021 to 2024; simulated
time, pause added), 18 and 19 (DeepRacer on AWS; crash counter and time of day added).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.formats.simtrace import COLUMNS, LATER_COLUMNS, Trace

NAMES_BY_COUNT: dict[int, tuple[str, ...]] = {
    15: COLUMNS[:15],
    16: COLUMNS[:16],
    17: COLUMNS,
    18: (*COLUMNS, "wall_clock"),
    19: COLUMNS + LATER_COLUMNS,
}
"""Columns of a row of text logs, by how many values it has."""

_CHUNK = 8192
_INTEGERS = ("episode", "closest_waypoint", "obstacle_crash_counter")
_BOOLEANS = ("done", "all_wheels_on_track")
_TEXTS = ("episode_status", "action")
_FINITE = ("steps", "X", "Y", "yaw", "steer", "throttle", "progress", "tstamp")
_COMMA_ACTION = re.compile(rb"\[([^\],\n]*),([^\]\n]*)\]")
_STATUS = re.compile(rb"[a-z_ A-Z]*")


def parse_rows(rows: Sequence[bytes], names: Sequence[str] | None = None) -> tuple[Trace, int]:
    """Understand the rows of one log.

    Args:
        rows: texts without line ends; continuous actions may have a comma in their brackets, as in May 2022.
        names: names of the columns; without it they follow from the number of values most rows have.

    Returns:
        Columns of the K rows that can be understood, all of :data:`~openracer.formats.simtrace.COLUMNS` included, and
        the number of rows that cannot. Rows that came out of order within their episode are put in order.
    """
    if any(b"[" in row for row in rows[:_CHUNK]):
        rows = _COMMA_ACTION.sub(rb"[\1 \2]", b"\n".join(rows)).split(b"\n")
    counts = [row.count(b",") + 1 for row in rows]
    if names is None:
        usual = Counter(count for count in counts if count in NAMES_BY_COUNT).most_common(1)
        names = NAMES_BY_COUNT[usual[0][0]] if usual else COLUMNS
    wanted = len(names)
    whole = [row for row, count in zip(rows, counts, strict=True) if count == wanted]
    parts: list[Trace] = []
    for first in range(0, len(whole), _CHUNK):
        _collect(whole[first : first + _CHUNK], names, parts)
    trace = _join(parts, names)
    broken = len(rows) - len(trace["X"])
    if wanted == 15:
        _to_degrees(trace)
    _add_missing(trace)
    return _in_order(trace), broken


def _collect(rows: Sequence[bytes], names: Sequence[str], parts: list[Trace]) -> None:
    """Append the columns of all rows that can be understood, halving the rows around those that cannot."""
    try:
        parts.append(_columns(rows, names))
    except ValueError:
        if len(rows) > 1:
            middle = len(rows) // 2
            _collect(rows[:middle], names, parts)
            _collect(rows[middle:], names, parts)


def _columns(rows: Sequence[bytes], names: Sequence[str]) -> Trace:
    values = b",".join(rows).split(b",")
    width = len(names)
    trace = {name: _column(name, values[k::width]) for k, name in enumerate(names)}
    finite = np.logical_and.reduce([np.isfinite(trace[name]) for name in _FINITE])
    return trace if finite.all() else {name: column[finite] for name, column in trace.items()}


def _column(name: str, values: list[bytes]) -> NDArray[Any]:
    if name in _BOOLEANS:
        if not set(values) <= {b"True", b"False"}:
            raise ValueError(name)
        return np.fromiter(map(b"True".__eq__, values), np.bool_, len(values))
    if name in _TEXTS:
        if name == "episode_status" and not all(_STATUS.fullmatch(value) for value in set(values)):
            raise ValueError(name)
        return np.array(values, np.bytes_)
    numbers = np.fromiter(map(float, values), np.float64, len(values))
    if name in _INTEGERS:
        if not np.isfinite(numbers).all() or np.abs(numbers).max(initial=0.0) > 2**31:
            raise ValueError(name)
        return numbers.astype(np.int64)
    return numbers


def _join(parts: list[Trace], names: Sequence[str]) -> Trace:
    if not parts:
        return {name: _column(name, []) for name in names}
    trace = {name: np.concatenate([part[name] for part in parts]) for name in names}
    if "episode_status" in trace:
        trace["episode_status"] = trace["episode_status"].astype(np.str_)
    trace["action"] = _actions(trace["action"])
    return trace


def _actions(texts: NDArray[np.bytes_]) -> NDArray[Any]:
    """Numbers of actions, or the texts of continuous ones."""
    if texts.size and np.char.startswith(texts[:_CHUNK], b"[").any():
        return np.char.decode(texts, "ascii", "replace")
    try:
        return texts.astype(np.float64).astype(np.int64)
    except ValueError:
        return np.full(len(texts), -1)


def _to_degrees(trace: Trace) -> None:
    """Rows of 2019 have radians; steering beyond a radian tells degrees."""
    largest = max(np.abs(trace["steer"]).max(initial=0.0) / 1.05, np.abs(trace["yaw"]).max(initial=0.0) / 6.3)
    if largest <= 1.0:
        trace["yaw"] = np.degrees(trace["yaw"])
        trace["steer"] = np.degrees(trace["steer"])


def _add_missing(trace: Trace) -> None:
    """What an era does not tell: nothing of the status, no pause."""
    count = len(trace["X"])
    trace.setdefault("episode_status", np.full(count, "", np.str_))
    trace.setdefault("pause_duration", np.zeros(count))


def _in_order(trace: Trace) -> Trace:
    """Put late rows where they belong.

    A run that began anew stays behind the one before: there a first step follows a later one, with an earlier episode,
    or (2019) in the same episode at a later time.
    """
    episode, steps, time = (np.diff(trace[name]) for name in ("episode", "steps", "tstamp"))
    falls = (episode < 0) | ((episode == 0) & (steps < 0))
    if not falls.any():
        return trace
    restarts = np.zeros(len(trace["steps"]), np.int64)
    restarts[1:] = falls & (trace["steps"][1:] <= 1.0) & ((episode < 0) | (time > 0))
    return select(trace, np.lexsort((trace["steps"], trace["episode"], np.cumsum(restarts))))


def select(trace: Trace, rows: NDArray[Any] | slice) -> Trace:
    """Some rows of a trace.

    Args:
        trace: columns ``(K,)``.
        rows: indices, a mask, or a slice.
    """
    return {name: column[rows] for name, column in trace.items()}


def concatenate(traces: Sequence[Trace], fill: Callable[[str], Any]) -> Trace:
    """One trace after the other.

    Args:
        traces: at least one.
        fill: gives the value of a column where a trace lacks it.
    """
    names = dict.fromkeys(name for trace in traces for name in trace)
    joined: Trace = {}
    for name in names:
        parts = [trace.get(name, np.full(len(trace["X"]), fill(name))) for trace in traces]
        if len({part.dtype.kind in "US" for part in parts}) > 1:
            parts = [part.astype(np.str_) for part in parts]
        joined[name] = np.concatenate(parts)
    return joined
