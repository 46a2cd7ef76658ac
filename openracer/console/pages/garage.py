"""The user's vehicles."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/garage")
    def _page() -> None:
        with frame(_("Your garage"), active="garage"):
            page_heading(_("Your garage"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
