"""The first page: what this is, one button to a first car, what runs, what came last."""

from urllib.parse import quote

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    error_toast,
    heading,
    in_thread,
    lap_time,
    percent,
    plain_button,
    plain_link,
    primary_button,
    primary_link,
    state_chip,
    track_svg,
)
from openracer.console.layout import frame
from openracer.console.pictures import driven_track
from openracer.console.wording import duration_words
from openracer.language import gettext as _
from openracer.models.library import own_model
from openracer.models.track_words import tracks_words
from openracer.service import current_queue
from openracer.service.first_car import train_first_car
from openracer.service.overview import ModelStatus, TrainingProgress, model_statuses, training_progress
from openracer.tracks.catalogue import UnknownTrackError

_REFRESH_S = 1.0
_LATEST = 6
_UNDER_WAY = ("training", "evaluating", "stopping", "queued")


def register() -> None:
    """Define the page's routes."""

    @ui.page("/")
    async def _page() -> None:
        statuses = await in_thread(model_statuses, current_queue())
        with frame(_("Home"), active="home"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("home.css")}">')
            _welcome(is_new=not statuses)
            _Activity(statuses)


async def start_first_car() -> None:
    """Train a first car, and go to where it can be watched."""
    try:
        job = await in_thread(train_first_car, current_queue())
    except (ValueError, OSError) as error:
        error_toast(error)
        return
    ui.navigate.to(f"/models/{quote(job.model)}")


def _welcome(is_new: bool) -> None:
    with ui.element("section").classes("or-card or-welcome"):
        with ui.element("div").classes("or-welcome__words"):
            heading(1, _("Teach a car to drive"))
            ui.label(
                _(
                    "You write what is good driving; the car finds out how, from its camera alone, by trial and "
                    "error. Simulator and learning run on this machine, and nothing leaves it."
                )
            ).classes("or-lead")
            with ui.element("div").classes("or-line or-welcome__actions"):
                if is_new:
                    primary_button(_("Train your first car"), "o_play_arrow", start_first_car)
                else:
                    primary_link(_("Create model"), "/models/create", "add")
                    plain_button(_("Train a car in one click"), "o_play_arrow", start_first_car)
                plain_link(_("See how it works"), "/get-started")
            ui.label(_("The first laps come in well under a minute.")).classes("or-faint or-small")
        ui.html(driven_track("reinvent_base"), sanitize=False).classes("or-welcome__picture")


class _Activity:
    """What runs, followed every second, and what came last."""

    def __init__(self, statuses: list[ModelStatus]) -> None:
        self._running = ui.element("section").classes("or-section")
        self._latest = ui.element("section").classes("or-section")
        self._cards: dict[str, _RunningCard] = {}
        self._shown: list[ModelStatus] = []
        self._show(statuses)
        ui.timer(_REFRESH_S, lambda: self._show(model_statuses(current_queue())))

    def _show(self, statuses: list[ModelStatus]) -> None:
        active = {status.job.id: status for status in statuses if status.state in _UNDER_WAY and status.job}
        if active.keys() != self._cards.keys():
            self._running.clear()
            with self._running:
                if active:
                    heading(2, _("Running now"))
                with ui.element("div").classes("or-grid or-grid--2"):
                    self._cards = {job: _RunningCard(status) for job, status in active.items()}
        for job, status in active.items():
            self._cards[job].update(status)
        latest = [status for status in statuses if status.state not in _UNDER_WAY][:_LATEST]
        if latest != self._shown:
            self._shown = latest
            self._latest.clear()
            with self._latest:
                with ui.element("div").classes("or-line or-line--between"):
                    heading(2, _("Latest models"))
                    ui.link(_("All models"), "/models")
                with ui.element("div").classes("or-grid"):
                    for status in latest:
                        _model_card(status)
        self._latest.set_visibility(bool(latest))


class _RunningCard:
    """A job that runs or waits, with its progress."""

    def __init__(self, status: ModelStatus) -> None:
        self._state = ""
        target = f"/models/{quote(status.summary.name)}"
        if status.state == "evaluating":
            target += "?tab=evaluation"
        with ui.link(target=target).classes("or-card or-card--link or-running"):
            with ui.element("div").classes("or-line or-line--between"):
                ui.label(status.summary.name).classes("or-h3")
                self._chip = ui.element("div")
            self._bar = ui.element("div").classes("or-bar")
            with self._bar:
                self._fill = ui.element("div").classes("or-bar__fill")
            with ui.element("div").classes("or-stats"):
                self._figures = [_figure() for _index in range(4)]

    def update(self, status: ModelStatus) -> None:
        """Show how far it is."""
        if status.state != self._state:
            self._state = status.state
            self._chip.clear()
            with self._chip:
                state_chip(status.state)
        progress = None
        if status.state in ("training", "stopping"):
            try:
                progress = training_progress(own_model(status.summary.name), status.summary)
            except (ValueError, OSError):
                return  # deleted meanwhile; the next second shows it
        share = progress.share if progress is not None else None
        self._bar.classes(
            add="is-waiting" if share is None else "", remove="" if share is None else "is-waiting"
        )
        self._fill.style(f"width: {100.0 * (share or 0.0):.1f}%")
        for (value, name), (text, words) in zip(self._figures, _figures(status, progress), strict=True):
            value.set_text(text)
            name.set_text(words)


def _figure() -> tuple[ui.label, ui.label]:
    with ui.element("div").classes("or-stat"):
        return ui.label().classes("or-stat__value"), ui.label().classes("or-stat__name")


def _figures(status: ModelStatus, progress: TrainingProgress | None) -> list[tuple[str, str]]:
    if progress is None:
        description = status.summary.description
        track = "" if description is None else tracks_words(description)
        return [(track, _("track")), ("", ""), ("", ""), ("", "")]
    return [
        (f"{progress.iteration:,}", _("iterations")),
        (duration_words(progress.seconds), _("of training")),
        (percent(progress.completion), _("of the lap, on average")),
        (lap_time(progress.best_lap_s), _("best lap")),
    ]


def _model_card(status: ModelStatus) -> None:
    summary = status.summary
    with ui.link(target=f"/models/{quote(summary.name)}").classes("or-card or-card--link or-card--flush"):
        with ui.element("div").classes("or-thumbnail"):
            if summary.description is not None:
                try:
                    track_svg(summary.description.find_track())
                except (UnknownTrackError, OSError):
                    ui.icon("o_route")
        with ui.element("div").classes("or-modelcard"):
            with ui.element("div").classes("or-line or-line--between"):
                ui.label(summary.name).classes("or-h3")
                state_chip(status.state)
            if summary.description is not None:
                track = tracks_words(summary.description)
                ui.label(track).classes("or-muted or-small")
            else:
                ui.label(summary.problem).classes("or-muted or-small")
            if summary.has_weights:
                with ui.element("div").classes("or-line or-small or-number or-muted"):
                    ui.label(_("Best lap {time}").format(time=lap_time(summary.best_lap_s)))
                    ui.label(_("{percent} of the lap").format(percent=percent(summary.completion)))
