"""What a model sees, in a real browser: asked for, shown, and another frame of it."""

import pytest
from playwright.sync_api import expect

from openracer import locations
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import create_model, own_model

LOOKED_MS = 180_000


@pytest.fixture
def seen(console_home, tiny_training, train_here):
    """A model that drove a little; made once for both languages."""
    name = "seen"
    if not (locations.models_folder() / name).is_dir():
        train_here(create_model(TrainingDescription.from_values(merge(tiny_training, {"name": name}))))
    return own_model(name)


def test_a_model_is_looked_through_and_its_frames_are_chosen(page, words, seen):
    page.goto(f"/models/{seen.name}?tab=analysis")
    look = page.get_by_role("button", name=words("Look through its eyes"))
    look.click(timeout=LOOKED_MS)
    expect(
        page.locator(".or-plot .gtitle").filter(has_text=words("What the model sees, and what it does then"))
    ).to_be_visible(timeout=LOOKED_MS)
    expect(page.locator(".or-findings").last.locator("li")).to_have_count(2)
    close = page.locator(".or-analysis__figure").last
    expect(close.locator("image").first).to_be_attached()
    before = close.locator(".gtitle").text_content()
    page.get_by_label(words("Frame"), exact=True).click()
    page.locator(".q-menu .q-item").nth(1).click()
    expect(close.locator(".gtitle")).not_to_have_text(before, timeout=LOOKED_MS)
    with page.expect_download(timeout=LOOKED_MS) as download:
        page.get_by_role("button", name=words("Report")).last.click()
    assert download.value.suggested_filename == "seen-sight.html"
