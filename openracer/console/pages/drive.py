"""Driving a car by hand: the track and the car, the wheel, a ghost to race against, and what was driven."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from nicegui import ui

from openracer.analysis.drives import track_shape
from openracer.analysis.ghosts import find_ghosts
from openracer.console.assets import asset
from openracer.console.components import (
    card,
    confirm,
    error_toast,
    heading,
    in_thread,
    lap_time,
    page_heading,
    plain_button,
)
from openracer.console.layout import frame
from openracer.console.module_view import ModuleView
from openracer.console.stage import drives_address, replay_words, stage_words
from openracer.language import gettext as _
from openracer.models.hand_drives import HandDrive, delete_drive, find_drive, hand_drives
from openracer.simulation.presets import PRESETS
from openracer.tracks import catalogue

DEFAULT_TRACK = "reinvent_base"
FASTEST_MPS = 4.0
_MOST_LISTED = 50


def register() -> None:
    """Define the page's routes."""

    @ui.page("/drive")
    def _page(track: str = DEFAULT_TRACK, reverse: bool = False) -> None:
        with frame(_("Drive it yourself"), active="drive"):
            for sheet in ("watch.css", "drive.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(sheet)}">')
            page_heading(
                _("Drive it yourself"),
                _("Feel what a reward function has to teach: the same car, the same rules, your hands."),
            )
            _DrivePage(track, reverse)


class _DrivePage:
    """The wheel and everything around it."""

    def __init__(self, track: str, reverse: bool) -> None:
        try:
            self._track = catalogue.find(track[:200], reverse)
        except (ValueError, OSError) as error:
            error_toast(error)
            self._track = catalogue.find(DEFAULT_TRACK)
        self._vehicle = "v5"
        self._ghosts: dict[str, dict[str, Any] | None] = {"": None}
        with card().classes("dp-choices"):
            self._choices()
        self._wheel = ModuleView("drive.js", self._options()).classes("dp-wheel")
        self._wheel.on("ended", self._ended)
        ui.label(
            _(
                "Arrow keys or W A S D, R to start again, V for another view; or a gamepad, or the buttons on a phone."
            )
        ).classes("or-faint or-small dp-help")
        with ui.element("section").classes("or-section"):
            heading(2, _("Your drives"))
            self._list = ui.element("div")
        self._show_drives()
        ui.timer(0.05, self._find_ghosts, once=True)

    def _choices(self) -> None:
        titles = {name: catalogue.find(name).title for name in catalogue.names()}
        ui.select(
            titles, value=self._track.name, label=_("Track"), on_change=lambda event: self._go(event.value)
        ).props("outlined dense options-dense").classes("dp-track")
        vehicle = ui.select({name: name for name in PRESETS}, value=self._vehicle, label=_("Car"))
        vehicle.classes("dp-car").props("outlined dense options-dense").on_value_change(
            lambda event: self._choose_vehicle(event.value)
        )
        with ui.element("div").classes("rs-slider dp-speed"):
            ui.label(_("Highest speed"))
            words = ui.label("2 m/s").classes("or-number")

            def limit(event: Any) -> None:
                words.set_text(f"{event.value:g} m/s")
                self._wheel.run("setFastest", float(event.value))

            ui.slider(min=0.5, max=FASTEST_MPS, step=0.1, value=2.0, on_change=limit).props(
                f'dense aria-label="{_("Highest speed")}"'
            ).classes("rs-slider__bar")
        self._ghost = ui.select({"": _("No ghost")}, value="", label=_("Race against")).props(
            "outlined dense options-dense"
        )
        self._ghost.on_value_change(
            lambda event: self._wheel.run("setGhost", self._ghosts.get(event.value or ""))
        )
        self._ghost.classes("dp-ghost")
        plain_button(_("Start again"), icon="o_replay", on_click=lambda: self._wheel.run("restart"))

    def _options(self) -> dict[str, Any]:
        return {
            "shape": track_shape(self._track),
            "session": self._session,
            "fastest": 2.0,
            "words": stage_words()
            | {
                "waiting": _("Getting the car ready …"),
                "ready": _("Press the throttle to start: ↑ or W"),
                "lost": _("The car is gone. Load the page again to drive on."),
                "no_ghost": _("This ghost cannot be read."),
                "penalty": _("Penalty"),
                "best": _("Best"),
                "lap": _("Lap complete: {time}. Press the throttle for another."),
                "over": _("This drive is over. Press the throttle for another."),
                "left": _("Steer left"),
                "right": _("Steer right"),
                "faster": _("Throttle"),
                "slower": _("Brake"),
            },
        }

    @property
    def _session(self) -> str:
        reverse = str(self._track.is_reversed).lower()
        return f"/drive/session?track={quote(self._track.name)}&reverse={reverse}&vehicle={self._vehicle}"

    def _go(self, track: str) -> None:
        ui.navigate.to(f"/drive?track={quote(track)}")

    def _choose_vehicle(self, vehicle: str) -> None:
        self._vehicle = vehicle
        self._ghost.set_value("")
        self._wheel.run("connect", self._session, None)

    async def _find_ghosts(self) -> None:
        track = self._track
        options = {"": _("No ghost")}
        own = [
            drive
            for drive in hand_drives()
            if (drive.track, drive.reverse) == (track.name, track.is_reversed)
        ]
        for drive in sorted(own, key=lambda drive: drive.lap_time_s or 1e9)[:10]:
            if drive.lap_time_s is not None:
                key = f"drive {drive.stamp}"
                options[key] = _("{time} · you").format(time=lap_time(drive.lap_time_s))
                self._ghosts[key] = {"address": f"/drive/traces/{drive.stamp}"}
        for ghost in await in_thread(find_ghosts, track.name, track.is_reversed):
            key = f"model {ghost.model} {ghost.stamp}"
            options[key] = f"{lap_time(ghost.best_s)} · {ghost.model}"
            self._ghosts[key] = {"address": drives_address(ghost.model, ghost.stamp)}
        self._ghost.set_options(options)

    async def _ended(self, event: Any) -> None:
        if problem := event.args.get("problem"):
            error_toast(str(problem))
        self._show_drives()
        await self._find_ghosts()

    def _show_drives(self) -> None:
        self._list.clear()
        drives = hand_drives()[:_MOST_LISTED]
        with self._list:
            if not drives:
                ui.label(
                    _("Every drive to its end is kept here, to watch it again or to race against it.")
                ).classes("or-muted")
                return
            with (
                ui.element("div").classes("or-card or-card--flush"),
                ui.element("div").classes("or-tablebox"),
                ui.element("table").classes("or-table"),
            ):
                with ui.element("thead"), ui.element("tr"):
                    for title in (_("Time"), _("Track"), _("Car"), _("Resets"), _("Driven"), ""):
                        with ui.element("th"):
                            ui.label(title)
                with ui.element("tbody"):
                    for drive in drives:
                        self._row(drive)

    def _row(self, drive: HandDrive) -> None:
        with ui.element("tr").props(f'data-drive="{drive.stamp}"'):
            for words in (
                lap_time(drive.lap_time_s),
                _track_title(drive),
                drive.vehicle,
                str(drive.resets),
                _when(drive.stamp),
            ):
                with ui.element("td"):
                    ui.label(words).classes("or-number")
            with ui.element("td").classes("dp-actions"):
                ui.button(icon="o_play_circle", on_click=lambda: self._replay(drive)).props(
                    f'flat round dense aria-label="{_("Watch")}"'
                )
                ui.button(icon="o_delete", on_click=lambda: self._delete(drive)).props(
                    f'flat round dense aria-label="{_("Delete")}"'
                )

    def _replay(self, drive: HandDrive) -> None:
        try:
            track = catalogue.find(find_drive(drive.stamp).track, drive.reverse)
        except (ValueError, OSError) as error:
            error_toast(error)
            return
        with ui.dialog() as dialog, ui.card().classes("or-dialog dp-replay"):
            heading(2, f"{_track_title(drive)} · {lap_time(drive.lap_time_s)}")
            options = {
                "drives": f"/drive/traces/{drive.stamp}",
                "shape": track_shape(track),
                "words": stage_words() | replay_words(),
            }
            ModuleView("replay.js", options)
            with ui.element("div").classes("or-dialog__actions"):
                plain_button(_("Close"), on_click=dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _delete(self, drive: HandDrive) -> None:
        if not await confirm(_("Delete this drive?"), _("This cannot be taken back."), _("Delete")):
            return
        try:
            await in_thread(delete_drive, drive.stamp)
        except (ValueError, OSError) as error:
            error_toast(error)
        self._show_drives()


def _track_title(drive: HandDrive) -> str:
    try:
        return catalogue.find(drive.track).title
    except (ValueError, OSError):
        return drive.track


def _when(stamp: str) -> str:
    try:
        return f"{datetime.strptime(stamp, '%Y%m%d%H%M%S').replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return stamp
