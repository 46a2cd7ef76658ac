"""Races of one's own models against each other: ask for one, watch it, and look at all earlier ones."""

from typing import Any

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    empty_state,
    error_message,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    primary_link,
)
from openracer.console.evaluation_view import track_words, when
from openracer.console.layout import frame
from openracer.console.model_race_form import ModelRaceForm
from openracer.console.model_race_view import ModelRaceView, live_race
from openracer.language import gettext as _
from openracer.models.library import list_models
from openracer.models.race_records import RaceRecord, read_races
from openracer.runs.race_request import FEWEST_MODELS, RaceRequest
from openracer.service import current_queue
from openracer.service.jobs import RACE_JOB, Job, JobState
from openracer.tracks import catalogue

_POLL_S = 1.0
_ROWS = 10


def register() -> None:
    """Define the page's route."""

    @ui.page("/head-to-head")
    def _page() -> None:
        title = _("Model against model")
        with frame(title, active="head_to_head"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("watch.css")}">')
            page_heading(
                title, _("Two to eight of your models race each other on one track and see each other.")
            )
            ModelRaces()


class ModelRaces:
    """The content of the page."""

    def __init__(self) -> None:
        self._shown: object = None
        self._chosen = ""
        self._races: list[RaceRecord] = []
        models = [folder.name for folder in list_models() if folder.checkpoints.names()]
        with ui.element("div").classes("or-stack"):
            self._form: ModelRaceForm | None = None
            if len(models) >= FEWEST_MODELS:
                with card(_("New race")):
                    self._form = ModelRaceForm(models, self._submit)
            else:
                with empty_state(
                    "o_compare_arrows",
                    _("Nobody to race against yet"),
                    _("Train two models first; each can race from its first checkpoint on."),
                ):
                    primary_link(_("Your models"), "/models")
            self._current = ui.element("div")
            self._detail = ui.element("div")
            with card(_("All races")) as self._list_card:
                self._build_list()
        self._read_all()
        if self._races:
            self._choose(self._races[0].stamp)
        self._update()
        ui.timer(_POLL_S, self._update)

    def _submit(self, request: RaceRequest) -> None:
        current_queue().submit_race(request)
        self._update()

    def _update(self) -> None:
        """Show the newest job that has not ended, and what came of one that has."""
        job = next(iter(current_queue().jobs(RACE_JOB)), None)
        place = current_queue().place(job.id) if job is not None and job.state is JobState.QUEUED else 0
        shown = None if job is None else (job.id, job.state, place)
        if shown == self._shown:
            return
        is_news = self._shown is not None
        self._shown = shown
        if self._form is not None:
            self._form.set_enabled(job is None or not job.state.is_active)
        self._show_job(job, place)
        if job is not None and job.state is JobState.FINISHED and is_news:
            self._read_all()
            self._choose(str(job.result.get("race")))

    def _show_job(self, job: Job | None, place: int) -> None:
        self._current.clear()
        if job is None or (not job.state.is_active and job.state is not JobState.FAILED):
            return
        with self._current:
            if job.state is JobState.FAILED:
                error_message(job.reason or _("The race ended unexpectedly."))
                return
            with card(_("Race under way")):
                with ui.element("div").classes("or-line or-line--between"):
                    ui.label(
                        _("Waiting for a free place: number {place} in the queue.").format(place=place)
                        if place
                        else ", ".join(job.request["models"])
                    ).classes("or-muted")
                    plain_button(_("Stop race"), "o_stop_circle", lambda: self._stop(job.id))
                if not place:
                    self._watch(job)

    @staticmethod
    def _watch(job: Job) -> None:
        try:
            track = catalogue.find(str(job.request["track"]), bool(job.request["reverse"]))
        except (ValueError, OSError):
            return  # the job will say so
        ui.element("div").style("height: 14px")
        live_race(job.id, track, job.request["models"], job.request)

    async def _stop(self, job_id: str) -> None:
        try:
            await in_thread(current_queue().stop, job_id)
        except (ValueError, OSError) as error:
            error_toast(error)

    def _build_list(self) -> None:
        columns = [
            {"name": "when", "label": _("When"), "field": "when", "align": "left"},
            {"name": "track", "label": _("Track"), "field": "track", "align": "left"},
            {"name": "models", "label": _("Models"), "field": "models", "align": "left"},
            {"name": "winner", "label": _("Winner"), "field": "winner", "align": "left"},
        ]
        self._table = (
            ui.table(columns=columns, rows=[], row_key="stamp", pagination={"rowsPerPage": _ROWS})
            .props("flat")
            .classes("or-evaluations")
        )
        self._table.on("rowClick", lambda event: self._choose(event.args[1]["stamp"]), [[], ["stamp"], []])

    def _read_all(self) -> None:
        self._races = list(read_races())
        self._list_card.set_visibility(bool(self._races))
        self._table.rows = [_row(race) for race in self._races]
        fits = len(self._races) <= _ROWS
        self._table.props(add="hide-bottom" if fits else "", remove="" if fits else "hide-bottom")
        self._table.update()

    def _choose(self, stamp: str) -> None:
        found = [race for race in self._races if race.stamp == stamp]
        if not found or stamp == self._chosen:
            return
        self._chosen = stamp
        self._table.props(f":table-row-class-fn=\"row => row.stamp === '{stamp}' ? 'or-row-chosen' : ''\"")
        self._detail.clear()
        with self._detail:
            ModelRaceView(found[0])


def _row(race: RaceRecord) -> dict[str, Any]:
    return {
        "stamp": race.stamp,
        "when": when(race.stamp),
        "track": track_words(race.settings),
        "models": ", ".join(race.names),
        "winner": race.standings[0][0],
    }
