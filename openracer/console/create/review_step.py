"""Last step: when the training ends, what was chosen, and the model is made."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from nicegui import ui

from openracer.analysis.training_time import estimate
from openracer.console.components import card
from openracer.console.create.form import Form, choice_field, labelled, number_field
from openracer.console.league.submit_dialog import race_words
from openracer.console.wording import example_title, opponent_words, race_titles
from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.models.races import HEAD_TO_MODEL, TIME_TRIAL
from openracer.models.sentences import DescriptionError
from openracer.models.track_words import further_tracks_words
from openracer.rewards import examples
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.tracks import catalogue
from openracer.tracks.facts import direction_words, facts

PLACES = ("stop",)


def build(form: Form, go: Callable[[int], Awaitable[None]]) -> None:
    """Show the step; ``go`` leads to another."""
    with ui.element("div").classes("or-split"):
        with card(_("Stop conditions")):
            ui.label(
                _("The training ends at the first condition that holds. You can also stop it at any time.")
            ).classes("or-muted")
            with ui.element("div").classes("or-stack rv-stop"):
                number_field(
                    form,
                    ("stop", "minutes"),
                    _("Minutes"),
                    _("Of training; waiting does not count. Empty: no limit."),
                )
                number_field(
                    form,
                    ("stop", "iterations"),
                    _("Iterations"),
                    _("Updates of the policy. Empty: no limit."),
                )
                choice_field(
                    form,
                    ("stop", "until"),
                    _("Laps"),
                    _("Stop when every trial of two evaluations in a row completes its lap."),
                    {None: _("do not stop at laps"), "clean-laps": _("stop at clean laps")},
                )
                _race_field(form)
            time = ui.label().classes("rv-time")

            def show_time() -> None:
                time.set_text("" if form.problems else _time_words(form))
                time.set_visibility(not form.problems)

            show_time()
            form.on_change(show_time)
        with card(_("Review")):
            _review(form, go)


def _race_field(form: Form) -> None:
    """Which race the model is submitted to after its training; not there while none is open."""
    draft = form.draft
    races = current_league().races.races(current_person(), Phase.OPEN)
    if draft.race not in {race.id for race in races}:
        draft.race = None
    if not races:
        return

    def choose(race: int | None) -> None:
        draft.race = race
        draft.save()

    label = _("Submit after training")
    with labelled(label, _("A copy of its best checkpoint drives in the race.")):
        ui.select(
            {None: _("do not submit"), **{race.id: race_words(race) for race in races}},
            value=draft.race,
            on_change=lambda event: choose(event.value),
        ).props(f'outlined dense options-dense aria-label="{label}"')


def _time_words(form: Form) -> str:
    seconds = estimate(form.draft.description())
    if seconds is None:
        return _("It goes on until you stop it.")
    if seconds < 90:
        return _("At most about {seconds:.0f} seconds.").format(seconds=seconds)
    if seconds < 5400:
        return _("At most about {minutes:.0f} minutes.").format(minutes=seconds / 60)
    return _("At most about {hours:.1f} hours.").format(hours=seconds / 3600)


def _review(form: Form, go: Callable[[int], Awaitable[None]]) -> None:
    draft = form.draft
    with ui.element("div").classes("rv-list"):
        _part(_("Model"), [str(draft.value("name")), str(draft.value("description"))], 0, go)
        _part(_("Track"), _track_words(form), 0, go)
        presets = {"fast": _("Fast learner"), "race": _("Race"), "aws": _("As on AWS")}
        _part(_("Learning"), [_race_words(form), "PPO", presets[draft.preset]], 1, go)
        _part(_("Action space"), [_space_words(form)], 2, go)
        _part(_("Vehicle"), [draft.vehicle or "The Original DeepRacer", str(draft.value("vehicle"))], 3, go)
        _part(_("Reward function"), [_reward_words(form)], 4, go)


def _race_words(form: Form) -> str:
    race = str(form.draft.value("race_type"))
    title = race_titles().get(race, race)
    objects = form.draft.value("objects") or {}
    number = len(objects.get("positions") or []) or objects.get("number")
    if race == HEAD_TO_MODEL:
        return f"{title} ({opponent_words(str(form.draft.value('opponent')))})"
    return title if race == TIME_TRIAL else f"{title} ({number})"


def _part(title: str, words: list[str], step: int, go: Callable[[int], Awaitable[None]]) -> None:
    with ui.element("div").classes("rv-part"):
        with ui.element("div"):
            ui.label(title).classes("rv-title")
            ui.label(" · ".join(filter(None, words))).classes("rv-words")
        ui.button(_("Change"), on_click=lambda: go(step)).props("flat dense no-caps").classes("rv-change")


def _track_words(form: Form) -> list[str]:
    try:
        track = catalogue.find(str(form.draft.value("track")), bool(form.draft.value("reverse")))
    except ValueError as error:
        return [str(error)]
    figures = facts(track)
    words = [track.title, f"{track.length:.1f} m", direction_words(figures["direction"])]
    with suppress(DescriptionError):
        words.append(further_tracks_words(form.draft.description()).removeprefix(", "))
    return words


def _space_words(form: Form) -> str:
    space = form.draft.value("action_space")
    if form.draft.is_continuous:
        steering, speed = space["steering_angle"], space["speed"]
        return _("Continuous, {right}° to {left}°, {low} to {high} m/s").format(
            right=steering.get("low"), left=steering.get("high"), low=speed.get("low"), high=speed.get("high")
        )
    return _("{count} discrete actions").format(count=len(space))


def _reward_words(form: Form) -> str:
    source = form.draft.value("reward_source")
    for name in examples.names():
        if examples.source(name) == source:
            return example_title(name)
    return _("Your own, {count} lines").format(count=str(source).count("\n") + 1)
