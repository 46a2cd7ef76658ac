"""Fourth step: a vehicle of the garage."""

from collections.abc import Callable

from nicegui import ui

from openracer.console.components import card, plain_button
from openracer.console.create import randomisation_section
from openracer.console.create.form import Form, choice_field
from openracer.console.wording import network_words, sensor_words
from openracer.language import gettext as _
from openracer.models.garage import COLOURS, ORIGINAL, Vehicle, vehicles
from openracer.models.network_names import NETWORKS

PLACES = ("sensor", "neural_network", "vehicle", "colour", "randomisation")

_CAR = (
    '<svg viewBox="0 0 120 64" aria-hidden="true"><ellipse cx="60" cy="54" rx="50" ry="6" fill="#000" opacity=".12"/>'
    '<path d="M12 40q2-12 16-14l16-3 12-10q3-2 8-2h14q6 0 9 4l9 10q12 2 13 12v6H12z" fill="{colour}"/>'
    '<path d="M52 23l9-8q2-2 6-2h8q4 0 6 3l5 7z" fill="#22303f" opacity=".85"/>'
    '<rect x="88" y="8" width="20" height="4" rx="2" fill="{colour}"/>'
    '<path d="M92 12h3v10h-3zM101 12h3v10h-3z" fill="#555"/>'
    '<circle cx="33" cy="44" r="11" fill="#1c1e23"/><circle cx="33" cy="44" r="4.5" fill="#8b95a1"/>'
    '<circle cx="89" cy="44" r="11" fill="#1c1e23"/><circle cx="89" cy="44" r="4.5" fill="#8b95a1"/></svg>'
)


def build(form: Form, rebuild: Callable[[], None]) -> None:
    """Show the step; ``rebuild`` shows it anew."""
    with card(_("Vehicle")):
        with ui.element("div").classes("vs-grid").props(f'role="radiogroup" aria-label="{_("Vehicle")}"'):
            for vehicle in vehicles():
                _card(form, vehicle, rebuild)
        with ui.element("div").classes("cf-actions"):
            plain_button(_("Build another in your garage"), icon="o_garage").props("href=/garage")
    with ui.element("section").classes("or-section"), card(_("What it learns with")):
        if form.draft.source:
            ui.label(_("A clone keeps the network and the sensors of its source.")).classes("or-muted")
        with ui.element("div").classes("cf-grid"):
            network = choice_field(
                form,
                ("neural_network",),
                _("Network"),
                _(
                    "Turns a camera picture into an action. DeepRacer's is twenty times the work of the small one."
                ),
                {name: network_words(name) for name in NETWORKS},
            )
            if form.draft.source:
                network.props("disable")
            choice_field(
                form,
                ("vehicle",),
                _("Generation"),
                _("How the simulated car handles: that of simulator version 4, 5 or 6."),
                {"v4": "v4", "v5": "v5", "v6": "v6"},
            )
    randomisation_section.build(form, rebuild)


def _chosen(form: Form) -> str:
    return form.draft.vehicle or ORIGINAL.name


def _card(form: Form, vehicle: Vehicle, rebuild: Callable[[], None]) -> None:
    chosen = vehicle.name == _chosen(form)
    button = ui.element("button").classes("cf-choice vs-card" + (" is-chosen" if chosen else ""))
    button.props(f'type="button" role="radio" aria-checked="{str(chosen).lower()}"')

    def choose() -> None:
        form.draft.vehicle = vehicle.name
        form.draft.set(vehicle.generation, "vehicle")
        form.draft.set(vehicle.colour, "colour")
        if not form.draft.source:
            if vehicle == ORIGINAL:
                form.draft.unset("neural_network")
                form.draft.unset("sensor")
            else:
                form.draft.set(vehicle.neural_network, "neural_network")
                form.draft.set(list(vehicle.sensors), "sensor")
        form.check()
        rebuild()

    button.on("click", choose)
    with button:
        ui.html(_CAR.format(colour=COLOURS[vehicle.colour]), sanitize=False).classes("vs-car")
        with ui.element("div"):
            ui.label(vehicle.name).classes("cf-choice__title")
            words = [*map(sensor_words, vehicle.sensors), vehicle.generation]
            if vehicle != ORIGINAL:
                words.insert(1, network_words(vehicle.neural_network))
            ui.label(" · ".join(words)).classes("cf-help")
