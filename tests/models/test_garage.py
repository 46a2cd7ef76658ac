"""The garage: vehicles are kept as files, and nobody's change is lost unseen."""

import pytest
import yaml

from openracer import locations
from openracer.models.description import TrainingDescription
from openracer.models.garage import (
    COLOURS,
    ORIGINAL,
    Vehicle,
    VehicleError,
    VehicleNotFoundError,
    add_vehicle,
    change_vehicle,
    delete_vehicle,
    find_vehicle,
    vehicles,
)


def test_there_is_always_the_original_and_it_stays_as_it_is():
    assert vehicles() == [ORIGINAL]
    assert ORIGINAL.name == "The Original DeepRacer"
    for change in (
        lambda: delete_vehicle(ORIGINAL.name),
        lambda: change_vehicle(ORIGINAL, Vehicle(name="Mine")),
        lambda: add_vehicle(Vehicle(name="the original deepracer")),
    ):
        with pytest.raises(VehicleError, match=r"cannot be changed|already"):
            change()
    assert vehicles() == [ORIGINAL]


def test_a_vehicle_comes_back_from_its_file_as_it_was():
    mine = Vehicle(
        name="번개 1호 (test)",
        neural_network="DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        generation="v4",
        colour="Purple",
    )
    add_vehicle(mine)
    assert find_vehicle("번개 1호 (test)") == mine
    (file,) = locations.garage_folder().iterdir()
    assert file.name == "번개 1호 (test).yaml"
    assert yaml.safe_load(file.read_text("utf-8"))["colour"] == "Purple"


def test_a_vehicle_can_be_renamed_and_deleted():
    add_vehicle(Vehicle(name="First"))
    change_vehicle(Vehicle(name="First"), Vehicle(name="Second", colour="Red"))
    assert vehicles() == [ORIGINAL, Vehicle(name="Second", colour="Red")]
    change_vehicle(Vehicle(name="Second", colour="Red"), Vehicle(name="SECOND", colour="Red"))
    assert [vehicle.name for vehicle in vehicles()] == [ORIGINAL.name, "SECOND"]
    assert delete_vehicle("SECOND") == Vehicle(name="SECOND", colour="Red")
    assert vehicles() == [ORIGINAL]
    with pytest.raises(VehicleNotFoundError, match="no vehicle 'SECOND'"):
        delete_vehicle("SECOND")


def test_a_change_made_elsewhere_meanwhile_is_not_overwritten():
    seen = Vehicle(name="Shared")
    add_vehicle(seen)
    change_vehicle(seen, Vehicle(name="Shared", colour="Blue"))
    with pytest.raises(VehicleError, match="changed in another window"):
        change_vehicle(seen, Vehicle(name="Shared", colour="Red"))
    assert find_vehicle("Shared").colour == "Blue"
    delete_vehicle("Shared")
    with pytest.raises(VehicleNotFoundError):
        change_vehicle(seen, Vehicle(name="Shared", colour="Red"))


@pytest.mark.parametrize("name", ["", "   ", "../evil", ".hidden", "a/b", "x" * 65, "new\nline", "nul\0"])
def test_a_name_that_cannot_be_a_files_is_refused_with_a_sentence(name):
    with pytest.raises(VehicleError, match="name"):
        Vehicle.from_values({"name": name})


def test_two_vehicles_cannot_have_one_name():
    add_vehicle(Vehicle(name="Twin"))
    with pytest.raises(VehicleError, match="already"):
        add_vehicle(Vehicle(name="twin"))


def test_a_file_that_is_no_vehicle_does_not_hide_the_others():
    add_vehicle(Vehicle(name="Good"))
    (locations.garage_folder() / "Broken.yaml").write_text("colour: [")
    (locations.garage_folder() / "Strange.yaml").write_text("colour: Plaid")
    assert [vehicle.name for vehicle in vehicles()] == [ORIGINAL.name, "Good"]


def test_every_choice_is_one_that_a_training_takes():
    for field, key in (("neural_network", "neural_network"), ("generation", "vehicle")):
        assert Vehicle.model_fields[field].annotation == TrainingDescription.model_fields[key].annotation
    assert Vehicle.model_json_schema()["properties"]["colour"]["enum"] == list(COLOURS)
