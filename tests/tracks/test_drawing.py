"""The picture of a track shows what it should, where it should."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from openracer.tracks import drawing, npy
from openracer.tracks.track import Track


def share(picture: Image.Image, colour: str) -> float:
    """Part of the picture that has about that colour."""
    difference = np.abs(np.asarray(picture, dtype=int) - ImageColor.getrgb(colour)).max(axis=2)
    return float((difference < 6).mean())


def test_the_png_has_the_size_asked_for(straight: Track) -> None:
    picture = Image.open(BytesIO(drawing.png(straight, 600, 400)))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (600, 400), "RGB")


def test_the_road_fills_its_part_of_the_picture(circle_rows: np.ndarray) -> None:
    track = npy.from_rows(circle_rows, "circle", "Circle", "")
    picture = drawing.road(track, 500, 500)
    pixels_per_metre = 500 * (1.0 - 2 * 0.06) / 5.0
    road = np.pi * (2.5**2 - 1.5**2) * pixels_per_metre**2 / 500**2
    lines = share(picture, drawing.BORDER) + share(picture, drawing.CENTRE) + share(picture, drawing.ACCENT)
    assert 0.75 * road < share(picture, drawing.ROAD) < road
    assert lines > 0.01
    assert share(picture.crop((220, 220, 280, 280)), drawing.FIELD) == 1.0


def test_the_arrow_lies_ahead_of_the_start(circle_rows: np.ndarray) -> None:
    track = npy.from_rows(circle_rows, "circle", "Circle", "")
    for driven, ahead_is_up in ((track, True), (track.reverse(), False)):
        picture = np.asarray(drawing.road(driven, 500, 500), dtype=int)
        red = np.abs(picture - ImageColor.getrgb(drawing.ACCENT)).max(axis=2) < 6
        rows, columns = np.nonzero(red)
        assert columns.mean() > 350.0
        assert (rows.mean() < 250.0) == ahead_is_up


@pytest.mark.parametrize(
    "title", ["Circle", "동그라미", "A title that is much longer than the picture is wide" * 3]
)
def test_titles_of_any_kind_are_drawn(title: str, circle_rows: np.ndarray) -> None:
    track = npy.from_rows(circle_rows, "circle", title, "")
    plain = npy.from_rows(circle_rows, "circle", "circle", "")
    assert drawing.draw(track).tobytes() != drawing.draw(plain).tobytes()
