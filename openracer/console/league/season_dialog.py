"""The dialogs with which an organiser makes, changes and deletes a season."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from openracer.console.components import (
    confirm,
    error_message,
    error_toast,
    heading,
    in_thread,
    plain_button,
    primary_button,
)
from openracer.console.league.moments import field_text, read_field, zone_of_visitor
from openracer.console.number_fields import explained, whole_field
from openracer.language import gettext as _
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.seasons import MOST_FINALISTS, Season

_Save = Callable[[str, int, Any], Season]


async def ask_for_new() -> None:
    """Make a season."""
    person = current_person()
    await _ask(
        _("New season"),
        None,
        lambda name, size, at: current_league().seasons.create(person, name, size, at),
    )


async def ask_for_change(season: Season) -> None:
    """Change a season."""
    person = current_person()
    await _ask(
        _("Change the season"),
        season,
        lambda name, size, at: current_league().seasons.edit(person, season.id, name, size, at),
    )


async def ask_to_delete(season: Season) -> None:
    """Delete a season."""
    if not await confirm(
        _("Delete {season}?").format(season=season.name),
        _("Its races stay, each by itself; standings and final are lost."),
        _("Delete the season"),
    ):
        return
    try:
        await in_thread(current_league().seasons.delete, current_person(), season.id)
    except (ValueError, OSError) as error:
        error_toast(error)
        return
    ui.navigate.to("/circuit")


async def _ask(title: str, season: Season | None, save: _Save) -> None:
    zone = await zone_of_visitor()
    with ui.dialog() as dialog, ui.card().classes("or-dialog or-form"):
        heading(2, title)
        name = ui.input(_("Name"), value=season.name if season else "").props(
            "outlined autofocus maxlength=64"
        )
        size = whole_field(
            _("Racers in the final"),
            season.final_size if season else 8,
            0,
            MOST_FINALISTS,
            _("2 to {limit}, or 0 for none."),
        )
        at = explained(
            ui.input(
                _("The final begins"),
                value=field_text(season.final_at, zone) if season and season.final_at else "",
            ).props("type=datetime-local stack-label"),
            _("Empty: as soon as the last race is decided."),
        )
        problem = ui.element("div")

        def send() -> None:
            problem.clear()
            if not size.validate():
                return
            try:
                begins = read_field(at.value, zone, _("The final begins")) if at.value else None
                dialog.submit(save(name.value or "", int(size.value), begins))
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))

        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=lambda: dialog.submit(None))
            primary_button(_("Save"), on_click=send)
    try:
        made = await dialog
    finally:
        dialog.delete()
    if made is not None:
        ui.navigate.to(f"/circuit?season={made.id}")
