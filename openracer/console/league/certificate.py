"""The certificate of a racer's place in a race, as a PDF."""

from datetime import datetime

from fpdf import FPDF
from fpdf.enums import Align

from openracer.console.components import lap_time
from openracer.console.league.fonts import korean_font
from openracer.console.league.words import ranking_words, track_words
from openracer.language import gettext as _
from openracer.service.league.boards import BoardRow
from openracer.service.league.races import HeldRace

_WIDTH, _HEIGHT = 297.0, 210.0
_INK, _MUTED, _ACCENT, _PALE = (21, 26, 33), (75, 85, 99), (13, 122, 95), (226, 243, 237)


def certificate(race: HeldRace, row: BoardRow, racers: int, day: datetime) -> bytes:
    """Draw it, in the reader's language, on A4.

    Args:
        race: that was driven.
        row: of the racer on its leaderboard.
        racers: how many have a result.
        day: that is written below.

    Raises:
        ValueError: it holds letters for which this system has no font.
    """
    words = _Words(race, row, racers, day)
    pdf = FPDF("landscape", "mm", "A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(f"{words.title}: {race.rules.name}")
    pdf.set_creator("OpenRacer")
    pdf.set_creation_date(day)
    family = _font(pdf, "".join(words.all()))
    pdf.add_page()
    _frame(pdf)
    _track(pdf, race)
    _line(pdf, family, "B", 13, _ACCENT, 34, "OpenRacer")
    _line(pdf, family, "B", 34, _INK, 52, words.title)
    _line(pdf, family, "", 14, _MUTED, 74, words.given)
    _line(pdf, family, "B", 40, _ACCENT, 92, words.alias)
    _line(pdf, family, "", 15, _INK, 116, words.place)
    _line(pdf, family, "B", 24, _INK, 130, words.time)
    _line(pdf, family, "", 12, _MUTED, 143, words.rules)
    _line(pdf, family, "", 12, _MUTED, 178, words.day)
    return bytes(pdf.output())


class _Words:
    def __init__(self, race: HeldRace, row: BoardRow, racers: int, day: datetime):
        self.title = _("Certificate")
        self.given = _("is given to")
        self.alias = row.racer.alias
        self.place = _("for place {rank} of {racers} in {race}").format(
            rank=row.rank, racers=racers, race=race.rules.name
        )
        self.time = lap_time(row.time_s)
        self.rules = f"{ranking_words(race.rules)} · {track_words(race)}"
        self.day = f"{day:%Y-%m-%d}"

    def all(self) -> list[str]:
        return [self.title, self.given, self.alias, self.place, self.time, self.rules, self.day, "…"]


def _font(pdf: FPDF, text: str) -> str:
    """Put the font for a text into a PDF; its name there."""
    font = korean_font()
    if font is not None:
        for style, file in (("", font.regular), ("B", font.bold)):
            pdf.add_font("korean", style, file, collection_font_number=font.number)
        return "korean"
    # The fonts that every reader has know the letters of western Europe.
    unknown = sorted({letter for letter in text.replace("…", "") if ord(letter) > 255})
    if unknown:
        raise ValueError(
            _("this server has no font for {letters}; install Noto Sans CJK or Nanum Gothic").format(
                letters="".join(unknown[:8])
            )
        )
    return "helvetica"


def _line(
    pdf: FPDF, family: str, style: str, size: float, colour: tuple[int, int, int], y: float, text: str
) -> None:
    """A centred line, smaller where it would be too long."""
    pdf.set_text_color(*colour)
    pdf.set_font(family, style, size)
    width = pdf.get_string_width(text)
    room = _WIDTH - 60.0
    if width > room:
        pdf.set_font_size(size * room / width)
    pdf.set_xy(0.0, y - size * 0.18)
    pdf.cell(_WIDTH, size * 0.36, text, align=Align.C)


def _frame(pdf: FPDF) -> None:
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(1.1)
    pdf.rect(10.0, 10.0, _WIDTH - 20.0, _HEIGHT - 20.0, round_corners=True, corner_radius=5.0)
    pdf.set_line_width(0.25)
    pdf.rect(13.0, 13.0, _WIDTH - 26.0, _HEIGHT - 26.0, round_corners=True, corner_radius=3.5)


def _track(pdf: FPDF, race: HeldRace) -> None:
    """The track behind the words, pale."""
    try:
        track = race.track()
    except (ValueError, OSError):
        return
    low, high = track.centre.min(axis=0), track.centre.max(axis=0)
    room = (_WIDTH - 60.0, _HEIGHT - 60.0)
    scale = min(room[0] / float(high[0] - low[0]), room[1] / float(high[1] - low[1]))
    middle = (low + high) / 2.0
    points = [
        (_WIDTH / 2.0 + scale * float(x - middle[0]), _HEIGHT / 2.0 - scale * float(y - middle[1]))
        for x, y in track.centre
    ]
    pdf.set_draw_color(*_PALE)
    pdf.set_line_width(7.0)
    (pdf.polygon if track.closed else pdf.polyline)(points)
