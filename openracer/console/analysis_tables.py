"""The card with the tables of an analysis: the reader chooses which."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
from nicegui import ui

from openracer.analysis.episodes import grouped, iteration_table, lap_table
from openracer.analysis.study import Study
from openracer.console.components import card, in_thread
from openracer.language import gettext as _

_ROWS = 10


class Subject(NamedTuple):
    """What tables are made of: a recording's episodes and checkpoints, and its study where its track is known."""

    episodes: pd.DataFrame
    checkpoints: pd.DataFrame
    study: Study | None


class TableCard:
    """One table at a time.

    Args:
        subject: what is told; it has an episode at least.
    """

    def __init__(self, subject: Subject):
        self._subject = subject
        with card(_("Tables")):
            self._name = (
                ui.select(_offered(subject), value="laps", label=_("Table"), on_change=self._show)
                .props("outlined dense options-dense")
                .classes("or-analysis__choice")
            )
            self._box = ui.element("div").classes("or-tablebox")
        ui.timer(0.05, self._show, once=True)

    async def _show(self) -> None:
        name = str(self._name.value)
        table = await in_thread(_TABLES[name], self._subject)
        if name != self._name.value:
            return
        self._box.clear()
        with self._box:
            if not len(table):
                ui.label(_("There is nothing to show in this table yet.")).classes("or-muted or-below")
                return
            columns = [
                {"name": column, "label": column, "field": column, "align": "right", "sortable": True}
                for column in table
            ]
            ui.table(
                columns=columns,
                rows=_plain(table),
                pagination={"rowsPerPage": _ROWS},
            ).props("flat" + (" hide-bottom" if len(table) <= _ROWS else "")).classes("or-analysis-table")


def _offered(subject: Subject) -> dict[str, str]:
    names = {
        "laps": _("Fastest laps"),
        "iterations": _("By iteration"),
        "fifths": _("By fifth of the training"),
        "sectors": _("Times through the sections"),
        "checkpoints": _("Checkpoints to race"),
    }
    if subject.study is None:
        del names["sectors"]
    if not len(subject.checkpoints):
        del names["checkpoints"]
    return names


def _laps(subject: Subject) -> pd.DataFrame:
    laps = lap_table(subject.episodes)
    return pd.DataFrame(
        {
            _("episode"): laps["episode"],
            _("iteration"): laps["iteration"],
            _("lap time, s"): laps["lap_time"].round(3),
            _("steps"): laps["steps"],
            _("reward"): laps["reward"].round(2),
            _("distance, m"): laps["dist"].round(2),
            _("mean command, m/s"): laps["speed"].round(2),
            _("mean speed driven, m/s"): laps["velocity"].round(2),
        }
    )


def _groups(table: pd.DataFrame, first: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            first: table.iloc[:, 0].astype(str) if table.dtypes.iloc[0] == "category" else table.iloc[:, 0],
            _("episodes"): table["episodes"],
            _("whole laps, %"): (100.0 * table["complete"]).round(0),
            _("progress, %"): table["progress_mean"].round(1),
            _("reward"): table["reward_mean"].round(2),
            _("spread of the reward"): table["reward_std"].round(2),
            _("time, s"): table["time_mean"].round(2),
            _("mean lap, s"): table["lap_mean"].round(2),
            _("best lap, s"): table["lap_best"].round(2),
        }
    )


def _sectors(subject: Subject) -> pd.DataFrame:
    if subject.study is None:
        return pd.DataFrame()
    table = subject.study.sectors()
    return pd.DataFrame(
        {
            _("section"): table["section"],
            _("passages"): table["passages"],
            _("median, s"): table["median"].round(3),
            _("best, s"): table["best"].round(3),
        }
    )


def _checkpoints(subject: Subject) -> pd.DataFrame:
    table = subject.checkpoints
    return pd.DataFrame(
        {
            _("iteration"): table["iteration"],
            _("trials"): table["trials"],
            _("whole laps, %"): (100.0 * table["completion"]).round(0),
            _("best lap, s"): table["lap_best"].round(2),
            _("driving for a clean lap, s"): table["seconds"].round(1),
            _("at least, s"): table["low"].round(1),
            _("at most, s"): table["high"].round(1),
            _("chance to be the best, %"): (100.0 * table["chance"]).round(0),
        }
    ).sort_values(_("driving for a clean lap, s"))


_TABLES: dict[str, Callable[[Subject], pd.DataFrame]] = {
    "laps": _laps,
    "iterations": lambda subject: _groups(iteration_table(subject.episodes), _("iteration")),
    "fifths": lambda subject: _groups(grouped(subject.episodes, "quintile"), _("fifth")),
    "sectors": _sectors,
    "checkpoints": _checkpoints,
}


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them; what is missing is a dash."""
    return [
        {str(name): "–" if value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
