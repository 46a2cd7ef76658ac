"""Which checkpoint to race: how long it drives for one clean lap, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SAMPLES = 2000
CONFIDENCE = 0.90
PRIOR_LAPS, PRIOR_TRIALS = 0.5, 1.0
"""Before any trial a checkpoint has completed half of one (Jeffreys' prior)."""

LEAST_SUCCESS = 0.05
"""A checkpoint that completes fewer laps is not told apart from one that completes so many."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The checkpoint that one would race.

    Attributes:
        iteration: its number.
        seconds: of driving for one clean lap, median of what is likely, s.
        low: lower end of the 90 % interval, s.
        high: upper end, s.
        chance: that it is the best of all, 0 to 1.
        trials: evaluation trials that it rests on.
    """

    iteration: int
    seconds: float
    low: float
    high: float
    chance: float
    trials: int


def trials_of_metrics(metrics: pd.DataFrame, episodes_per_iteration: int) -> pd.DataFrame:
    """The evaluation trials within a training's metrics.

    Args:
        metrics: rows of ``TrainingMetrics.json``.
        episodes_per_iteration: training episodes between two updates.

    Returns:
        ``iteration`` (of the checkpoint that drove), ``time`` s, ``progress`` percent, ``complete``.
    """
    if not len(metrics) or "phase" not in metrics:
        return pd.DataFrame(columns=["iteration", "time", "progress", "complete"])
    trials = metrics[metrics["phase"] == "evaluation"]
    return pd.DataFrame(
        {
            "iteration": (trials["episode"].astype(np.int64) - 1) // max(episodes_per_iteration, 1),
            "time": trials["elapsed_time_in_milliseconds"] / 1e3,
            "progress": trials["completion_percentage"].astype(np.float64),
            "complete": (trials["completion_percentage"] >= 100).astype(np.int64),
        }
    ).reset_index(drop=True)


def trials_of_events(metrics: pd.DataFrame, iterations: Sequence[int]) -> pd.DataFrame:
    """The evaluation trials of one of our own trainings, whose updates do not wait for a number of episodes.

    Args:
        metrics: rows of ``TrainingMetrics.json``.
        iterations: the iteration after which each evaluation trial was driven, in their order.

    Returns:
        As :func:`trials_of_metrics`; no rows where metrics and iterations do not belong together.
    """
    trials = trials_of_metrics(metrics, 1)
    if len(trials) != len(iterations):
        return trials.iloc[:0]
    return trials.assign(iteration=list(iterations))


def checkpoint_table(trials: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """How good each checkpoint is to race.

    What counts is the driving for one clean lap: a lap's time if it succeeds, and on the way there the time of the
    attempts that fail. Completion is uncertain as a Beta distribution says, lap times as a bootstrap says.

    Args:
        trials: ``iteration``, ``time``, ``progress`` and ``complete`` of evaluation trials, or of training episodes.
        seed: of the random numbers.

    Returns:
        A row a checkpoint: ``iteration``, ``trials``, ``completion`` (share), ``lap_mean`` and ``lap_best`` s,
        ``seconds``, ``low`` and ``high`` (median and 90 % interval of the driving for a clean lap, s) and ``chance``
        of being the best.
    """
    rows, draws = [], []
    random = np.random.default_rng(seed)
    lap_time = _typical_lap(trials)
    for iteration, group in trials.groupby("iteration"):
        laps = group.loc[group["complete"] == 1, "time"].to_numpy(np.float64)
        failed = group.loc[group["complete"] == 0, "time"].to_numpy(np.float64)
        drawn = _driving_for_a_lap(laps, failed, lap_time, random)
        draws.append(drawn)
        low, middle, high = np.percentile(drawn, [50 - 50 * CONFIDENCE, 50, 50 + 50 * CONFIDENCE])
        rows.append(
            {
                "iteration": int(iteration),
                "trials": len(group),
                "completion": len(laps) / len(group),
                "lap_mean": laps.mean() if len(laps) else np.nan,
                "lap_best": laps.min() if len(laps) else np.nan,
                "seconds": middle,
                "low": low,
                "high": high,
            }
        )
    table = pd.DataFrame(rows)
    if len(table):
        best = np.argmin(np.stack(draws), axis=0)
        table["chance"] = np.bincount(best, minlength=len(table)) / SAMPLES
    return table


def best_checkpoint(table: pd.DataFrame) -> Choice | None:
    """The checkpoint with the least driving for a clean lap; None where none has completed a lap."""
    able = table[table["completion"] > 0.0] if len(table) else table
    if not len(able):
        return None
    row = able.loc[able["seconds"].idxmin()]
    return Choice(
        int(row["iteration"]), row["seconds"], row["low"], row["high"], row["chance"], int(row["trials"])
    )


def _typical_lap(trials: pd.DataFrame) -> float:
    """A lap's time where a checkpoint has none of its own: as its competitors', else as its progress promises."""
    laps = trials.loc[trials["complete"] == 1, "time"]
    if len(laps):
        return float(laps.median())
    promised = trials["time"] * 100.0 / trials["progress"].where(trials["progress"] > 1.0)
    return float(promised.median()) if promised.notna().any() else 60.0


def _driving_for_a_lap(
    laps: NDArray[np.float64], failed: NDArray[np.float64], lap_time: float, random: np.random.Generator
) -> NDArray[np.float64]:
    """Likely values of the driving for one clean lap, ``(SAMPLES,)`` s."""
    success = random.beta(PRIOR_LAPS + len(laps), PRIOR_TRIALS - PRIOR_LAPS + len(failed), SAMPLES)
    lap = random.choice(laps, (SAMPLES, len(laps))).mean(1) if len(laps) else np.full(SAMPLES, lap_time)
    attempt = random.choice(failed, (SAMPLES, len(failed))).mean(1) if len(failed) else lap / 2.0
    return lap + attempt * (1.0 - success) / np.maximum(success, LEAST_SUCCESS)
