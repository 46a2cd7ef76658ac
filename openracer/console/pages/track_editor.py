"""Drawing a track: points to drag, the road between them, and whether a car can drive it."""

from typing import Any
from urllib.parse import quote

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    empty_state,
    error_toast,
    fact_list,
    in_thread,
    page_heading,
    plain_button,
    primary_button,
)
from openracer.console.layout import frame
from openracer.console.module_view import ModuleView
from openracer.console.track_import import refuse_taken, world_name
from openracer.language import gettext as _
from openracer.models.summary import models_on
from openracer.tracks import catalogue, drawn
from openracer.tracks.drawn import Drawing
from openracer.tracks.facts import direction_words, facts, radius_words


def register() -> None:
    """Define the page's routes."""

    @ui.page("/tracks/new")
    def _page(edit: str = "") -> None:
        with frame(_("Draw a track"), active="tracks"):
            for sheet in ("create.css", "watch.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(sheet)}">')
            drawing = catalogue.drawing_of(edit) if edit else drawn.example()
            if drawing is None:
                page_heading(_("Draw a track"))
                with empty_state(
                    "o_search_off",
                    _("This track was not drawn here"),
                    _("Only tracks that were drawn can be edited."),
                ):
                    primary_button(_("All tracks")).props("href=/tracks")
                return
            _Editor(drawing, edit)


class _Editor:
    """The canvas on one side, name, width and findings on the other."""

    def __init__(self, drawing: Drawing, edited: str) -> None:
        self._drawing = drawing
        self._edited = edited
        page_heading(
            _("Edit {track}").format(track=catalogue.find(edited).title) if edited else _("Draw a track"),
            _("Drag the points. Click the road for a new one. The red point is the start."),
        )
        with ui.element("div").classes("te-split"):
            with card().classes("or-card--flush"):
                self._canvas = ModuleView("track_editor.js", self._options()).classes("te-box")
                self._canvas.on("change", self._changed)
            with ui.element("div").classes("or-stack"):
                with card(_("Track")), ui.element("div").classes("or-stack"):
                    self._fields()
                with card(_("Check")):
                    self._findings = (
                        ui.element("div").classes("or-stack or-stack--tight").props('aria-live="polite"')
                    )

    def _options(self) -> dict[str, Any]:
        return {
            "points": self._drawing.points.tolist(),
            "width": self._drawing.width,
            "most": drawn.MOST_POINTS,
            "words": {
                "canvas": _("The drawing: n chooses the next point, arrow keys move it, Delete removes it"),
                "undo": _("Undo"),
                "redo": _("Redo"),
                "remove": _("Remove the chosen point"),
                "start": _("Start at the chosen point"),
                "turn": _("Drive the other way round"),
                "zoom_in": _("Zoom in"),
                "zoom_out": _("Zoom out"),
                "fit": _("Show everything"),
            },
        }

    def _fields(self) -> None:
        title = catalogue.find(self._edited).title if self._edited else ""
        self._title = ui.input(_("Name"), value=title).props("outlined dense maxlength=100")
        with ui.element("div").classes("rs-slider"):
            ui.label(_("Width of the road"))
            self._width_words = ui.label(f"{self._drawing.width:.2f} m").classes("or-number")
            self._width = ui.slider(
                min=drawn.NARROWEST_M,
                max=2.0,
                step=0.02,
                value=self._drawing.width,
                on_change=lambda event: self._canvas.run("setWidth", float(event.value)),
            ).props(f'dense aria-label="{_("Width of the road")}"')
            self._width.classes("rs-slider__bar")
        self._problem = ui.label().classes("cf-problem")
        self._problem.set_visibility(False)
        with ui.element("div").classes("or-line"):
            self._save_button = primary_button(_("Save"), icon="o_save", on_click=self._save)
            plain_button(_("Cancel")).props(
                f"href=/tracks{'/' + quote(self._edited) if self._edited else ''}"
            )

    def _changed(self, event: Any) -> None:
        """Check the drawing and show its road."""
        try:
            self._drawing = Drawing.of(event.args["points"], event.args["width"])
        except (KeyError, TypeError, ValueError) as error:
            error_toast(ValueError(str(error)))
            return
        if abs(float(self._width.value or 0.0) - self._drawing.width) > 1e-6:
            self._width.set_value(self._drawing.width)  # undone
        self._width_words.set_text(f"{self._drawing.width:.2f} m")
        faults = self._drawing.faults()
        shape = None
        if len(self._drawing.points) >= drawn.FEWEST_POINTS:
            rows = self._drawing.rows().round(3)
            shape = {
                "centre": rows[:, :2].tolist(),
                "inner": rows[:, 2:4].tolist(),
                "outer": rows[:, 4:].tolist(),
            }
        told = [{"message": fault.message, "place": fault.place} for fault in faults]
        self._canvas.run("show", {"number": event.args["number"], "shape": shape, "faults": told})
        self._save_button.set_enabled(not faults)
        self._show_findings([fault.message for fault in faults])

    def _show_findings(self, problems: list[str]) -> None:
        self._findings.clear()
        with self._findings:
            for problem in problems:
                with ui.element("div").classes("or-error"):
                    ui.icon("o_error_outline")
                    ui.label(problem[:1].upper() + problem[1:])
            if problems:
                return
            with ui.element("div").classes("rs-good"):
                ui.icon("o_check_circle")
                ui.label(_("A car can drive this track."))
            figures = facts(self._drawing.track("drawing", ""))
            fact_list(
                [
                    (_("Length"), f"{figures['length_m']:.2f} m"),
                    (_("Tightest radius"), radius_words(figures["tightest_radius_m"])),
                    (_("Direction"), direction_words(figures["direction"])),
                    (_("Difficulty"), f"{figures['difficulty']:.0f} / 100"),
                ]
            )

    async def _save(self) -> None:
        title = str(self._title.value or "").strip()
        name = self._edited or world_name(title)
        try:
            if not title:
                raise ValueError(_("a track needs a name"))
            if not self._edited:
                refuse_taken(name)
            elif models := models_on(name):
                raise ValueError(
                    _("models train on this track ({models}); save it under another name").format(
                        models=", ".join(models[:5])
                    )
                )
            await in_thread(catalogue.add_drawn, self._drawing, name, title)
        except (ValueError, OSError) as error:
            self._problem.set_text(str(error))
            self._problem.set_visibility(True)
            # An edited track that models use can still be kept, as another one.
            self._edited = "" if self._edited and title else self._edited
        else:
            ui.navigate.to(f"/tracks/{quote(name)}")
