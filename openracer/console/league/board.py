"""A leaderboard to look at: places with the people who hold them."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openracer.console.league.words import flag, gap_words, score_ms, score_words
from openracer.league.race import Race
from openracer.league.ranking import Place
from openracer.service.accounts import Person

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("rank", "racer", "country", "time_s", "gap_s", "resets", "submissions", "submitted")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a leaderboard, in words.

    Attributes:
        rank: of the racer.
        person: id of the racer.
        alias: likewise.
        avatar: colour of the helmet.
        flag: of the country; empty without one.
        time: that ranks.
        gap: to the first; empty for it.
        resets: in the laps that count.
        submissions: that were evaluated.
        entry: number of the submission that counts.
    """

    rank: int
    person: str
    alias: str
    avatar: str
    flag: str
    time: str
    gap: str
    resets: int
    submissions: int
    entry: int


def lines(race: Race, places: Sequence[Place], people: Mapping[str, Person]) -> list[Line]:
    """The lines of a leaderboard; who is not among the people any more is a dash."""
    found = []
    for place in places:
        person = people.get(place.person)
        found.append(
            Line(
                rank=place.rank,
                person=place.person,
                alias=person.alias if person else "–",
                avatar=person.avatar if person else "",
                flag=flag(person.country) if person else "",
                time=score_words(race, place.result),
                gap=gap_words(race, place.gap_ms),
                resets=place.result.resets,
                submissions=place.submissions,
                entry=place.best.number,
            )
        )
    return found


def board_csv(race: Race, places: Sequence[Place], people: Mapping[str, Person]) -> bytes:
    """A leaderboard as a spreadsheet opens it, with a byte order mark for the letters; times in seconds."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_COLUMNS)
    for place in places:
        person = people.get(place.person)
        table.writerow(
            (
                place.rank,
                _harmless(person.alias if person else ""),
                person.country if person else "",
                f"{score_ms(race, place.result.total_ms) / 1000.0:.3f}",
                f"{score_ms(race, place.gap_ms) / 1000.0:.3f}",
                place.result.resets,
                place.submissions,
                place.best.submitted.isoformat(timespec="seconds"),
            )
        )
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
