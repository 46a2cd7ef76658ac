"""The table of the user's models: search, compare, clone, delete."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models")
    def _page() -> None:
        with frame(_("Your models"), active="models"):
            page_heading(_("Your models"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
