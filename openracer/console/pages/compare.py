"""Two to four models side by side."""

from nicegui import ui

from openracer.console.components import empty_state, page_heading
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the page's routes."""

    @ui.page("/models/compare")
    def _page() -> None:
        with frame(_("Compare models"), active="models"):
            page_heading(_("Compare models"))
            empty_state("o_construction", _("Not here yet"), _("This page is being built."))
