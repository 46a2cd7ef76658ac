"""The form of what everybody sees of a person: alias, country, colour of the helmet."""

from collections.abc import Callable

from nicegui import ui

from openracer.console.components import error_toast, primary_button, success_toast
from openracer.console.wording import avatar_words
from openracer.language import gettext as _
from openracer.service import current_people
from openracer.service.accounts import AVATARS, Person


class ProfileForm:
    """Fields with a button that keeps what is in them.

    Args:
        person: whose.
        after: called when something was kept.
    """

    def __init__(self, person: Person, after: Callable[[], object] | None = None):
        self._person, self._after = person, after
        with ui.element("div").classes("or-stack"):
            self._alias = ui.input(_("Alias"), value=person.alias).props("outlined dense maxlength=30")
            self._country = ui.input(_("Country, two letters such as KR"), value=person.country).props(
                "outlined dense maxlength=2"
            )
            colours = {name: avatar_words(name) for name in AVATARS}
            self._avatar = ui.select(colours, value=person.avatar, label=_("Helmet")).props("outlined dense")
            with ui.element("div"):
                primary_button(_("Save"), on_click=self._save)

    def _save(self) -> None:
        try:
            current_people().accounts.change_profile(
                self._person.id, self._alias.value or "", self._country.value or "", str(self._avatar.value)
            )
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        success_toast(_("Saved."))
        if self._after is not None:
            self._after()
