"""Routes of the garage: vehicles, built, changed and deleted."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import WithJsonSchema

from openracer.models.garage import (
    Vehicle,
    add_vehicle,
    change_vehicle,
    delete_vehicle,
    find_vehicle,
    vehicles,
)

router = APIRouter(prefix="/garage", tags=["garage"])

VehicleValues = Annotated[dict[str, Any], WithJsonSchema(Vehicle.model_json_schema())]
"""Checked by :meth:`openracer.models.garage.Vehicle.from_values`, whose sentences are for people."""


@router.get("")
def list_vehicles() -> list[Vehicle]:
    """The original, and the user's own."""
    return vehicles()


@router.post("", status_code=201)
def build_vehicle(values: Annotated[VehicleValues, Body()]) -> Vehicle:
    """Put a new vehicle into the garage."""
    vehicle = Vehicle.from_values(values)
    add_vehicle(vehicle)
    return vehicle


@router.get("/{name}")
def get_vehicle(name: str) -> Vehicle:
    """One vehicle."""
    return find_vehicle(name)


@router.put("/{name}")
def modify_vehicle(name: str, values: Annotated[VehicleValues, Body()]) -> Vehicle:
    """Change a vehicle, perhaps its name too."""
    before, after = find_vehicle(name), Vehicle.from_values(values)
    change_vehicle(before, after)
    return after


@router.delete("/{name}", status_code=204)
def remove_vehicle(name: str) -> Response:
    """Take a vehicle out of the garage."""
    delete_vehicle(name)
    return Response(status_code=204)
