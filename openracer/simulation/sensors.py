"""What a car can be equipped with: the sensors, the shapes of what they see, and which go together."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from openracer.language import gettext as _
from openracer.simulation.lens import FRAME_HEIGHT, FRAME_WIDTH


class Sensor(NamedTuple):
    """One sensor of a car.

    Attributes:
        name: DeepRacer's, as in ``model_metadata.json``.
        shape: of what it sees at one step.
        dtype: of the numbers in it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: type[np.generic]


# Names, sizes and clipping: aws-deepracer-community/deepracer-simapp, ``markov/sensors``.
FRONT_FACING_CAMERA = Sensor("FRONT_FACING_CAMERA", (FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
"""Grey frames."""
STEREO_CAMERAS = Sensor("STEREO_CAMERAS", (FRAME_HEIGHT, FRAME_WIDTH, 2), np.uint8)
"""Grey frames of two eyes, the left one first."""
LIDAR = Sensor("LIDAR", (64,), np.float32)
"""Distances to what is beside and behind the car, m, cut off at 1 m."""
SECTOR_LIDAR = Sensor("SECTOR_LIDAR", (8,), np.float32)
"""1 in each of eight sectors in which something is nearer than 0.5 m, else 0."""
DISCRETIZED_SECTOR_LIDAR = Sensor("DISCRETIZED_SECTOR_LIDAR", (64,), np.float32)
"""For each of eight sectors, a 1 at the place of the nearest thing's distance among eight steps of 0.25 m."""

CAMERAS = (FRONT_FACING_CAMERA, STEREO_CAMERAS)
LIDARS = (LIDAR, SECTOR_LIDAR, DISCRETIZED_SECTOR_LIDAR)
SENSORS: dict[str, Sensor] = {sensor.name: sensor for sensor in (*CAMERAS, *LIDARS)}
DEFAULT = (FRONT_FACING_CAMERA,)

Buffers = dict[str, np.ndarray[Any, Any]]
"""One ``(K, *shape)`` array for each sensor, by its name."""


_ALIASES = {
    "CAMERA": FRONT_FACING_CAMERA.name,
    "OBSERVATION": FRONT_FACING_CAMERA.name,
    "LEFT_CAMERA": FRONT_FACING_CAMERA.name,
    "STEREO": STEREO_CAMERAS.name,
}
"""Shorter names for the command line, and the front camera's others on AWS."""


def canonical_name(name: str) -> str:
    """DeepRacer's name of a sensor, which may be written shorter and in any case."""
    upper = name.strip().upper()
    return _ALIASES.get(upper, upper)


def find_sensors(names: Sequence[str]) -> tuple[Sensor, ...]:
    """The sensors of those names, the camera first: one kind of camera, with or without one kind of LIDAR.

    Raises:
        ValueError: one is unknown, or they exclude each other; one sentence.
    """
    for name in names:
        if name not in SENSORS:
            message = _("the sensor {name!r} is unknown; it must be one of {known}")
            raise ValueError(message.format(name=name, known=", ".join(SENSORS)))
    for kinds, wanted in (
        (CAMERAS, _("a car has exactly one of the cameras {known}, but {given} are given")),
        (LIDARS, _("a car has at most one of {known}, but {given} are given")),
    ):
        given = [name for name in names if SENSORS[name] in kinds]
        if len(given) > 1:
            known = ", ".join(sensor.name for sensor in kinds)
            raise ValueError(wanted.format(known=known, given=", ".join(given)))
    if not any(SENSORS[name] in CAMERAS for name in names):
        message = _("a car needs a camera to drive by; add one of {known} to its sensors")
        raise ValueError(message.format(known=", ".join(sensor.name for sensor in CAMERAS)))
    return tuple(sorted((SENSORS[name] for name in names), key=LIDARS.__contains__))


def buffers_for(sensors: Sequence[Sensor], cars: int) -> Buffers:
    """Memory for what some cars see at one step: ``(cars, *shape)`` for each sensor, by its name."""
    return {sensor.name: np.zeros((cars, *sensor.shape), sensor.dtype) for sensor in sensors}
