"""The garage: the user's vehicles, each a YAML file in the data folder.

A vehicle is what DeepRacer's console calls one: sensors and network, which determine what a model can learn, and
looks, which do not.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, field_validator

from openracer import locations
from openracer.atomic import WriteError, write_text
from openracer.formats.documents import read_yaml_mapping
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.models.network_names import NeuralNetwork
from openracer.models.ranges import MAX_NAME
from openracer.models.sentences import sentence
from openracer.simulation.sensors import FRONT_FACING_CAMERA, find_sensors

Colour = Literal["Black", "Grey", "White", "Red", "Orange", "Yellow", "Green", "Blue", "Purple"]

COLOURS: dict[Colour, str] = {
    "Black": "#2a2f37",
    "Grey": "#8b95a1",
    "White": "#eef1f4",
    "Red": "#d5392f",
    "Orange": "#f0812a",
    "Yellow": "#f2bd2c",
    "Green": "#1d8a5c",
    "Blue": "#2868c8",
    "Purple": "#5c48d6",
}
"""Names of the body's colours, and how screens show them."""

_ALLOWED = re.compile(r"\w(?:[\w .()-]*[\w.()-])?")


class VehicleError(ValueError):
    """A vehicle cannot be kept as it is; the text is one sentence."""


class VehicleNotFoundError(FileNotFoundError):
    """There is no such vehicle."""


def _check_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise ValueError(_("a vehicle needs a name"))
    if len(name) > MAX_NAME:
        raise ValueError(
            _("the name has {count} characters; it must have 1 to {limit}").format(
                count=len(name), limit=MAX_NAME
            )
        )
    if not _ALLOWED.fullmatch(name):
        raise ValueError(
            _("the name {name!r} has other characters than letters, digits, spaces and . - _ ( )").format(
                name=name
            )
        )
    return name


class Vehicle(BaseModel):
    """One vehicle.

    Attributes:
        name: unlike all others, upper and lower case alike.
        sensors: what it sees with.
        neural_network: what decides; a name of ``model_metadata.json``.
        generation: of the simulated car, which determines how it handles.
        shell: the body.
        colour: of the body, one of :data:`COLOURS`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(_check_name)]
    sensors: tuple[str, ...] = (FRONT_FACING_CAMERA.name,)
    neural_network: NeuralNetwork = "FAST_CONVOLUTIONAL_NETWORK"
    generation: Literal["v4", "v5", "v6"] = "v5"
    shell: Literal["deepracer"] = "deepracer"
    colour: Colour = "Black"

    @field_validator("sensors")
    @classmethod
    def _find_sensors(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sensor.name for sensor in find_sensors(names))

    @classmethod
    def from_values(cls, values: dict[str, object], where: str = "") -> "Vehicle":
        """Check values as a user gives them.

        Args:
            values: by the names of the attributes.
            where: what to call their origin in errors, for example the file's name.

        Raises:
            VehicleError: something is wrong; one sentence.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise VehicleError(sentence(error, where, {(): tuple(cls.model_fields)})) from None


ORIGINAL = Vehicle(name="The Original DeepRacer")
"""The vehicle that everybody has; it cannot be changed or deleted."""


def vehicles() -> list[Vehicle]:
    """The original, and the user's own by name; files that are no vehicles are passed over."""
    own = []
    for path in locations.garage_folder().glob("[!.]*.yaml"):
        try:
            own.append(_read(path, path.stat().st_mtime_ns))
        except (VehicleError, FormatError, OSError):
            continue
    return [ORIGINAL, *sorted(own, key=lambda vehicle: vehicle.name.casefold())]


def find_vehicle(name: str) -> Vehicle:
    """The vehicle of a name.

    Raises:
        VehicleNotFoundError: there is none.
    """
    for vehicle in vehicles():
        if vehicle.name == name:
            return vehicle
    raise VehicleNotFoundError(_("there is no vehicle {name!r} in the garage").format(name=name[:MAX_NAME]))


def add_vehicle(vehicle: Vehicle) -> None:
    """Put a new vehicle into the garage.

    Raises:
        VehicleError: the name is taken.
        WriteError: it cannot be written.
    """
    _refuse_taken(vehicle.name)
    _write(vehicle)


def change_vehicle(before: Vehicle, after: Vehicle) -> None:
    """Replace a vehicle.

    Args:
        before: as whoever changes it saw it.
        after: as it shall be, perhaps under another name.

    Raises:
        VehicleError: it is the original, the other name is taken, or it is no longer as before.
        VehicleNotFoundError: it has been deleted.
        WriteError: it cannot be written.
    """
    _refuse_original(before)
    if find_vehicle(before.name) != before:
        raise VehicleError(
            _("{name} has been changed in another window; open it again to see how it is now").format(
                name=before.name
            )
        )
    if after.name.casefold() != before.name.casefold():
        _refuse_taken(after.name)
    _write(after)
    if _path(after.name) != _path(before.name):
        _path(before.name).unlink(missing_ok=True)


def delete_vehicle(name: str) -> Vehicle:
    """Take a vehicle out of the garage; models that were made with it stay as they are.

    Returns:
        The vehicle, so that it can be added again.

    Raises:
        VehicleError: it is the original.
        VehicleNotFoundError: there is none of that name.
        WriteError: the file cannot be deleted.
    """
    vehicle = find_vehicle(name)
    _refuse_original(vehicle)
    try:
        _path(name).unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(_path(name), error) from error
    return vehicle


def _path(name: str) -> Path:
    return locations.garage_folder() / f"{name}.yaml"


@lru_cache(maxsize=256)
def _read(path: Path, written: int) -> Vehicle:  # noqa: ARG001 (a file written anew is another one)
    return Vehicle.from_values({**read_yaml_mapping(path), "name": path.stem}, path.name)


def _write(vehicle: Vehicle) -> None:
    values = vehicle.model_dump(mode="json", exclude={"name"})
    write_text(_path(vehicle.name), yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


def _refuse_taken(name: str) -> None:
    if any(vehicle.name.casefold() == name.casefold() for vehicle in vehicles()):
        raise VehicleError(_("there is a vehicle {name!r} already; choose another name").format(name=name))


def _refuse_original(vehicle: Vehicle) -> None:
    if vehicle.name == ORIGINAL.name:
        raise VehicleError(_("{name} cannot be changed or deleted").format(name=vehicle.name))
