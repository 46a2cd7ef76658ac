"""The settings of domain randomisation, and the named ones that a user may begin with."""

import math
from typing import Any

from pydantic import BaseModel, ConfigDict

from openracer.language import gettext as _
from openracer.simulation.randomisation import Randomisation

OFF: dict[str, float] = {
    "colours": 0.0,
    "brightness": 0.0,
    "camera_height": 0.0,
    "camera_pitch": 0.0,
    "field_of_view": 0.0,
    "speed_gain": 0.0,
    "steering_gain": 0.0,
    "command_delay": 0.0,
    "blur": 0.0,
    "noise": 0.0,
    "car_resize": 0.0,
}

NAMED: dict[str, dict[str, float]] = {
    "off": OFF,
    # As much as one simulated car may differ from the next.
    "light": {
        "colours": 0.15,
        "brightness": 0.15,
        "camera_height": 0.004,
        "camera_pitch": 1.0,
        "field_of_view": 1.0,
        "speed_gain": 0.05,
        "steering_gain": 0.05,
        "command_delay": 0.02,
        "blur": 0.3,
        "noise": 2.0,
        "car_resize": 0.5,
    },
    # As much as a room with windows, a screwed-on camera and a battery that runs down.
    "real_car": {
        "colours": 0.4,
        "brightness": 0.35,
        "camera_height": 0.01,
        "camera_pitch": 2.5,
        "field_of_view": 3.0,
        "speed_gain": 0.15,
        "steering_gain": 0.1,
        "command_delay": 0.05,
        "blur": 0.6,
        "noise": 5.0,
        "car_resize": 0.5,
    },
}
"""What ``--randomise NAME`` stands for."""


class RandomisationSettings(BaseModel):
    """How much worlds, cameras and cars differ from episode to episode; all 0 is off.

    Attributes:
        colours: share of a random colour in each colour.
        brightness: gain of the picture, more or less than 1.
        camera_height: more or less, m.
        camera_pitch: more or less, degrees.
        field_of_view: more or less, degrees.
        speed_gain: more or less than 1.
        steering_gain: more or less than 1.
        command_delay: up to, s.
        blur: up to, pixels.
        noise: up to, grey levels.
        car_resize: share of episodes whose pictures are made smaller as on the physical car.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    colours: float
    brightness: float
    camera_height: float
    camera_pitch: float
    field_of_view: float
    speed_gain: float
    steering_gain: float
    command_delay: float
    blur: float
    noise: float
    car_resize: float

    @property
    def name(self) -> str:
        """Which of :data:`NAMED` these are; ``own`` if none."""
        values = self.model_dump()
        return next((name for name, named in NAMED.items() if named == values), "own")

    @property
    def in_si(self) -> Randomisation:
        """The same as the simulator takes it, angles in rad."""
        angles = {name: math.radians(getattr(self, name)) for name in ("camera_pitch", "field_of_view")}
        return Randomisation(**(self.model_dump() | angles))


def randomisation_values(text: str) -> dict[str, Any]:
    """The settings that a text stands for: a name, settings as in ``noise=4``, or both, with commas.

    Raises:
        ValueError: there is no such name or setting, or no number; one sentence.
    """
    values: dict[str, Any] = dict(OFF)
    for part in filter(None, map(str.strip, text.split(","))):
        name, is_setting, number = part.partition("=")
        if not is_setting and name in NAMED:
            values |= NAMED[name]
        elif is_setting and name in OFF:
            try:
                values[name] = float(number)
            except ValueError:
                message = _("{name} of the randomisation is {number!r}; it must be a number")
                raise ValueError(message.format(name=name, number=number)) from None
        else:
            message = _(
                "the randomisation {part!r} is unknown; it must be {names}, or a setting as in noise=4: {settings}"
            )
            raise ValueError(message.format(part=part, names=", ".join(NAMED), settings=", ".join(OFF)))
    return values
