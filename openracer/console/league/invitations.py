"""How people get into a private race: its codes, and who has joined."""

from collections.abc import Callable

from nicegui import ui

from openracer.console.components import card, error_toast, heading, plain_button
from openracer.console.league.moments import moment_label
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.league import current_league
from openracer.service.league.membership import LONGEST_DAYS, Code, Member
from openracer.service.league.races import HeldRace


class InvitationCard:
    """The card of codes and members, for who may manage the race.

    Args:
        race: a private one.
        person: who manages it.
    """

    def __init__(self, race: HeldRace, person: Person):
        self._race, self._person = race, person
        with card(_("Invitations")):
            ui.label(_("Whoever has a code enters it under Community races, or opens its address.")).classes(
                "or-muted"
            )
            self._place = ui.element("div").classes("or-stack lg-codes")
            with ui.element("div").classes("or-line"):
                self._days = ui.number(_("Works for days"), value=7, min=1, max=LONGEST_DAYS, precision=0)
                self._days.classes("lg-days").props(
                    f'outlined dense hint="{_("Empty: until it is revoked.")}"'
                )
                plain_button(_("Make a code"), "o_add", self._make)
        self._show()

    def _show(self) -> None:
        membership = current_league().membership
        codes, members = (
            membership.codes(self._person, self._race.id),
            membership.members(self._person, self._race.id),
        )
        self._place.clear()
        with self._place:
            for code in codes:
                if code.works:
                    self._code(code)
            if members:
                heading(3, _("Who has joined"))
            for member in members:
                self._member(member)

    def _code(self, code: Code) -> None:
        address = str(ui.context.client.request.url.replace(path="/races", query=f"code={code.code}"))
        with ui.element("div").classes("or-line or-line--between"):
            with ui.element("div"):
                ui.label(code.code).classes("lg-code")
                ui.label(address).classes("or-faint or-small")
                with ui.element("div").classes("or-line or-small or-muted"):
                    if code.expires is None:
                        ui.label(_("works until it is revoked"))
                    else:
                        ui.label(_("works until"))
                        moment_label(code.expires)
            plain_button(
                _("Revoke"),
                on_click=lambda: self._do(lambda: current_league().membership.revoke(self._person, code.id)),
            )

    def _member(self, member: Member) -> None:
        with ui.element("div").classes("or-line or-line--between"):
            with ui.element("div").classes("or-line"):
                ui.label(member.racer.alias)
                moment_label(member.joined).classes("or-faint or-small")
            plain_button(
                _("Take out"),
                on_click=lambda: self._do(
                    lambda: current_league().membership.expel(self._person, self._race.id, member.racer.id)
                ),
            )

    def _make(self) -> None:
        days = None if self._days.value is None else int(self._days.value)
        self._do(lambda: current_league().membership.make_code(self._person, self._race.id, days))

    def _do(self, action: Callable[[], object]) -> None:
        try:
            action()
        except (ValueError, OSError) as error:
            error_toast(error)
        self._show()
