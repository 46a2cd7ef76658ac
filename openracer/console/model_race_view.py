"""A race of models that was driven: its results, its replay and its film; and one that is being driven."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from openracer.analysis.drives import track_shape
from openracer.console.components import card, error_message, error_toast, in_thread, lap_time, plain_button
from openracer.console.evaluation_view import track_words, when
from openracer.console.films import start_race_film
from openracer.console.module_view import ModuleView
from openracer.console.stage import replay_words, stage_words
from openracer.language import gettext as _
from openracer.models.race_records import RaceRecord
from openracer.runs.film_process import FilmProcess
from openracer.runs.race_film_process import race_film_path
from openracer.simulation.race_composition import RACE_COLOURS
from openracer.tracks import catalogue
from openracer.tracks.track import Track

_FILM_POLL_S = 0.5


class ModelRaceView:
    """Everything there is of a race.

    Args:
        race: to show.
    """

    def __init__(self, race: RaceRecord):
        self._race = race
        self._film: FilmProcess | None = None
        with ui.element("div").classes("or-stack"):
            with card(_("Result")):
                ui.label(race_words(race)).classes("or-muted or-small")
                for trial in range(1, race.trials + 1):
                    self._results(trial)
                if race.trials > 1:
                    means = ", ".join(f"{name} {place:.2f}" for name, place in race.standings)
                    ui.label(_("Mean places: {places}").format(places=means)).classes("or-muted or-result")
                with ui.element("div").classes("or-form__end"):
                    self._film_button = plain_button(_("Download video (MP4)"), "o_movie", self._ask_for_film)
            try:
                track = catalogue.find(str(race.settings.get("track")), bool(race.settings.get("reverse")))
            except (ValueError, OSError) as error:
                self._film_button.set_enabled(False)
                error_message(str(error))
                return
            with card(_("Replay")):
                ModuleView(
                    "race_view.js",
                    {
                        "drives": f"/watch-races/{race.stamp}/drives",
                        **_scene(track, race.names, race.settings),
                    },
                )

    def _results(self, trial: int) -> None:
        titles = (
            _("Place"), _("Model"), _("Start"), _("Laps"), _("Time"), _("Best lap"), _("Crashes"), _("Off-tracks"),
            _("Resets"), _("Status"),
        )  # fmt: skip
        texts = {_("Model"), _("Status")}
        if self._race.trials > 1:
            words = _("Race {number} of {count}").format(number=trial, count=self._race.trials)
            ui.label(words).classes("or-h3")
        with ui.element("div").classes("or-tablebox"), ui.element("table").classes("or-table"):
            with ui.element("thead"), ui.element("tr"):
                for title in titles:
                    with ui.element("th").classes("" if title in texts else "is-number"):
                        ui.label(title)
            with ui.element("tbody"):
                for result in (result for result in self._race.results if result.trial == trial):
                    values = (
                        str(result.place),
                        self._race.names[result.car],
                        str(result.start_place),
                        str(len(result.lap_times)) if result.is_finished else f"{result.distance_laps:.2f}",
                        lap_time(result.time_s) if result.is_finished else "–",
                        lap_time(min(result.lap_times)) if result.lap_times else "–",
                        str(result.crashes),
                        str(result.off_tracks),
                        str(result.resets),
                        _(result.status),
                    )
                    with ui.element("tr"):
                        for title, value in zip(titles, values, strict=True):
                            with ui.element("td").classes("" if title in texts else "is-number"):
                                ui.label(value)

    async def _ask_for_film(self) -> None:
        if race_film_path(self._race).is_file():
            self._download()
        elif self._film is None:
            self._film_button.set_enabled(False)
            self._film = await in_thread(start_race_film, self._race)
            self._timer = ui.timer(_FILM_POLL_S, self._watch_film)

    def _download(self) -> None:
        ui.download.from_url(f"/watch-races/{self._race.stamp}/film")

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
            self._download()


def live_race(job: str, track: Track, names: Sequence[str], settings: Mapping[str, Any]) -> ModuleView:
    """A race as it is driven.

    Args:
        job: that drives it.
        track: in its direction.
        names: of the cars.
        settings: of the race.
    """
    return ModuleView("race_view.js", {"feed": f"/watch-races/{job}/live", **_scene(track, names, settings)})


def race_words(race: RaceRecord) -> str:
    """When it was, where, and over how many laps."""
    return f"{when(race.stamp)} · {track_words(race.settings)} · " + _("laps: {laps}").format(
        laps=race.settings.get("laps", "–")
    )


def _scene(track: Track, names: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    words = {
        "starting": _("Starting. The cars appear here in a few seconds."),
        "live": _("Live"),
        "race": _("Race {number}"),
        "races": _("Which race to show"),
        "lap": _("lap {lap} of {laps}"),
        "finished": _("finished in {time}"),
    }
    colours = ["#{:02x}{:02x}{:02x}".format(*map(int, colour)) for colour in RACE_COLOURS]
    return {
        "shape": track_shape(track),
        "cars": [{"name": name, "colour": colours[k]} for k, name in enumerate(names)],
        "laps": settings.get("laps", 1),
        "words": stage_words() | replay_words() | words,
    }
