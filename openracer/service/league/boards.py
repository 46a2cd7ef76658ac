"""Leaderboards of races: who is where, with what everybody sees of each racer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from openracer.league.race import Race, Ranking
from openracer.league.ranking import Lap, Place, leaderboard
from openracer.league.ranking import Submission as Entered
from openracer.service.accounts import Person
from openracer.service.database import Database
from openracer.service.league.moments import moment
from openracer.service.league.people import Racer, racers
from openracer.service.league.races import Format, HeldRace, Races
from openracer.service.league.tables import RaceRow, SubmissionRow


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A racer's line on a leaderboard.

    Attributes:
        rank: from 1; equal times share one, and the next rank is left out.
        racer: who.
        time_s: what ranks: mean lap time, best lap, or total time, s.
        gap_s: to the first, likewise.
        resets: in the laps that count.
        submissions: how many the racer made that have driven.
        submission: number of the one that counts, whose replay and record there are.
        submitted: when it was taken, UTC.
    """

    rank: int
    racer: Racer
    time_s: float
    gap_s: float
    resets: int
    submissions: int
    submission: int
    submitted: datetime


class Boards:
    """The leaderboards of races in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        races: in it.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, races: Races, clock: Callable[[], float]):
        self._database = database
        self._races = races
        self._clock = clock
        self._known: dict[int, tuple[int, tuple[Place, ...]]] = {}

    def leaderboard(self, race: int, person: Person | None) -> tuple[BoardRow, ...]:
        """Who is where in a race; in a live one, as far as it has been shown.

        Args:
            race: number of the race.
            person: who looks.

        Raises:
            RaceNotFoundError: there is no such race, or it is not for this person.
        """
        held = self._races.race(race, person)
        with self._database.session() as session:
            places = self._places(session, held)
            return rows_of(session, held.rules, places)

    def places(self, race: int, person: Person | None) -> tuple[Place, ...]:
        """The same, as the rules of the league see it: racers by their id, as text."""
        held = self._races.race(race, person)
        with self._database.session() as session:
            return self._places(session, held)

    def _places(self, session: Session, held: HeldRace) -> tuple[Place, ...]:
        if held.format is Format.LIVE:
            shown = SubmissionRow.shown_until <= self._clock()
            return leaderboard(held.rules, entered(session, held, shown))
        version = session.get_one(RaceRow, held.id).version
        known = self._known.get(held.id)
        if known is None or known[0] != version:
            known = version, leaderboard(held.rules, entered(session, held))
            self._known[held.id] = known
        return known[1]


def entered(session: Session, held: HeldRace, *conditions: Any) -> list[Entered]:
    """The submissions to a race that have driven, as the rules of the league see them."""
    query = select(
        SubmissionRow.number, SubmissionRow.person, SubmissionRow.submitted, SubmissionRow.laps
    ).where(SubmissionRow.race == held.id, SubmissionRow.ended.is_not(None), *conditions)
    return [
        Entered(number, held.rules.name, str(person), moment(submitted), tuple(Lap(*lap) for lap in laps))
        for number, person, submitted, laps in session.execute(query)
    ]


def rows_of(session: Session, rules: Race, places: Iterable[Place]) -> tuple[BoardRow, ...]:
    """Lines of a leaderboard with what everybody sees of the racers."""
    places = tuple(places)
    # One query for all is quicker than one that names a thousand of them.
    known = racers(session, [int(place.person) for place in places] if len(places) < 100 else None)
    return tuple(
        BoardRow(
            rank=place.rank,
            racer=known[int(place.person)],
            time_s=shown_time_s(rules, place.result.total_ms, place.result.laps),
            gap_s=shown_time_s(rules, place.gap_ms, place.result.laps),
            resets=place.result.resets,
            submissions=place.submissions,
            submission=place.best.number,
            submitted=place.best.submitted,
        )
        for place in places
    )


def shown_time_s(rules: Race, total_ms: int, laps: int) -> float:
    """What a leaderboard shows of a time over all laps that count: their mean, or where the total ranks, itself."""
    return total_ms / 1000.0 / (1 if rules.ranking is Ranking.TOTAL_TIME else laps)
