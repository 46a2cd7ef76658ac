"""A race: leaderboard, rules, one's own submissions, and for its organiser the codes and what can be changed."""

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    confirm,
    empty_state,
    error_toast,
    fact_list,
    in_thread,
    page_heading,
    plain_link,
    primary_button,
    primary_link,
)
from openracer.console.layout import frame
from openracer.console.league.board import board_html
from openracer.console.league.invitations import InvitationCard
from openracer.console.league.moments import moment_html, write_local_times
from openracer.console.league.own_submissions import OwnSubmissions
from openracer.console.league.qr import qr_svg
from openracer.console.league.race_cards import live_chip, phase_chip, race_track
from openracer.console.league.submit_dialog import ask_for_model
from openracer.console.league.words import rule_facts
from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.service.identity import current_person, is_shared
from openracer.service.league import current_league
from openracer.service.league.boards import BoardRow
from openracer.service.league.people import may_manage
from openracer.service.league.races import Format, HeldRace

_LOOK_S = 2.0


def register() -> None:
    """Define the page's routes."""

    @ui.page("/races/{number:int}")
    async def _page(number: int) -> None:
        person = current_person()
        try:
            race = await in_thread(current_league().races.race, number, person)
        except OSError as error:
            missing_race(str(error))
            return
        rows = await in_thread(current_league().boards.leaderboard, number, person)
        with frame(race.rules.name, active="circuit" if race.season else "races"):
            for name in ("watch.css", "league.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(name)}">')
            write_local_times()
            _RacePage(race, rows)


def missing_race(reason: str) -> None:
    """The page of a race that is not there, or not for this person."""
    with frame(_("This race is not here"), active="races"):
        page_heading(_("This race is not here"))
        with empty_state(
            "o_search_off",
            _("This race is not here"),
            _("It has been deleted, or it is private: {reason}.").format(reason=reason),
        ):
            plain_link(_("All races"), "/races", "o_arrow_back")
            if is_shared():
                primary_link(_("Enter a code"), "/races", "o_vpn_key")


class _RacePage:
    def __init__(self, race: HeldRace, rows: tuple[BoardRow, ...]):
        self._race, self._person = race, current_person()
        self._may_manage = may_manage(self._person, race.organiser)
        self._rows: tuple[BoardRow, ...] | None = None
        with page_heading(race.rules.name):
            self._actions()
        with ui.element("div").classes("or-line lg-below"):
            phase_chip(race)
            if race.format is Format.LIVE:
                live_chip()
            opens, closes = moment_html(race.rules.opens), moment_html(race.rules.closes)
            ui.html(f"{opens} – {closes}", sanitize=False).classes("or-muted")
            if race.is_private:
                ui.label(_("private")).classes("or-chip or-chip--plain")
        with ui.element("div").classes("lg-two"):
            with ui.element("div"):
                with card(_("Leaderboard")):
                    self._board = ui.html("", sanitize=False)
                self._own = OwnSubmissions(race, self._person)
                if self._may_manage and race.is_private:
                    InvitationCard(race, self._person)
            with ui.element("div"):
                with card(_("Rules")):
                    ui.html(race_track(race), sanitize=False).classes("lg-form__picture lg-below")
                    fact_list(rule_facts(race))
                    if race.rules.rules:
                        ui.label(race.rules.rules).classes("lg-text")
                if race.rules.prizes:
                    with card(_("Prizes")):
                        ui.label(race.rules.prizes).classes("lg-text")
                self._public_card()
        self._show(rows)
        ui.timer(_LOOK_S, self._look)

    def _actions(self) -> None:
        race = self._race
        with ui.element("div").classes("lg-actions"):
            if race.format is Format.LIVE:
                plain_link(_("Watch it live"), f"/races/{race.id}/live", "o_live_tv")
            if race.phase is Phase.OPEN:
                primary_button(_("Submit a model"), "o_flag", lambda: ask_for_model(race, self._own.look))
            if self._may_manage:
                with ui.button(icon="o_more_vert").props(f'flat round aria-label="{_("More")}"'), ui.menu():
                    ui.menu_item(_("Change the race"), lambda: ui.navigate.to(f"/races/{race.id}/edit"))
                    ui.menu_item(
                        _("Set up another like it"), lambda: ui.navigate.to(f"/races/create?clone={race.id}")
                    )
                    ui.menu_item(_("Delete the race"), self._delete)

    def _public_card(self) -> None:
        race = self._race
        with card(_("Show it to others")):
            address = str(ui.context.client.request.url.replace(path=f"/board/{race.id}", query=""))
            with ui.element("div").classes("or-stack"):
                ui.html(qr_svg(address), sanitize=False).classes("lg-qr")
                ui.html(f'<a href="/board/{race.id}" target="_blank">{address}</a>', sanitize=False).classes(
                    "lg-link"
                )
                words = (
                    _("For everybody who has entered the race.")
                    if race.is_private
                    else _("For everybody, without signing in.")
                )
                ui.label(words).classes("or-faint or-small")
                with ui.element("div").classes("lg-actions"):
                    plain_link("CSV", f"/board/{race.id}/board.csv", "o_download")
                    plain_link(_("QR code"), f"/board/{race.id}/code.png", "o_qr_code_2")
                    self._certificate = plain_link(
                        _("Your certificate"),
                        f"/board/{race.id}/certificates/{self._person.id}",
                        "o_workspace_premium",
                    )

    async def _look(self) -> None:
        try:
            rows = await in_thread(current_league().boards.leaderboard, self._race.id, self._person)
        except OSError:
            return  # it has been deleted meanwhile
        self._show(rows)
        await self._own.look()

    def _show(self, rows: tuple[BoardRow, ...]) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        self._board.set_content(board_html(rows, self._race.id, self._person.id))
        self._certificate.set_visibility(any(row.racer.id == self._person.id for row in rows))

    async def _delete(self) -> None:
        if not await confirm(
            _("Delete {race}?").format(race=self._race.rules.name),
            _("Everything that was submitted goes with it, and no leaderboard is left."),
            _("Delete the race"),
        ):
            return
        try:
            await in_thread(current_league().races.delete, self._person, self._race.id)
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        ui.navigate.to("/races")
