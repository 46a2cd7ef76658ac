"""The learner's CSV with Intel Coach's columns, which DeepRacer's notebooks plot: a row per episode.

Column names are those of Coach's logger (IntelLabs/coach, ``rl_coach/agents/agent.py`` and
``clipped_ppo_agent.py``).
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openracer.formats.documents import read_text
from openracer.formats.errors import FormatError

FILE_NAME = "worker_0.simple_rl_graph.main_level.main_level.agent_0.csv"

EPISODE_COLUMNS = (
    "Episode #", "Training Iter", "In Heatup", "ER #Transitions", "ER #Episodes", "Episode Length",
    "Total steps", "Epsilon", "Shaped Training Reward", "Training Reward", "Update Target Network",
    "Wall-Clock Time", "Evaluation Reward", "Shaped Evaluation Reward", "Success Rate",
)  # fmt: skip

SIGNALS = (
    "Loss", "Learning Rate", "Grads (unclipped)", "Entropy", "Advantages", "Values", "Value Loss",
    "Policy Loss", "Value Targets", "KL Divergence", "Likelihood Ratio", "Clipped Likelihood Ratio",
)  # fmt: skip

STATISTICS = ("Mean", "Stdev", "Max", "Min")

HEADER = EPISODE_COLUMNS + tuple(f"{signal}/{statistic}" for signal in SIGNALS for statistic in STATISTICS)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a signal did during the update after an episode."""

    mean: float
    stdev: float
    maximum: float
    minimum: float


@dataclass(frozen=True, slots=True)
class CoachRow:
    """One training episode as the learner saw it; what is None stays empty.

    Attributes:
        episode: number from 1.
        iteration: updates so far.
        transitions: steps in the rollout so far.
        episodes_in_rollout: episodes in the rollout so far.
        length: steps of the episode.
        total_steps: steps of the training so far.
        epsilon: share of random actions.
        reward: sum of rewards.
        target_updated: an update followed this episode.
        wall_clock: seconds since the training began.
        evaluation_reward: mean sum of rewards of the evaluation after it.
        success_rate: share of its laps that were completed.
        signals: by names of :data:`SIGNALS`.
    """

    episode: int
    iteration: int
    transitions: int
    episodes_in_rollout: int
    length: int
    total_steps: int
    epsilon: float
    reward: float
    target_updated: bool
    wall_clock: float
    evaluation_reward: float | None = None
    success_rate: float | None = None
    signals: Mapping[str, Statistics] = field(default_factory=dict)


def header_line() -> str:
    """The first line of the file."""
    return ",".join(HEADER) + "\n"


def row_line(row: CoachRow) -> str:
    """One line of the file.

    Raises:
        ValueError: a signal has a name that Coach does not know.
    """
    if unknown := set(row.signals) - set(SIGNALS):
        raise ValueError(f"Coach's CSV has no signal {min(unknown)!r}")
    values: list[float | None] = [
        row.episode, row.iteration, 0.0, row.transitions, row.episodes_in_rollout, row.length,
        row.total_steps, row.epsilon, row.reward, row.reward, float(row.target_updated), row.wall_clock,
        row.evaluation_reward, row.evaluation_reward, row.success_rate,
    ]  # fmt: skip
    for name in SIGNALS:
        signal = row.signals.get(name)
        values += (
            [None] * 4 if signal is None else [signal.mean, signal.stdev, signal.maximum, signal.minimum]
        )
    return ",".join("" if value is None else repr(value) for value in values) + "\n"


def read_coach_csv(path: Path) -> dict[str, list[float | None]]:
    """Read a learner's CSV, Coach's own or ours.

    Returns:
        Columns by the names in the first line; an empty field is None.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: the first line is not Coach's, or a field is no number.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or rows[0][:2] != list(EPISODE_COLUMNS[:2]):
        raise FormatError(
            f"{path.name} is no learner's CSV: its first line must begin with 'Episode #,Training Iter'"
        )
    columns: dict[str, list[float | None]] = {name: [] for name in rows[0]}
    for index, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise FormatError(
                f"{path.name}: line {index} has {len(row)} values; the first line names {len(rows[0])}"
            )
        for name, value in zip(rows[0], row, strict=True):
            try:
                columns[name].append(float(value) if value else None)
            except ValueError:
                raise FormatError(
                    f"{path.name}: line {index}: {name} is {value!r}; it must be a number"
                ) from None
    return columns
