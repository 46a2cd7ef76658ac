"""The administrator's page: people, invitations, a class from a file, limits."""

import csv
import io
from collections.abc import Callable

from nicegui import events, ui

from openracer.console.components import (
    card,
    confirm,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    primary_button,
    success_toast,
)
from openracer.console.layout import frame
from openracer.console.pages.usage import limit_words
from openracer.console.wording import date_words, role_words
from openracer.language import gettext as _
from openracer.service import current_people
from openracer.service.accounts import Person, Role
from openracer.service.class_list import COLUMNS, add_class, read_class
from openracer.service.identity import current_person
from openracer.service.quotas import Limits, Period, Rules

_LARGEST_LIST = 1_000_000


def register() -> None:
    """Define the page's routes."""

    @ui.page("/people")
    def _page() -> None:
        with frame(_("People and limits"), active="people"):
            page_heading(_("People and limits"), _("Who may come in, and how much each may use."))
            table = _Table()
            with ui.element("div").classes("or-grid or-grid--2 or-section"):
                with card(_("Add one person")):
                    _NewPerson(table.show)
                with card(_("Invite by a link")):
                    _Invite()
                with card(_("A class from a file")):
                    _ClassFile(table.show)
                with card(_("Usage limits")):
                    _Rules()


class _Table:
    """Everybody."""

    def __init__(self) -> None:
        self._place = card(_("People"))
        with self._place:
            self._rows = ui.element("div")
        self.show()

    def show(self) -> None:
        """Build it anew."""
        people = current_people().accounts.people()
        self._rows.clear()
        with (
            self._rows,
            ui.element("div").classes("or-tablebox"),
            ui.element("table").classes("or-table or-people"),
            ui.element("tbody"),
        ):
            for person in people:
                self._row(person)

    def _row(self, person: Person) -> None:
        itself = person.id == current_person().id
        with ui.element("tr"):
            with ui.element("td"):
                ui.label(person.name).classes("or-strong")
                ui.label(person.alias).classes("or-faint or-small")
            with ui.element("td"):
                roles = {str(role): role_words(role) for role in Role}
                choice = ui.select(roles, value=str(person.role)).props("outlined dense").classes("or-nowrap")
                choice.on_value_change(lambda event: self._set_role(person, Role(event.value)))
                choice.set_enabled(not itself)
            with ui.element("td").classes("or-muted or-nowrap"):
                ui.label(limit_words(current_people().quotas.limits(person)))
            with (
                ui.element("td").classes("is-number"),
                ui.row().classes("or-people__actions"),
            ):
                plain_button(_("Usage limits"), on_click=lambda: self._limits(person))
                plain_button(_("Link for a password"), on_click=lambda: self._link(person))
                if person.is_disabled:
                    plain_button(_("Let in again"), on_click=lambda: self._enable(person))
                elif not itself:
                    plain_button(_("Disable"), on_click=lambda: self._disable(person))

    def _set_role(self, person: Person, role: Role) -> None:
        _told(lambda: current_people().accounts.set_role(person.id, role))
        self.show()

    async def _disable(self, person: Person) -> None:
        question = _("Disable {name}?").format(name=person.name)
        explanation = _("{name} is signed out, and running jobs are stopped. Models and results stay.")
        if await confirm(question, explanation.format(name=person.name), _("Disable")):
            _told(lambda: current_people().accounts.disable(person.id))
            self.show()

    def _enable(self, person: Person) -> None:
        _told(lambda: current_people().accounts.enable(person.id))
        self.show()

    def _link(self, person: Person) -> None:
        secret = current_people().invitations.make_for(person)
        _show_link(_("{name} chooses a password here, once:").format(name=person.name), secret)

    def _limits(self, person: Person) -> None:
        with ui.dialog() as dialog, ui.card().classes("or-dialog"):
            ui.label(_("Limits of {name}; empty is as everyone's").format(name=person.name)).classes(
                "or-strong"
            )
            fields = _LimitFields(current_people().quotas.own_limits(person))

            def save() -> None:
                if _told(lambda: current_people().quotas.set_limits(person, fields.limits())):
                    dialog.close()
                    self.show()

            primary_button(_("Save"), on_click=save)
        dialog.open()


class _LimitFields:
    """Three numbers that may be empty."""

    def __init__(self, limits: Limits):
        self._hours = _number(_("Compute hours"), limits.compute_hours)
        self._models = _number(_("Models"), limits.models)
        self._storage = _number(_("Storage, GB"), limits.storage_gb)

    def limits(self) -> Limits:
        models = self._models.value
        return Limits(self._hours.value, None if models is None else int(models), self._storage.value)


def _number(title: str, value: float | None) -> ui.number:
    return ui.number(title, value=value, min=0).props("outlined dense")


class _NewPerson:
    """An account for somebody, with a link for the password."""

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        with ui.element("div").classes("or-stack"):
            self._name = ui.input(_("Name, for signing in")).props("outlined dense maxlength=60")
            self._role = _role_choice()
            with ui.element("div"):
                primary_button(_("Add"), "o_person_add", self._add)

    def _add(self) -> None:
        people = current_people()
        try:
            person = people.accounts.add(self._name.value or "", Role(self._role.value))
            secret = people.invitations.make_for(person)
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        self._name.set_value("")
        self._changed()
        _show_link(_("{name} chooses a password here, once:").format(name=person.name), secret)


def _role_choice() -> ui.select:
    roles = {str(role): role_words(role) for role in reversed(Role)}
    return ui.select(roles, value=str(Role.RACER), label=_("Role")).props("outlined dense")


class _Invite:
    """A link with which new people come in."""

    def __init__(self) -> None:
        with ui.element("div").classes("or-stack"):
            self._role = _role_choice()
            self._uses = ui.number(_("For how many people"), value=1, min=1, max=1000).props("outlined dense")
            self._days = ui.number(_("For how many days"), value=14, min=1, max=365).props("outlined dense")
            with ui.element("div"):
                primary_button(_("Make a link"), "o_link", self._make)
            self._open = ui.element("div").classes("or-stack")
        self._show()

    def _make(self) -> None:
        invitations = current_people().invitations
        try:
            secret = invitations.make(
                Role(self._role.value), int(self._uses.value or 0), int(self._days.value or 0)
            )
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        _show_link(_("Whoever has this link can come in:"), secret)
        self._show()

    def _show(self) -> None:
        self._open.clear()
        with self._open:
            for invitation in current_people().invitations.open():
                if invitation.person is None:
                    words = _("{role}, for {count} more, until {date}").format(
                        role=role_words(invitation.role),
                        count=invitation.left,
                        date=date_words(invitation.expires),
                    )
                    with ui.row().classes("items-center justify-between"):
                        ui.label(words).classes("or-muted")
                        plain_button(_("Revoke"), on_click=lambda number=invitation.id: self._revoke(number))

    def _revoke(self, number: int) -> None:
        current_people().invitations.revoke(number)
        self._show()


class _ClassFile:
    """A CSV file with a line for each person; back comes one with a link for each."""

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        ui.label(
            _(
                "A CSV file whose first line names its columns: {columns}. Everybody who is new gets an account; "
                "you get a file with the link with which each chooses a password."
            ).format(columns=", ".join(COLUMNS))
        ).classes("or-muted")
        ui.upload(
            label=_("Choose a CSV file"), auto_upload=True, max_file_size=_LARGEST_LIST, on_upload=self._take
        ).props("accept=.csv flat bordered").classes("or-below")

    async def _take(self, event: events.UploadEventArguments) -> None:
        try:
            text = (await event.file.read()).decode("utf-8-sig")
            links = await in_thread(_add, text)
        except UnicodeDecodeError:
            error_toast(_("the file is not in UTF-8; save it as CSV UTF-8"))
            return
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        success_toast(_("New people: {count}").format(count=len(links)))
        self._changed()
        if links:
            request = ui.context.client.request
            ui.download.content(_links_file(links, str(request.base_url)), "links.csv")


def _add(text: str) -> list[tuple[str, str]]:
    people = current_people()
    new = add_class(people.accounts, read_class(text))
    return [(person.name, people.invitations.make_for(person)) for person in new]


def _links_file(links: list[tuple[str, str]], base: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("name", "link"))
    # A name that a spreadsheet would take for a formula stays a name.
    writer.writerows(
        (f"'{name}" if name[:1] in "=+-@\t" else name, f"{base}invitation/{secret}") for name, secret in links
    )
    return file.getvalue()


class _Rules:
    """What counts for everybody."""

    def __init__(self) -> None:
        rules = current_people().quotas.rules()
        with ui.element("div").classes("or-stack"):
            periods = {
                str(Period.MONTH): _("Each calendar month"),
                str(Period.FIRST_30_DAYS): _("30 days from the first job, as AWS's free tier"),
            }
            self._period = ui.select(
                periods, value=str(rules.period), label=_("Compute hours count for")
            ).props("outlined dense")
            ui.label(_("Each person; empty is no limit")).classes("or-strong")
            self._person = _LimitFields(rules.person)
            ui.label(_("All people together; empty is no limit")).classes("or-strong")
            self._everybody = _LimitFields(rules.everybody)
            with ui.element("div"):
                primary_button(_("Save"), on_click=self._save)

    def _save(self) -> None:
        def save() -> None:
            period = Period(self._period.value)
            rules = Rules(period, self._person.limits(), self._everybody.limits())
            current_people().quotas.set_rules(rules)

        if _told(save):
            success_toast(_("Saved."))


def _told(action: Callable[[], object]) -> bool:
    """Do something; tell what went wrong. Whether it was done."""
    try:
        action()
    except (ValueError, OSError, LookupError) as error:
        error_toast(str(error))
        return False
    return True


def _show_link(explanation: str, secret: str) -> None:
    link = f"{ui.context.client.request.base_url}invitation/{secret}"
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        ui.label(explanation).classes("or-strong")
        ui.label(link).classes("or-mono or-link-secret")
        ui.label(_("It is not shown again.")).classes("or-faint or-small")
        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Copy"), "o_content_copy", lambda: ui.clipboard.write(link))
            primary_button(_("Close"), on_click=dialog.close)
    dialog.open()
