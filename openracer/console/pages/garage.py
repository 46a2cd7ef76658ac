"""The user's vehicles: built, edited, deleted."""

from typing import Any

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    confirm,
    error_message,
    error_toast,
    fact_list,
    heading,
    page_heading,
    plain_button,
    primary_button,
    success_toast,
    undo_toast,
)
from openracer.console.layout import frame
from openracer.console.pictures import vehicle_picture
from openracer.console.wording import (
    colour_words,
    generation_words,
    network_explanation,
    network_words,
    sensor_words,
)
from openracer.language import gettext as _
from openracer.models.garage import (
    COLOURS,
    ORIGINAL,
    Colour,
    Vehicle,
    add_vehicle,
    change_vehicle,
    delete_vehicle,
    vehicles,
)
from openracer.models.network_names import NETWORKS
from openracer.simulation.sensors import CAMERAS, LIDARS

_SENSORS = [(camera.name, *lidar) for camera in CAMERAS for lidar in ((), *((kind.name,) for kind in LIDARS))]
"""Every combination that a car can have."""
_GENERATIONS = ("v4", "v5", "v6")


def register() -> None:
    """Define the page's routes."""

    @ui.page("/garage")
    def _page() -> None:
        with frame(_("Your garage"), active="garage"):
            ui.add_head_html(f'<link rel="stylesheet" href="{asset("garage.css")}">')
            with page_heading(
                _("Your garage"),
                _(
                    "A vehicle is what a model drives: what it sees with, the network that decides, and its looks."
                ),
            ):
                primary_button(_("Build new vehicle"), "add", lambda: _edit(None, grid))
            grid = ui.element("div").classes("or-grid")
            _show(grid)


def _show(grid: ui.element) -> None:
    grid.clear()
    with grid:
        for vehicle in vehicles():
            _card(vehicle, grid)


def _card(vehicle: Vehicle, grid: ui.element) -> None:
    with ui.element("article").classes("or-card or-card--flush or-vehicle"):
        ui.html(vehicle_picture(COLOURS[vehicle.colour]), sanitize=False).classes("or-vehicle__picture")
        with ui.element("div").classes("or-vehicle__words"):
            heading(2, vehicle.name)
            fact_list(
                [
                    (_("Sensors"), ", ".join(map(sensor_words, vehicle.sensors))),
                    (_("Network"), network_words(vehicle.neural_network)),
                    (_("Handling"), generation_words(vehicle.generation)),
                    (_("Colour"), colour_words(vehicle.colour)),
                ]
            )
            with ui.element("div").classes("or-line or-vehicle__buttons"):
                if vehicle == ORIGINAL:
                    ui.label(_("Everybody has this one.")).classes("or-faint or-small")
                else:
                    plain_button(_("Edit"), "o_edit", lambda: _edit(vehicle, grid))
                    plain_button(_("Delete"), "o_delete", lambda: _delete(vehicle, grid))


async def _edit(before: Vehicle | None, grid: ui.element) -> None:
    """The dialog that builds a vehicle, or changes one."""
    start = before or ORIGINAL
    values: dict[str, Any] = start.model_dump() | {"name": before.name if before else ""}
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        heading(2, _("Edit vehicle") if before else _("Build new vehicle"))
        picture = ui.html(vehicle_picture(COLOURS[start.colour]), sanitize=False).classes(
            "or-vehicle__picture"
        )
        name = ui.input(_("Name"), validation=_problem_of_name).props("outlined autofocus maxlength=64")
        name.bind_value(values, "name")
        with ui.element("div"):
            heading(3, _("Colour"))
            _colours(values, picture)
        with ui.element("div"):
            heading(3, _("Network"))
            network = ui.radio({key: network_words(key) for key in NETWORKS}).bind_value(
                values, "neural_network"
            )
            network.props("inline")
            note = ui.label().classes("or-faint or-small")
            note.bind_text_from(values, "neural_network", network_explanation)
        ui.select({key: generation_words(key) for key in _GENERATIONS}, label=_("Handling")).props(
            "outlined"
        ).bind_value(values, "generation")
        ui.select({key: " · ".join(map(sensor_words, key)) for key in _SENSORS}, label=_("Sensors")).props(
            "outlined"
        ).bind_value(values, "sensors")
        ui.label(
            _("Cameras see grey pictures of 160 × 120 pixels. A LIDAR sees boxes and cars, not the road.")
        ).classes("or-muted or-small")
        problem = ui.element("div")

        def keep() -> None:
            problem.clear()
            if not name.validate():
                return
            try:
                after = Vehicle.from_values(values)
                if before is None:
                    add_vehicle(after)
                else:
                    change_vehicle(before, after)
            except (ValueError, OSError) as error:
                with problem:
                    error_message(str(error))
                return
            dialog.submit(after.name)

        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=lambda: dialog.submit(None))
            primary_button(_("Save"), on_click=keep)
    try:
        kept = await dialog
    finally:
        dialog.delete()
    _show(grid)
    if kept:
        success_toast(_("{name} stands in the garage.").format(name=kept))


def _colours(values: dict[str, Any], picture: ui.html) -> None:
    """Swatches of which one is chosen."""
    swatches: dict[str, ui.element] = {}

    def choose(colour: Colour) -> None:
        values["colour"] = colour
        picture.set_content(vehicle_picture(COLOURS[colour]))
        for name, swatch in swatches.items():
            swatch.classes(
                add="is-chosen" if name == colour else "", remove="" if name == colour else "is-chosen"
            )
            swatch.props(f'aria-pressed="{str(name == colour).lower()}"')

    with ui.element("div").classes("or-swatches").props(f'role="group" aria-label="{_("Colour")}"'):
        for name, code in COLOURS.items():
            swatches[name] = ui.element("button").classes("or-swatch").style(f"background: {code}")
            swatches[name].props(f'type="button" aria-label="{colour_words(name)}"')
            swatches[name].on("click", lambda name=name: choose(name))
            with swatches[name]:
                ui.tooltip(colour_words(name))
    choose(values["colour"])


def _problem_of_name(name: str) -> str | None:
    try:
        Vehicle.from_values({"name": name or ""})
    except ValueError as error:
        return str(error)
    return None


async def _delete(vehicle: Vehicle, grid: ui.element) -> None:
    sure = await confirm(
        _("Delete {name}?").format(name=vehicle.name),
        _("Models that were made with it stay as they are."),
        _("Delete"),
    )
    if not sure:
        return
    try:
        deleted = delete_vehicle(vehicle.name)
    except (ValueError, OSError) as error:
        error_toast(error)
    else:
        undo_toast(_("{name} is deleted.").format(name=vehicle.name), lambda: _restore(deleted, grid))
    _show(grid)


def _restore(vehicle: Vehicle, grid: ui.element) -> None:
    try:
        add_vehicle(vehicle)
    except (ValueError, OSError) as error:
        error_toast(error)
    _show(grid)
