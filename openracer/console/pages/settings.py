"""Language, theme, and where the data lie."""

from datetime import UTC, datetime

from nicegui import ui

from openracer import __version__, language, locations
from openracer.console.components import (
    card,
    confirm,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    success_toast,
)
from openracer.console.layout import choice, frame
from openracer.console.visitor import LANGUAGE_COOKIE, LANGUAGE_NAMES, THEME_COOKIE, theme_of
from openracer.console.wording import date_words, size_words
from openracer.language import gettext as _
from openracer.models.trash import DiscardedModel, discarded_models, empty_trash, restore_model
from openracer.service.identity import is_shared
from openracer.service.storage import Storage, used_storage


def register() -> None:
    """Define the page's routes."""

    @ui.page("/settings")
    def _page() -> None:
        with frame(_("Settings"), active="settings"):
            page_heading(_("Settings"), _("How the console looks, and where it keeps what is yours."))
            with ui.element("div").classes("or-grid or-grid--2"):
                with card(_("Language")):
                    _languages()
                with card(_("Theme")):
                    _themes()
                with card(_("Your data")):
                    _Data()
                with card(_("Trash")):
                    _Trash()
            ui.label(_("OpenRacer {version}").format(version=__version__)).classes(
                "or-faint or-small or-section"
            )


def _languages() -> None:
    choice(LANGUAGE_COOKIE, LANGUAGE_NAMES, language.current_language(), _("Language"))
    ui.label(_("Without a choice here, the browser's language counts.")).classes("or-faint or-small or-below")


def _themes() -> None:
    names = {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")}
    choice(THEME_COOKIE, names, theme_of(ui.context.client.request.cookies), _("Theme"))
    ui.label(_("The choice is kept in this browser.")).classes("or-faint or-small or-below")


class _Data:
    """Where the data lie, and how much room they take; added up after the page is there."""

    def __init__(self) -> None:
        with ui.element("dl").classes("or-facts"):
            if not is_shared():  # where the server keeps them is nobody's business there
                with ui.element("dt"):
                    ui.label(_("Folder"))
                with ui.element("dd"):
                    ui.label(str(locations.data_folder())).classes("or-mono")
            self._labels = {
                name: self._fact(title)
                for name, title in (
                    ("models", _("Models")),
                    ("rest", _("Tracks, vehicles and the rest")),
                    ("trash", _("Trash")),
                    ("free", _("Free on the disk")),
                )
            }
        ui.timer(0.1, self._measure, once=True)

    def _fact(self, title: str) -> ui.label:
        with ui.element("dt"):
            ui.label(title)
        with ui.element("dd"):
            return ui.label("…").classes("or-number")

    async def _measure(self) -> None:
        storage: Storage = await in_thread(used_storage)
        for name, label in self._labels.items():
            label.set_text(size_words(getattr(storage, name)))


class _Trash:
    """Deleted models that can still be had back."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("or-stack")
        self._show()

    def _show(self) -> None:
        self._place.clear()
        models = discarded_models()
        with self._place:
            if not models:
                ui.label(_("The trash is empty. Deleted models stay in it for 30 days.")).classes("or-muted")
                return
            with (
                ui.element("div").classes("or-tablebox"),
                ui.element("table").classes("or-table"),
                ui.element("tbody"),
            ):
                for model in models:
                    self._row(model)
            with ui.element("div"):
                plain_button(_("Empty the trash"), "o_delete_forever", self._empty)

    def _row(self, model: DiscardedModel) -> None:
        with ui.element("tr"):
            with ui.element("td"):
                ui.label(model.name).classes("or-strong")
            with ui.element("td").classes("or-muted or-nowrap"):
                ui.label(date_words(datetime.fromtimestamp(model.time, UTC)))
            with ui.element("td").classes("is-number"):
                plain_button(_("Restore"), on_click=lambda: self._restore(model))

    def _restore(self, model: DiscardedModel) -> None:
        try:
            restore_model(model)
        except (ValueError, OSError) as error:
            error_toast(error)
        else:
            success_toast(_("{name} is back.").format(name=model.name))
        self._show()

    async def _empty(self) -> None:
        sure = await confirm(
            _("Empty the trash?"), _("The models in it are deleted for good."), _("Empty the trash")
        )
        if sure:
            await in_thread(empty_trash)
            self._show()
