"""Live races: a queue that the organiser works on, one drive after the other before everybody's eyes.

A drive is worked out in a moment and then shown from a moment on as fast as it was driven, to everybody the same; only
when it has been shown does its result count. So nobody needs a stream of pictures, and whoever comes late is in time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.service.accounts import Person
from openracer.service.database import Database
from openracer.service.league.moments import moment
from openracer.service.league.people import Racer, racers, require_manager
from openracer.service.league.races import Format, HeldRace, RaceConflictError, RaceNotFoundError, Races
from openracer.service.league.submissions import Submission, Submissions, SubmissionState
from openracer.service.league.tables import LiveRow, RaceRow, SubmissionRow
from openracer.service.store import JobKind, new_job

COUNTDOWN_S = 3.0
"""From when a drive is there until it is shown, so that no screen misses the start."""


class LivePhase(StrEnum):
    """What is happening in a live race."""

    WAITING = "waiting"
    """Nobody drives."""
    PREPARING = "preparing"
    """A drive is being worked out."""
    SHOWING = "showing"
    """A drive is shown, or will be in a few seconds."""
    OVER = "over"
    """A winner has been declared."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A submission in the queue of a live race.

    Attributes:
        submission: itself.
        racer: whose it is.
        position: from 1 among those that wait; 0 for the others.
    """

    submission: Submission
    racer: Racer
    position: int


@dataclass(frozen=True)
class LiveState:
    """How a live race stands.

    Attributes:
        race: itself.
        phase: what is happening.
        current: whose drive is worked out or shown.
        shown_from: when showing it begins, UTC.
        shown_until: when it has been shown, UTC.
        queue: those that wait, in their order.
        done: those that have driven and been shown, or failed, the latest first.
        auto_launch: whether the next one drives by itself when one is done.
        entries_open: whether submissions are taken.
        winner: who has been declared so.
        now: when this was so, UTC.
    """

    race: HeldRace
    phase: LivePhase
    current: QueueEntry | None
    shown_from: datetime | None
    shown_until: datetime | None
    queue: tuple[QueueEntry, ...]
    done: tuple[QueueEntry, ...]
    auto_launch: bool
    entries_open: bool
    winner: Racer | None
    now: datetime


class LiveRaces:
    """The live races in a database. All methods that change something are for the organiser and administrators.

    Those raise NotYoursError for everybody else, RaceNotFoundError where there is no such live race, and
    RaceConflictError where it does not go together with how the race stands.

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

    def state(self, number: int, person: Person | None) -> LiveState:
        """How a live race stands.

        Raises:
            RaceNotFoundError: there is no such live race, or it is not for this person.
        """
        race = self._race(number, person)
        with self._database.session() as session:
            live = session.get_one(LiveRow, number)
            entries = self._submissions.submissions(number)
            known = racers(session, {entry.person for entry in entries} | {live.winner or 0})
        waiting = sorted(
            (
                entry
                for entry in entries
                if entry.number != live.current and entry.state is SubmissionState.WAITING
            ),
            key=lambda entry: (entry.position, entry.number),
        )
        queue = tuple(
            QueueEntry(entry, known[entry.person], place) for place, entry in enumerate(waiting, start=1)
        )
        done = sorted(
            (
                entry
                for entry in entries
                if entry.number != live.current and entry.state is not SubmissionState.WAITING
            ),
            key=lambda entry: entry.ended or entry.submitted,
            reverse=True,
        )
        current = next((entry for entry in entries if entry.number == live.current), None)
        phase = LivePhase.WAITING
        if live.winner is not None:
            phase = LivePhase.OVER
        elif current is not None:
            phase = LivePhase.PREPARING if current.shown_from is None else LivePhase.SHOWING
        return LiveState(
            race=race,
            phase=phase,
            current=None if current is None else QueueEntry(current, known[current.person], 0),
            shown_from=None if current is None else current.shown_from,
            shown_until=None if current is None else current.shown_until,
            queue=queue,
            done=tuple(QueueEntry(entry, known[entry.person], 0) for entry in done),
            auto_launch=live.auto_launch,
            entries_open=live.entries_open and live.winner is None and race.phase is Phase.OPEN,
            winner=None if live.winner is None else known[live.winner],
            now=moment(self._clock()),
        )

    def launch(self, person: Person, number: int, submission: int | None = None) -> None:
        """Let one drive: a given one, else the first that waits."""
        self._managed(person, number)
        with self._database.session() as session:
            live = session.get_one(LiveRow, number)
            if live.winner is not None:
                raise RaceConflictError(_("a winner has been declared; nobody drives any more"))
            if live.current is not None:
                raise RaceConflictError(_("somebody drives already; wait until the drive has been shown"))
            if not self._launch(session, live, submission):
                raise RaceConflictError(_("nobody waits for a launch"))

    def set_auto_launch(self, person: Person, number: int, on: bool) -> None:
        """Let the next one drive by itself when one is done, or not."""
        self._managed(person, number)
        with self._database.session() as session:
            session.get_one(LiveRow, number).auto_launch = on
        self.advance()

    def open_entries(self, person: Person, number: int, is_open: bool) -> None:
        """Take submissions, or no more."""
        self._managed(person, number)
        with self._database.session() as session:
            session.get_one(LiveRow, number).entries_open = is_open

    def reorder(self, person: Person, number: int, submissions: Sequence[int]) -> None:
        """Give those that wait another order.

        Args:
            person: who does it.
            number: of the race.
            submissions: numbers in the new order; those that wait and are not named come after them.
        """
        self._managed(person, number)
        with self._database.session() as session:
            waiting = [row.number for row in session.scalars(_waiting(number))]
            if unknown := [entry for entry in submissions if entry not in waiting]:
                raise RaceConflictError(
                    _("submission {number} does not wait any more").format(number=unknown[0])
                )
            order = [*dict.fromkeys(submissions), *(entry for entry in waiting if entry not in submissions)]
            for position, entry in enumerate(order, start=1):
                session.get_one(SubmissionRow, entry).position = position

    def remove(self, person: Person, number: int, submission: int) -> None:
        """Take one that waits out of the race."""
        self._managed(person, number)
        with self._database.session() as session:
            row = self._entry(session, number, submission)
            if row.job is not None:
                raise RaceConflictError(
                    _("submission {number} does not wait any more").format(number=submission)
                )
            session.delete(row)

    def reset(self, person: Person, number: int, submission: int) -> None:
        """Put one that has driven, or is driving, back at the end of the queue; its result counts no more."""
        self._managed(person, number)
        with self._database.session() as session:
            self._reset(session, number, self._entry(session, number, submission))

    def clear(self, person: Person, number: int) -> None:
        """Put all back into the queue, in their order, and take back who has won."""
        self._managed(person, number)
        with self._database.session() as session:
            live = session.get_one(LiveRow, number)
            live.winner, live.auto_launch = None, False
            entries = select(SubmissionRow).where(
                SubmissionRow.race == number, SubmissionRow.job.is_not(None)
            )
            for row in session.scalars(entries.order_by(SubmissionRow.position, SubmissionRow.number)):
                self._reset(session, number, row)

    def declare_winner(self, person: Person, number: int, racer: int) -> None:
        """End a live race."""
        self._managed(person, number)
        with self._database.session() as session:
            live = session.get_one(LiveRow, number)
            if live.current is not None:
                raise RaceConflictError(_("somebody drives already; wait until the drive has been shown"))
            known = select(SubmissionRow.number).where(
                SubmissionRow.race == number,
                SubmissionRow.person == racer,
                SubmissionRow.total_ms.is_not(None),
            )
            if session.scalar(known.limit(1)) is None:
                raise RaceConflictError(_("who has no result cannot win"))
            live.winner, live.auto_launch = racer, False

    def advance(self) -> None:
        """Do what is due in all live races: begin to show, end showing, launch the next one."""
        with self._database.session() as session:
            busy = select(LiveRow).where(
                LiveRow.winner.is_(None), LiveRow.current.is_not(None) | LiveRow.auto_launch
            )
            for live in session.scalars(busy):
                self._advance(session, live)

    def _advance(self, session: Session, live: LiveRow) -> None:
        now = self._clock()
        if live.current is not None:
            row = session.get_one(SubmissionRow, live.current)
            submission = self._submissions.of_row(session, row)
            if submission.state is SubmissionState.FAILED:
                live.current = None
            elif submission.state is SubmissionState.FINISHED:
                if row.shown_from is None:
                    row.shown_from = now + COUNTDOWN_S
                    row.shown_until = row.shown_from + (row.duration_s or 0.0)
                elif row.shown_until is not None and now >= row.shown_until:
                    live.current = None
        race = session.get_one(RaceRow, live.race)
        if live.current is None and live.auto_launch and now >= race.opens:
            self._launch(session, live, None)

    def _launch(self, session: Session, live: LiveRow, submission: int | None) -> bool:
        if submission is None:
            row = session.scalars(_waiting(live.race).limit(1)).first()
        else:
            row = self._entry(session, live.race, submission)
        if row is None or row.job is not None:
            return False
        job = new_job(JobKind.SUBMISSION, row.person, f"submission/{row.folder}", {})
        session.add(job)
        row.job, live.current = job.id, row.number
        return True

    def _reset(self, session: Session, number: int, row: SubmissionRow) -> None:
        last = session.scalars(_waiting(number)).all()
        live = session.get_one(LiveRow, number)
        if live.current == row.number:
            live.current = None
        row.position = max((entry.position for entry in last), default=0) + 1
        row.runs += row.job is not None
        # The job of the drive before has no say any more; see Submissions.finish.
        row.job = row.ended = row.laps = row.total_ms = row.duration_s = None
        row.shown_from = row.shown_until = None
        row.reason = ""
        session.flush()
        session.execute(update(RaceRow).where(RaceRow.id == number).values(version=RaceRow.version + 1))

    def _entry(self, session: Session, number: int, submission: int) -> SubmissionRow:
        row = session.get(SubmissionRow, submission)
        if row is None or row.race != number:
            raise RaceConflictError(_("there is no submission {number}").format(number=submission))
        return row

    def _race(self, number: int, person: Person | None) -> HeldRace:
        race = self._races.race(number, person)
        if race.format is not Format.LIVE:
            raise RaceNotFoundError(_("{race} is no live race").format(race=race.rules.name))
        return race

    def _managed(self, person: Person, number: int) -> None:
        require_manager(person, self._race(number, person).organiser)


def _waiting(number: int) -> Select[SubmissionRow]:
    """The submissions that wait for their launch, in their order."""
    return (
        select(SubmissionRow)
        .where(SubmissionRow.race == number, SubmissionRow.job.is_(None))
        .order_by(SubmissionRow.position, SubmissionRow.number)
    )
