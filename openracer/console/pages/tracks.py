"""The catalogue of tracks: cards, each track's facts and race line, import and deletion."""

from urllib.parse import quote

from nicegui import ui

from openracer.analysis.drives import track_shape
from openracer.console.assets import asset
from openracer.console.components import (
    card,
    confirm,
    empty_state,
    error_toast,
    fact_list,
    in_thread,
    lap_time,
    page_heading,
    plain_button,
    primary_button,
    track_svg,
)
from openracer.console.layout import frame
from openracer.console.module_view import ModuleView
from openracer.console.race_lines import FASTEST_MPS, VEHICLE, is_known, race_line
from openracer.console.track_cards import TrackCards, difficulty_meter
from openracer.console.track_import import open_import
from openracer.language import gettext as _
from openracer.models.summary import models_on
from openracer.models.track_use import TrackInUseError, check_unused, delete_track
from openracer.tracks import catalogue
from openracer.tracks.facts import direction_words, facts, radius_words, width_words
from openracer.tracks.track import Track


def register() -> None:
    """Define the page's routes."""

    @ui.page("/tracks")
    def _catalogue() -> None:
        with frame(_("Tracks"), active="tracks"):
            with page_heading(
                _("Tracks"), _("Where cars learn and race. Add your own, from a file or by drawing.")
            ):
                plain_button(_("Import"), icon="o_upload_file", on_click=open_import)
                primary_button(_("Draw a track"), icon="o_draw").props("href=/tracks/new")
            TrackCards(link=lambda name: f"/tracks/{quote(name)}")

    @ui.page("/tracks/{name}")
    def _track(name: str, reverse: bool = False) -> None:
        with frame(_("Tracks"), active="tracks"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("create.css")}">')
            try:
                track = catalogue.find(name[:200], reverse)
            except (ValueError, OSError) as error:
                page_heading(_("Tracks"))
                with empty_state("o_search_off", _("There is no such track"), str(error)):
                    primary_button(_("All tracks")).props("href=/tracks")
                return
            _TrackPage(track)


class _TrackPage:
    """One track."""

    def __init__(self, track: Track) -> None:
        self._track = track
        self._facts = facts(track)
        with page_heading(track.title, _(track.description) if track.description else ""):
            self._buttons()
        with ui.element("div").classes("tp-split"):
            with card():
                self._picture = ui.element("div").classes("tp-picture")
                with self._picture:
                    track_svg(track)
                self._line_part = ui.element("div").classes("tp-line")
                with self._line_part:
                    self._offer_line()
            with ui.element("div").classes("or-stack"):
                with card(_("Facts")):
                    self._figures()
                self._models()

    def _buttons(self) -> None:
        name = quote(self._track.name)
        plain_button(_("Drive it yourself"), icon="o_sports_esports").props(
            f"href=/drive?track={name}{'&reverse=true' if self._track.is_reversed else ''}"
        )
        turned = "" if self._track.is_reversed else "?reverse=true"
        plain_button(_("The other way round"), icon="o_swap_calls").props(f"href=/tracks/{name}{turned}")
        if self._facts["source"] == "imported":
            if catalogue.drawing_of(self._track.name) is not None:
                plain_button(_("Edit"), icon="o_edit").props(f"href=/tracks/new?edit={name}")
            plain_button(_("Delete"), icon="o_delete", on_click=self._delete)

    def _figures(self) -> None:
        figures = self._facts
        fact_list(
            [
                (_("Name in files"), figures["name"]),
                (_("Length"), f"{figures['length_m']:.2f} m"),
                (_("Width"), width_words(figures)),
                (_("Tightest radius"), radius_words(figures["tightest_radius_m"])),
                (_("Direction"), direction_words(figures["direction"])),
                (_("Waypoints"), str(figures["waypoints"])),
                (_("Source"), _("imported") if figures["source"] == "imported" else _("built-in")),
            ]
        )
        ui.element("hr").classes("or-divider")
        ui.html(difficulty_meter(figures["difficulty"]), sanitize=False)

    def _models(self) -> None:
        names = models_on(self._track.name)
        if not names:
            return
        with card(_("Models trained here")), ui.element("div").classes("or-line"):
            for name in names[:20]:
                ui.link(name, f"/models/{quote(name)}")

    def _offer_line(self) -> None:
        ui.label(
            _(
                "The race line is the fastest way around that the limits of the car allow. Finding it takes a while."
            )
        ).classes("or-muted or-small")
        button = plain_button(_("Show the race line"), icon="o_timeline", on_click=self._show_line)
        if is_known(self._track):
            ui.timer(0.05, self._show_line, once=True)
            button.set_visibility(False)

    async def _show_line(self) -> None:
        self._line_part.clear()
        with self._line_part, ui.element("div").classes("or-line"):
            ui.spinner(size="1.5em")
            ui.label(_("Looking for the fastest line …")).classes("or-muted")
        try:
            line = await race_line(self._track)
        except ValueError as error:
            with self._line_part:
                error_toast(error)
            return
        self._line_part.clear()
        self._picture.clear()
        with self._picture:
            options = {"shape": track_shape(self._track), **line, "words": {"picture": _("Race line")}}
            ModuleView("race_line.js", options).classes("tp-canvas")
        with self._line_part:
            ui.label(
                _("Race line of vehicle {vehicle}, at most {speed:g} m/s").format(
                    vehicle=VEHICLE, speed=FASTEST_MPS
                )
            ).classes("or-muted or-small")
            ui.label(lap_time(line["lap_time"])).classes("tp-time")

    async def _delete(self) -> None:
        try:
            check_unused(self._track.name, self._track.title)
        except TrackInUseError as error:
            error_toast(error)
            return
        sure = await confirm(
            _("Delete {track}?").format(track=self._track.title),
            _("The track is taken out of your catalogue. This cannot be taken back."),
            _("Delete"),
        )
        if not sure:
            return
        try:
            await in_thread(delete_track, self._track.name)
        except (ValueError, OSError) as error:
            error_toast(error)
        else:
            ui.navigate.to("/tracks")
