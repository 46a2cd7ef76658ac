"""Driving a car by hand."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/drive")
    def _page() -> None:
        with frame(_("Drive it yourself"), active="drive"):
            page_heading(_("Drive it yourself"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
