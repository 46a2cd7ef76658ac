"""Routes of evaluations: ask for one, stop it, and what came of the earlier ones."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from openracer.api.jobs import JobOut, job_of, jobs_of, shown
from openracer.api.models import CSV, Name
from openracer.models import library
from openracer.models.evaluations import TRACE_FILE, Evaluation, read_evaluation, read_evaluations
from openracer.models.log_archive import evaluation_files, zip_chunks
from openracer.runs.request import EvaluationRequest
from openracer.service import current_queue
from openracer.service.jobs import JobKind

router = APIRouter(tags=["evaluations"])

Stamp = Annotated[str, Path(description="When the evaluation was, 14 digits.")]


@dataclass(frozen=True, kw_only=True)
class EvaluationBody(EvaluationRequest):
    """What to evaluate, and the model; the defaults are the console's."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)

    model: str


class TrialOut(BaseModel):
    """How a trial went.

    Attributes:
        trial: counted from 1.
        time_ms: from the start to the end, penalties included.
        completion_percentage: of the lap.
        status: how it ended, in DeepRacer's words.
        off_tracks: times the car left the track.
        crashes: times it ran into something.
        resets: times that it was put back, or would have been.
    """

    trial: int
    time_ms: int
    completion_percentage: int
    status: str
    off_tracks: int
    crashes: int
    resets: int


class EvaluationOut(BaseModel):
    """An evaluation.

    Attributes:
        stamp: by which it is known.
        settings: track, checkpoint and so on.
        trials: how each went.
    """

    stamp: str
    settings: dict[str, Any]
    trials: list[TrialOut]


def _shown(evaluation: Evaluation) -> EvaluationOut:
    trials = [
        TrialOut(
            trial=trial.trial,
            time_ms=trial.elapsed_time_in_milliseconds,
            completion_percentage=trial.completion_percentage,
            status=trial.episode_status,
            off_tracks=trial.off_track_count,
            crashes=trial.crash_count,
            resets=trial.reset_count,
        )
        for trial in evaluation.trials
    ]
    return EvaluationOut(stamp=evaluation.stamp, settings=dict(evaluation.settings), trials=trials)


@router.get("/evaluations")
def list_evaluation_jobs(
    model: Annotated[str | None, Query(description="Only those of this model.")] = None,
    active: Annotated[bool, Query(description="Only those that have not ended.")] = False,
) -> list[JobOut]:
    """Evaluations that were asked for, the newest first."""
    return jobs_of(JobKind.EVALUATION, model, active)


@router.post("/evaluations", status_code=202)
def submit_evaluation(body: Annotated[EvaluationBody, Body()]) -> JobOut:
    """Ask for an evaluation; ``result.evaluation`` is its stamp once the job has finished."""
    values = asdict(body)
    model = values.pop("model")
    return shown(current_queue().submit_evaluation(model, EvaluationRequest(**values)))


@router.get("/evaluations/{job_id}")
def get_evaluation_job(job_id: str) -> JobOut:
    """One evaluation that was asked for."""
    return shown(job_of(job_id, JobKind.EVALUATION))


@router.post("/evaluations/{job_id}/stop", status_code=202)
def stop_evaluation(job_id: str) -> JobOut:
    """Give an evaluation up."""
    current_queue().stop(job_of(job_id, JobKind.EVALUATION).id)
    return shown(job_of(job_id, JobKind.EVALUATION))


@router.get("/models/{name}/evaluations")
def list_evaluations(name: Name) -> list[EvaluationOut]:
    """What came of a model's evaluations, the earliest first."""
    return [_shown(evaluation) for evaluation in read_evaluations(library.own_model(name))]


@router.get("/models/{name}/evaluations/{stamp}")
def get_evaluation(name: Name, stamp: Stamp) -> EvaluationOut:
    """What came of an evaluation."""
    return _shown(read_evaluation(library.own_model(name), stamp))


@router.get("/models/{name}/evaluations/{stamp}/trace", response_class=FileResponse, responses=CSV)
def get_evaluation_trace(name: Name, stamp: Stamp) -> FileResponse:
    """The trace of an evaluation, as DeepRacer writes it."""
    return FileResponse(
        read_evaluation(library.own_model(name), stamp).path / TRACE_FILE, media_type="text/csv"
    )


@router.get(
    "/models/{name}/evaluations/{stamp}/logs",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "A ZIP archive."}},
)
def get_evaluation_logs(name: Name, stamp: Stamp) -> StreamingResponse:
    """The logs of an evaluation as a ZIP archive."""
    folder = library.own_model(name)
    evaluation = read_evaluation(folder, stamp)
    file_name = f"{folder.name}-{evaluation.path.name}-logs.zip"
    return StreamingResponse(
        zip_chunks(folder, evaluation_files(folder, evaluation)),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
