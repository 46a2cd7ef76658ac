"""Jobs as the database holds them, and the steps from one state to the next, each of them one transaction."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from openracer.language import current_language
from openracer.language import gettext as _
from openracer.service.account_tables import UsageRow
from openracer.service.database import Database, JobRow
from openracer.service.processes import ProcessIdentity


class JobKind(StrEnum):
    """What a job does."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    SUBMISSION = "submission"
    DISTILLATION = "distillation"
    DUEL = "duel"
    RACE = "race"


class JobState(StrEnum):
    """Where a job is on its way; the last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self in ACTIVE


UNDER_WAY = (JobState.RUNNING, JobState.STOPPING)
ACTIVE = (JobState.QUEUED, *UNDER_WAY)

OF_MODELS = (JobKind.TRAINING, JobKind.EVALUATION, JobKind.DISTILLATION, JobKind.RACE)
"""Jobs that a person has of a model; the others are the league's."""


@dataclass(frozen=True)
class Job:
    """A training, an evaluation, a distillation, the drive of a submission, or a duel that was asked for.

    Attributes:
        id: of the job.
        kind: what it does.
        person: number of the one who asked for it, and whose the model is.
        model: name of the model; of races and the league's jobs, what they drive, which is no model's name.
        state: where it is.
        created: when it was asked for, UTC.
        started: when it began last, None if it did not.
        ended: when it ended, None if it did not.
        reason: why it failed, in one sentence; else empty.
        request: of an evaluation or a race, what to drive; of a distillation, ``{"checkpoint": …}``.
        result: ``{"evaluation": stamp, "report": …}`` of an evaluation, ``{"reason": …}`` of a training, at its end;
            ``{"race": stamp}`` of a race; of a distillation ``{"round": …}`` as long as it lasts, then what came of it.
        attempt: how often it was begun.
        process: what watches over it, None until that has said so.
    """

    id: str
    kind: JobKind
    person: int
    model: str
    state: JobState
    created: datetime
    started: datetime | None
    ended: datetime | None
    reason: str
    request: Mapping[str, Any]
    result: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 0
    process: ProcessIdentity | None = None


def new_job(kind: JobKind, person: int, model: str, request: Mapping[str, Any]) -> JobRow:
    """A job at the end of the queue, once it is in the database."""
    return JobRow(
        id=uuid.uuid4().hex[:12], kind=kind, person=person, model=model, state=JobState.QUEUED,
        created=time.time(),
        language=current_language(), request=dict(request), result={}, reason="", attempt=0,
    )  # fmt: skip


class JobNotFoundError(FileNotFoundError):
    """There is no such job."""


class JobStore:
    """The jobs in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.
    """

    def __init__(self, database: Database):
        self._database = database

    def add(self, kind: JobKind, person: int, model: str, request: Mapping[str, Any]) -> Job:
        """Put a job at the end of the queue."""
        row = new_job(kind, person, model, request)
        with self._database.session() as session:
            session.add(row)
        return _job(row)

    def job(self, job_id: str) -> Job:
        """The job of an id.

        Raises:
            JobNotFoundError: there is none.
        """
        return _job(self._row(job_id))

    def language(self, job_id: str) -> str:
        """The language of the one who asked for a job."""
        return self._row(job_id).language

    def _row(self, job_id: str) -> JobRow:
        with self._database.session() as session:
            row = session.scalar(select(JobRow).where(JobRow.id == job_id))
        if row is None:
            raise JobNotFoundError(_("there is no job {id}").format(id=job_id[:20]))
        return row

    def jobs(
        self,
        person: int | None = None,
        model: str | None = None,
        states: tuple[JobState, ...] = tuple(JobState),
        kinds: tuple[JobKind, ...] = OF_MODELS,
    ) -> list[Job]:
        """The jobs of a person and a model, or of all, that are in one of some states; the newest first."""
        query = select(JobRow).where(JobRow.state.in_(states), JobRow.kind.in_(kinds))
        query = query.order_by(JobRow.number.desc())
        if person is not None:
            query = query.where(JobRow.person == person)
        if model is not None:
            query = query.where(JobRow.model == model)
        with self._database.session() as session:
            return [_job(row) for row in session.scalars(query)]

    def begin(self, job: Job) -> int | None:
        """Take a job from the queue.

        Returns:
            The number of this attempt; None if the job is not in the queue any more.
        """
        attempt = job.attempt + 1
        began = self._change(
            job.id, JobRow.state == JobState.QUEUED,
            state=JobState.RUNNING, started=time.time(), attempt=attempt, pid=None, process_started=None,
        )  # fmt: skip
        return attempt if began else None

    def claim(self, job_id: str, attempt: int, process: ProcessIdentity) -> bool:
        """Write down which process watches over an attempt; False if another one does, or nobody should."""
        return self._change(
            job_id, _under_way(attempt), JobRow.pid.is_(None),
            pid=process.pid, process_started=process.started,
        )  # fmt: skip

    def take_from_queue(self, job_id: str) -> bool:
        """Mark a job that has not begun as stopped; False if it is not in the queue."""
        return self._change(
            job_id, JobRow.state == JobState.QUEUED, state=JobState.STOPPED, ended=time.time()
        )

    def ask_to_stop(self, job_id: str, reason: str = "") -> bool:
        """Ask the process that watches over a job to stop it; False if the job is not running."""
        return self._change(job_id, JobRow.state == JobState.RUNNING, state=JobState.STOPPING, reason=reason)

    def tell(self, job: Job, result: Mapping[str, Any]) -> bool:
        """Write down how far an attempt is; False if it is not wanted any more."""
        return self._change(job.id, _under_way(job.attempt), result=dict(result))

    def put_back(self, job: Job) -> bool:
        """Put a job whose process is gone back to its old place in the queue."""
        return self._close(job.id, job.attempt, state=JobState.QUEUED, pid=None)

    def end(
        self,
        job_id: str,
        attempt: int,
        state: JobState,
        reason: str = "",
        result: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write down how an attempt ended; False if that is known already."""
        # A reason that was given as the job was asked to stop stays.
        told = {"reason": reason} if reason else {}
        return self._close(job_id, attempt, state=state, ended=time.time(), result=dict(result or {}), **told)

    def _close(self, job_id: str, attempt: int, **values: Any) -> bool:
        """End an attempt, and note what it took, in one transaction; False if it has ended already."""
        with self._database.session() as session:
            row = session.scalar(select(JobRow).where(JobRow.id == job_id))
            condition = JobRow.id == job_id, _under_way(attempt)
            done = session.execute(update(JobRow).where(*condition).values(**values))
            if row is None or not done.rowcount:  # type: ignore[attr-defined]
                return False
            now = time.time()
            seconds = max(now - (row.started or now), 0.0)
            if row.kind in OF_MODELS:
                session.add(UsageRow(person=row.person, kind=row.kind, ended=now, seconds=seconds))
            return True

    def forget(self, person: int, model: str) -> None:
        """Delete all jobs of a person's model."""
        with self._database.session() as session:
            session.execute(delete(JobRow).where(JobRow.person == person, JobRow.model == model))

    def _change(self, job_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
        """Change a job if the conditions hold in the moment of the change."""
        with self._database.session() as session:
            done = session.execute(update(JobRow).where(JobRow.id == job_id, *conditions).values(**values))
            return bool(done.rowcount)  # type: ignore[attr-defined]


def _under_way(attempt: int) -> ColumnElement[bool]:
    return (JobRow.attempt == attempt) & JobRow.state.in_(UNDER_WAY)


def _job(row: JobRow) -> Job:
    process = None
    if row.pid is not None and row.process_started is not None:
        process = ProcessIdentity(row.pid, row.process_started)
    return Job(
        id=row.id,
        kind=JobKind(row.kind),
        person=row.person,
        model=row.model,
        state=JobState(row.state),
        created=datetime.fromtimestamp(row.created, UTC),
        started=_moment(row.started),
        ended=_moment(row.ended),
        reason=row.reason,
        request=row.request,
        result=row.result,
        attempt=row.attempt,
        process=process,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
