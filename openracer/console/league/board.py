"""A leaderboard to look at: as HTML for pages of the console and for public ones, and as a file for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from openracer.console.components import lap_time
from openracer.console.league.helmet import country_badge, helmet_svg
from openracer.language import gettext as _
from openracer.service.league.boards import BoardRow

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), autoescape=True, trim_blocks=True
)
TEMPLATES.globals.update(helmet=helmet_svg, country=country_badge)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("rank", "racer", "country", "time_s", "gap_s", "resets", "submissions", "submitted")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a leaderboard, in words.

    Attributes:
        rank: of the racer.
        person: number of the racer.
        alias: likewise.
        avatar: colour of the helmet.
        country: its two letters; empty without one.
        time: that ranks.
        gap: to the first; empty for it.
        resets: in the laps that count.
        submissions: that have driven.
        entry: number of the submission that counts.
    """

    rank: int
    person: int
    alias: str
    avatar: str
    country: str
    time: str
    gap: str
    resets: int
    submissions: int
    entry: int


def lines(rows: Sequence[BoardRow]) -> list[Line]:
    """The lines of a leaderboard."""
    return [
        Line(
            rank=row.rank,
            person=row.racer.id,
            alias=row.racer.alias,
            avatar=row.racer.avatar,
            country=row.racer.country,
            time=lap_time(row.time_s),
            gap=gap_words(row.gap_s),
            resets=row.resets,
            submissions=row.submissions,
            entry=row.submission,
        )
        for row in rows
    ]


def gap_words(gap_s: float) -> str:
    """How far behind the first; empty for the first."""
    return "" if gap_s == 0.0 else f"+{gap_s:.3f}"


def board_html(rows: Sequence[BoardRow], race: int | None = None, own: int | None = None) -> str:
    """The table of a leaderboard.

    Args:
        rows: of it.
        race: number of the race, to whose entries and racers the lines lead; None for pages of people who have not
            signed in.
        own: number of the racer whose line is marked.
    """
    words = {
        "rank": _("Rank"), "racer": _("Racer"), "time": _("Time"), "gap": _("Gap"), "resets": _("Resets"),
        "submissions": _("Submissions"), "watch": _("Watch"), "nothing": _("Nobody has a result yet."),
    }  # fmt: skip
    return TEMPLATES.get_template("league_table.html").render(
        lines=lines(rows), race=race, own=own, words=words
    )


def board_csv(rows: Sequence[BoardRow]) -> bytes:
    """A leaderboard as a spreadsheet opens it, with a byte order mark for the letters; times in seconds."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for row in rows:
        table.writerow(
            (
                row.rank,
                _harmless(row.racer.alias),
                row.racer.country,
                f"{row.time_s:.3f}",
                f"{row.gap_s:.3f}",
                row.resets,
                row.submissions,
                row.submitted.isoformat(timespec="seconds"),
            )
        )
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
