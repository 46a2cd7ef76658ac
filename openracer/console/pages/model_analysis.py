"""The analysis of a model: key figures, a diagnosis in words, one figure at a time of the whole gallery, tables."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from openracer.analysis.diagnosis import Finding
from openracer.analysis.episodes import episode_table
from openracer.analysis.gallery import BEST_PATHS, OF_EPISODES, Figures, figure_words, gallery
from openracer.analysis.key_figures import key_figures
from openracer.analysis.loading import Recording, load
from openracer.analysis.study import Study, checkpoints_of, study_of
from openracer.console.analysis_tables import Subject, TableCard
from openracer.console.components import (
    card,
    empty_state,
    error_message,
    error_toast,
    in_thread,
    plain_button,
    stat,
)
from openracer.console.model_sight import SightCard
from openracer.console.plot import show_figure
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder
from openracer.simulation.raceline.line import RaceLine

_OFFERED = 100
"""So many of the best episodes, and so many of the newest, can be chosen."""
_FIRST_FIGURE = "progress"


class AnalysisTab:
    """The tab of the analysis; nothing is read before it is looked at.

    Args:
        folder: of the model.
    """

    def __init__(self, folder: ModelFolder):
        self._folder = folder
        self._is_read = False
        self._body = ui.element("div").classes("or-stack")

    async def show(self) -> None:
        """Read the model's traces, where this has not happened yet, and show what they tell."""
        if not self._is_read:
            self._is_read = True
            await self._read()

    async def _read(self) -> None:
        if not self._folder.checkpoints.names():
            with _replaced(self._body):
                empty_state(
                    "o_query_stats",
                    _("Nothing to analyse yet"),
                    _("Train this model first. Its analysis grows with every iteration."),
                )
            return
        with _replaced(self._body):
            _waiting(_("Reading the traces …"))
        try:
            recording = await in_thread(load, self._folder.path)
            study, note = await in_thread(study_of, recording)
            told = await in_thread(_told, recording, study)
        except (ValueError, OSError) as error:
            with _replaced(self._body):
                error_message(str(error))
            return
        with _replaced(self._body):
            self._build_head(told.figures)
            for remark in [*([note] if note else []), *recording.problems]:
                ui.label(remark).classes("or-note")
            _show_findings(told.findings)
            with card(_("Figures")):
                _Gallery(recording, study)
            if len(told.subject.episodes):
                TableCard(told.subject)
            SightCard(self._folder, recording)

    def _build_head(self, figures: list[tuple[str, str]]) -> None:
        report = f"/watch/{quote(self._folder.name)}/report"
        with card(), ui.element("div").classes("or-line or-line--between"):
            with ui.element("div").classes("or-stats"):
                for name, value in figures:
                    stat(name).set_text(value)
            with ui.element("div").classes("or-line"):
                plain_button(_("Read again"), "o_refresh", self._read)
                plain_button(_("Report"), "o_download", lambda: ui.download.from_url(report)).tooltip(
                    _("One interactive HTML file with all figures.")
                )


class _Gallery:
    """One figure at a time, of all iterations or of some.

    Args:
        recording: with steps.
        study: of it; None where its track is not known.
    """

    def __init__(self, recording: Recording, study: Study | None):
        self._whole = recording
        self._shown = recording, study
        self._line: RaceLine | None = None
        self._figures: Figures = {}
        self._drawings = 0
        with ui.element("div").classes("or-analysis__choices"):
            self._choice = (
                ui.select({}, label=_("Figure"), on_change=self._draw)
                .props("outlined dense options-dense")
                .classes("or-analysis__choice")
            )
            self._episodes = (
                ui.select(
                    {}, multiple=True, label=_("Episodes (at most eight)"), on_change=self._show_episodes
                )
                .props("outlined dense options-dense max-values=8")
                .classes("or-analysis__choice or-analysis__episodes")
            )
            iterations = recording.training["iteration"]
            if len(iterations) and iterations.min() < iterations.max():
                self._build_range(int(iterations.min()), int(iterations.max()))
            if study is not None and study.track.closed:
                self._ideal = ui.switch(_("Compare with the fastest line"), on_change=self._find_line)
                self._ideal.tooltip(_("Finding it takes some seconds."))
        self._place = ui.element("div").classes("or-analysis__figure")
        self._offer_episodes()
        self._offer(_FIRST_FIGURE)

    def _offer_episodes(self) -> None:
        """Let the reader choose among the best and the newest episodes; the best are chosen."""
        study = self._shown[1]
        options: dict[int, str] = {}
        if study is not None:
            words = _("{episode}: {progress:.0f} %, {seconds:.1f} s")
            numbers = [
                *study.best[:_OFFERED],
                *study.episodes["unique_episode"].tolist()[: -_OFFERED - 1 : -1],
            ]
            table = study.episodes.set_index("unique_episode")[["episode", "progress", "time"]].loc[numbers]
            options = {
                int(number): words.format(episode=int(row.episode), progress=row.progress, seconds=row.time)
                for number, row in table.iterrows()
            }
        self._chosen = list(options)[:BEST_PATHS]
        self._episodes.set_options(options, value=self._chosen)

    def _show_episodes(self, change: ValueChangeEventArguments[Any]) -> None:
        if change.value != self._chosen:
            self._chosen = list(change.value)
            self._offer(self._choice.value)

    def _build_range(self, first: int, last: int) -> None:
        def words(ends: dict[str, float]) -> str:
            return _("Iterations {first} to {last}").format(first=int(ends["min"]), last=int(ends["max"]))

        with ui.element("div").classes("or-analysis__range"):
            whole: dict[str, float] = {"min": first, "max": last}
            label = ui.label(words(whole)).classes("or-small or-muted")
            slider = ui.range(min=first, max=last, value=whole).props("snap dense")
            slider.props(f'aria-label="{_("Iterations")}"')
            slider.on_value_change(lambda change: label.set_text(words(change.value)))
            slider.on("change", lambda: self._narrow(slider.value))

    def _offer(self, wanted: str | None) -> None:
        """Offer what can be drawn now, and draw the wanted figure, or else the first."""
        groups, words = gallery(*self._shown, self._line, self._chosen), figure_words()
        self._figures = {name: draw for figures in groups.values() for name, draw in figures.items()}
        chosen = wanted if wanted in self._figures else next(iter(self._figures), None)
        self._choice.set_options(
            {name: f"{group.words}: {words[name]}" for group, figures in groups.items() for name in figures}
        )
        self._choice.set_value(None)  # so that the same name is drawn again
        self._choice.set_value(chosen)

    async def _draw(self, change: ValueChangeEventArguments[Any]) -> None:
        if change.value is None:
            return
        self._episodes.set_visibility(change.value in OF_EPISODES)
        self._drawings += 1
        drawing = self._drawings
        with _replaced(self._place):
            _waiting(_("Drawing …"))
        figure = await in_thread(self._figures[change.value])
        if drawing == self._drawings:  # else another one has been asked for meanwhile
            with _replaced(self._place):
                show_figure(figure)

    async def _narrow(self, ends: dict[str, float]) -> None:
        part = await in_thread(self._whole.of_iterations, int(ends["min"]), int(ends["max"]))
        study = self._shown[1]
        self._shown = part, None if study is None else Study(part, study.track)
        self._offer_episodes()
        self._offer(self._choice.value)

    async def _find_line(self, change: ValueChangeEventArguments[Any]) -> None:
        study = self._shown[1]
        assert study is not None  # else the switch is not there
        self._ideal.disable()
        try:
            self._line = await in_thread(study.race_line) if change.value else None
        except ValueError as error:
            error_toast(error)
        self._ideal.enable()
        self._offer("time-lost" if change.value else self._choice.value)


@dataclass(frozen=True)
class _Told:
    """What a recording tells in words and numbers."""

    figures: list[tuple[str, str]]
    findings: list[Finding]
    subject: Subject


def _told(recording: Recording, study: Study | None) -> _Told:
    episodes = episode_table(recording.steps) if study is None else study.episodes
    findings = [] if study is None else study.findings
    checkpoints = checkpoints_of(recording)
    return _Told(key_figures(episodes, checkpoints), findings, Subject(episodes, checkpoints, study))


def _replaced(place: ui.element) -> ui.element:
    place.clear()
    return place


def _waiting(text: str) -> None:
    with ui.element("div").classes("or-line or-muted").props('role="status"'):
        ui.spinner(size="sm")
        ui.label(text)


def _show_findings(findings: list[Finding]) -> None:
    if not findings:
        return
    with card(_("Diagnosis")), ui.element("ul").classes("or-findings"):
        for finding in findings:
            with ui.element("li").classes(f"or-finding--{finding.weight.value}"):
                ui.label(finding.text)
