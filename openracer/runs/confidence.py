"""How far the results of some trials tell what the model does in general: 95 % confidence intervals."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

FEWEST_TRIALS = 11
"""Of fewer the intervals would be too wide to say anything."""
_LEVEL = 0.95


@dataclass(frozen=True)
class Confidence:
    """95 % confidence intervals, low and high.

    Attributes:
        completion_percent: share of laps that are completed (Wilson 1927).
        mean_lap_s: mean time of completed laps, s (Student 1908); None of fewer than two.
    """

    completion_percent: tuple[float, float]
    mean_lap_s: tuple[float, float] | None


def confidence(laps: Sequence[float | None]) -> Confidence | None:
    """The intervals of some laps; None of too few.

    Args:
        laps: time of each, s; None of one that was not completed.
    """
    if len(laps) < FEWEST_TRIALS:
        return None
    times = [time for time in laps if time is not None]
    mean = None
    if len(times) > 1:
        margin = (
            stats.t.ppf(0.5 + 0.5 * _LEVEL, len(times) - 1) * statistics.stdev(times) / math.sqrt(len(times))
        )
        middle = statistics.mean(times)
        mean = (round(float(middle - margin), 3), round(float(middle + margin), 3))
    low, high = wilson(len(times), len(laps))
    return Confidence((round(100.0 * low, 1), round(100.0 * high, 1)), mean)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's score interval for a share (Wilson 1927, J. Am. Stat. Assoc. 22)."""
    z = float(stats.norm.ppf(0.5 + 0.5 * _LEVEL))
    share, weight = successes / trials, z * z / trials
    middle = share + 0.5 * weight
    margin = z * math.sqrt(share * (1.0 - share) / trials + 0.25 * weight / trials)
    return max(0.0, (middle - margin) / (1.0 + weight)), min(1.0, (middle + margin) / (1.0 + weight))
