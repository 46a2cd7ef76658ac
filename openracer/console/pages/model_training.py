"""The training of a model: how far it is, its cars as they drive, its reward graph, its newest episodes."""

from urllib.parse import quote

from nicegui import ui

from openracer.console.components import (
    card,
    error_message,
    error_toast,
    heading,
    in_thread,
    lap_time,
    percent,
    plain_button,
    primary_button,
    stat,
)
from openracer.console.feeds.replays import newest_drives
from openracer.console.module_view import ModuleView
from openracer.console.pages.model_settings import show_settings
from openracer.console.stage import live_canvas
from openracer.console.watched_model import WatchedModel
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.models.drives import Drive
from openracer.models.folder import ModelFolder
from openracer.models.track_words import track_words
from openracer.service import current_queue
from openracer.service.jobs import Job, JobState
from openracer.simulation.status import Status

_EPISODES = 12
_EPISODES_POLL_S = 5.0
_MINUTES_MORE = 10


class TrainingTab:
    """The tab of the training.

    Args:
        folder: of the model.
        description: of the training.
        state: now.
    """

    def __init__(self, folder: ModelFolder, description: TrainingDescription, state: WatchedModel):
        self._folder = folder
        self._name = folder.name
        self._state = state
        self._newest = -1
        self._buttons_for: object = None
        with ui.element("div").classes("or-stack"):
            with card() as status:
                status.classes("or-status")
                self._build_status()
            with card(_("Simulation")):
                track = description.find_track()
                if len(description.find_tracks()) > 1:
                    ui.label(
                        _("The cars on {track} are shown, the first of the training's tracks.").format(
                            track=track_words(description.track, description.reverse)
                        )
                    ).classes("or-muted")
                self._canvas = live_canvas(description, track, "training", state.is_training, True)
            with card(_("Reward graph")):
                self._graph = ModuleView(
                    "reward_graph.js",
                    {"feed": f"/watch/{quote(self._name)}/live?kind=training", "words": _graph_words()},
                )
            with card(_("Newest episodes")):
                self._build_episodes()
            show_settings(description)
        self._timer = ui.timer(_EPISODES_POLL_S, self._update_episodes)

    def update(self, state: WatchedModel) -> None:
        """Show the state."""
        self._state = state
        progress = state.progress
        self._canvas.change(running=state.is_training)
        best = progress.best_metric
        values = {
            "trained": _duration(progress.seconds),
            "left": self._time_left(state),
            "iterations": f"{progress.iteration:,}",
            "episodes": f"{progress.episodes:,}",
            "completion": percent(best),
            "lap": lap_time(progress.best_lap),
        }
        for key, value in values.items():
            self._stats[key].set_text(value)
        share = state.outlook.share
        self._bar.set_visibility(share is not None)
        self._bar.set_value(round(share or 0.0, 3))
        job = state.training
        kind = (
            (job.state, job.reason, job.result, state.training_place, progress.iteration > 0)
            if job
            else progress.iteration > 0
        )
        if kind != self._buttons_for:
            self._buttons_for = kind
            self._show_words(state)
            self._show_buttons(state)

    def _build_status(self) -> None:
        self._words = ui.element("div")
        with ui.element("div").classes("or-line or-line--between"):
            with ui.element("div").classes("or-stats"):
                names = {
                    "trained": _("Trained"),
                    "left": _("Time left"),
                    "iterations": _("Iterations"),
                    "episodes": _("Episodes"),
                    "completion": _("Best completion"),
                    "lap": _("Best lap"),
                }
                self._stats = {key: stat(name) for key, name in names.items()}
            self._buttons = ui.element("div").classes("or-line")
        self._bar = (
            ui.linear_progress(0.0, show_value=False)
            .props("instant-feedback rounded size=6px")
            .classes("or-progress")
        )

    def _time_left(self, state: WatchedModel) -> str:
        if not state.is_training or state.outlook.seconds_left is None:
            return "–"
        return _("at most {time}").format(time=_duration(state.outlook.seconds_left))

    def _show_words(self, state: WatchedModel) -> None:
        self._words.clear()
        job = state.training
        with self._words:
            if job is not None and job.state is JobState.FAILED:
                error_message(job.reason or _("The training ended unexpectedly."))
            elif state.training_place:
                ui.label(
                    _("Waiting for a free place: number {place} in the queue.").format(
                        place=state.training_place
                    )
                ).classes("or-note")
            elif job is not None and job.state is JobState.STOPPING:
                ui.label(_("Stopping: this iteration is finished and saved.")).classes("or-note")
            elif not state.is_training and not state.progress.iteration:
                ui.label(_("This model has not been trained yet.")).classes("or-note")
            if job is not None:
                _race_words(job)

    def _show_buttons(self, state: WatchedModel) -> None:
        self._buttons.clear()
        with self._buttons:
            if state.is_training:
                stop = plain_button(_("Stop training"), "o_stop_circle", self._stop)
                stop.set_enabled(state.training is not None and state.training.state is not JobState.STOPPING)
            elif state.progress.iteration:
                plain_button(_("Train further"), "o_play_circle", self._ask_for_more)
            else:
                primary_button(_("Start training"), "o_play_circle", self._start)

    async def _stop(self) -> None:
        if self._state.training is not None:
            try:
                await in_thread(current_queue().stop, self._state.training.id)
            except (ValueError, OSError) as error:
                error_toast(error)

    async def _start(self) -> None:
        try:
            await in_thread(current_queue().submit_training, self._name)
        except (ValueError, OSError) as error:
            error_toast(error)

    async def _ask_for_more(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("or-dialog"):
            heading(2, _("Train further"))
            ui.label(_("The training goes on from where it was, with the same settings.")).classes("or-muted")
            minutes = ui.number(_("Minutes more"), value=_MINUTES_MORE, step=5).props("outlined")
            problem = ui.element("div")
            with ui.element("div").classes("or-dialog__actions"):
                plain_button(_("Cancel"), on_click=dialog.close)
                primary_button(_("Train further"), on_click=lambda: train())

        async def train() -> None:
            problem.clear()
            try:
                await in_thread(self._train_more, minutes.value)
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))
                return
            dialog.close()

        dialog.on("hide", dialog.delete)
        dialog.open()

    def _train_more(self, minutes: float | None) -> None:
        if minutes is None or not 0.1 <= minutes <= 1440:
            raise ValueError(_("give the minutes as a number from 0.1 to 1440"))
        total = round(self._state.progress.seconds / 60.0 + minutes, 2)
        library.change_stop_conditions(self._folder, {"minutes": total, "iterations": None, "until": None})
        current_queue().submit_training(self._name)

    def _build_episodes(self) -> None:
        columns = [
            {"name": "episode", "label": _("Episode"), "field": "episode", "align": "right"},
            {"name": "reward", "label": _("Reward"), "field": "reward", "align": "right"},
            {"name": "progress", "label": _("Progress"), "field": "progress", "align": "right"},
            {"name": "steps", "label": _("Steps"), "field": "steps", "align": "right"},
            {"name": "time", "label": _("Time"), "field": "time", "align": "right"},
            {"name": "status", "label": _("How it ended"), "field": "status", "align": "left"},
            {"name": "show", "label": "", "field": "number", "align": "right"},
        ]
        self._table = (
            ui.table(columns=columns, rows=[], row_key="number")
            .props("flat hide-bottom")
            .classes("or-episodes")
        )
        self._table.props(f'no-data-label="{_("No episode has been written yet.")}"')
        self._table.add_slot(
            "body-cell-show",
            '<q-td :props="props"><q-btn flat dense round size="sm" icon="o_play_circle" '
            f'aria-label="{_("Replay")}" @click="$parent.$emit(\'replay\', props.row.number)" /></q-td>',
        )
        self._table.on("replay", lambda event: self._replay(event.args))

    def _replay(self, number: int) -> None:
        self._canvas.run("showEpisode", number)
        ui.run_javascript(
            f"getElement({self._canvas.id}).$el.scrollIntoView({{block: 'center', behavior: 'smooth'}})"
        )

    async def _update_episodes(self) -> None:
        try:
            drives = await in_thread(newest_drives, self._name)
        except Exception:  # deleted or damaged: the page says so
            return
        if drives and drives[-1].episode != self._newest:
            self._newest = drives[-1].episode
            self._table.rows = [_row(drive) for drive in reversed(drives[-_EPISODES:])]
            self._table.update()


def _row(drive: Drive) -> dict[str, object]:
    ended = drive.ended
    return {
        "number": drive.episode,
        "episode": f"{drive.episode + 1:,}",
        "reward": f"{drive.total_reward:.1f}",
        "progress": percent(float(drive.progress[-1])),
        "steps": drive.steps,
        "time": lap_time(float(drive.time[-1])),
        "status": _(ended.title) if ended is not Status.IN_PROGRESS else "–",
    }


def _duration(seconds: float) -> str:
    """A time span in words as short as they may be."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return _("{hours} h {minutes:02d} min").format(hours=hours, minutes=minutes)
    if minutes:
        return _("{minutes} min {seconds:02d} s").format(minutes=minutes, seconds=whole % 60)
    return _("{seconds} s").format(seconds=whole)


def _race_words(job: Job) -> None:
    """What becomes of the submission that was asked for with a training."""
    if job.request.get("race") is not None:
        ui.label(_("It is submitted to a race when the training has ended.")).classes("or-muted or-small")
    elif "not_submitted" in job.result:
        error_message(_("It was not submitted: {reason}").format(reason=job.result["not_submitted"]))
    elif "submission" in job.result:
        ui.link(_("It was submitted to a race."), f"/races/{job.result['race']}")


def _graph_words() -> dict[str, str]:
    return {
        "reward": _("Average reward"),
        "progress": _("Average completion (training)"),
        "evaluation": _("Average completion (evaluation)"),
        "best": _("Best model"),
        "iteration": _("Iteration"),
        "reward_axis": _("Reward"),
        "progress_axis": _("Completion"),
        "nothing": _("The graph begins with the first iteration."),
    }
