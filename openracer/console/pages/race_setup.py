"""An organiser sets up a race, or changes one."""

from datetime import UTC, datetime

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import empty_state, in_thread, page_heading, plain_link
from openracer.console.layout import frame
from openracer.console.league.moments import zone_of_visitor
from openracer.console.league.race_form import RaceForm, new_race
from openracer.language import gettext as _
from openracer.league.race import Race
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.people import may_manage
from openracer.service.league.races import Format


def register() -> None:
    """Define the page's routes."""

    @ui.page("/races/create")
    async def _create(season: int | None = None, clone: int | None = None) -> None:
        person = current_person()
        with frame(_("New race"), active="races"):
            _head()
            page_heading(
                _("New race"), _("Set the rules once; everybody's models drive under the same ones.")
            )
            place = ui.element("div")
        # Only the browser knows its time zone, and it asks for the page first.
        zone = await zone_of_visitor()
        rules, race_format, is_private = new_race(datetime.now(UTC)), Format.CLASSIC, False
        if clone is not None:
            source = await in_thread(current_league().races.race, clone, person)
            rules = source.rules.model_copy(update={"opens": rules.opens, "closes": rules.closes})
            race_format, is_private = source.format, source.is_private

        def save(given: Race, given_format: Format, for_members: bool) -> None:
            made = current_league().races.create(person, given, given_format, for_members, season)
            ui.navigate.to(f"/races/{made.id}")

        with place:
            RaceForm(rules, "", race_format, is_private, zone, True, False, save, _("Create the race"))

    @ui.page("/races/{number:int}/edit")
    async def _edit(number: int) -> None:
        person = current_person()
        with frame(_("Change the race"), active="races"):
            _head()
            try:
                held = await in_thread(current_league().races.race, number, person)
                if not may_manage(person, held.organiser):
                    raise PermissionError(_("Only its organiser and administrators may do that."))
            except OSError as error:
                page_heading(_("Change the race"))
                with empty_state("o_lock", _("This race is not yours to change"), str(error)):
                    plain_link(_("All races"), "/races")
                return
            page_heading(_("Change the race"), held.rules.name)
            if held.submissions:
                ui.label(
                    _(
                        "Somebody has submitted already, so what is driven stays as it is: results would be of "
                        "different races."
                    )
                ).classes("or-note lg-note")
            place = ui.element("div")
        zone = await zone_of_visitor()

        def save(given: Race, _format: Format, for_members: bool) -> None:
            current_league().races.edit(person, number, given, for_members)
            ui.navigate.to(f"/races/{number}")

        with place:
            RaceForm(
                held.rules, held.rules.name, held.format, held.is_private, zone, False, bool(held.submissions),
                save, _("Save"),
            )  # fmt: skip


def _head() -> None:
    for name in ("watch.css", "league.css"):
        ui.add_head_html(f'<link rel="stylesheet" href="{asset(name)}">')
