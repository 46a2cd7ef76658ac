"""All models with what is happening to them: what lists and the first page show."""

from dataclasses import dataclass
from typing import Literal

from openracer.models.events import last_event
from openracer.models.folder import ModelFolder
from openracer.models.summary import ModelSummary, summarise_models
from openracer.service.jobs import Job, JobKind, JobQueue, JobState

ModelState = Literal["new", "queued", "training", "evaluating", "stopping", "ready", "failed", "broken"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model.

    Attributes:
        summary: what its folder says.
        state: what is happening to it, else whether it has been trained.
        job: the one under way or in the queue; else its last one, None where it never had any.
    """

    summary: ModelSummary
    state: ModelState
    job: Job | None


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """How far a training is that runs or has run.

    Attributes:
        iteration: updates so far.
        seconds: of training so far.
        reward: mean of the last iteration's episodes, None where none ended.
        completion: mean progress of the same, percent.
        best_lap_s: the shortest lap so far, s, None before the first.
        share: of what its stop conditions allow, 0 to 1; None where it has none that can be told ahead.
    """

    iteration: int
    seconds: float
    reward: float | None
    completion: float | None
    best_lap_s: float | None
    share: float | None


def model_statuses(queue: JobQueue) -> list[ModelStatus]:
    """All models, the newest first."""
    jobs: dict[str, list[Job]] = {}
    for job in queue.jobs():
        jobs.setdefault(job.model, []).append(job)
    statuses = [_status(summary, jobs.get(summary.name, [])) for summary in summarise_models()]
    return sorted(statuses, key=lambda status: status.summary.created, reverse=True)


def _status(summary: ModelSummary, jobs: list[Job]) -> ModelStatus:
    """The status of a model whose jobs are given, the newest first."""
    if summary.description is None:
        return ModelStatus(summary, "broken", None)
    active = sorted(
        (job for job in jobs if job.state.is_active), key=lambda job: job.state is JobState.QUEUED
    )
    if active:
        return ModelStatus(summary, _active_state(active[0]), active[0])
    last = next(iter(jobs), None)
    if last is not None and last.kind is JobKind.TRAINING and last.state is JobState.FAILED:
        return ModelStatus(summary, "failed", last)
    return ModelStatus(summary, "ready" if summary.has_weights else "new", last)


def _active_state(job: Job) -> ModelState:
    if job.state is JobState.QUEUED:
        return "queued"
    if job.state is JobState.STOPPING:
        return "stopping"
    return "evaluating" if job.kind is JobKind.EVALUATION else "training"


def training_progress(folder: ModelFolder, summary: ModelSummary) -> TrainingProgress | None:
    """How far a model's training is; None before its first iteration.

    Args:
        folder: of the model.
        summary: of the same.
    """
    event = last_event(folder.events_file, "iteration")
    if event is None or summary.description is None:
        return None
    stop = summary.description.stop
    shares = []
    if stop.minutes is not None:
        shares.append(float(event["seconds"]) / (60.0 * stop.minutes))
    if stop.iterations is not None:
        shares.append(float(event["iteration"]) / stop.iterations)
    return TrainingProgress(
        iteration=event["iteration"],
        seconds=event["seconds"],
        reward=event["reward"],
        completion=event["progress"],
        best_lap_s=event["best_lap"],
        share=min(max(shares), 1.0) if shares else None,
    )
