"""The analysis of a model in a real browser: figures, the iterations they are of, and the report."""

import re

import pytest
from playwright.sync_api import expect

from openracer import locations
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import create_model, own_model

FIGURE = ".or-plot .main-svg"
DRAWN_MS = 120_000


@pytest.fixture
def analysed(console_home, tiny_training, train_here):
    """A model with three iterations; made once for all tests."""
    name = "analysed"
    if not (locations.models_folder() / name).is_dir():
        changes = {"name": name, "stop": {"iterations": 3}}
        train_here(create_model(TrainingDescription.from_values(merge(tiny_training, changes))))
    return own_model(name)


def choose(page, words, figure):
    page.get_by_label(words("Figure"), exact=True).click()
    page.locator(".q-menu .q-item").filter(has_text=words(figure)).click()


def test_figures_are_chosen_and_narrowed_to_some_iterations(page, words, analysed):
    page.goto(f"/models/{analysed.name}")
    page.get_by_role("tab", name=words("Analysis")).click()
    expect(page.locator(FIGURE).first).to_be_visible(timeout=DRAWN_MS)
    expect(page.locator(".or-plot .gtitle")).to_have_text(words("Training progress"))
    choose(page, words, "Where episodes ended")
    expect(page.locator(".or-plot .gtitle")).to_have_text(words("Where episodes ended"), timeout=DRAWN_MS)
    whole = words("Iterations {first} to {last}").format(first=0, last=2)
    iterations = page.locator(".or-analysis__range")
    expect(iterations).to_contain_text(whole)
    box = iterations.locator(".q-range").bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    expect(iterations).not_to_contain_text(whole)
    expect(page.locator(FIGURE).first).to_be_visible(timeout=DRAWN_MS)


def test_episodes_are_chosen_for_their_paths(page, words, analysed):
    page.goto(f"/models/{analysed.name}?tab=analysis")
    expect(page.locator(FIGURE).first).to_be_visible(timeout=DRAWN_MS)
    expect(page.locator(".or-analysis__episodes")).to_be_hidden()
    choose(page, words, "Paths, coloured by the speed driven")
    expect(page.locator(".or-plot .legend .traces")).to_have_count(5, timeout=DRAWN_MS)
    page.locator(".or-analysis__episodes").click()
    page.get_by_role("option").first.click()
    expect(page.locator(".or-plot .legend .traces")).to_have_count(4, timeout=DRAWN_MS)


def test_tables_are_chosen(page, words, analysed):
    page.goto(f"/models/{analysed.name}?tab=analysis")
    table = page.locator(".or-analysis-table")
    for name, head in (("Times through the sections", "median, s"), ("By iteration", "spread of the reward")):
        page.get_by_label(words("Table"), exact=True).click()
        page.get_by_role("option", name=words(name), exact=True).click()
        expect(table.locator("thead")).to_contain_text(words(head), timeout=DRAWN_MS)
    expect(table.locator("tbody tr")).to_have_count(3)


def test_a_phone_scrolls_down_only(phone_page, analysed):
    phone_page.goto(f"/models/{analysed.name}?tab=analysis")
    expect(phone_page.locator(FIGURE).first).to_be_visible(timeout=DRAWN_MS)
    assert phone_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_report_is_one_file_to_take_away(page, words, analysed):
    page.goto(f"/models/{analysed.name}?tab=analysis")
    with page.expect_download(timeout=DRAWN_MS) as download:
        page.get_by_role("button", name=words("Report")).click()
    assert download.value.suggested_filename == "analysed-report.html"
    text = download.value.path().read_text(encoding="utf-8")
    assert words("Reward over the track") in text
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.https?://", text)


def test_a_model_that_never_drove_says_what_to_do(page, words, console_home, tiny_training, language):
    folder = create_model(
        TrainingDescription.from_values(merge(tiny_training, {"name": f"blank-{language}"}))
    )
    page.goto(f"/models/{folder.name}?tab=analysis")
    expect(page.get_by_text(words("Nothing to analyse yet"))).to_be_visible()
