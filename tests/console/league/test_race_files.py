"""What comes out of a race: codes to photograph, certificates, brackets."""

import io
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from PIL import Image

from openracer.console.league import certificate as certificates
from openracer.console.league.bracket import bracket_svg
from openracer.console.league.certificate import certificate
from openracer.console.league.fonts import korean_font
from openracer.console.league.qr import qr_png, qr_svg
from openracer.league.knockout import bracket, run_knockout
from tests.console.league.conftest import CLOSES


def test_a_code_has_its_quiet_zone_and_its_three_corners():
    picture = Image.open(io.BytesIO(qr_png("http://racing.example/board/abc"))).convert("L")
    scale = picture.width // 37  # version 3 has 29 modules, and 4 are quiet at each side (ISO/IEC 18004)
    assert picture.width == picture.height == 37 * scale and 500 < picture.width <= 600
    for x, y in ((4, 4), (26, 4), (4, 26)):
        row = [picture.getpixel(((x + k) * scale + 1, (y + 3) * scale + 1)) < 128 for k in range(7)]
        assert row == [True, False, True, True, True, False, True]
    assert picture.crop((0, 0, picture.width, 4 * scale)).getextrema() == (255, 255)
    assert ElementTree.fromstring(qr_svg("http://racing.example/")).tag.endswith("svg")


@pytest.mark.parametrize("alias", ["Jun", "민아"])
def test_a_certificate_says_who_and_what(held, row, alias):
    if not alias.isascii() and korean_font() is None:
        pytest.skip("NO TEST OF KOREAN CERTIFICATES RUNS: this system has no Korean font")
    pdf = certificate(held, row(alias=alias), 31, CLOSES)
    assert pdf.startswith(b"%PDF-")
    reader = shutil.which("pdftotext")
    if reader is None:
        return
    text = subprocess.run([reader, "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    for words in (alias, "place 1 of 31 in March", "00:10.000", "2026-04-01"):
        assert words in text


def test_without_a_font_a_korean_certificate_is_refused_with_a_way_out(held, row, monkeypatch):
    monkeypatch.setattr(certificates, "korean_font", lambda: None)
    assert certificate(held, row(alias="José"), 31, CLOSES).startswith(b"%PDF-")
    with pytest.raises(ValueError, match="no font for 민아; install"):
        certificate(held, row(), 31, CLOSES)


def test_a_bracket_that_goes_on_has_places_for_who_will_win():
    picture = ElementTree.fromstring(
        bracket_svg(bracket(["1", "2", "3", "4"], {}), {}, ["Semi-final", "Final"])
    )
    written = ["".join(text.itertext()) for text in picture.findall("text")]
    assert len(picture.findall("rect")) == 3 and sum(text.startswith("…") for text in written) == 2


def test_a_bracket_has_every_duel_and_marks_who_wins():
    rounds = run_knockout(["1", "2", "3", "4", "5"], lambda first, _second: first)
    names = {"1": "<b>one</b>", "2": "two", "3": "three", "4": "four", "5": "a name that is much too long"}
    picture = ElementTree.fromstring(bracket_svg(rounds, names, ["Quarter-final", "Semi-final", "Final"]))
    boxes = picture.findall("rect")
    assert len(boxes) == sum(map(len, rounds))
    written = ["".join(text.itertext()) for text in picture.findall("text")]
    assert written[0] == "Quarter-final" and any(text.startswith("<b>one</b>") for text in written)
    winners = [text for text in picture.findall("text") if "is-winner" in text.get("class", "")]
    assert len(winners) == len(boxes)
    right = max(float(box.get("x")) + float(box.get("width")) for box in boxes)
    assert right <= float(picture.get("width")) and bracket_svg([], {}, []) == ""
