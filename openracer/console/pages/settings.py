"""Language, theme, and where the data lie."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/settings")
    def _page() -> None:
        with frame(_("Settings"), active="settings"):
            page_heading(_("Settings"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
