"""Reinforcement learning in five short steps, ending in a first car."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/get-started")
    def _page() -> None:
        with frame(_("Get started"), active="get_started"):
            page_heading(_("Get started"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
