"""The garage and the settings in a browser."""

import pytest
from playwright.sync_api import expect

from openracer.models.description import TrainingDescription
from openracer.models.garage import Vehicle, add_vehicle, find_vehicle, vehicles
from openracer.models.library import create_model, list_models
from openracer.models.trash import discard_model


def test_a_vehicle_is_built_and_deleted_and_the_deletion_taken_back(page, words, console_home, language):
    name = f"Lightning {language}"
    page.goto("/garage")
    page.get_by_role("button", name=words("Build new vehicle")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words("Name")).fill("../bad")
    dialog.get_by_role("button", name=words("Save")).click()
    expect(dialog.get_by_role("alert").first).to_be_visible()
    dialog.get_by_label(words("Name")).fill(name)
    dialog.get_by_label(words("Purple"), exact=True).click()
    dialog.get_by_role("button", name=words("Save")).click()
    card = page.get_by_role("article").filter(has_text=name)
    expect(card).to_contain_text(words("Purple"))
    assert find_vehicle(name).colour == "Purple"
    card.get_by_role("button", name=words("Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name=words("Delete")).click()
    expect(card).to_have_count(0)
    assert name not in [vehicle.name for vehicle in vehicles()]
    page.get_by_role("button", name=words("Undo")).click()
    expect(card).to_be_visible()


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_change_from_another_window_is_not_overwritten(page, words, console_home, language):
    name = f"Shared {language}"
    add_vehicle(Vehicle(name=name))
    page.goto("/garage")
    card = page.get_by_role("article").filter(has_text=name)
    card.get_by_role("button", name=words("Edit")).click()
    (console_home / "garage" / f"{name}.yaml").write_text("colour: Red\n")
    page.get_by_role("dialog").get_by_role("button", name=words("Save")).click()
    sentence = words("{name} has been changed in another window; open it again to see how it is now")
    expect(page.get_by_role("alert").filter(has_text=sentence.format(name=name))).to_be_visible()
    assert find_vehicle(name).colour == "Red"


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_settings_give_a_deleted_model_back(page, words, console_home, language):
    name = f"discarded-{language}"
    discard_model(create_model(TrainingDescription.from_values({"name": name})))
    page.goto("/settings")
    expect(page.get_by_text(str(console_home))).to_be_visible()
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name=words("Restore")).click()
    expect(row).to_have_count(0)
    assert name in [folder.name for folder in list_models()]
