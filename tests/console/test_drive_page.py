"""Driving by hand in a real browser: the car moves, the lap counts, the drive is kept and watched again."""

import re

import pytest
from playwright.sync_api import expect

from openracer.models import hand_drives

READY_MS = 240_000
"""The kernels of the simulator are compiled the first time."""


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_car_is_driven_by_keys_and_the_drive_is_kept(page, words, console_home, language):
    page.goto("/drive?track=Straight_track")
    expect(page.locator(".st-note")).to_have_text(
        words("Press the throttle to start: ↑ or W"), timeout=READY_MS
    )
    before = len(hand_drives.hand_drives())
    page.keyboard.down("w")
    expect(page.locator(".dr-clock")).not_to_have_text("00:00.000")
    expect(page.locator(".st-note")).to_contain_text(re.compile(r"00:\d\d\.\d{3}"))
    page.keyboard.up("w")
    row = page.locator("tr[data-drive]").first
    expect(row).to_be_visible()
    kept = hand_drives.hand_drives()
    assert len(kept) == before + 1
    assert kept[0].track == "Straight_track"
    assert kept[0].status == "lap_complete"
    row.get_by_role("button", name=words("Watch")).click()
    expect(page.locator(".dp-replay .st-clock")).to_contain_text(re.compile(r"\d"))
    page.get_by_role("button", name=words("Close")).click()
    row.get_by_role("button", name=words("Delete")).click()
    page.locator(".or-dialog .or-danger").click()
    expect(page.locator(f'tr[data-drive="{kept[0].stamp}"]')).to_have_count(0)
    assert len(hand_drives.hand_drives()) == before


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_a_phone_has_pads_and_is_not_too_narrow(phone_page, words):
    phone_page.goto("/drive")
    expect(phone_page.locator(".dr-pad--faster")).to_be_visible(timeout=READY_MS)
    assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390
