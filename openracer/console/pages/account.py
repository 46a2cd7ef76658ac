"""Who one is here: what others see, the password, and tokens for programs."""

from nicegui import ui

from openracer.api.gate import COOKIE
from openracer.console.components import (
    card,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    primary_button,
    success_toast,
)
from openracer.console.layout import frame
from openracer.console.profile_form import ProfileForm
from openracer.console.wording import date_words
from openracer.language import gettext as _
from openracer.service import current_people
from openracer.service.accounts import Person
from openracer.service.identity import current_person
from openracer.service.openid.settings import OpenIdSettings
from openracer.service.sessions import Token


def register() -> None:
    """Define the page's routes."""

    @ui.page("/account")
    def _page() -> None:
        with frame(_("Your account"), active="account"):
            page_heading(_("Your account"), _("What others see of you, and how you sign in."))
            person = current_people().accounts.person(current_person().id)
            with ui.element("div").classes("or-grid or-grid--2"):
                with card(_("Profile")):
                    ProfileForm(person)
                if current_people().accounts.has_password(person.id):
                    with card(_("Password")):
                        _Password(person)
                if (provider := current_people().openid) is not None:
                    with card(_("Account at {school}").format(school=provider.settings.name)):
                        _School(person, provider.settings)
                with card(_("Tokens for programs")):
                    _Tokens(person)


class _Password:
    def __init__(self, person: Person):
        self._person = person
        with ui.element("div").classes("or-stack"):
            self._old = ui.input(_("Password so far"), password=True).props(
                "outlined dense autocomplete=current-password"
            )
            self._new = ui.input(_("New password"), password=True).props(
                "outlined dense autocomplete=new-password"
            )
            ui.label(_("Every other browser is signed out.")).classes("or-faint or-small")
            with ui.element("div"):
                primary_button(_("Change the password"), on_click=self._change)

    async def _change(self) -> None:
        accounts, sessions = current_people().accounts, current_people().sessions
        known = await in_thread(accounts.check_password, self._person.name, self._old.value or "")
        if known is None:
            error_toast(_("the password so far is another one"))
            return
        secret = ui.context.client.request.cookies.get(COOKIE, "")
        try:
            await in_thread(accounts.set_password, self._person.id, self._new.value or "")
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        sessions.keep(secret, self._person)
        self._old.set_value("")
        self._new.set_value("")
        success_toast(_("The password is changed."))


class _School:
    """Whether one signs in with an account at a school."""

    def __init__(self, person: Person, settings: OpenIdSettings):
        self._person = person
        school = settings.name
        people = current_people()
        with ui.element("div").classes("or-stack"):
            if not people.openid_links.is_connected(person, settings.issuer):
                ui.label(_("You can sign in with your account at {school}, too.").format(school=school))
                with ui.element("div"):
                    button = plain_button(_("Connect it"), "o_link")
                    button.on("click", js_handler=_CONNECT)
            else:
                ui.label(_("You sign in with your account at {school}.").format(school=school))
                if people.accounts.has_password(person.id):
                    with ui.element("div"):
                        plain_button(_("Disconnect it"), "o_link_off", self._disconnect)

    def _disconnect(self) -> None:
        try:
            current_people().openid_links.disconnect(self._person)
        except (ValueError, OSError) as error:
            error_toast(error)
        else:
            ui.navigate.reload()


_CONNECT = (
    "() => fetch('/account/openid', {method: 'POST'}).then(answer => answer.json())"
    ".then(told => told.address ? location.assign(told.address) : alert(told.detail))"
)


class _Tokens:
    def __init__(self, person: Person):
        self._person = person
        self._place = ui.element("div").classes("or-stack")
        self._show()

    def _show(self, made: str = "") -> None:
        self._place.clear()
        tokens = current_people().sessions.tokens(self._person)
        with self._place:
            ui.label(
                _("A program sends one as Authorization: Bearer TOKEN, and may then do what you may.")
            ).classes("or-muted")
            if made:
                ui.label(_("Copy it now; it is not shown again:")).classes("or-strong")
                ui.label(made).classes("or-mono")
            if tokens:
                with (
                    ui.element("div").classes("or-tablebox"),
                    ui.element("table").classes("or-table"),
                    ui.element("tbody"),
                ):
                    for token in tokens:
                        self._row(token)
            title = ui.input(_("What is it for?")).props("outlined dense maxlength=60")
            with ui.element("div"):
                plain_button(_("Make a token"), "o_add", lambda: self._make(title.value or ""))

    def _row(self, token: Token) -> None:
        with ui.element("tr"):
            with ui.element("td"):
                ui.label(token.title).classes("or-strong")
            with ui.element("td").classes("or-muted or-nowrap"):
                ui.label(date_words(token.created))
            with ui.element("td").classes("is-number"):
                plain_button(_("Revoke"), on_click=lambda: self._revoke(token))

    def _make(self, title: str) -> None:
        try:
            made = current_people().sessions.make_token(self._person, title)
        except (ValueError, OSError) as error:
            error_toast(error)
        else:
            self._show(made)

    def _revoke(self, token: Token) -> None:
        current_people().sessions.revoke(self._person, token.key)
        self._show()
