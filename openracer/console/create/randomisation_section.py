"""Domain randomisation in the wizard: off, two strengths, or every setting on its own."""

from collections.abc import Callable

from nicegui import ui

from openracer.console.components import card
from openracer.console.create.form import Form, number_field
from openracer.language import gettext as _
from openracer.models.description import merge
from openracer.models.randomisation import NAMED, OFF, randomisation_values


def build(form: Form, rebuild: Callable[[], None]) -> None:
    """Show the section; ``rebuild`` shows the step anew."""
    with ui.element("section").classes("or-section"), card(_("Randomisation")):
        ui.label(
            _(
                "Worlds, cameras and cars differ from episode to episode while the model trains, so that it learns to "
                "drive where not everything is as in the simulator. It learns more slowly then. Evaluations drive "
                "without."
            )
        ).classes("or-muted")
        values = _values(form)
        chosen = next((name for name, named in NAMED.items() if named == values), "own")
        words = names() | ({"own": _("Own settings")} if chosen == "own" else {})

        def choose(name: str) -> None:
            if name in NAMED:
                form.change(dict(NAMED[name]), "randomisation")
                rebuild()

        ui.radio(words, value=chosen, on_change=lambda event: choose(event.value)).props("inline")
        if chosen != "off":
            with ui.element("div").classes("cf-grid"):
                for name, (label, help_text) in fields().items():
                    number_field(form, ("randomisation", name), label, help_text)


def _values(form: Form) -> dict[str, object]:
    """All settings as they count now."""
    given = form.draft.value("randomisation")
    return dict(randomisation_values(given) if isinstance(given, str) else merge(OFF, given))


def names() -> dict[str, str]:
    """The named settings for people."""
    return {"off": _("Off"), "light": _("Light"), "real_car": _("For the physical car")}


def fields() -> dict[str, tuple[str, str]]:
    """Label and help of every setting."""
    return {
        "colours": (
            _("Colours"),
            _("Share of a random colour in every colour of the world, boxes and cars."),
        ),
        "brightness": (_("Brightness"), _("0.3: from 30 % darker to 30 % brighter.")),
        "camera_height": (_("Camera height (m)"), _("Up to so much higher or lower.")),
        "camera_pitch": (_("Camera pitch (degrees)"), _("Tilted by up to so much.")),
        "field_of_view": (_("Field of view (degrees)"), _("Wider or narrower by up to so much.")),
        "speed_gain": (_("Speed"), _("0.1: the car is up to 10 % slower or faster than told.")),
        "steering_gain": (_("Steering"), _("0.1: the wheels turn up to 10 % less or more than told.")),
        "command_delay": (_("Delay (s)"), _("Commands act later by up to so much.")),
        "blur": (_("Blur (pixels)"), _("The picture is blurred by up to so much.")),
        "noise": (_("Noise (grey levels)"), _("Every pixel is wrong by up to about so much.")),
        "car_resize": (
            _("The car's resizing"),
            _(
                "Share of episodes whose picture is made smaller as in the physical car: sharper, with jagged edges."
            ),
        ),
    }
