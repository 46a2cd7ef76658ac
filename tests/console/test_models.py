"""The table of models in a browser: search, compare, clone, delete and back."""

import pytest
from playwright.sync_api import expect

from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model, list_models


@pytest.fixture
def trained(console_home, tiny_training, train_here, language) -> ModelFolder:
    folder = create_model(
        TrainingDescription.from_values(
            {**tiny_training, "name": f"tiny-{language}", "description": "a note"}
        )
    )
    train_here(folder)
    return folder


def names() -> list[str]:
    return [folder.name for folder in list_models()]


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_models_are_found_compared_cloned_deleted_and_had_back(page, words, trained, language):
    other = f"untrained-{language}"
    create_model(TrainingDescription.from_values({"name": other, "track": "Bowtie_track"}))
    page.goto("/models")
    row, other_row = (page.get_by_role("row").filter(has_text=name) for name in (trained.name, other))
    expect(row).to_contain_text("a note")
    expect(row).to_contain_text(words("Ready"))
    expect(other_row).to_contain_text(words("Not trained"))

    page.get_by_label(words("Search")).fill("bowtie")
    expect(row).to_have_count(0)
    expect(other_row).to_be_visible()
    page.get_by_label(words("Search")).fill("")

    for chosen in (row, other_row):
        chosen.get_by_role("checkbox").click()
    page.get_by_role("button", name=words("Compare")).click()
    expect(page.get_by_role("row").filter(has_text="Bowtie_track")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="beta_entropy_end")).to_have_count(0)

    page.goto("/models")
    row.get_by_role("button", name=words("Clone")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words("Name of the new model")).fill(trained.name)
    dialog.get_by_role("switch").click()
    dialog.get_by_role("button", name=words("Clone"), exact=True).click()
    expect(dialog.get_by_role("alert").first).to_be_visible()
    dialog.get_by_label(words("Name of the new model")).fill(f"copy-{language}")
    dialog.get_by_role("button", name=words("Clone"), exact=True).click()
    page.wait_for_url(f"**/models/copy-{language}*")
    assert f"copy-{language}" in names()

    page.goto("/models")
    copy = page.get_by_role("row").filter(has_text=f"copy-{language}")
    copy.get_by_role("button", name=words("Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name=words("Delete")).click()
    expect(copy).to_have_count(0)
    assert f"copy-{language}" not in names()
    page.get_by_role("button", name=words("Undo")).click()
    expect(copy).to_be_visible()
    assert f"copy-{language}" in names()


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_a_model_that_goes_while_the_table_is_open_leaves_it_and_says_why(page, words, console_home):
    folder = create_model(TrainingDescription.from_values({"name": "fleeting"}))
    page.goto("/models")
    row = page.get_by_role("row").filter(has_text="fleeting")
    row.get_by_role("button", name="Delete").click()
    folder.path.rename(folder.path.with_name(".gone"))
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("There is no model 'fleeting'")).to_be_visible()
    expect(row).to_have_count(0)
