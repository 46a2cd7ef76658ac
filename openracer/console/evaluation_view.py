"""One evaluation: its results, its replay with a ghost, its film and its logs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from openracer.analysis.ghosts import Ghost, best_lap, find_ghosts
from openracer.console.components import (
    card,
    error_message,
    error_toast,
    in_thread,
    lap_time,
    plain_button,
)
from openracer.console.films import start_film
from openracer.console.league.submit_dialog import ask_for_race
from openracer.console.stage import drives_address, replay
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import Evaluation
from openracer.models.folder import ModelFolder
from openracer.models.races import TIME_TRIAL
from openracer.runs.film_process import FilmProcess, film_path
from openracer.simulation.status import Status
from openracer.tracks import catalogue
from openracer.tracks.track import Track

_FILM_POLL_S = 0.5


class EvaluationView:
    """Everything there is of an evaluation.

    Args:
        folder: of the model.
        description: of its training.
        evaluation: to show.
    """

    def __init__(self, folder: ModelFolder, description: TrainingDescription, evaluation: Evaluation):
        self._folder = folder
        self._evaluation = evaluation
        self._film: FilmProcess | None = None
        settings = evaluation.settings
        self._ghosts: dict[str, dict[str, Any] | None] = {"": None}
        with ui.element("div").classes("or-stack"):
            with card(_("Result")):
                ui.label(evaluation_words(evaluation)).classes("or-muted or-small")
                self._results()
                with ui.element("div").classes("or-form__end"):
                    plain_button(
                        _("Download logs"),
                        "o_download",
                        lambda: ui.download.from_url(self._address + "/logs"),
                    )
                    self._film_button = plain_button(_("Download video (MP4)"), "o_movie", self._ask_for_film)
                    plain_button(_("Submit to a race"), "o_flag", lambda: ask_for_race(folder.name))
            try:
                track = catalogue.find(str(settings.get("track")), bool(settings.get("reverse")))
            except (ValueError, OSError) as error:
                self._film_button.set_enabled(False)
                error_message(str(error))
                return
            with card(_("Replay")):
                self._replay = replay(description, track, evaluation)
                with ui.element("div").classes("or-form__end"):
                    self._select = (
                        ui.select(
                            {"": _("No ghost")}, value="", label=_("Race against"), on_change=self._race
                        )
                        .props("outlined dense")
                        .classes("or-ghost")
                    )
                    ui.label(
                        _("Space: play, arrows: a second, comma and full stop: a step, V: view, F: follow")
                    ).classes("or-faint or-small or-wide")
        ui.timer(0.05, lambda: self._find_ghosts(track), once=True)

    @property
    def _address(self) -> str:
        return drives_address(self._folder.name, self._evaluation.stamp)

    def _results(self) -> None:
        titles: tuple[str, ...] = (
            _("Trial"), _("Time"), _("Completed"), _("Status"), _("Off-tracks"), _("Crashes"), _("Crash penalty"),
            _("Resets"),
        )  # fmt: skip
        numbers = {*titles} - {_("Trial"), _("Status")}
        # Without anything on the road there is nothing to crash into.
        if self._evaluation.settings.get("race_type", TIME_TRIAL) == TIME_TRIAL:
            titles = tuple(title for title in titles if title not in (_("Crashes"), _("Crash penalty")))
        penalty = float(self._evaluation.settings.get("collision_penalty_s", 0.0))
        with ui.element("div").classes("or-tablebox"), ui.element("table").classes("or-table"):
            with ui.element("thead"), ui.element("tr"):
                for title in titles:
                    with ui.element("th").classes("is-number" if title in numbers else ""):
                        ui.label(title)
            with ui.element("tbody"):
                for trial in self._evaluation.trials:
                    waits = trial.crash_count - (trial.episode_status == Status.CRASHED.title)
                    crashes = (str(trial.crash_count), f"{waits * penalty:g} s")
                    values = (
                        str(trial.trial),
                        lap_time(trial.elapsed_time_in_milliseconds / 1000.0),
                        f"{trial.completion_percentage} %",
                        _(trial.episode_status),
                        str(trial.off_track_count),
                        *(crashes if _("Crashes") in titles else ()),
                        str(trial.reset_count),
                    )
                    with ui.element("tr"):
                        for title, value in zip(titles, values, strict=True):
                            with ui.element("td").classes("is-number" if title in numbers else ""):
                                ui.label(value)
        complete = sum(trial.episode_status == Status.LAP_COMPLETE.title for trial in self._evaluation.trials)
        words = _("{complete} of {trials} laps completed").format(
            complete=complete, trials=len(self._evaluation.trials)
        )
        best = best_lap(self._evaluation)
        if best is not None:
            words += " · " + _("best {time}").format(time=lap_time(best))
        ui.label(words).classes("or-muted or-result")

    async def _find_ghosts(self, track: Track) -> None:
        ghosts = await in_thread(find_ghosts, track.name, track.is_reversed)
        options = {"": _("No ghost")}
        for number, trial in enumerate(self._evaluation.trials):
            key = f"trial {number}"
            options[key] = _("Trial {number} of this evaluation").format(number=trial.trial)
            self._ghosts[key] = {"address": self._address, "trial": number}
        for ghost in ghosts:
            if (ghost.model, ghost.stamp) != (self._folder.name, self._evaluation.stamp):
                key = f"{ghost.model} {ghost.stamp}"
                options[key] = _ghost_words(ghost)
                self._ghosts[key] = {"address": drives_address(ghost.model, ghost.stamp)}
        self._select.set_options(options)

    def _race(self) -> None:
        self._replay.run("setGhost", self._ghosts.get(str(self._select.value or "")))

    async def _ask_for_film(self) -> None:
        if film_path(self._evaluation).is_file():
            ui.download.from_url(self._address + "/film")
            return
        if self._film is None:
            self._film_button.set_enabled(False)
            self._film = await in_thread(start_film, self._folder, self._evaluation)
            self._timer = ui.timer(_FILM_POLL_S, self._watch_film)

    def _watch_film(self) -> None:
        film = self._film
        if film is None:
            return
        if not film.is_over:
            self._film_button.set_text(_("Making the video: {share} %").format(share=int(100 * film.share)))
            return
        self._timer.deactivate()
        self._film = None
        self._film_button.set_enabled(True)
        self._film_button.set_text(_("Download video (MP4)"))
        if film.failure:
            error_toast(film.failure)
        else:
            ui.download.from_url(self._address + "/film")


def evaluation_words(evaluation: Evaluation) -> str:
    """When it was, where, and with which checkpoint."""
    settings = evaluation.settings
    checkpoint = str(settings.get("checkpoint", "–")).partition("_")[0]
    return f"{when(evaluation.stamp)} · {track_words(settings)} · " + _("checkpoint {number}").format(
        number=checkpoint
    )


def when(stamp: str) -> str:
    """The local date and time of a stamp."""
    moment = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def track_words(settings: Mapping[str, Any]) -> str:
    """Track and direction of an evaluation."""
    try:
        track = catalogue.find(str(settings.get("track")), bool(settings.get("reverse")))
    except (ValueError, OSError):
        return str(settings.get("track", "–"))
    return track.title + (_(" (reverse)") if track.is_reversed else "")


def _ghost_words(ghost: Ghost) -> str:
    stamp = ghost.stamp
    return (
        f"{ghost.model} · {lap_time(ghost.best_s)} · {stamp[4:6]}-{stamp[6:8]} {stamp[8:10]}:{stamp[10:12]}"
    )
