"""The evaluations of a model: ask for one, watch it, and look at all earlier ones at any time."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from openracer.analysis.ghosts import best_lap
from openracer.console.components import (
    card,
    empty_state,
    error_message,
    error_toast,
    in_thread,
    lap_time,
    plain_button,
)
from openracer.console.evaluation_form import EvaluationForm
from openracer.console.evaluation_view import EvaluationView, track_words, when
from openracer.console.stage import live_canvas
from openracer.console.watched_model import WatchedModel
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import Evaluation, read_evaluations
from openracer.models.folder import ModelFolder
from openracer.service import current_queue
from openracer.service.jobs import Job, JobState
from openracer.tracks import catalogue
from openracer.tracks.track import Track

_ROWS = 10


class EvaluationTab:
    """The tab of the evaluations.

    Args:
        folder: of the model.
        description: of its training.
    """

    def __init__(self, folder: ModelFolder, description: TrainingDescription):
        self._folder = folder
        self._description = description
        self._job_shown: object = None
        self._evaluations: list[Evaluation] = []
        self._chosen = ""
        with ui.element("div").classes("or-stack"):
            with card(_("New evaluation")) as self._form_card:
                self._form = EvaluationForm(description, self._submit)
            self._untrained = ui.element("div")
            with self._untrained:
                empty_state(
                    "o_speed",
                    _("Nothing to evaluate yet"),
                    _("Train this model first. It can be evaluated from its first checkpoint on."),
                )
            self._current = ui.element("div")
            self._detail = ui.element("div")
            with card(_("All evaluations")) as self._list_card:
                self._build_list()
        self._read_all()
        if self._evaluations:
            self._choose(self._evaluations[-1].stamp)

    def update(self, state: WatchedModel) -> None:
        """Show the state."""
        can_drive = state.has_weights or state.training is not None
        self._form_card.set_visibility(can_drive)
        self._untrained.set_visibility(not can_drive and not self._evaluations)
        self._form.set_enabled(not state.is_evaluating)
        job = state.evaluation
        shown = None if job is None else (job.id, job.state, state.evaluation_place)
        if shown == self._job_shown:
            return
        is_news = self._job_shown is not None
        self._job_shown = shown
        self._show_job(job, state.evaluation_place)
        if job is not None and not job.state.is_active and is_news:
            self._read_all()
            if stamp := job.result.get("evaluation"):
                self._choose(str(stamp))

    def _submit(self, request: Any) -> None:
        job = current_queue().submit_evaluation(self._folder.name, request)
        self._show_job(job, 0)

    def _show_job(self, job: Job | None, place: int) -> None:
        self._current.clear()
        if job is None or (not job.state.is_active and job.state is not JobState.FAILED):
            return
        with self._current:
            if job.state is JobState.FAILED:
                error_message(job.reason or _("The evaluation ended unexpectedly."))
                return
            with card(_("Evaluation under way")):
                with ui.element("div").classes("or-line or-line--between"):
                    ui.label(
                        _("Waiting for a free place: number {place} in the queue.").format(place=place)
                        if place
                        else _("All trials are driven at once.")
                    ).classes("or-muted")
                    plain_button(_("Stop evaluation"), "o_stop_circle", lambda: self._stop(job.id))
                track = _track_of(job.request, self._description)
                if track is not None and not place:
                    ui.element("div").style("height: 14px")
                    live_canvas(self._description, track, "evaluation", True, False)

    async def _stop(self, job_id: str) -> None:
        try:
            await in_thread(current_queue().stop, job_id)
        except (ValueError, OSError) as error:
            error_toast(error)

    def _build_list(self) -> None:
        columns = [
            {"name": "when", "label": _("When"), "field": "when", "align": "left"},
            {"name": "track", "label": _("Track"), "field": "track", "align": "left"},
            {"name": "checkpoint", "label": _("Checkpoint"), "field": "checkpoint", "align": "left"},
            {"name": "complete", "label": _("Laps completed"), "field": "complete", "align": "right"},
            {"name": "best", "label": _("Best lap"), "field": "best", "align": "right"},
        ]
        self._table = (
            ui.table(columns=columns, rows=[], row_key="stamp", pagination={"rowsPerPage": _ROWS})
            .props("flat")
            .classes("or-evaluations")
        )
        self._table.on("rowClick", lambda event: self._choose(event.args[1]["stamp"]), [[], ["stamp"], []])

    def _read_all(self) -> None:
        try:
            self._evaluations = read_evaluations(self._folder)
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        self._list_card.set_visibility(bool(self._evaluations))
        self._table.rows = [_row(evaluation) for evaluation in reversed(self._evaluations)]
        fits = len(self._evaluations) <= _ROWS
        self._table.props(add="hide-bottom" if fits else "", remove="" if fits else "hide-bottom")
        self._table.update()

    def _choose(self, stamp: str) -> None:
        found = [evaluation for evaluation in self._evaluations if evaluation.stamp == stamp]
        if not found or stamp == self._chosen:
            return
        self._chosen = stamp
        self._table.props(f":table-row-class-fn=\"row => row.stamp === '{stamp}' ? 'or-row-chosen' : ''\"")
        self._detail.clear()
        with self._detail:
            EvaluationView(self._folder, self._description, found[0])


def _row(evaluation: Evaluation) -> dict[str, Any]:
    settings = evaluation.settings
    complete = sum(trial.completion_percentage == 100 for trial in evaluation.trials)
    return {
        "stamp": evaluation.stamp,
        "when": when(evaluation.stamp),
        "track": track_words(settings),
        "checkpoint": str(settings.get("checkpoint", "–")).partition("_")[0],
        "complete": f"{complete} / {len(evaluation.trials)}",
        "best": lap_time(best_lap(evaluation)),
    }


def _track_of(request: Mapping[str, Any], description: TrainingDescription) -> Track | None:
    """The track of a request; None if it is not there any more."""
    name, is_reversed = request.get("track"), request.get("reverse")
    if is_reversed is None:
        is_reversed = description.reverse if name is None else False
    try:
        return catalogue.find(str(name or description.track), bool(is_reversed))
    except (ValueError, OSError):
        return None
