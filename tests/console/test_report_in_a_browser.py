"""The report of a trained model as a reader sees it: opened from a file, without a console beside it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from openracer.analysis.loading import load
from openracer.analysis.report import report
from openracer.analysis.study import study_of
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model

SELECTED = """id => document.getElementById(id).data.filter(trace => trace.selectedpoints)
    .map(trace => trace.selectedpoints.length)"""


@pytest.fixture
def report_file(tiny_training, train_here, tmp_path: Path) -> Path:
    folder = create_model(TrainingDescription.from_values(tiny_training))
    train_here(folder)
    recording = load(folder.path)
    study, note = study_of(recording)
    path = tmp_path / "report.html"
    path.write_text(report(recording, study, note=note), encoding="utf-8")
    return path


def test_a_selection_on_the_map_lights_up_in_the_time_series(browser: Browser, report_file, watch_for_errors):
    assert report_file.stat().st_size < 10e6
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watch_for_errors(context)
    page = context.new_page()
    page.goto(report_file.as_uri())
    area = page.locator("#linked-map .nsewdrag").first
    expect(area).to_be_visible()
    area.scroll_into_view_if_needed()
    hint = page.locator("#linked-told").inner_text()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] - 5, steps=5)
    page.mouse.up()
    expect(page.locator("#linked-told")).not_to_have_text(hint)
    *_road, on_map = page.evaluate(SELECTED, "linked-map")
    assert on_map > 0
    assert page.evaluate(SELECTED, "linked-series") == [on_map] * 3
    context.close()
