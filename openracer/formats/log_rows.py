"""Rows of SIM_TRACE_LOG and of simtrace CSV as columns, fast, with damaged rows counted instead of fatal.

Column names, units and kinds are those of :mod:`openracer.formats.simtrace`. The eras of the format, by the number of
values in a row (aws-deepracer-community/deepracer-simapp, ``markov/log_handler``; deepracer-utils ``logs/log.py``):
15 (2019; yaw and steering in radians, time of day), 16 (2020; degrees, status added), 17 (2021 to 2024; simulated
time, pause added), 18 and 19 (DeepRacer on AWS; crash counter and time of day added).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.formats.row_scanner import (
    BOOLEAN,
    LONGEST_TEXT,
    NUMBER,
    TEXT,
    find_lines,
    gather,
    number_words,
    read_rows,
)
from openracer.formats.simtrace import COLUMNS, LATER_COLUMNS, TRACK_COLUMN, Trace

NAMES_BY_COUNT: dict[int, tuple[str, ...]] = {
    15: COLUMNS[:15],
    16: COLUMNS[:16],
    17: COLUMNS,
    18: (*COLUMNS, "wall_clock"),
    19: COLUMNS + LATER_COLUMNS,
}
"""Columns of a row of text logs, by how many values it has."""

_KNOWN = frozenset((*COLUMNS, *LATER_COLUMNS, TRACK_COLUMN, "iteration", "worker"))
_INTEGERS = ("episode", "closest_waypoint", "obstacle_crash_counter", "iteration", "worker")
_BOOLEANS = ("done", "all_wheels_on_track")
_FINITE = ("steps", "X", "Y", "yaw", "steer", "throttle", "progress", "tstamp")
_STATUS = re.compile(rb"[a-z_ A-Z]*")
_TRACK = re.compile(rb"[!-~]*")
_MOST_WORDS = 64
_LARGEST = 2.0**31
_LARGEST_QUANTITY = 1e12
"""No position, speed or time is larger; what is comes from a damaged row."""


def parse_rows(text: bytes, names: Sequence[str] | None = None) -> tuple[Trace, int]:
    """Understand the rows of one log.

    Args:
        text: a row a line; continuous actions may have a comma in their brackets, as in May 2022.
        names: names of the columns, of which others than those of :mod:`openracer.formats.simtrace`, ``iteration`` and
            ``worker`` are left out; without it they follow from the number of values most rows have.

    Returns:
        Columns of the K rows that can be understood, all of :data:`~openracer.formats.simtrace.COLUMNS` included, and
        the number of rows that cannot. Rows that came out of order within their episode are put in order.
    """
    letters = np.frombuffer(text, np.uint8)
    lines = text.count(b"\n") + 1
    starts, ends, counts = (np.empty(lines, np.int64) for _ in range(3))
    lines = find_lines(letters, starts, ends, counts)
    counts = counts[:lines]
    if names is None:
        known, often = np.unique(counts[counts >= min(NAMES_BY_COUNT)], return_counts=True)
        count = int(known[np.argmax(often)]) if len(known) else len(COLUMNS)
        # Of an era to come: what all eras since 2021 begin with.
        names = NAMES_BY_COUNT.get(count, COLUMNS)
    else:
        count = len(names)
    whole = np.flatnonzero(counts == count)
    trace = _columns(text, starts[whole], ends[whole], names)
    broken = lines - len(trace["X"])
    trace = _without_repeats(trace)
    if len(names) == 15:
        _to_degrees(trace)
    _add_missing(trace)
    return _in_order(trace), broken


def _columns(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64], names: Sequence[str]) -> Trace:
    """Columns of the rows that can be understood, of those between some starts and ends."""
    letters = np.frombuffer(text, np.uint8)
    texts = ("episode_status", TRACK_COLUMN, *(("action",) if b"[" in text else ()))
    kinds = [
        BOOLEAN if name in _BOOLEANS else TEXT if name in texts or name not in _KNOWN else NUMBER
        for name in names
    ]
    shape = (len(names), len(starts))
    numbers, spans, odd = np.zeros(shape), np.empty((*shape, 2), np.int64), np.empty(shape, np.bool_)
    read_rows(letters, starts, ends, np.array(kinds), numbers, spans, odd)
    good = np.ones(len(starts), np.bool_)
    trace: Trace = {}
    for name, kind, column, span, strange in zip(names, kinds, numbers, spans, odd, strict=True):
        if name not in _KNOWN:
            continue
        if kind == NUMBER:
            _read_odd_numbers(text, span, np.flatnonzero(strange), column)
            if name == "action":
                trace[name] = np.where(np.abs(column) <= _LARGEST, column, -1.0).astype(np.int64)
                continue
            if name in _INTEGERS:
                good &= np.abs(column) <= _LARGEST  # nor NaN
            elif name in _FINITE:
                good &= np.abs(column) <= _LARGEST_QUANTITY  # nor NaN
            elif name != "wall_clock":  # which only DeepRacer on AWS tells
                good &= ~np.isnan(column)
            trace[name] = column
        else:
            good &= ~strange
            if kind == BOOLEAN:
                trace[name] = column == 1.0
            elif name == "action":
                trace[name] = _actions(letters, span)
            else:
                trace[name], known = _words(text, span, _TRACK if name == TRACK_COLUMN else _STATUS)
                good &= known
    trace = trace if good.all() else select(trace, good)
    return {name: c.astype(np.int64) if name in _INTEGERS else c for name, c in trace.items()}


def _read_odd_numbers(
    text: bytes, spans: NDArray[np.int64], rows: NDArray[np.int64], column: NDArray[np.float64]
) -> None:
    """Let Python read the numbers that the scanner left: many digits, exponents, infinities; NaN for what is none."""
    for row, (first, last) in zip(rows.tolist(), spans[rows].tolist(), strict=True):
        try:
            column[row] = float(text[first:last])
        except ValueError:
            column[row] = np.nan


def _words(
    text: bytes, spans: NDArray[np.int64], pattern: re.Pattern[bytes]
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Texts of which there are few different ones, ``(K,)``, and which of them have the pattern."""
    words, codes = np.empty((_MOST_WORDS, 2), np.int64), np.empty(len(spans), np.int64)
    count = number_words(np.frombuffer(text, np.uint8), spans, words, codes)
    values = [text[first:last] for first, last in words[:count].tolist()]
    fits = np.array([bool(pattern.fullmatch(value)) for value in values] + [False], np.bool_)
    known = np.array(
        [value.decode("ascii") if fit else "" for value, fit in zip(values, fits, strict=False)] + [""]
    )
    return known[codes], fits[codes]


def _actions(letters: NDArray[np.uint8], spans: NDArray[np.int64]) -> NDArray[np.str_]:
    """Texts of continuous actions, ``(K,)``, without commas."""
    width = int(np.clip((spans[:, 1] - spans[:, 0]).max(initial=1), 1, LONGEST_TEXT))
    table = np.zeros((len(spans), width), np.uint8)
    gather(letters, spans, table)
    table[table == ord(",")] = ord(" ")
    return np.char.decode(table.view(f"S{width}")[:, 0], "ascii", "replace")


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
    or (2019) in the same episode at a later time, and steps of an episode are there twice.
    """
    episode, steps, time = (np.diff(trace[name]) for name in ("episode", "steps", "tstamp"))
    falls = (episode < 0) | ((episode == 0) & (steps < 0))
    if not falls.any():
        return trace
    order = np.lexsort((trace["steps"], trace["episode"]))
    same = [np.diff(trace[name][order]) == 0 for name in ("episode", "steps")]
    if not (same[0] & same[1]).any():
        return select(trace, order)
    restarts = np.zeros(len(trace["steps"]), np.int64)
    restarts[1:] = falls & (trace["steps"][1:] <= 1.0) & ((episode < 0) | (time > 0))
    return select(trace, np.lexsort((trace["steps"], trace["episode"], np.cumsum(restarts))))


def _without_repeats(trace: Trace) -> Trace:
    """Rows that are the same as the one before count once: some ways of fetching logs give lines twice."""
    repeats = np.zeros(len(trace["X"]), np.bool_)
    repeats[1:] = np.logical_and.reduce(
        [np.diff(trace[name]) == 0 for name in ("episode", "steps", "tstamp", "X", "Y")]
    )
    return select(trace, ~repeats) if repeats.any() else trace


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
        parts = [trace[name] if name in trace else np.full(len(trace["X"]), fill(name)) for trace in traces]
        if len({part.dtype.kind in "US" for part in parts}) > 1:
            parts = [part.astype(np.str_) for part in parts]
        joined[name] = np.concatenate(parts)
    return joined
