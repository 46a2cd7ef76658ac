"""Drives as transitions: where the car was, what it was told, and how long it really took to the next row.

The time stamp of a row is not the time of its pose: the pose is read at the beginning of a control step and the row is
stamped at its end. So the time from pose k to pose k + 1 shows, if at all, in ``tstamp[k] - tstamp[k - 1]``. How much
of that difference is real and how much only late stamping differs between simulators and machines; it is estimated for
each log, from distances alone, without a model of the car (see ``docs/vehicle.md``).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.formats.logs import Log
from openracer.formats.simtrace import Trace
from openracer.simulation.body import MAX_STEERING, MIN_SPEED

CONTROL_PERIOD = 1.0 / 15.0
MAX_SPEED = 4.0
"""The simulator clips commands to this, m/s."""

LONG_GAP = 0.115
"""A longer time between rows was a real pause of the control loop, s."""

SHORTEST, LONGEST = 0.03, 0.105
"""Ordinary differences of time stamps are clipped to this, s."""

FASTEST_MOVE = 6.0
"""A car that seems faster was put somewhere else, m/s."""

LARGEST_TURN = 0.6
"""The same for its heading in one step, rad."""

ROWS_BEFORE_CRASH = 4
_NEIGHBOURS = 3


class Transitions(NamedTuple):
    """K rows of one or more drives.

    Attributes:
        x: ``(K,)`` front point, m.
        y: ``(K,)`` front point, m.
        yaw: ``(K,)`` heading, rad, without jumps at ±180° within a segment.
        steering_command: ``(K,)`` in force from this row on, rad.
        speed_command: ``(K,)`` in force from this row on, m/s.
        dt: ``(K,)`` time to the next row, s.
        first: ``(K,)`` int64, first row of the uninterrupted segment that the row belongs to.
        end: ``(K,)`` int64, one past its last row.
        from_rest: ``(K,)`` bool, whether that segment begins with a car at rest.
        episode: ``(K,)`` int64, number of the episode within the drives.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    yaw: NDArray[np.float64]
    steering_command: NDArray[np.float64]
    speed_command: NDArray[np.float64]
    dt: NDArray[np.float64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    from_rest: NDArray[np.bool_]
    episode: NDArray[np.int64]


def make_transitions(log: Log) -> Transitions:
    """Cut a drive into uninterrupted segments and give each transition its time.

    Held rows, the rows before a crash, and rows next to a jump are left out.

    Args:
        log: any drive.
    """
    trace = log.trace
    count = len(trace["X"])
    begins = np.zeros(count, np.bool_)
    begins[log.episode_starts] = True
    episode = np.cumsum(begins) - 1
    heading = np.radians(trace["yaw"])
    turn = (np.diff(heading, prepend=heading[0]) + np.pi) % (2.0 * np.pi) - np.pi
    move = np.hypot(np.diff(trace["X"], prepend=trace["X"][0]), np.diff(trace["Y"], prepend=trace["Y"][0]))
    stamps = np.diff(trace["tstamp"], prepend=trace["tstamp"][0])
    stamps[begins] = np.nan
    period = control_period(stamps)

    held = np.isin(trace["episode_status"], ("prepare", "pause", "park"))
    usable = ~held & ~_before_crash(trace, episode)
    breaks = begins | ~usable | np.append(False, ~usable[:-1])
    breaks[1:] |= np.diff(trace["steps"]) != 1
    with np.errstate(invalid="ignore"):
        stopped = (stamps < 0.0) | (stamps > 1.0)
        longest_move = FASTEST_MOVE * np.maximum(1.25 * period, np.where(stamps > LONG_GAP, stamps, 0.0))
        breaks |= (move > longest_move) | (np.abs(turn) > LARGEST_TURN) | stopped
    breaks[1:] |= stopped[:-1]

    borders = np.flatnonzero(breaks)
    segment = np.cumsum(breaks) - 1
    ends = np.append(borders[1:], count)
    keep = usable & (ends - borders > 1)[segment]
    row = np.cumsum(keep) - 1
    after_hold = np.append(False, held[:-1]) & ~held
    return Transitions(
        x=trace["X"][keep],
        y=trace["Y"][keep],
        yaw=(heading[0] + np.cumsum(turn))[keep],
        steering_command=np.clip(np.radians(trace["steer"]), -MAX_STEERING, MAX_STEERING)[keep],
        speed_command=np.clip(trace["throttle"], MIN_SPEED, MAX_SPEED)[keep],
        dt=elapsed(stamps, move, breaks, period)[keep],
        first=row[borders[segment]][keep],
        end=row[ends[segment] - 1][keep] + 1,
        from_rest=after_hold[borders[segment]][keep],
        episode=episode[keep],
    )


def _before_crash(trace: Trace, episode: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows in which a car may already have touched what it crashed into."""
    before = np.zeros(len(episode), np.bool_)
    for row in np.flatnonzero(trace["episode_status"] == "crashed"):
        first = max(0, row - ROWS_BEFORE_CRASH)
        before[first : row + 1] |= episode[first : row + 1] == episode[row]
    return before


def control_period(stamps: NDArray[np.float64]) -> float:
    """The control period of a log: 1/15 s unless its time stamps clearly tell another.

    Args:
        stamps: ``(K,)`` differences of time stamps, s; NaN where an episode begins.
    """
    median = float(np.nanmedian(stamps)) if np.isfinite(stamps).any() else CONTROL_PERIOD
    return CONTROL_PERIOD if abs(median / CONTROL_PERIOD - 1.0) < 0.2 else median


def elapsed(
    stamps: NDArray[np.float64], move: NDArray[np.float64], breaks: NDArray[np.bool_], period: float
) -> NDArray[np.float64]:
    """Time from each row's pose to the next row's, s.

    Args:
        stamps: ``(K,)`` time stamp less that of the row before, s; NaN where there is none.
        move: ``(K,)`` distance from the row before, m.
        breaks: ``(K,)`` whether a segment begins here.
        period: control period, s.

    Returns:
        ``(K,)``: the period, corrected by the believable part of the difference of time stamps.
    """
    scale = period / CONTROL_PERIOD
    change = np.nan_to_num(np.clip(stamps, SHORTEST * scale, LONGEST * scale) - period, nan=0.0)
    slope = timing_slope(change, move, breaks)
    with np.errstate(invalid="ignore"):
        return np.where((stamps > LONG_GAP * scale) & (stamps < 1.0), stamps, period + slope * change)


def timing_slope(change: NDArray[np.float64], move: NDArray[np.float64], breaks: NDArray[np.bool_]) -> float:
    """How much of the differences of time stamps is real, between 0 (only late stamping) and 1.

    A car keeps its speed over half a second, roughly; so a distance longer than its neighbours' tells a longer time.

    Args:
        change: ``(K,)`` difference of time stamps to the row before, less the control period, s.
        move: ``(K,)`` distance from the row before, m.
        breaks: ``(K,)`` whether a segment begins here.
    """
    width = 2 * _NEIGHBOURS + 1
    if len(move) < 10 * width:
        return 0.0
    # The distance from pose k to pose k + 1 belongs to the difference of stamps at k.
    distance = move[1:]
    windows = np.lib.stride_tricks.sliding_window_view
    mean_distance = windows(distance, width).mean(1)
    unbroken = ~windows(breaks[1:], width).any(1)
    centre = slice(_NEIGHBOURS, len(distance) - _NEIGHBOURS)
    own = change[:-1]
    excess = own[centre] - windows(own, width).mean(1)
    rows = unbroken & (mean_distance > 0.04) & (np.abs(excess) < 0.05)
    time = CONTROL_PERIOD * (distance[centre] / np.maximum(mean_distance, 0.01) - 1.0)
    rows &= np.abs(time) < 0.04
    variance = float((excess[rows] ** 2).sum())
    if rows.sum() < 50 or variance < 1e-6:
        return 0.0
    return float(np.clip((time[rows] * excess[rows]).sum() / variance, 0.0, 1.0))
