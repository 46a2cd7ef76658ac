"""The dialog that enters a model into a race: from the race's page, or from the model's."""

import uuid
from collections.abc import Callable

from nicegui import ui

from openracer.console.components import (
    error_message,
    error_toast,
    heading,
    in_thread,
    lap_time,
    plain_button,
    primary_button,
    success_toast,
)
from openracer.console.league import words
from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.models.summary import ModelSummary, summarise_models
from openracer.models.track_words import track_words
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.races import HeldRace


async def ask_for_model(race: HeldRace, after: Callable[[], object]) -> None:
    """Enter one of one's models into a race.

    Args:
        race: that is open.
        after: called when it has been entered.
    """
    models = [model for model in await in_thread(summarise_models) if model.has_weights]
    if not models:
        error_toast(_("You have no model that has been trained yet; train one first."))
        return
    options = {model.name: _model_words(model) for model in models}
    await _ask(
        _("Submit a model to {race}").format(race=race.rules.name),
        _("A copy drives, with its weights only: what you change afterwards changes nothing here."),
        options,
        _("Model"),
        next(iter(options)),
        lambda model, checkpoint, key: _submit(race.id, model, checkpoint, key),
        after,
    )


async def ask_for_race(model: str) -> None:
    """Enter a model into a race that is open."""
    person = current_person()
    races = await in_thread(current_league().races.races, person, Phase.OPEN)
    if not races:
        error_toast(_("No race is open now."))
        return
    options = {str(race.id): race_words(race) for race in races}
    await _ask(
        _("Submit {model} to a race").format(model=model),
        _("A copy drives, with its weights only: what you change afterwards changes nothing here."),
        options,
        _("Race"),
        next(iter(options)),
        lambda race, checkpoint, key: _submit(int(race), model, checkpoint, key),
        lambda: None,
    )


def race_words(race: HeldRace) -> str:
    """A race in a list to choose from."""
    return f"{race.rules.name} · {words.track_words(race)}"


def _model_words(model: ModelSummary) -> str:
    track = (
        "" if model.description is None else track_words(model.description.track, model.description.reverse)
    )
    return " · ".join(filter(None, (model.name, track, lap_time(model.best_lap_s))))


def _submit(race: int, model: str, checkpoint: str, key: str) -> int:
    current_league().submissions.submit(current_person(), race, model, checkpoint, key)
    return race


async def _ask(
    title: str,
    explanation: str,
    options: dict[str, str],
    label: str,
    first: str,
    submit: Callable[[str, str, str], int],
    after: Callable[[], object],
) -> None:
    # Pressed twice, or sent again by a bad connection, it is one submission.
    key = uuid.uuid4().hex
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        heading(2, title)
        ui.label(explanation).classes("or-muted")
        choice = ui.select(options, value=first, label=label, with_input=len(options) > 8).props("outlined")
        checkpoint = ui.select(
            {"best": _("its best checkpoint"), "last": _("its last checkpoint")},
            value="best",
            label=_("Checkpoint"),
        ).props("outlined")
        problem = ui.element("div")

        async def send() -> None:
            problem.clear()
            button.props("loading")
            try:
                race = await in_thread(submit, str(choice.value), str(checkpoint.value), key)
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))
                button.props(remove="loading")
                return
            dialog.submit(race)

        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=lambda: dialog.submit(None))
            button = primary_button(_("Submit"), "o_flag", send)
    try:
        race = await dialog
    finally:
        dialog.delete()
    if race is not None:
        success_toast(_("Submitted. It drives as soon as there is a free place."))
        after()
