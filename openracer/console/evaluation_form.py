"""The form that asks for an evaluation; every wrong value is told at its field."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from openracer.console.components import error_message, primary_button
from openracer.console.number_fields import decimal_field, explained, range_of, whole_field
from openracer.console.wording import opponent_choices, race_titles
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL, OBJECT_AVOIDANCE, TIME_TRIAL
from openracer.runs.request import LARGEST_PENALTY_S, MOST_RESETS, MOST_TRIALS, EvaluationRequest
from openracer.tracks import catalogue

Submit = Callable[[EvaluationRequest], None]


class EvaluationForm:
    """Fields for everything that an evaluation can be asked.

    Args:
        description: of the model's training, whose track is the default.
        submit: puts an evaluation into the queue; its errors are shown at the button.
    """

    def __init__(self, description: TrainingDescription, submit: Submit):
        self._submit = submit
        own = description.find_track()
        tracks = {track.name: f"{track.title} · {track.length:.1f} m" for track in catalogue.all_tracks()}
        with ui.element("div").classes("or-form"):
            self._track = explained(
                ui.select(tracks, value=own.name, label=_("Track"), with_input=True),
                _("Any track, not only the one of the training."),
            )
            self._direction = explained(
                ui.select(
                    {False: _("As in the track's file"), True: _("Reverse")},
                    value=own.is_reversed,
                    label=_("Direction"),
                ),
                _("Which way round it is driven."),
            )
            self._trials = whole_field(
                _("Trials"), 3, 1, MOST_TRIALS, _("How many laps are tried, 1 to {limit}.")
            )
            self._checkpoint = explained(
                ui.select({"best": _("Best"), "last": _("Last")}, value="best", label=_("Checkpoint")),
                _("Best: the one that came farthest in the evaluations during the training."),
            )
            self._resets = whole_field(
                _("Resets allowed"),
                0,
                0,
                MOST_RESETS,
                _("How often the car is put back; at 0 leaving the track ends the trial."),
            )
            self._penalty = decimal_field(
                _("Off-track penalty (s)"),
                5,
                0,
                LARGEST_PENALTY_S,
                _("Seconds that each time off the track costs, 0 to {limit:g}."),
                0.5,
            )
            self._race = explained(
                ui.select(
                    race_titles(), value=description.race_type, label=_("Race type"), on_change=self._show
                ),
                _("Any, not only the one of the training."),
            )
            choices = opponent_choices(description.name)
            choices.setdefault(description.opponent, description.opponent)  # kept with the model
            self._opponent = explained(
                ui.select(choices, value=description.opponent, label=_("Opponent")),
                _("Drives on the same track, with its best checkpoint."),
            )
            low, high = range_of("number")
            self._number = whole_field(
                _("Boxes or bot cars"),
                description.objects.number,
                int(low),
                int(high),
                _("How many are on the road, at most {limit}."),
            )
            self._random = explained(
                ui.select(
                    {True: _("Random, other ones in each trial"), False: _("Evenly spread")},
                    value=description.objects.random,
                    label=_("Places"),
                ),
                _("Where they are."),
            )
            self._bot_speed = decimal_field(
                _("Bot speed (m/s)"),
                description.objects.bot_speed,
                *range_of("bot_speed"),
                _("It never changes."),
                0.1,
            )
            self._collision = decimal_field(
                _("Collision penalty (s)"),
                5,
                0,
                LARGEST_PENALTY_S,
                _("Seconds that each crash costs, 0 to {limit:g}."),
                0.5,
            )
        self._show()
        with ui.element("div").classes("or-form__end"):
            self._button = primary_button(_("Start evaluation"), "o_flag", self._start)
            self._problem = ui.element("div").classes("or-grow")

    def set_enabled(self, enabled: bool) -> None:
        """Whether an evaluation can be asked for now."""
        self._button.set_enabled(enabled)

    def _numbers(self) -> list[Any]:
        """The fields whose numbers count for the race type."""
        fields = [self._trials, self._resets, self._penalty]
        fields += [self._collision] if self._race.value != TIME_TRIAL else []
        fields += [self._number] if self._race.value in (OBJECT_AVOIDANCE, HEAD_TO_BOT) else []
        return fields + ([self._bot_speed] if self._race.value == HEAD_TO_BOT else [])

    def _show(self) -> None:
        """Show only the fields that count for the race type."""
        for field in (self._number, self._random):
            field.set_visibility(self._race.value in (OBJECT_AVOIDANCE, HEAD_TO_BOT))
        self._collision.set_visibility(self._race.value != TIME_TRIAL)
        self._opponent.set_visibility(self._race.value == HEAD_TO_MODEL)
        self._bot_speed.set_visibility(self._race.value == HEAD_TO_BOT)

    def _objects(self) -> dict[str, Any]:
        """What is on the road."""
        if self._race.value not in (OBJECT_AVOIDANCE, HEAD_TO_BOT):
            return {}
        objects = {"number": int(self._number.value), "random": bool(self._random.value), "positions": []}
        return objects | ({"bot_speed": self._bot_speed.value} if self._race.value == HEAD_TO_BOT else {})

    async def _start(self) -> None:
        self._problem.clear()
        right = [field.validate() for field in self._numbers()]
        if not all(right):
            return
        self._button.set_enabled(False)
        try:
            request = EvaluationRequest(
                track=self._track.value,
                reverse=bool(self._direction.value),
                trials=int(self._trials.value or 0),
                checkpoint=str(self._checkpoint.value),
                max_resets=int(self._resets.value or 0),
                off_track_penalty_s=float(self._penalty.value or 0.0),
                collision_penalty_s=float(self._collision.value or 0.0),
                race_type=str(self._race.value),
                opponent=str(self._opponent.value) if self._race.value == HEAD_TO_MODEL else None,
                objects=self._objects(),
            )
            self._submit(request)
        except (ValueError, OSError) as error:
            self._button.set_enabled(True)
            with self._problem:
                error_message(str(error))
