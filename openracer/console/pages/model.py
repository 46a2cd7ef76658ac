"""One model: its training, its evaluations."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models/{name}")
    def _page(name: str) -> None:
        with frame(name, active="models"):
            page_heading(name)
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
