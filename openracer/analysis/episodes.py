"""Aggregates of a drive: one row an episode, and from those one row an iteration or a fifth of the training."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

QUINTILES = ("1st", "2nd", "3rd", "4th", "5th")
"""Fifths of a training, as deepracer-utils calls them."""

_COLUMNS = (
    "iteration", "episode", "unique_episode", "worker", "stream", "steps", "start_at", "progress", "time", "dist",
    "speed", "reward", "time_if_complete", "reward_if_complete", "quintile", "tstamp", "complete", "status",
    "crashed", "off_track", "step_time_mean", "step_time_max", "step_time_std",
)  # fmt: skip


def episode_bounds(steps: pd.DataFrame) -> NDArray[np.int64]:
    """Row numbers at which episodes begin, and at the end the number of rows, ``(E + 1,)``."""
    number = steps["unique_episode"].to_numpy()
    if not len(number):
        return np.zeros(1, np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1, [len(number)]])


def step_changes(steps: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time in s and distance in m from the row before, ``(K,)``; 0 where an episode begins or is being prepared."""
    moved = [np.diff(steps[name].to_numpy(np.float64), prepend=np.nan) for name in ("tstamp", "x", "y")]
    first = steps["episode_status"].to_numpy() == "prepare"
    first[episode_bounds(steps)[:-1]] = True
    time, distance = moved[0], np.hypot(moved[1], moved[2])
    time[first] = distance[first] = 0.0
    return time, distance


def episode_table(steps: pd.DataFrame) -> pd.DataFrame:
    """One row for each episode; names and meanings are those of deepracer-utils' ``simulation_agg``.

    Args:
        steps: see :func:`openracer.analysis.frames.steps_frame`.

    Returns:
        ``iteration``, ``episode``, ``unique_episode``, ``worker``, ``stream``, ``steps``, ``start_at`` (first
        waypoint), ``progress`` (most, percent), ``time`` s, ``dist`` m, ``speed`` (mean commanded, m/s), ``reward``,
        ``new_reward`` (of that column, where steps have it), ``time_if_complete``, ``reward_if_complete``,
        ``quintile``, ``tstamp`` of the end, ``complete`` (0 or 1), ``status`` at the end, counts of ``crashed`` and
        ``off_track``, and ``step_time_mean``, ``step_time_max``, ``step_time_std`` in s.
    """
    bounds = episode_bounds(steps)
    first, last = bounds[:-1], bounds[1:] - 1
    if not len(first):
        return pd.DataFrame({name: pd.Series(dtype=np.float64) for name in _COLUMNS})
    time, distance = step_changes(steps)
    counts = np.diff(bounds)

    def values(name: str) -> NDArray[np.float64]:
        return steps[name].to_numpy(np.float64)

    def total(column: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.add.reduceat(column, first)

    status = steps["episode_status"].to_numpy()
    numbers = values("steps")
    progress = np.maximum.reduceat(values("progress"), first)
    reward, seconds = total(values("reward")), total(time)
    mean_time = seconds / counts
    spread = total((time - np.repeat(mean_time, counts)) ** 2) / np.maximum(counts - 1, 1)
    episode = steps["unique_episode"].to_numpy()[first]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(progress > 0.0, progress / 100.0, np.nan)
    table = {
        **{name: steps[name].to_numpy()[first] for name in ("iteration", "episode")},
        "unique_episode": episode,
        **{name: steps[name].to_numpy()[first] for name in ("worker", "stream") if name in steps},
        "steps": np.maximum.reduceat(numbers, first) - np.minimum.reduceat(numbers, first) + 1.0,
        "start_at": steps["closest_waypoint"].to_numpy()[first],
        "progress": progress,
        "time": seconds,
        "dist": total(distance),
        "speed": total(values("speed")) / counts,
        "reward": reward,
        **({"new_reward": total(values("new_reward"))} if "new_reward" in steps else {}),
        "time_if_complete": seconds / share,
        "reward_if_complete": reward / share,
        "quintile": _quintiles(episode),
        "tstamp": np.maximum.reduceat(values("tstamp"), first),
        "complete": (progress == 100.0).astype(np.int64),
        "status": status[last],
        "crashed": total((status == "crashed").astype(np.float64)).astype(np.int64),
        "off_track": total((status == "off_track").astype(np.float64)).astype(np.int64),
        "step_time_mean": mean_time,
        "step_time_max": np.maximum.reduceat(time, first),
        "step_time_std": np.sqrt(spread),
    }
    return pd.DataFrame(table)


def _quintiles(episode: NDArray[np.int64]) -> pd.Categorical:
    """Fifths of the range of episode numbers; a border belongs to the fifth before it."""
    borders = np.linspace(episode.min(), episode.max(), len(QUINTILES) + 1)[1:-1]
    codes = np.searchsorted(borders, episode, side="left")
    return pd.Categorical.from_codes(codes, list(QUINTILES), ordered=True)


def iteration_table(episodes: pd.DataFrame) -> pd.DataFrame:
    """Mean, spread and best of every iteration; see :func:`grouped`."""
    return grouped(episodes, "iteration")


def grouped(episodes: pd.DataFrame, by: str) -> pd.DataFrame:
    """Mean, spread and best of groups of episodes.

    Args:
        episodes: see :func:`episode_table`.
        by: column whose values make the groups, for example ``iteration`` or ``quintile``.

    Returns:
        A row a group, in order: ``episodes``, ``complete`` (share of whole laps), mean and standard deviation of
        ``reward``, ``progress``, ``time`` and ``steps`` (``reward_mean``, ``reward_std`` and so on), ``lap_mean`` and
        ``lap_best``, mean and shortest time of the whole laps, NaN where there is none, and ``speed``.
    """
    groups = episodes.groupby(by, observed=True)
    result = pd.DataFrame({"episodes": groups.size(), "complete": groups["complete"].mean()})
    for name in ("reward", "progress", "time", "steps"):
        result[f"{name}_mean"] = groups[name].mean()
        result[f"{name}_std"] = groups[name].std(ddof=0)
    laps = episodes[episodes["complete"] == 1].groupby(by, observed=True)["time"]
    result["lap_mean"], result["lap_best"] = laps.mean(), laps.min()
    result["speed"] = groups["speed"].mean()
    return result.reset_index()


def lap_table(episodes: pd.DataFrame) -> pd.DataFrame:
    """The whole laps, the fastest first.

    Returns:
        Rows of :func:`episode_table` with ``lap_time`` s and ``velocity``, the mean speed really driven, m/s.
    """
    laps = episodes[episodes["complete"] == 1].copy()
    laps["lap_time"] = laps["time"]
    laps["velocity"] = laps["dist"] / laps["time"].where(laps["time"] > 0.0)
    return laps.sort_values("lap_time").reset_index(drop=True)
