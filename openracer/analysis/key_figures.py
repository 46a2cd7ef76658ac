"""The key figures of a recording in the reader's words: what report and console show on top."""

import pandas as pd

from openracer.analysis.race_choice import best_checkpoint
from openracer.analysis.run_comparison import summary_row
from openracer.language import gettext as _


def key_figures(episodes: pd.DataFrame, checkpoints: pd.DataFrame) -> list[tuple[str, str]]:
    """What each is called, and its value with its unit; a dash where there is none.

    Args:
        episodes: of :func:`openracer.analysis.episodes.episode_table`.
        checkpoints: of :func:`openracer.analysis.study.checkpoints_of`.
    """
    row = summary_row(episodes)
    figures = [
        (_("episodes"), f"{row['episodes']:,.0f}"),
        (_("steps"), f"{row['steps']:,.0f}"),
        (_("whole laps"), f"{row['laps']:,.0f}"),
        (_("best lap"), _seconds(row.get("best_lap"))),
        (_("late progress"), _percent(row.get("late_progress"))),
        (_("late laps completed"), _percent(100.0 * row.get("late_completion", float("nan")))),
    ]
    choice = best_checkpoint(checkpoints)
    if choice is not None:
        figures.append((_("checkpoint to race: iteration"), str(choice.iteration)))
    return figures


def _seconds(value: float | None) -> str:
    return "–" if value is None or value != value else _("{seconds:.2f} s").format(seconds=value)


def _percent(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.0f} %"
