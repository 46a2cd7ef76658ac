"""The words of the overlay."""

import numpy as np
import pytest
from PIL import ImageFont

from openracer.simulation import overlay
from openracer.simulation.overlay import Caption, blend, can_show, draw_caption, find_font, format_race_time


@pytest.fixture(autouse=True)
def fresh_fonts():
    for cached in (find_font, can_show):
        cached.cache_clear()
    yield
    for cached in (find_font, can_show):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "00:00.000"),
        (8.7254, "00:08.725"),
        (59.9996, "01:00.000"),
        (3723.5, "62:03.500"),
        (-1.0, "00:00.000"),
    ],
)
def test_race_time_is_minutes_seconds_milliseconds(seconds, text):
    assert format_race_time(seconds) == text


def test_words_change_only_the_corner_they_are_written_in():
    image = np.full((270, 480, 3), 120, np.uint8)
    draw_caption(image, Caption("a-model", 2, 3, 61.5, 1, 2.25))
    touched = np.argwhere((image != 120).any(axis=2))
    assert touched.max(axis=0)[0] < 200
    assert touched.max(axis=0)[1] < 240
    assert (image == 255).any()


def test_a_frame_too_small_for_the_words_cuts_them_off():
    image = np.full((60, 80, 3), 120, np.uint8)
    draw_caption(image, Caption("a-model-with-a-name-that-is-far-too-long-for-this", 2, 3, 61.5, 1, 2.25))
    assert (image != 120).any()


def test_paint_follows_its_stencil():
    image = np.zeros((4, 4, 3), np.uint8)
    blend(image, np.array([[0, 128, 255]], np.uint8), 1, 2, (200, 100, 0))
    np.testing.assert_array_equal(image[1, 2], 0)
    np.testing.assert_array_equal(image[1, 3], [100, 50, 0])
    assert image[[0, 2, 3]].sum() == 0


def test_latin_letters_are_always_shown():
    assert can_show("Time trial evaluation 1/3")


def test_words_fall_back_to_english_where_the_font_has_no_korean(monkeypatch):
    monkeypatch.setattr(overlay, "_font_files", tuple)
    assert not can_show("시간")
    plain, korean = np.full((2, 270, 480, 3), 120, np.uint8)
    draw_caption(plain, Caption("a", 1, 1, 0.0, 0, 0.0))
    monkeypatch.setattr(overlay, "_", lambda _message: "시간 기록 평가")
    draw_caption(korean, Caption("a", 1, 1, 0.0, 0, 0.0))
    np.testing.assert_array_equal(plain, korean)


def test_an_installed_korean_font_is_used(monkeypatch):
    fonts = overlay._font_files()
    if not fonts:
        pytest.skip("no font with Korean letters is installed")
    assert can_show("시간 기록 평가")


def test_a_font_of_the_users_choice_wins(monkeypatch, tmp_path):
    monkeypatch.setenv("OPENRACER_FONT", str(tmp_path / "missing.ttf"))
    font = find_font(20)
    assert font.getbbox("M") == ImageFont.load_default(20).getbbox("M")
