"""The catalogue of tracks, import of files, and the editor, in a real browser."""

import re
from io import BytesIO

import numpy as np
import pytest
from playwright.sync_api import expect

from openracer.console.track_import import refuse_taken, world_name
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.tracks import catalogue, drawn


def npy(rows):
    content = BytesIO()
    np.save(content, rows)
    return content.getvalue()


def upload(page, name, content):
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_tracks_are_searched_and_shown_with_their_facts(page, words):
    page.goto("/tracks")
    expect(page.locator(".tc-card")).to_have_count(len(catalogue.names()))
    page.get_by_placeholder(words("Search tracks")).fill("summit race")
    expect(page.locator(".tc-card")).to_have_count(1)
    page.locator(".tc-card").click()
    page.wait_for_url("**/tracks/Vegas_track")
    expect(page.locator(".or-facts")).to_contain_text("22.55 m")
    page.locator("a", has_text=words("The other way round")).click()
    expect(page.locator(".or-facts")).to_contain_text(words("clockwise"))
    page.goto("/tracks/no_such_track")
    expect(page.get_by_text(words("There is no such track"))).to_be_visible()


@pytest.mark.parametrize("language", ["ko"], indirect=True)
def test_a_file_is_imported_and_what_is_no_track_is_said(page, words, console_home, language):
    page.goto("/tracks")
    page.get_by_role("button", name=words("Import")).click()
    upload(page, "holiday.npy", b"\x89PNG not a track")
    expect(page.locator(".or-dialog .cf-problem")).to_contain_text("holiday.npy")
    upload(page, "short.npy", npy(np.zeros((3, 6))))
    expect(page.locator(".or-dialog .cf-problem")).to_contain_text("short.npy")
    upload(page, f"My {language} track.npy", npy(drawn.example().rows()))
    name = page.get_by_label(words("Name in files"))
    expect(name).to_have_value(f"My_{language}_track")
    name.fill("reinvent_base")
    page.locator(".or-dialog").get_by_role("button", name=words("Import")).click()
    expect(page.locator(".or-dialog .cf-problem")).to_contain_text("reinvent_base")
    name.fill(f"mine_{language}")
    page.locator(".or-dialog").get_by_role("button", name=words("Import")).click()
    page.wait_for_url(f"**/tracks/mine_{language}")
    assert catalogue.find(f"mine_{language}").closed
    page.get_by_role("button", name=words("Delete")).click()
    page.locator(".or-dialog .or-danger").click()
    page.wait_for_url("**/tracks")
    assert f"mine_{language}" not in catalogue.names()


def test_a_track_is_drawn_checked_saved_and_kept_while_models_use_it(page, words, console_home, language):
    page.goto("/tracks/new")
    expect(page.locator(".rs-good")).to_be_visible()
    canvas = page.locator(".te-canvas")
    canvas.focus()
    page.keyboard.press("n")
    for _repeat in range(5):
        page.keyboard.press("Shift+ArrowUp")
    expect(page.locator(".or-error").first).to_be_visible()
    save = page.get_by_role("button", name=words("Save"))
    expect(save).to_be_disabled()
    page.get_by_role("button", name=words("Undo")).click()
    expect(page.locator(".rs-good")).to_be_visible()
    page.get_by_role("button", name=words("Redo")).click()
    expect(page.locator(".or-error").first).to_be_visible()
    page.get_by_role("button", name=words("Undo")).click()
    expect(save).to_be_enabled()
    page.get_by_label(words("Name"), exact=True).fill("re:Invent 2018" if language == "en" else "콩 트랙")
    page.get_by_role("button", name=words("Drive the other way round")).click()
    expect(page.locator(".or-facts")).to_contain_text(words("clockwise"))
    save.click()
    page.wait_for_url(re.compile("/tracks/(re_Invent|%)"))
    name = "re_Invent_2018" if language == "en" else "콩_트랙"
    track = catalogue.find(name)
    assert not track.is_counter_clockwise
    assert np.hypot(*(track.centre[0] - drawn.example().points[0])) < 0.01
    library.create_model(TrainingDescription.from_values({"name": f"on-{language}", "track": name}))
    page.reload()
    page.get_by_role("button", name=words("Delete")).click()
    expect(page.locator(".q-notification")).to_contain_text(f"on-{language}")
    assert name in catalogue.names()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Track", "My_Track"),
        ("콩 트랙!", "콩_트랙"),
        ("../../etc", "etc"),
        ("///", "track"),
        ("x" * 300, "x" * 100),
    ],
)
def test_titles_become_names_that_files_can_have(text, name, data_folder):
    assert world_name(text) == name
    refuse_taken(name)
