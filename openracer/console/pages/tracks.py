"""The catalogue of tracks, their import and their editor."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/tracks")
    def _page() -> None:
        with frame(_("Tracks"), active="tracks"):
            page_heading(_("Tracks"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
