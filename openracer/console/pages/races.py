"""All races that one may see: those that are open, those to come, and those that are over."""

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    empty_state,
    error_message,
    heading,
    in_thread,
    page_heading,
    plain_button,
    primary_button,
    primary_link,
)
from openracer.console.layout import frame
from openracer.console.league.moments import write_local_times
from openracer.console.league.race_cards import race_cards
from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.service.accounts import Role
from openracer.service.identity import current_person, is_shared
from openracer.service.league import current_league


def register() -> None:
    """Define the page's routes."""

    @ui.page("/races")
    async def _page(code: str = "") -> None:
        person = current_person()
        races = await in_thread(current_league().races.races, person)
        with frame(_("Community races"), active="races"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("league.css")}">')
            write_local_times()
            with page_heading(
                _("Community races"), _("Your model against those of others, under the same rules.")
            ):
                if is_shared():
                    plain_button(_("Enter a code"), "o_vpn_key", lambda: _ask_for_code(code))
                if person.may(Role.ORGANISER):
                    primary_link(_("New race"), "/races/create", "add")
            own = [race for race in races if race.season is None]
            if not own:
                with empty_state(
                    "o_emoji_events",
                    _("There is no race yet"),
                    _("An organiser sets one up in a minute: track, laps, what ranks, and until when."),
                ):
                    if person.may(Role.ORGANISER):
                        primary_link(_("New race"), "/races/create", "add")
            for phase, title in (
                (Phase.OPEN, _("Open now")),
                (Phase.UPCOMING, _("To come")),
                (Phase.CLOSED, _("Over")),
            ):
                found = [race for race in own if race.phase is phase]
                if found:
                    with ui.element("section").classes("or-section"):
                        heading(2, title)
                        race_cards(found)
        if code:
            _ask_for_code(code)


def _ask_for_code(code: str) -> None:
    """The way into a private race."""
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        heading(2, _("Enter a private race"))
        ui.label(_("Its organiser has given you a code.")).classes("or-muted")
        field = ui.input(_("Code"), value=code).props("outlined autofocus maxlength=20").classes("lg-code")
        problem = ui.element("div")

        def join() -> None:
            problem.clear()
            try:
                race = current_league().membership.join(current_person(), field.value or "")
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))
                return
            ui.navigate.to(f"/races/{race}")

        field.on("keydown.enter", join)
        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=dialog.close)
            primary_button(_("Enter"), on_click=join)
    dialog.open()
