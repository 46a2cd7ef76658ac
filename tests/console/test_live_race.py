"""A live race in three browsers at once: the organiser's in Korean, a racer's in English, and a spectator's."""

import re

import pytest
import torch

from openracer import language
from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.runs.assembly import build_policy
from openracer.service.accounts import Accounts
from openracer.service.database import Database
from openracer.service.identity import acting_for
from tests.console.conftest import DESKTOP, LOCALES, PASSWORD, STEP_TIMEOUT_MS

korean = language._catalogue("ko").gettext

TRACK = "Straight_track"
"""Where a car comes to the end within three seconds by driving straight on."""


@pytest.fixture
def racer(shared_console, data_folder, monkeypatch):
    """Mina, whose model always does the first of its actions."""
    monkeypatch.setenv("OPENRACER_HOME", str(shared_console.home))
    database = Database(shared_console.home / "console")
    mina = Accounts(database).find("mina")
    database.close()
    description = TrainingDescription.from_values(
        {
            "name": "straight-on",
            "preset": "fast",
            "track": TRACK,
            "action_space": [{"steering_angle": angle, "speed": 4.0} for angle in (0.0, 10.0)],
        }
    )
    policy = build_policy(description, torch.float32)
    with acting_for(mina):
        folder = create_model(description)
        zeros = {f"policy.{name}": torch.zeros_like(value) for name, value in policy.state_dict().items()}
        folder.checkpoints.save(CheckpointName(1, 1), zeros)
    return mina


@pytest.fixture
def tab(browser, shared_console, watch_for_errors):
    """``tab(tag, path, name)`` is a page in a browser of its own, signed in if a name is given."""
    contexts = []

    def open_tab(tag, path, name=None):
        context = browser.new_context(
            base_url=shared_console.url, locale=LOCALES[tag], viewport=DESKTOP, timezone_id="Asia/Seoul"
        )
        context.set_default_timeout(STEP_TIMEOUT_MS)
        watch_for_errors(context)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        if name is not None:
            page.locator("#name").fill(name)
            page.locator("#password").fill(PASSWORD)
            page.locator("button[type=submit]").click()
        return page

    yield open_tab
    for context in contexts:
        context.close()


def test_organiser_racer_and_spectator_see_the_same_live_race(tab, racer):
    organiser = tab("ko", "/races/create", "jun")
    organiser.get_by_label(korean("Name"), exact=True).fill("금요일 LIVE")
    choose(organiser, korean("Format"), korean("LIVE: one after the other, before everybody's eyes"))
    organiser.get_by_label(korean("Track"), exact=True).fill("Straight")
    organiser.get_by_role("option", name=re.compile("Straight")).click()
    choose(organiser, korean("Ranked by"), korean("Best lap"))
    organiser.get_by_label(korean("Laps"), exact=True).fill("1")
    organiser.get_by_role("button", name=korean("Create the race")).click()
    organiser.get_by_role("link", name=korean("Watch it live")).click()
    organiser.get_by_text(korean("Nobody waits.")).wait_for()

    mina = tab("en", "/races", "mina")
    mina.get_by_text("금요일 LIVE").click()
    mina.get_by_role("button", name="Submit a model").click()
    mina.get_by_role("button", name="Submit", exact=True).click()
    mina.get_by_text("Waits for the launch").wait_for()
    mina.get_by_role("link", name="Watch it live").click()

    spectator = tab("ko", re.sub(r".*/races/(\d+)/live", r"/board/\1/live", organiser.url))
    spectator.locator("#queue").get_by_text("Mina").wait_for()
    assert spectator.get_by_role("button", name=korean("Launch the next")).count() == 0
    assert mina.get_by_role("button", name="Launch the next").count() == 0

    organiser.get_by_role("button", name=korean("Launch the next")).click()
    for page in (organiser, mina, spectator):
        page.locator("#banner").get_by_text("Mina").wait_for()
        page.locator(".st-fact__value", has_text="m/s").first.wait_for()
    times = [page.locator("#board .lg-time").inner_text() for page in (organiser, mina, spectator)]
    assert re.fullmatch(r"00:0[123]\.\d{3}", times[0]) and len(set(times)) == 1

    organiser.get_by_role("button", name=korean("Declare the winner")).click()
    organiser.locator(".or-dialog").get_by_role("button", name=korean("Declare the winner")).click()
    for page in (organiser, mina, spectator):
        page.locator("#banner .bc-winner").get_by_text("Mina").wait_for()


def choose(page, label, option):
    """Choose from a list."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).click()
