"""Two or more runs side by side, with how sure a difference is."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from openracer.analysis.episodes import lap_table

SAMPLES = 2000
LATE = 0.2
"""The last fifth of a training shows what it has come to."""


def summary_row(episodes: pd.DataFrame) -> dict[str, float]:
    """A run in a few figures.

    Args:
        episodes: see :func:`openracer.analysis.episodes.episode_table`.

    Returns:
        ``episodes``, ``steps``, ``iterations``, ``laps``, ``best_lap`` and ``median_lap`` s; and of the last fifth of
        the episodes ``late_completion`` (share), ``late_progress`` (mean, percent), ``late_reward`` (mean) and
        ``late_lap`` (median, s); ``speed``, the mean command, m/s. NaN where there is nothing to tell.
    """
    if not len(episodes):
        return {"episodes": 0.0, "steps": 0.0, "iterations": 0.0, "laps": 0.0}
    laps, late = lap_table(episodes), late_episodes(episodes)
    late_laps = late.loc[late["complete"] == 1, "time"]
    return {
        "episodes": float(len(episodes)),
        "steps": float(episodes["steps"].sum()),
        "iterations": float(episodes["iteration"].nunique()),
        "laps": float(len(laps)),
        "best_lap": float(laps["lap_time"].min()),
        "median_lap": float(laps["lap_time"].median()),
        "late_completion": float(late["complete"].mean()),
        "late_progress": float(late["progress"].mean()),
        "late_reward": float(late["reward"].mean()),
        "late_lap": float(late_laps.median()),
        "speed": float(np.average(late["speed"], weights=late["steps"])),
    }


def late_episodes(episodes: pd.DataFrame) -> pd.DataFrame:
    """The last fifth, at least five where there are as many."""
    return episodes.tail(max(5, round(LATE * len(episodes))))


def compare(runs: Mapping[str, pd.DataFrame], seed: int = 0) -> pd.DataFrame:
    """Runs side by side.

    Args:
        runs: :func:`~openracer.analysis.episodes.episode_table` of each run by its name.
        seed: of the random numbers of the bootstrap.

    Returns:
        A row a run: ``run``, the figures of :func:`summary_row`, 90 % intervals ``late_progress_low`` and
        ``late_progress_high``, and ``chance_best``: how likely this run's late progress is the best of all, and where
        all complete, its lap time.
    """
    rows, draws = [], []
    random = np.random.default_rng(seed)
    for name, episodes in runs.items():
        row: dict[str, float | str] = {"run": name, **summary_row(episodes)}
        late = late_episodes(episodes)
        if len(late):
            picked = random.integers(0, len(late), (SAMPLES, len(late)))
            progress = late["progress"].to_numpy()[picked].mean(1)
            times = np.where(late["complete"] == 1, late["time"], np.nan)[picked]
            none = np.isnan(times).all(axis=1, keepdims=True)
            laps = np.nanmean(np.where(none, 1e3, times), axis=1)
            # Progress decides; among runs that always complete, a faster lap does.
            draws.append(np.round(progress, 1) - laps * 1e-4)
            row["late_progress_low"], row["late_progress_high"] = np.percentile(progress, [5.0, 95.0])
        else:
            draws.append(np.full(SAMPLES, -np.inf))
        rows.append(row)
    table = pd.DataFrame(rows)
    if len(table):
        best = np.argmax(np.stack(draws), axis=0)
        table["chance_best"] = np.bincount(best, minlength=len(table)) / SAMPLES
    return table
