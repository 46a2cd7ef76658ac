"""How even the time between steps was: a simulator that stutters trains a car that does."""

import numpy as np
import pandas as pd

from openracer.analysis.episodes import episode_bounds

SLOW_MEAN_S, SLOW_P95_S = 0.070, 0.090
"""Beyond these a simulation is uneven (aws-deepracer-community/deepracer-analysis, stability notebook)."""


def step_times(steps: pd.DataFrame) -> pd.DataFrame:
    """Time between rows, where none was being prepared and the clock did not jump back.

    Returns:
        ``stream``, ``worker``, ``iteration``, ``unique_episode``, ``seconds``, and ``row``, the number of the later
        row in ``steps``.
    """
    seconds = np.diff(steps["tstamp"].to_numpy(np.float64), prepend=np.nan)
    keep = (steps["episode_status"].to_numpy() != "prepare") & (seconds >= 0.0)
    keep[episode_bounds(steps)[:-1]] = False
    rows = np.flatnonzero(keep)
    named = {
        name: steps[name].to_numpy()[rows] for name in ("stream", "worker", "iteration") if name in steps
    }
    return pd.DataFrame(
        {
            **named,
            "unique_episode": steps["unique_episode"].to_numpy()[rows],
            "seconds": seconds[rows],
            "row": rows,
        }
    )


def timing_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Statistics of the step time for each worker and iteration, as deepracer-utils' stability analysis has them.

    Returns:
        ``worker``, ``iteration``, ``count``, ``avg_ms``, ``max_ms``, ``p95_ms``, ``std_ms``, and ``rtf``, simulated
        over real time, NaN where steps do not tell the real time.
    """
    times = step_times(steps).assign(ms=lambda table: 1e3 * table["seconds"])
    groups = times.groupby(["worker", "iteration"])["ms"]
    table = pd.DataFrame(
        {
            "count": groups.size(),
            "avg_ms": groups.mean(),
            "max_ms": groups.max(),
            "p95_ms": groups.quantile(0.95),
            "std_ms": groups.std(ddof=0),
        }
    )
    known = steps[steps["wall_clock"].notna()]
    factors = {}
    for key, part in known.groupby(["worker", "iteration"]):
        simulated, real = np.diff(part["tstamp"]), np.diff(part["wall_clock"])
        good = (simulated >= 0.0) & (real > 0.0)
        if good.any():
            factors[key] = simulated[good].sum() / real[good].sum()
    table["rtf"] = pd.Series(factors, dtype=np.float64)
    return table.reset_index()
