"""Seasons of the virtual circuit: races that follow each other, two divisions, points, and a final by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.league.circuit import (
    Division,
    RaceOutcome,
    SeasonPlace,
    finalists,
    points,
    run_season,
    standings,
)
from openracer.league.knockout import Rounds, bracket, champion
from openracer.league.ranking import Place
from openracer.league.ranking import Submission as Entered
from openracer.service.accounts import Person
from openracer.service.database import Database, JobRow
from openracer.service.league.boards import BoardRow, entered, rows_of
from openracer.service.league.moments import moment
from openracer.service.league.people import Racer, racers, require_manager, require_organiser
from openracer.service.league.races import HeldRace, Races
from openracer.service.league.submissions import Submission, Submissions, SubmissionState
from openracer.service.league.tables import DuelRow, RaceRow, SeasonRow, SubmissionRow
from openracer.service.store import JobKind, JobState, new_job

MOST_FINALISTS = 64


class SeasonNotFoundError(FileNotFoundError):
    """There is no such season."""


class SeasonConflictError(ValueError):
    """What is asked for does not go together with the season as it stands."""


@dataclass(frozen=True)
class Season:
    """A season.

    Attributes:
        id: number, which stays.
        name: unique among seasons.
        organiser: number of the person who made it.
        created: when, UTC.
        races: of it, in the order in which they are held; private ones included.
        final_size: how many qualify for the final; 0 for none.
        final_at: when the final begins, UTC; None as soon as the last race is decided.
        champion: number of the person who won the final; None until it is decided.
    """

    id: int
    name: str
    organiser: int
    created: datetime
    races: tuple[HeldRace, ...]
    final_size: int
    final_at: datetime | None
    champion: int | None


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A racer's line in the standings of a division.

    Attributes:
        rank: from 1; racers equal in everything share one.
        racer: who.
        points: over the decided races.
        finishes: ranks in them, best first.
        races: by number of the race, the points in it.
    """

    rank: int
    racer: Racer
    points: int
    finishes: tuple[int, ...]
    races: Mapping[int, int]


@dataclass(frozen=True)
class Final:
    """A knock-out final.

    Attributes:
        seeds: ids of the racers, as text, the best first.
        rounds: duels of each round, as far as they are known.
        racers: by id, as text.
        submissions: number of the submission with which each drives.
        told: of each decided duel, by its racers, what is told of it.
    """

    seeds: tuple[str, ...]
    rounds: Rounds
    racers: Mapping[str, Racer]
    submissions: Mapping[str, int]
    told: Mapping[tuple[str, str], Mapping[str, object]]


@dataclass(frozen=True)
class HeldDuel:
    """A duel of a final, as the job needs it that holds it.

    Attributes:
        race: the season's last one, whose rules and track hold.
        first: submission of the better seed.
        second: of the other.
        seed: of the drive.
        is_decided: whether it has been held.
    """

    race: HeldRace
    first: Submission
    second: Submission
    seed: int
    is_decided: bool


class Seasons:
    """The seasons in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        races: in it.
        submissions: to them.
        clock: seconds of the epoch.
    """

    def __init__(
        self, database: Database, races: Races, submissions: Submissions, clock: Callable[[], float]
    ):
        self._database = database
        self._races = races
        self._submissions = submissions
        self._clock = clock

    def create(
        self, person: Person, name: str, final_size: int = 8, final_at: datetime | None = None
    ) -> Season:
        """Make a season; races are then made for it.

        Raises:
            NotYoursError: the person is no organiser.
            SeasonConflictError: there is a season of that name.
            ValueError: the name or the size of the final is not usable.
        """
        require_organiser(person)
        name = _checked(name, final_size)
        row = SeasonRow(
            name=name,
            organiser=person.id,
            created=self._clock(),
            final_size=final_size,
            final_at=None if final_at is None else final_at.timestamp(),
        )
        with self._database.session() as session:
            self._refuse_same_name(session, name, None)
            session.add(row)
        return self.season(row.id)

    def edit(
        self, person: Person, number: int, name: str, final_size: int, final_at: datetime | None
    ) -> Season:
        """Change a season; the final until it has begun.

        Raises:
            SeasonNotFoundError: there is none.
            NotYoursError: the person may not.
            SeasonConflictError: there is a season of that name, or the final has begun.
        """
        name = _checked(name, final_size)
        with self._database.session() as session:
            row = self._row(session, number)
            require_manager(person, row.organiser)
            self._refuse_same_name(session, name, number)
            at = None if final_at is None else final_at.timestamp()
            has_begun = session.scalar(select(func.count()).where(DuelRow.season == number))
            if has_begun and (row.final_size, row.final_at) != (final_size, at):
                raise SeasonConflictError(_("the final of {season} has begun").format(season=row.name))
            row.name, row.final_size, row.final_at = name, final_size, at
        return self.season(number)

    def delete(self, person: Person, number: int) -> None:
        """Delete a season; its races stay, each by itself.

        Raises:
            SeasonNotFoundError: there is none.
            NotYoursError: the person may not.
        """
        with self._database.session() as session:
            row = self._row(session, number)
            require_manager(person, row.organiser)
            session.execute(delete(DuelRow).where(DuelRow.season == number))
            session.execute(update(RaceRow).where(RaceRow.season == number).values(season=None))
            session.delete(row)

    def season(self, number: int) -> Season:
        """A season.

        Raises:
            SeasonNotFoundError: there is none.
        """
        with self._database.session() as session:
            row = self._row(session, number)
        return self._season(row)

    def seasons(self) -> list[Season]:
        """All seasons, the newest first."""
        with self._database.session() as session:
            rows = list(session.scalars(select(SeasonRow).order_by(SeasonRow.id.desc())))
        return [self._season(row) for row in rows]

    def outcomes(self, season: Season) -> tuple[RaceOutcome, ...]:
        """How each race of a season stands: leaderboards of both divisions, who is promoted."""
        now = moment(self._clock())
        taken: list[Entered] = []
        with self._database.session() as session:
            for race in season.races:
                taken += entered(session, race)
        for race in season.races:
            # Those that have not driven yet keep the race undecided; a drive that was given up does not.
            taken += [
                Entered(
                    waiting.number,
                    race.rules.name,
                    str(waiting.person),
                    waiting.submitted,
                    () if waiting.state is SubmissionState.FAILED else None,
                )
                for waiting in self._submissions.not_ended(race)
            ]
        return run_season([race.rules for race in season.races], taken, now)

    def standings(self, number: int, division: Division) -> tuple[StandingRow, ...]:
        """Points of a division over the decided races.

        Raises:
            SeasonNotFoundError: there is no such season.
        """
        season = self.season(number)
        outcomes = self.outcomes(season)
        places = standings(outcomes, division)
        with self._database.session() as session:
            known = racers(session, [int(place.person) for place in places])
        return tuple(
            StandingRow(
                place.rank,
                known[int(place.person)],
                place.points,
                place.finishes,
                {
                    race.id: points(found.rank)
                    for race, outcome in zip(season.races, outcomes, strict=True)
                    if outcome.decided and (found := _place_of(place, outcome, division)) is not None
                },
            )
            for place in places
        )

    def leaderboard(self, race: HeldRace, division: Division) -> tuple[BoardRow, ...]:
        """Who is where in a division of a race of a season."""
        return self._rows(race, self.places(race, division))

    def places(self, race: HeldRace, division: Division) -> tuple[Place, ...]:
        """The same, as the rules of the league see it."""
        assert race.season is not None
        season = self.season(race.season)
        outcomes = dict(zip((held.id for held in season.races), self.outcomes(season), strict=True))
        return outcomes[race.id].boards[division]

    def _rows(self, race: HeldRace, places: tuple[Place, ...]) -> tuple[BoardRow, ...]:
        with self._database.session() as session:
            return rows_of(session, race.rules, places)

    def final(self, number: int) -> Final | None:
        """The final of a season; None until the last race is decided, or without enough racers.

        Raises:
            SeasonNotFoundError: there is no such season.
        """
        season = self.season(number)
        outcomes = self.outcomes(season)
        if season.final_size < 2 or not outcomes or not all(outcome.decided for outcome in outcomes):
            return None
        seeds = finalists(outcomes, season.final_size)
        if len(seeds) < 2:
            return None
        drives = _best_submissions(outcomes)
        person_of = {number: person for person, number in drives.items()}
        decided: dict[tuple[str, str], str] = {}
        told: dict[tuple[str, str], Mapping[str, object]] = {}
        with self._database.session() as session:
            for row in session.scalars(select(DuelRow).where(DuelRow.season == number)):
                pair = person_of[row.first], person_of[row.second]
                told[pair] = row.told
                if row.winner is not None:
                    decided[pair] = person_of[row.winner]
            known = racers(session, map(int, seeds))
        return Final(
            seeds,
            bracket(seeds, decided),
            {seed: known[int(seed)] for seed in seeds},
            {seed: drives[seed] for seed in seeds},
            told,
        )

    def advance(self) -> None:
        """Go on with each final that is due: duel after duel, each as a job."""
        with self._database.session() as session:
            due = select(SeasonRow.id).where(
                SeasonRow.champion.is_(None),
                SeasonRow.final_size > 1,
                (SeasonRow.final_at.is_(None)) | (SeasonRow.final_at <= self._clock()),
            )
            numbers = list(session.scalars(due))
        for number in numbers:
            final = self.final(number)
            if final is not None:
                self._go_on(number, final)

    def _go_on(self, number: int, final: Final) -> None:
        """Hold the next duel, or write down who has won."""
        with self._database.session() as session:
            if (won := champion(final.rounds)) is not None:
                session.get_one(SeasonRow, number).champion = int(won)
                return
            for place, duels in enumerate(final.rounds):
                for position, duel in enumerate(duels):
                    if duel.first is None or duel.second is None or duel.winner is not None:
                        continue
                    row = session.get(DuelRow, (number, place, position))
                    if row is None:
                        pair = final.submissions[duel.first], final.submissions[duel.second]
                        self._ask_for(session, number, place, position, pair)
                    else:
                        _decide_without_a_drive(session, row)
                    return

    def _ask_for(
        self, session: Session, season: int, place: int, position: int, pair: tuple[int, int]
    ) -> None:
        job = new_job(
            JobKind.DUEL,
            session.get_one(SeasonRow, season).organiser,
            f"duel/{season}-{place}-{position}",
            {},
        )
        session.add(job)
        session.add(
            DuelRow(
                season=season,
                round=place,
                place=position,
                first=pair[0],
                second=pair[1],
                job=job.id,
                winner=None,
                told={},
            )
        )

    def duel_of_job(self, job: str) -> HeldDuel | None:
        """The duel that a job holds; None if there is none any more."""
        with self._database.session() as session:
            row = session.scalar(select(DuelRow).where(DuelRow.job == job))
            if row is None:
                return None
            first, second = (
                self._submissions.of_row(session, session.get_one(SubmissionRow, number))
                for number in (row.first, row.second)
            )
            last = select(RaceRow).where(RaceRow.season == row.season).order_by(RaceRow.opens.desc())
            race = session.scalars(last.limit(1)).one()
            seed = race.seed + 1 + row.round * MOST_FINALISTS + row.place
        return HeldDuel(self._races.of_row(race), first, second, seed, row.winner is not None)

    def decide_duel(self, job: str, winner: int, told: Mapping[str, object]) -> bool:
        """Write down who has won a duel; only the first time.

        Args:
            job: that held it.
            winner: number of the submission that has won.
            told: of it, for JSON.

        Returns:
            Whether this was the first time.
        """
        with self._database.session() as session:
            done = session.execute(
                update(DuelRow)
                .where(DuelRow.job == job, DuelRow.winner.is_(None))
                .values(winner=winner, told=dict(told))
            )
            return bool(done.rowcount)  # type: ignore[attr-defined]

    def _season(self, row: SeasonRow) -> Season:
        return Season(
            row.id,
            row.name,
            row.organiser,
            moment(row.created),
            tuple(self._races.of_season(row.id)),
            row.final_size,
            moment(row.final_at),
            row.champion,
        )

    def _row(self, session: Session, number: int) -> SeasonRow:
        row = session.get(SeasonRow, number)
        if row is None:
            raise SeasonNotFoundError(_("there is no season {number}").format(number=number))
        return row

    def _refuse_same_name(self, session: Session, name: str, number: int | None) -> None:
        same = select(SeasonRow.id).where(func.lower(SeasonRow.name) == name.lower())
        if any(found != number for found in session.scalars(same)):
            raise SeasonConflictError(_("there is a season {season!r} already").format(season=name))


def _checked(name: str, final_size: int) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 64:
        raise ValueError(_("the name of a season must have 1 to 64 letters"))
    if final_size != 0 and not 2 <= final_size <= MOST_FINALISTS:
        raise ValueError(
            _("the final is of {count}; it must be of 2 to {limit}, or 0 for none").format(
                count=final_size, limit=MOST_FINALISTS
            )
        )
    return name


def _place_of(place: SeasonPlace, outcome: RaceOutcome, division: Division) -> Place | None:
    return next((found for found in outcome.boards[division] if found.person == place.person), None)


def _best_submissions(outcomes: tuple[RaceOutcome, ...]) -> dict[str, int]:
    """With which submission each racer drives in the final: the best one in the last race with a result."""
    return {
        place.person: place.best.number
        for outcome in outcomes
        for board in outcome.boards.values()
        for place in board
    }


def _decide_without_a_drive(session: Session, row: DuelRow) -> None:
    """Where the job of a duel has ended without a decision, the results decide that both came with."""
    job = session.scalar(select(JobRow).where(JobRow.id == row.job))
    if job is not None and JobState(job.state).is_active:
        return
    first, second = (session.get_one(SubmissionRow, number) for number in (row.first, row.second))
    never = float("inf")
    times = [never if entry.total_ms is None else entry.total_ms for entry in (first, second)]
    row.winner = second.number if times[1] < times[0] else first.number
    row.told = {"not_driven": "" if job is None else job.reason}
