"""Submissions: a copy of a model, taken once and for all, and what came of its drive, written down once."""

import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.league.entry import ENTRY, copy_entry
from openracer.league.race import RefusedSubmissionError
from openracer.league.ranking import Lap, Result, result_of
from openracer.models import library
from openracer.models.folder import ModelFolder
from openracer.service.accounts import Person
from openracer.service.database import Database, DatabaseProblemError, JobRow
from openracer.service.league.moments import moment
from openracer.service.league.people import may_manage
from openracer.service.league.races import Format, HeldRace, Races, submission_folder
from openracer.service.league.tables import LiveRow, RaceRow, SubmissionRow
from openracer.service.store import ACTIVE, JobKind, JobState, new_job

MOST_WAITING = 10
"""Submissions of one person that may wait at the same time, in all races together."""

_TRIES = 20


class SubmissionNotFoundError(FileNotFoundError):
    """There is no such submission, or not for this person."""


class SubmissionState(StrEnum):
    """Where a submission is; the last two are ends."""

    WAITING = "waiting"
    DRIVING = "driving"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class Submission:
    """A model entered into a race.

    Attributes:
        number: which stays.
        race: number of the race.
        person: number of the racer.
        nth: counts the racer's submissions to the race, from 1.
        model: what its owner calls it.
        state: where it is.
        submitted: when it was taken, UTC.
        ended: when its drive was over, UTC.
        laps: those completed, in their order; none until it has ended.
        result: what it is ranked by; None without enough laps in a row.
        duration_s: of its drive, simulated seconds.
        reason: why it failed, in one sentence; else empty.
        folder: with the copy of the model, and the record of the drive.
        is_live: whether its race is live.
        runs: how often it was put back into the queue of a live race.
        position: in that queue; the smallest drives first.
        shown_from: when the public begins to see its drive in a live race, UTC.
        shown_until: when the public has seen it and its result counts, UTC.
    """

    number: int
    race: int
    person: int
    nth: int
    model: str
    state: SubmissionState
    submitted: datetime
    ended: datetime | None
    laps: tuple[Lap, ...]
    result: Result | None
    duration_s: float | None
    reason: str
    folder: Path
    is_live: bool
    runs: int
    position: int
    shown_from: datetime | None
    shown_until: datetime | None

    def is_shown(self, now: datetime) -> bool:
        """Whether everybody may know what came of it: it has driven, and in a live race everybody has seen that."""
        if self.state is not SubmissionState.FINISHED:
            return False
        return self.shown_until is not None and self.shown_until <= now if self.is_live else True

    @property
    def record_file(self) -> Path:
        """The record of its drive, once it has finished."""
        return self.folder / "record.npz"


class Submissions:
    """The submissions in a database; jobs drive them.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        races: in it.
        folder: of the league's files.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, races: Races, folder: Path, clock: Callable[[], float]):
        self._folder = folder
        self._database = database
        self._races = races
        self._clock = clock

    def submit(
        self, person: Person, race: int, model: str, checkpoint: str = "best", key: str | None = None
    ) -> Submission:
        """Enter one of a person's models into a race; from when this returns on, it cannot be lost.

        Args:
            person: the racer, in whose data folder the model is; see :func:`openracer.service.identity.acting_for`.
            race: number of the race.
            model: name of the model.
            checkpoint: ``best``, ``last`` or the number of an iteration.
            key: chosen by the one who asks; asking again with the same one gives the same submission.

        Raises:
            RaceNotFoundError: there is no such race, or it is private and the person has not joined.
            ModelNotFoundError: there is no such model.
            FileNotFoundError: it has no such checkpoint.
            RefusedSubmissionError: the race is not open, or takes no more from this person.
            ValueError: a file of the model is damaged.
            WriteError: the disk is full.
        """
        held = self._races.race(race, person)
        key = key or uuid.uuid4().hex
        if (known := self._known(person, key)) is not None:
            return known
        self._refuse_early(held, person)
        name = uuid.uuid4().hex
        folder = submission_folder(self._folder, name)
        try:
            copy_entry(library.own_model(model), checkpoint, folder)
            for _try in range(_TRIES):
                try:
                    return self._take(held, person, model, name, key)
                except DatabaseProblemError as error:
                    # Somebody submits twice at the same moment: either is looked at anew.
                    if not isinstance(error.__cause__, IntegrityError):
                        raise
                    if (known := self._known(person, key)) is not None:
                        shutil.rmtree(folder, ignore_errors=True)
                        return known
            raise RefusedSubmissionError(_("you submit too much at the same moment; try again"))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _take(self, held: HeldRace, person: Person, model: str, name: str, key: str) -> Submission:
        with self._database.session() as session:
            # The place comes before the check: whoever takes it in between makes this one fail, not one too many.
            nth = session.scalar(
                select(func.max(SubmissionRow.nth)).where(
                    SubmissionRow.race == held.id, SubmissionRow.person == person.id
                )
            )
            self._check(session, held, person)
            row = SubmissionRow(
                race=held.id, person=person.id, nth=(nth or 0) + 1, key=key, folder=name, model=model,
                submitted=self._clock(), runs=0, position=0, reason="",
            )  # fmt: skip
            job: JobRow | None = None
            if held.format is Format.CLASSIC:
                job = new_job(JobKind.SUBMISSION, person.id, f"submission/{name}", {})
                row.job = job.id
                session.add(job)
            session.add(row)
            session.flush()
            row.position = row.number
            return self._of(row, held, None if job is None else JobState.QUEUED)

    def _refuse_early(self, held: HeldRace, person: Person) -> None:
        with self._database.session() as session:
            self._check(session, held, person)

    def _check(self, session: Session, held: HeldRace, person: Person) -> None:
        own = select(func.count()).select_from(SubmissionRow).where(SubmissionRow.person == person.id)
        earlier = session.scalar(own.where(SubmissionRow.race == held.id)) or 0
        held.rules.check_submission(moment(self._clock()), earlier)
        if held.format is Format.LIVE:
            live = session.get_one(LiveRow, held.id)
            if not live.entries_open or live.winner is not None:
                raise RefusedSubmissionError(
                    _("{race} takes no more submissions").format(race=held.rules.name)
                )
        waiting = own.join(JobRow, JobRow.id == SubmissionRow.job).where(
            SubmissionRow.ended.is_(None), JobRow.state.in_(ACTIVE)
        )
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            raise RefusedSubmissionError(
                _("{count} of your submissions wait already; submit again when one has driven").format(
                    count=MOST_WAITING
                )
            )

    def _known(self, person: Person, key: str) -> Submission | None:
        """The submission that a person has made with a key."""
        found = self._find(SubmissionRow.person == person.id, SubmissionRow.key == key)
        return found[0] if found else None

    def submission(self, number: int, person: Person | None) -> Submission:
        """A submission to a race that a person may see.

        Raises:
            SubmissionNotFoundError: there is none, or it is not for this person.
        """
        found = self._find(SubmissionRow.number == number)
        if not found:
            raise SubmissionNotFoundError(_("there is no submission {number}").format(number=number))
        self._races.race(found[0].race, person)
        return found[0]

    def submissions(self, race: int, person: Person | None = None) -> list[Submission]:
        """All submissions to a race, or those of one person; the newest first."""
        own = () if person is None else (SubmissionRow.person == person.id,)
        return self._find(SubmissionRow.race == race, *own)

    def of_person(self, person: int) -> list[Submission]:
        """All submissions of a person, the newest first."""
        return self._find(SubmissionRow.person == person)

    def _find(self, *conditions: Any) -> list[Submission]:
        query = (
            select(SubmissionRow, RaceRow, JobRow.state)
            .join(RaceRow, RaceRow.id == SubmissionRow.race)
            .outerjoin(JobRow, JobRow.id == SubmissionRow.job)
            .where(*conditions)
            .order_by(SubmissionRow.number.desc())
        )
        with self._database.session() as session:
            found = session.execute(query).all()
        held: dict[int, HeldRace] = {}
        for _row, race, _state in found:
            if race.id not in held:
                held[race.id] = self._races.of_row(race)
        return [
            self._of(row, held[race.id], None if state is None else JobState(state))
            for row, race, state in found
        ]

    def of_row(self, session: Session, row: SubmissionRow) -> Submission:
        """The submission of a row, for those who have read it."""
        race = session.get_one(RaceRow, row.race)
        state = session.scalar(select(JobRow.state).where(JobRow.id == row.job))
        return self._of(row, self._races.of_row(race), None if state is None else JobState(state))

    def _of(self, row: SubmissionRow, held: HeldRace, job: JobState | None) -> Submission:
        return _submission(row, held, job, submission_folder(self._folder, row.folder))

    def not_ended(self, race: HeldRace) -> list[Submission]:
        """The submissions to a race that have no result yet, or whose drive was given up."""
        return self._find(SubmissionRow.race == race.id, SubmissionRow.ended.is_(None))

    def may_see_model(self, submission: Submission, person: Person | None) -> bool:
        """Whether somebody may know what a racer calls the model, and why it failed."""
        if person is None:
            return False
        return person.id == submission.person or may_manage(
            person, self._races.race(submission.race, person).organiser
        )

    def finish(self, number: int, laps: Sequence[Lap], duration_s: float, job: str) -> bool:
        """Write down what came of a drive; only the first time, and only for the job that still drives it.

        Args:
            number: of the submission.
            laps: those completed.
            duration_s: simulated seconds.
            job: id of the job that drove it.

        Returns:
            Whether this was the first time.
        """
        race = self._race_of(number)
        result = result_of(race.rules, laps)
        return self._end(
            number,
            job,
            laps=[[lap.time_ms, lap.resets] for lap in laps],
            total_ms=None if result is None else result.total_ms,
            duration_s=duration_s,
        )

    def fail(self, number: int, reason: str, job: str) -> bool:
        """Write down why a submission could not drive; likewise."""
        return self._end(number, job, reason=reason, laps=[])

    def _end(self, number: int, job: str, **values: Any) -> bool:
        with self._database.session() as session:
            done = session.execute(
                update(SubmissionRow)
                .where(
                    SubmissionRow.number == number, SubmissionRow.ended.is_(None), SubmissionRow.job == job
                )
                .values(ended=self._clock(), **values)
            )
            if not done.rowcount:  # type: ignore[attr-defined]
                return False
            race = select(SubmissionRow.race).where(SubmissionRow.number == number).scalar_subquery()
            session.execute(update(RaceRow).where(RaceRow.id == race).values(version=RaceRow.version + 1))
            return True

    def of_job(self, job: str) -> Submission:
        """The submission that a job drives.

        Raises:
            SubmissionNotFoundError: there is none any more.
        """
        found = self._find(SubmissionRow.job == job)
        if not found:
            raise SubmissionNotFoundError(_("there is no submission of job {job}").format(job=job))
        return found[0]

    def seed(self, submission: Submission) -> int:
        """The seed with which a submission drives: the race's, another one each time that it is put back."""
        with self._database.session() as session:
            return session.get_one(RaceRow, submission.race).seed + submission.runs

    def race_of(self, submission: Submission) -> HeldRace:
        """The race of a submission, whoever asks."""
        return self._race_of(submission.number)

    def _race_of(self, number: int) -> HeldRace:
        query = select(RaceRow).join(SubmissionRow, SubmissionRow.race == RaceRow.id)
        with self._database.session() as session:
            return self._races.of_row(session.scalars(query.where(SubmissionRow.number == number)).one())


def entry_of(submission: Submission) -> ModelFolder:
    """The copy of the model that was submitted."""
    return ModelFolder(submission.folder / ENTRY)


def _submission(row: SubmissionRow, held: HeldRace, job: JobState | None, folder: Path) -> Submission:
    laps = tuple(Lap(*lap) for lap in row.laps or ())
    state = SubmissionState.WAITING
    if row.ended is not None:
        state = SubmissionState.FAILED if row.reason else SubmissionState.FINISHED
    elif job is not None and job is not JobState.QUEUED:
        # A job that ended without a word was given up by whoever watches over jobs.
        state = SubmissionState.DRIVING if job in ACTIVE else SubmissionState.FAILED
    reason = row.reason
    if state is SubmissionState.FAILED and not reason:
        reason = _("its drive was ended from outside too often; submit it again")
    return Submission(
        number=row.number,
        race=row.race,
        person=row.person,
        nth=row.nth,
        model=row.model,
        state=state,
        submitted=moment(row.submitted),
        ended=moment(row.ended),
        laps=laps,
        result=result_of(held.rules, laps),
        duration_s=row.duration_s,
        reason=reason,
        folder=folder,
        is_live=held.format is Format.LIVE,
        runs=row.runs,
        position=row.position,
        shown_from=moment(row.shown_from),
        shown_until=moment(row.shown_until),
    )
