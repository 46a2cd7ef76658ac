"""What stands at addresses that lead nowhere, and where a page failed."""

import logging

from nicegui import app, ui

from openracer.console.components import empty_state
from openracer.console.layout import frame
from openracer.language import gettext as _


def register() -> None:
    """Define the pages for errors; called last, because the route takes every address."""

    @ui.page("/{path:path}")
    def _nothing_here() -> None:
        ui.context.client.status_code = 404
        with (
            frame(_("Not found"), active=""),
            empty_state(
                "o_wrong_location",
                _("There is nothing at this address"),
                _("The page may have moved, or what it showed was deleted."),
            ),
        ):
            ui.link(_("Go to the first page"), "/")

    @app.on_page_exception
    def _failed(error: Exception) -> None:
        logging.getLogger(__name__).error("a page failed", exc_info=error)
        with (
            frame(_("Something went wrong"), active=""),
            empty_state(
                "o_report",
                _("This page could not be shown"),
                _(
                    "That is a fault of ours, and the console's output has the details. Nothing of yours is lost."
                ),
            ),
        ):
            ui.link(_("Go to the first page"), "/")
