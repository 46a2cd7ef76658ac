"""What stands in the export dialog where AWS cannot train a model further: a student that could is taught, as a job."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from openracer.console.components import error_message, in_thread, plain_button, primary_button
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.folder import ModelFolder
from openracer.runs.lessons import LessonsReport, Round
from openracer.service import current_queue
from openracer.service.jobs import Job, JobKind, JobState

_POLL_S = 1.0


class StudentPanel:
    """Offers the lessons, follows them, and hands over the student.

    Args:
        teacher: the model that cannot go.
        checkpoint: that teaches.
        problem: why it cannot, half a sentence.
        actions: where its buttons stand.
        prepare: what to do with the student.
        close: closes the dialog; lessons go on.
    """

    def __init__(
        self,
        teacher: ModelFolder,
        checkpoint: str,
        problem: str,
        actions: ui.element,
        prepare: Callable[[ModelFolder], Any],
        close: Callable[[], Any],
    ) -> None:
        self._teacher = teacher
        self._checkpoint = checkpoint
        self._prepare = prepare
        self._close = close
        self._actions = actions
        ui.label(problem + ".")
        ui.label(
            _(
                "A student model in AWS's network can learn to drive like it, which takes some minutes. It becomes a "
                "model of its own, which AWS can train further."
            )
        ).classes("or-muted")
        self._told = ui.element("div").props('aria-live="polite"')
        self._timer = ui.timer(_POLL_S, self._look, active=False)
        newest = self._newest()
        self._show(newest)
        self._timer.active = newest is not None and newest.state.is_active

    def _newest(self) -> Job | None:
        jobs = current_queue().jobs(self._teacher.name)
        return next((job for job in jobs if job.kind is JobKind.DISTILLATION), None)

    async def _look(self) -> None:
        job = await in_thread(self._newest)
        self._show(job)
        self._timer.active = job is not None and job.state.is_active

    def _begin(self) -> None:
        try:
            job = current_queue().submit_distillation(self._teacher.name, self._checkpoint)
        except (ValueError, OSError) as error:
            self._told.clear()
            with self._told:
                error_message(str(error))
            return
        self._show(job)
        self._timer.active = True

    def _stop(self, job: Job) -> None:
        current_queue().stop(job.id)
        self._show(self._newest())

    def _show(self, job: Job | None) -> None:
        self._told.clear()
        self._actions.clear()
        with self._told, ui.column().classes("gap-1"):
            student = self._tell(job) if job is not None else None
        with self._actions:
            plain_button(_("Close"), on_click=self._close)
            if job is not None and job.state.is_active:
                if job.state is not JobState.STOPPING:
                    plain_button(_("Stop the lessons"), on_click=lambda: self._stop(job))
                return
            teach = plain_button if student is not None else primary_button
            teach(_("Teach a student model"), on_click=self._begin)
            if student is not None:
                primary_button(
                    _("Prepare {name}").format(name=student.name), on_click=lambda: self._prepare(student)
                )

    def _tell(self, job: Job) -> ModelFolder | None:
        """Say how far the lessons are, or what came of them; gives the student if it is there."""
        if job.state is JobState.FAILED:
            error_message(job.reason)
            return None
        if job.state.is_active:
            with ui.row().classes("items-center no-wrap"):
                ui.spinner()
                lessons = job.result.get("round")
                if job.state is JobState.STOPPING:
                    ui.label(_("The lessons end …"))
                else:
                    ui.label(str(Round.from_json(lessons)) if lessons else _("The lessons begin …"))
            return None
        if job.state is not JobState.FINISHED:
            return None
        report = LessonsReport.from_json(job.result)
        try:
            student = library.own_model(report.student)
        except (FileNotFoundError, ValueError):
            return None
        for sentence in report.sentences():
            ui.label(sentence)
        return student
