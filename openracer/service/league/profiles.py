"""Racers' profiles: who somebody is, the best results, and the history of races."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.service.accounts import Person, PersonNotFoundError
from openracer.service.database import Database
from openracer.service.league.boards import BoardRow, Boards
from openracer.service.league.moments import moment
from openracer.service.league.people import Racer, racers
from openracer.service.league.races import HeldRace, Races
from openracer.service.league.tables import SubmissionRow


@dataclass(frozen=True, slots=True)
class RaceResult:
    """What a racer has in a race.

    Attributes:
        race: itself.
        row: the racer's line on its leaderboard; None without a valid result.
        racers: how many are on the leaderboard.
        last: when the racer submitted last, UTC.
    """

    race: HeldRace
    row: BoardRow | None
    racers: int
    last: datetime


@dataclass(frozen=True)
class Profile:
    """A racer's profile.

    Attributes:
        racer: who.
        submissions: how many the racer has made.
        wins: races that are closed and that the racer has won.
        podiums: likewise, among the first three.
        history: what the racer has in each race that the viewer may see, the latest first.
    """

    racer: Racer
    submissions: int
    wins: int
    podiums: int
    history: tuple[RaceResult, ...]


class Profiles:
    """The profiles of racers in a database.

    Args:
        database: of the console.
        races: in it.
        boards: of them.
    """

    def __init__(self, database: Database, races: Races, boards: Boards):
        self._database = database
        self._races = races
        self._boards = boards

    def profile(self, number: int, viewer: Person | None) -> Profile:
        """The profile of a person, as far as somebody may see it.

        Raises:
            PersonNotFoundError: there is no such person.
        """
        query = select(SubmissionRow.race, SubmissionRow.submitted).where(SubmissionRow.person == number)
        last: dict[int, float] = {}
        with self._database.session() as session:
            known = racers(session, [number])
            made = session.execute(query).all()
        if number not in known:
            raise PersonNotFoundError(_("there is no person {number}").format(number=number))
        for race, submitted in made:
            last[race] = max(submitted, last.get(race, submitted))
        history = [
            self._result(race, number, viewer, last[race.id])
            for race in self._races.races(viewer)
            if race.id in last
        ]
        ranks = [found.row.rank for found in history if found.row and found.race.phase is Phase.CLOSED]
        return Profile(
            known[number], len(made), ranks.count(1), sum(rank <= 3 for rank in ranks),
            tuple(sorted(history, key=lambda found: found.last, reverse=True)),
        )  # fmt: skip

    def _result(self, race: HeldRace, number: int, viewer: Person | None, last: float) -> RaceResult:
        rows = self._boards.leaderboard(race.id, viewer)
        own = next((row for row in rows if row.racer.id == number), None)
        return RaceResult(race, own, len(rows), moment(last))
