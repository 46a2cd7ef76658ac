"""Routes of trainings: ask for one, follow it, stop it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from openracer.api.jobs import JobOut, job_of, jobs_of, shown
from openracer.models import library
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.models.lock import ModelLock
from openracer.service import current_queue
from openracer.service.jobs import Job, JobKind

router = APIRouter(prefix="/trainings", tags=["trainings"])

_POLL_S = 0.25
_SILENCE_S = 15.0


class TrainingRequest(BaseModel):
    """A training to begin, or to go on with.

    Attributes:
        model: name of the model.
        stop: stop conditions that change; they count from the training's very beginning.
    """

    model_config = ConfigDict(extra="forbid")

    model: str
    stop: dict[str, Any] | None = None


@router.get("")
def list_trainings(
    model: Annotated[str | None, Query(description="Only those of this model.")] = None,
    active: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> list[JobOut]:
    """Trainings, the newest first."""
    return jobs_of(JobKind.TRAINING, model, active)


@router.post("", status_code=202)
def submit_training(request: Annotated[TrainingRequest, Body()]) -> JobOut:
    """Ask for a training; it begins when a place is free."""
    if request.stop is not None:
        folder = library.own_model(request.model)
        with ModelLock(folder):
            folder.write_description(folder.description().with_changes({"stop": request.stop}))
    return shown(current_queue().submit_training(request.model))


@router.get("/{job_id}")
def get_training(job_id: str) -> JobOut:
    """One training."""
    return shown(job_of(job_id, JobKind.TRAINING))


@router.post("/{job_id}/stop", status_code=202)
def stop_training(job_id: str) -> JobOut:
    """Let a training finish its iteration, save and end."""
    current_queue().stop(job_of(job_id, JobKind.TRAINING).id)
    return shown(job_of(job_id, JobKind.TRAINING))


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
def follow_training(
    job_id: str,
    last_event_id: Annotated[str, Header(description="Of the last event that was received.")] = "",
) -> StreamingResponse:
    """What happens in a training, as server-sent events until it has ended; the last one is ``job``, its state."""
    job = job_of(job_id, JobKind.TRAINING)
    offset = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 16 else 0
    return StreamingResponse(
        _follow(job, library.own_model(job.model), offset),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


async def _follow(job: Job, folder: ModelFolder, offset: int) -> AsyncIterator[str]:
    silence = 0.0
    while True:
        has_ended = not (await asyncio.to_thread(current_queue().job, job.id)).state.is_active
        events, offset = await asyncio.to_thread(read_events, folder.events_file, offset)
        for event in events:
            if event["time"] >= job.created.timestamp():
                yield _message("training", event, offset if event is events[-1] else None)
                silence = 0.0
        if has_ended:
            yield _message("job", shown(current_queue().job(job.id)).model_dump(mode="json"), None)
            return
        if silence > _SILENCE_S:
            yield ": still there\n\n"  # so that nothing in between takes the connection for dead
            silence = 0.0
        await asyncio.sleep(_POLL_S)
        silence += _POLL_S


def _message(kind: str, data: dict[str, Any], number: int | None) -> str:
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
