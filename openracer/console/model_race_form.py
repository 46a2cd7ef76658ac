"""The form that asks for a race of models against each other; every wrong value is told at its field."""

from collections.abc import Callable, Sequence

from nicegui import ui

from openracer.console.components import error_message, primary_button
from openracer.console.number_fields import decimal_field, explained, whole_field
from openracer.language import gettext as _
from openracer.runs.race_request import FEWEST_MODELS, MOST_MODELS, RaceRequest
from openracer.runs.request import LARGEST_PENALTY_S, MOST_LAPS, MOST_RESETS, MOST_TRIALS
from openracer.tracks import catalogue

Submit = Callable[[RaceRequest], None]


class ModelRaceForm:
    """Fields for everything that a race can be asked.

    Args:
        models: names of those that can drive.
        submit: puts a race into the queue; its errors are shown at the button.
    """

    def __init__(self, models: Sequence[str], submit: Submit):
        self._submit = submit
        tracks = {track.name: f"{track.title} · {track.length:.1f} m" for track in catalogue.all_tracks()}
        with ui.element("div").style("margin-bottom: 22px"):
            self._models = explained(
                ui.select(
                    list(models), value=list(models[:FEWEST_MODELS]), label=_("Models"), multiple=True
                ).props("use-chips"),
                _("Two to eight; they start in this order."),
            )
        with ui.element("div").classes("or-form"):
            self._track = explained(
                ui.select(tracks, value="reinvent_base", label=_("Track"), with_input=True),
                _("For all of them the same."),
            )
            self._direction = explained(
                ui.select(
                    {False: _("As in the track's file"), True: _("Reverse")},
                    value=False,
                    label=_("Direction"),
                ),
                _("Which way round it is driven."),
            )
            self._laps = whole_field(_("Laps"), 3, 1, MOST_LAPS, _("Driven without a stop, 1 to {limit}."))
            self._trials = whole_field(
                _("Races"),
                1,
                1,
                MOST_TRIALS,
                _("How often it is held, 1 to {limit}; each time the last of the grid starts first."),
            )
            self._resets = whole_field(
                _("Resets allowed"), MOST_RESETS, 0, MOST_RESETS, _("With one more a car is out.")
            )
            self._off_track = decimal_field(
                _("Off-track penalty (s)"),
                5,
                0,
                LARGEST_PENALTY_S,
                _("Seconds that each time off the track costs, 0 to {limit:g}."),
                0.5,
            )
            self._collision = decimal_field(
                _("Collision penalty (s)"),
                5,
                0,
                LARGEST_PENALTY_S,
                _("Seconds that each crash costs, 0 to {limit:g}."),
                0.5,
            )
        with ui.element("div").classes("or-form__end"):
            self._button = primary_button(_("Start race"), "o_flag", self._start)
            self._problem = ui.element("div").classes("or-grow")

    def set_enabled(self, enabled: bool) -> None:
        """Whether a race can be asked for now."""
        self._button.set_enabled(enabled)

    def _start(self) -> None:
        self._problem.clear()
        numbers = (self._laps, self._trials, self._resets, self._off_track, self._collision)
        right = [field.validate() for field in numbers]  # every one tells what is wrong with it
        if not all(right):
            return
        try:
            chosen = [*self._models.value]
            if len(chosen) > MOST_MODELS or len(chosen) < FEWEST_MODELS:
                raise ValueError(
                    _("Choose {fewest} to {most} models.").format(fewest=FEWEST_MODELS, most=MOST_MODELS)
                )
            self._submit(
                RaceRequest(
                    tuple(chosen),
                    str(self._track.value),
                    bool(self._direction.value),
                    int(self._laps.value),
                    int(self._trials.value),
                    int(self._resets.value),
                    float(self._off_track.value),
                    float(self._collision.value),
                )
            )
        except (ValueError, OSError) as error:
            with self._problem:
                error_message(str(error))
