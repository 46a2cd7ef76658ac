"""The reward painted over the road: what a reward function gives a car at every place, at one speed and heading."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.rewards import watched
from openracer.rewards.params import ParamsBuilder
from openracer.rewards.poses import record_at
from openracer.rewards.problems import Problem, ProblemKind
from openracer.tracks.track import Track

Array = NDArray[np.float64]

TIME_LIMIT_S = 3.0
"""For loading the function and asking it everywhere; a slower one is shown coarsely."""
PERIOD_S = 1.0 / 15.0
CELL_M = 0.12
FEWEST_CELLS, MOST_CELLS = 60, 240
LANES = 11
BEYOND_BORDER_M = 0.12
COARSE = 4, 2
"""Every so many cells along, and across, are asked first."""
_STEP = 30
"""Row of the episode that all poses claim to be; the one before them is the row before."""


@dataclass(frozen=True)
class Situation:
    """What the car does wherever it is.

    Attributes:
        speed_mps: commanded speed, and how fast it came here, m/s.
        steering_deg: commanded steering angle, degrees, left positive.
        turn_deg: its heading minus the road's, degrees, left positive.
    """

    speed_mps: float = 1.5
    steering_deg: float = 0.0
    turn_deg: float = 0.0


@dataclass(frozen=True, eq=False)
class Grid:
    """The road cut into S cells along and LANES cells across, a little beyond its borders.

    Attributes:
        track: whose road.
        corners: ``(S + 1, LANES + 1, 2)`` m; lanes from left to right.
    """

    track: Track
    corners: Array

    @cached_property
    def places(self) -> Array:
        """``(S, LANES, 2)`` middles of the cells, m."""
        along = (self.corners[:-1] + self.corners[1:]) / 2.0
        return (along[:, :-1] + along[:, 1:]) / 2.0

    @cached_property
    def headings(self) -> Array:
        """``(S, LANES)`` direction of the road, rad."""
        ahead = np.diff((self.corners[:, 0] + self.corners[:, -1]) / 2.0, axis=0)
        return np.repeat(np.arctan2(ahead[:, 1], ahead[:, 0])[:, None], LANES, axis=1)

    def levels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Flat indices of the cells to ask first, and of all others."""
        first = np.zeros(self.places.shape[:2], np.bool_)
        first[:: COARSE[0], :: COARSE[1]] = True
        return np.flatnonzero(first), np.flatnonzero(~first)


@dataclass(frozen=True, eq=False)
class RewardMap:
    """What came of asking a reward function.

    Attributes:
        rewards: ``(S, LANES)``; NaN where there is none because the function failed before.
        is_coarse: the function was too slow for all cells; most have the reward of a neighbour.
        problems: why there is nothing, or not everything.
    """

    rewards: Array
    is_coarse: bool
    problems: list[Problem]


def grid_of(track: Track) -> Grid:
    """Cut a track's road into cells."""
    count = int(np.clip(np.ceil(track.length / CELL_M), FEWEST_CELLS, MOST_CELLS))
    distance = np.linspace(0.0, track.length, count + 1)
    line = track.point_at(distance)
    reach = track.length / count
    ahead = track.point_at(distance + reach) - track.point_at(distance - reach)
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    half = track.project(line).width_m / 2.0 + BEYOND_BORDER_M
    # Inside a tight bend cells end where they would meet those of the other side of it.
    curvature = np.interp(distance, track.arc_length, track.curvature)
    radius = 0.95 / np.maximum(np.abs(curvature), 1e-6)
    to_left = np.where(curvature > 0.0, np.minimum(half, radius), half)
    to_right = np.where(curvature < 0.0, np.minimum(half, radius), half)
    share = np.linspace(0.0, 1.0, LANES + 1)
    offset = to_left[:, None] * (1.0 - share) - to_right[:, None] * share
    corners = line[:, None] + offset[:, :, None] * left[:, None]
    if track.closed:
        corners[-1] = corners[0]
    return Grid(track, corners)


def paint(source: str, grid: Grid, situation: Situation, time_limit_s: float = TIME_LIMIT_S) -> RewardMap:
    """Ask a reward function for its reward in every cell.

    It runs in a process of its own that ends when its time is up; coarse cells are asked first.

    Args:
        source: Python code.
        grid: where.
        situation: what the car does there.
        time_limit_s: for all of it.
    """
    keys, common, rows = _params(grid, situation)
    levels = grid.levels()
    request = {
        "source": source,
        "keys": keys,
        "common": common,
        "levels": [[(rows[2 * cell], rows[2 * cell + 1]) for cell in level.tolist()] for level in levels],
    }
    answer = watched.ask("openracer.rewards.painting", request, time_limit_s)
    rewards = np.full(grid.places.shape[0] * LANES, np.nan)
    problems: list[Problem] = []
    known = 0
    for told in answer.lines:
        if "problems" in told:
            problems = [
                Problem(ProblemKind(found["kind"]), found["message"], found["line"])
                for found in told["problems"]
            ]
        else:
            rewards[levels[known]] = told["rewards"]
            known += 1
    if answer.problem is not None and not (known and answer.problem.kind is ProblemKind.TIMEOUT):
        problems = [answer.problem]
    table = rewards.reshape(-1, LANES)
    if known == 1:
        table = np.repeat(np.repeat(table[:: COARSE[0], :: COARSE[1]], COARSE[0], axis=0), COARSE[1], axis=1)
        table = table[: grid.places.shape[0], :LANES]
    return RewardMap(table, known == 1, problems)


def grid_values(grid: Grid) -> list[list[list[float]]]:
    """The corners of all cells as JSON can hold them, in m."""
    return grid.corners.round(3).tolist()


def map_values(painted: RewardMap) -> dict[str, Any]:
    """What a browser needs to paint.

    Returns:
        ``rewards`` row by row, None where there is none; ``low`` and ``high``, the rewards between which nearly all
        cells lie, so that a few odd ones do not take the colours of all others; ``coarse``.
    """
    known = painted.rewards[np.isfinite(painted.rewards)]
    low, high = np.percentile(known, (1.0, 99.0)) if len(known) else (None, None)
    return {
        "rewards": [
            [None if np.isnan(reward) else float(f"{reward:.4g}") for reward in row]
            for row in painted.rewards.tolist()
        ],
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
        "coarse": painted.is_coarse,
    }


def _params(grid: Grid, situation: Situation) -> tuple[list[str], dict[str, Any], list[list[Any]]]:
    """Keys that differ between poses, what all share, and for each cell the row before and the row itself."""
    track = grid.track
    here = grid.places.reshape(-1, 2)
    yaw = grid.headings.ravel() + np.deg2rad(situation.turn_deg)
    driven = situation.speed_mps * PERIOD_S
    before = here - driven * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    front = np.stack([before, here], axis=1).reshape(-1, 2)
    record = record_at(
        track,
        front,
        np.repeat(yaw, 2),
        _progress(track, front),
        np.tile([_STEP - 1, _STEP], len(here)),
        np.tile([(_STEP - 1) * PERIOD_S, _STEP * PERIOD_S], len(here)),
    )
    rows = np.arange(len(front))
    builder = ParamsBuilder([track], np.zeros_like(rows))
    steering_deg = np.full(len(rows), situation.steering_deg)
    params = list(builder.build(record, np.full(len(rows), situation.speed_mps), steering_deg, rows))
    same = {"waypoints", "track_length", "is_reversed", "is_crashed", "object_in_camera"}
    common = {key: value for key, value in params[0].items() if key in same or isinstance(value, list)}
    del common["closest_waypoints"]
    keys = [key for key in params[0] if key not in common]
    return keys, common, [[values[key] for key in keys] for values in params]  # type: ignore[literal-required]


def _progress(track: Track, front: Array) -> Array:
    """Percent of the lap of pairs of points; the second of a pair is never a lap away from the first."""
    percent = (100.0 * track.project(front).distance_m / track.length).reshape(-1, 2)
    gained = percent[:, 1] - percent[:, 0]
    if track.closed:
        gained = (gained + 50.0) % 100.0 - 50.0
    start = np.maximum(percent[:, 1] - gained, 0.0)
    return np.stack([start, np.clip(start + gained, 0.0, 100.0)], axis=1).ravel()
