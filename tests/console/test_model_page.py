"""The page of a model in a real browser: training as it happens, evaluation, replay, logs, and what may go wrong."""

import io
import re
import shutil
import zipfile

import pytest
from playwright.sync_api import expect

from openracer import locations
from openracer.models.description import TrainingDescription, merge
from openracer.models.evaluations import read_evaluations
from openracer.models.library import create_model, own_model
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest

CAMERA_OF = "img.st-camera"
STARTING_MS = 240_000
"""A first run compiles the simulator."""


@pytest.fixture
def untrained(console_home, tiny_training, language):
    """A model that the console has never trained; many short iterations lie before it."""
    changes = {"name": f"watched-{language}", "stop": {"iterations": 5000}}
    folder = create_model(TrainingDescription.from_values(merge(tiny_training, changes)))
    yield folder
    shutil.rmtree(folder.path, ignore_errors=True)


@pytest.fixture
def trained(console_home, tiny_training, train_here):
    """A model with two iterations and an evaluation of two trials; made once for all tests."""
    name = "seasoned"
    if not (locations.models_folder() / name).is_dir():
        folder = create_model(TrainingDescription.from_values(merge(tiny_training, {"name": name})))
        train_here(folder)
        evaluate(folder, EvaluationRequest(trials=2))
    return own_model(name)


def number_of(locator, attribute):
    return int(locator.get_attribute(attribute) or 0)


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_training_is_started_watched_and_stopped(page, words, untrained):
    page.goto(f"/models/{untrained.name}")
    expect(page.get_by_text(words("Nothing has been driven yet."))).to_be_visible()
    page.get_by_role("button", name=words("Start training")).click()
    expect(page.locator(".or-chip")).to_have_text(words("In training"), timeout=STARTING_MS)
    canvas, graph = page.locator(".st-canvas"), page.locator(".rg-canvas")
    expect(canvas).to_have_attribute("data-step", re.compile(r"\d"), timeout=STARTING_MS)
    expect(graph).to_have_attribute("data-points", re.compile("[1-9]"))
    step, points = number_of(canvas, "data-step"), number_of(graph, "data-points")
    page.wait_for_function(
        """([step, points]) => Number(document.querySelector('.st-canvas').dataset.step) > step
            && Number(document.querySelector('.rg-canvas').dataset.points) > points""",
        arg=[step, points],
    )
    # The newest episode plays in front, with what its camera sees and what the policy would do there.
    expect(page.locator(".st-title")).to_contain_text(re.compile(r"\d"))
    expect(page.locator(CAMERA_OF)).to_have_attribute("src", re.compile("^data:image/jpeg"))
    expect(page.locator(".st-choices li").first).to_contain_text("%")
    # A car as it drives this moment.
    page.get_by_label(words("Which car to follow")).select_option("2")
    expect(page.locator(".st-fact").nth(2)).to_contain_text(words("Steps"))
    page.get_by_role("button", name=words("Stop training")).click()
    expect(page.get_by_role("button", name=words("Train further"))).to_be_visible(timeout=30_000)
    expect(page.locator(".or-chip")).to_have_text(words("Ready"))


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_an_evaluation_is_asked_for_driven_and_replayed(page, words, trained):
    page.goto(f"/models/{trained.name}?tab=evaluation")
    earlier = page.locator(".or-evaluations tbody tr")
    expect(earlier.first).to_be_visible()
    count = earlier.count()
    page.get_by_label(words("Trials"), exact=True).fill("3")
    page.get_by_label(words("Resets allowed")).fill("2")
    page.get_by_role("button", name=words("Start evaluation")).click()
    expect(earlier).to_have_count(count + 1, timeout=STARTING_MS)
    results = page.locator(".or-table tbody tr")
    expect(results).to_have_count(3)
    expect(results.first).to_contain_text(re.compile(r"\d\d:\d\d\.\d\d\d"))
    page.locator(".st-canvas").scroll_into_view_if_needed()  # nothing is drawn where nobody sees it
    clock = page.locator(".st-clock")
    expect(clock).to_contain_text("/")
    before = clock.inner_text()
    page.wait_for_function("before => document.querySelector('.st-clock').textContent !== before", arg=before)
    # Paused, the arrow keys and the time line move it.
    page.get_by_role("button", name=words("Pause"), exact=True).click()
    line = page.get_by_role("slider", name=words("Time line"))
    line.press("Home")
    expect(clock).to_have_text(re.compile(r"^0:00\.0"))
    line.press("ArrowRight")
    expect(clock).to_have_text(re.compile(r"^0:01\.0"))
    box = line.bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 10)
    page.wait_for_function(
        """() => { const line = document.querySelector('.st-line');
            return Math.abs(line.ariaValueNow / line.ariaValueMax - 0.5) < 0.02; }"""
    )
    # Another trial as a ghost, then the view from behind.
    page.get_by_label(words("Race against")).click()
    page.get_by_role("option", name=words("Trial {number} of this evaluation").format(number=2)).click()
    line.press("Home")
    expect(page.locator(".st-facts")).to_contain_text(words("Against the ghost"))
    page.get_by_role("button", name=words("From behind the car")).click()
    expect(page.locator(CAMERA_OF)).to_have_attribute("src", re.compile("^data:image/jpeg"))


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_an_earlier_evaluation_is_replayed_and_its_logs_are_taken_away(page, words, trained):
    page.goto(f"/models/{trained.name}?tab=evaluation")
    page.locator(".or-evaluations tbody tr").last.click()
    expect(page.locator(".or-table tbody tr")).to_have_count(2)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=words("Download logs")).click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert archive.testzip() is None
        names = [name.rpartition("/")[2] for name in archive.namelist()]
    assert {"0-iteration.csv", "evaluation.json"} <= set(names)


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_the_logs_of_the_training_are_an_archive(page, trained):
    answer = page.request.get(f"/watch/{trained.name}/logs")
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        names = {name.removeprefix(f"{trained.name}/") for name in archive.namelist()}
    assert {
        "reward_function.py",
        "metrics/TrainingMetrics.json",
        "training-simtrace/0-iteration.csv",
    } <= names


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_wrong_number_is_told_at_its_field_and_nothing_is_lost(page, words, trained):
    evaluations = len(read_evaluations(trained))
    page.goto(f"/models/{trained.name}?tab=evaluation")
    trials, resets = (
        page.get_by_label(words("Trials"), exact=True),
        page.get_by_label(words("Resets allowed")),
    )
    resets.fill("7")
    for wrong in ("0", "101", "1.5", ""):
        trials.fill(wrong)
        page.get_by_role("button", name=words("Start evaluation")).click()
        message = words("Give a whole number from {low} to {high}.").format(low=1, high=100)
        expect(page.get_by_text(message)).to_be_visible()
        expect(trials).to_have_value(wrong)
    expect(resets).to_have_value("7")
    expect(page.locator(".or-chip")).to_have_text(words("Ready"))
    assert len(read_evaluations(trained)) == evaluations


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_a_model_that_is_deleted_while_it_is_watched_leaves_a_way_back(page, words, untrained):
    page.goto(f"/models/{untrained.name}")
    expect(page.get_by_role("button", name=words("Start training"))).to_be_visible()
    shutil.rmtree(untrained.path)
    expect(page.get_by_text(words("This model is not there"))).to_be_visible()
    page.get_by_role("button", name=words("All models")).click()
    page.wait_for_url("**/models")


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_two_browsers_see_the_same(page, words, trained, browser, console):
    other = browser.new_page(base_url=console.url)
    for tab in (page, other):
        tab.goto(f"/models/{trained.name}")
    for tab in (page, other):
        expect(tab.locator(".rg-canvas")).to_have_attribute("data-points", "2")
        expect(tab.locator(".or-episodes tbody tr").first).to_be_visible()
    other.close()


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_a_reward_function_that_holds_html_is_shown_as_text(page, console_home, tiny_training):
    source = "def reward_function(params):\n    '''\n```\n\n<img src=x onerror=alert(1)>\n```\n'''\n    return 1.0\n"
    changes = {
        "name": "with-html",
        "reward": "mine.py",
        "reward_source": source,
        "description": "<b>bold</b>",
    }
    create_model(TrainingDescription.from_values(merge(tiny_training, changes)))
    page.goto("/models/with-html")
    expect(page.locator(".or-code")).to_have_text(source)
    expect(page.locator(".or-lead")).to_have_text("<b>bold</b>")
    expect(page.locator("img[src=x]")).to_have_count(0)


@pytest.mark.parametrize("tab", ["training", "evaluation"])
def test_a_phone_scrolls_down_only(phone_page, trained, tab):
    phone_page.goto(f"/models/{trained.name}?tab={tab}")
    expect(phone_page.locator(".st-canvas").first).to_be_visible()
    assert phone_page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("language", ["ko"], indirect=True)
@pytest.mark.parametrize("name", ["no-such-model", ".hidden", "%EB%AA%A8%EB%8D%B8"])
def test_a_model_that_never_was_is_told(page, words, name):
    page.goto(f"/models/{name}")
    expect(page.get_by_text(words("This model is not there"))).to_be_visible()
