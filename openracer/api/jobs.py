"""Jobs as the API shows them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from openracer.language import gettext as _
from openracer.service import current_queue
from openracer.service.jobs import Job, JobKind, JobNotFoundError, JobState


class JobOut(BaseModel):
    """A training or an evaluation that was asked for.

    Attributes:
        id: of the job.
        model: name of the model.
        state: where it is.
        place: in the queue, counted from 1; 0 if it does not wait.
        created: when it was asked for.
        started: when it began.
        ended: when it ended.
        reason: why it failed, in one sentence.
        request: of an evaluation, what to evaluate.
        result: stamp of the evaluation, or the condition that ended the training.
    """

    id: str
    model: str
    state: JobState
    place: int
    created: datetime
    started: datetime | None
    ended: datetime | None
    reason: str
    request: dict[str, Any]
    result: dict[str, Any]


def shown(job: Job) -> JobOut:
    """A job for the API."""
    return JobOut(
        id=job.id,
        model=job.model,
        state=job.state,
        place=current_queue().place(job.id) if job.state is JobState.QUEUED else 0,
        created=job.created,
        started=job.started,
        ended=job.ended,
        reason=job.reason,
        request=dict(job.request),
        result=dict(job.result),
    )


def job_of(job_id: str, kind: JobKind) -> Job:
    """The job of an id, if it is of a kind.

    Raises:
        JobNotFoundError: there is none.
    """
    job = current_queue().job(job_id)
    if job.kind is not kind:
        raise JobNotFoundError(_("there is no job {id}").format(id=job_id[:20]))
    return job


def jobs_of(kind: JobKind, model: str | None, active: bool) -> list[JobOut]:
    """The jobs of a kind, the newest first."""
    return [shown(job) for job in current_queue().jobs(model, active) if job.kind is kind]
