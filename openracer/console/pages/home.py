"""The first page: what this is, one button to a first car, what runs, what came last."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/")
    def _page() -> None:
        with frame(_("Home"), active="home"):
            page_heading(_("Home"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
