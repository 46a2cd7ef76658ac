"""What a model sees, as a part of its analysis: computed when it is asked for, beside the event loop."""

from typing import Any

import plotly.graph_objects as go
from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from openracer.analysis.figures.sight import certainty, close_look, contact_sheet
from openracer.analysis.loading import Recording
from openracer.analysis.sight.look import CLOSELY, Sight, drive_pictures, see
from openracer.analysis.sight.report import explanation, opinion_maps, sight_report, verdicts
from openracer.console.components import card, error_message, in_thread, plain_button, primary_button
from openracer.console.plot import show_figure
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder


class SightCard:
    """The card: a checkpoint to choose, and what it sees on the model's best drive.

    Args:
        folder: of the model, which has a checkpoint.
        recording: of its drives.
    """

    def __init__(self, folder: ModelFolder, recording: Recording):
        self._folder = folder
        self._recording = recording
        self._share = 0.0
        numbers = [name.iteration for name in reversed(folder.checkpoints.names())]
        choices = {"best": _("the best checkpoint")} | {
            str(number): _("iteration {number}").format(number=number) for number in numbers
        }
        with card(_("What the model sees")):
            ui.label(
                _("Its choices along its best drive, and the places in the camera's frames that decide them.")
            ).classes("or-muted")
            with ui.element("div").classes("or-analysis__choices"):
                self._checkpoint = (
                    ui.select(choices, value="best", label=_("Checkpoint"))
                    .props("outlined dense options-dense")
                    .classes("or-analysis__choice")
                )
                self._button = primary_button(_("Look through its eyes"), "o_visibility", self._look)
            self._body = ui.element("div").classes("or-stack")

    async def _look(self) -> None:
        self._share = 0.0
        self._button.disable()
        self._body.clear()
        with self._body, ui.element("div").props('role="status"'):
            bar = ui.linear_progress(0.0, show_value=False).props(f'aria-label="{_("Looking …")}"')
            timer = ui.timer(0.3, lambda: bar.set_value(self._share))
        try:
            pictures = await in_thread(drive_pictures, self._recording)
            sight = await in_thread(
                see, self._folder, self._checkpoint.value, pictures, CLOSELY, self._advance
            )
            drawn = await in_thread(_drawn, sight)
        except (ValueError, OSError) as error:
            self._body.clear()
            with self._body:
                error_message(str(error))
            return
        finally:
            timer.cancel()
            self._button.enable()
        self._body.clear()
        with self._body:
            self._show(sight, drawn)

    def _advance(self, share: float) -> None:
        self._share = share

    def _show(self, sight: Sight, drawn: list[go.Figure]) -> None:
        with ui.element("ul").classes("or-findings"):
            for sentence in verdicts(sight):
                with ui.element("li").classes("or-finding--note"):
                    ui.label(sentence)
        for figure in drawn:
            with ui.element("div").classes("or-analysis__figure"):
                show_figure(figure)
        ui.label(explanation()).classes("or-muted or-small")
        with ui.element("div").classes("or-analysis__choices"):
            names = {number: look.name for number, look in enumerate(sight.looks)}
            ui.select(
                names, value=0, label=_("Frame"), on_change=lambda change: self._draw(sight, change)
            ).props("outlined dense options-dense").classes("or-analysis__choice")
            plain_button(_("Report"), "o_download", lambda: self._download(sight)).tooltip(
                _("One interactive HTML file with all figures.")
            )
        self._place = ui.element("div").classes("or-analysis__figure")
        with self._place:
            show_figure(close_look(sight.looks[0]))

    async def _draw(self, sight: Sight, change: ValueChangeEventArguments[Any]) -> None:
        figure = await in_thread(close_look, sight.looks[change.value])
        self._place.clear()
        with self._place:
            show_figure(figure)

    async def _download(self, sight: Sight) -> None:
        text = await in_thread(sight_report, self._folder.name, sight)
        ui.download.content(text, f"{self._folder.name}-sight.html", "text/html")


def _drawn(sight: Sight) -> list[go.Figure]:
    return [contact_sheet(sight.looks), certainty(sight.answers), *opinion_maps(sight).values()]
