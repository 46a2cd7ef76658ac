"""Routes of models: list, create, look at, clone, delete, and their files."""

from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from fastapi.responses import FileResponse, PlainTextResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict

from openracer.api.bodies import TrainingValues
from openracer.api.errors import NotFoundError
from openracer.api.rewards import refuse_unusable_reward
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.log_archive import training_files, zip_chunks
from openracer.models.run_state import read_progress
from openracer.models.summary import ModelSummary, summarise, summarise_models
from openracer.service import current_queue
from openracer.tracks import catalogue

router = APIRouter(prefix="/models", tags=["models"])

Name = Annotated[str, Path(description="Name of a model.")]
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "Comma-separated values."}
}


class ModelLine(BaseModel):
    """A model in one line.

    Attributes:
        name: of the model.
        problem: why its files cannot be read, in one sentence; else empty.
        created: when it was made.
        track: world name.
        reverse: driven the other way round.
        race_type: of the training.
        preset: of the training.
        description: the user's note.
        iterations: updates so far.
        episodes: training episodes so far.
        steps: environment steps so far.
        completion: mean progress of the best checkpoint's trials, percent.
        best_lap_s: the shortest complete lap, s.
    """

    name: str
    problem: str
    created: datetime
    track: str | None = None
    reverse: bool | None = None
    race_type: str | None = None
    preset: str | None = None
    description: str | None = None
    iterations: int
    episodes: int
    steps: int
    completion: float | None
    best_lap_s: float | None


class ModelDetail(ModelLine):
    """All of a model.

    Attributes:
        best_checkpoint: the best one, None before the first.
        best_mean_lap_s: mean time of its complete trials during the training, s.
        checkpoints: all of them, the earliest first.
        training: the description of its training.
    """

    best_checkpoint: str | None
    best_mean_lap_s: float | None
    checkpoints: list[str]
    training: TrainingDescription


class CloneRequest(BaseModel):
    """A clone.

    Attributes:
        name: of the new model.
        changes: values of the description that change.
        checkpoint: whose weights it starts from: ``best``, ``last`` or the number of an iteration.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    changes: TrainingValues = {}
    checkpoint: str = "best"


def _line(summary: ModelSummary) -> dict[str, Any]:
    described = summary.description
    return {
        "name": summary.name,
        "problem": summary.problem,
        "created": summary.created,
        "iterations": summary.iterations,
        "episodes": summary.episodes,
        "steps": summary.steps,
        "completion": summary.completion,
        "best_lap_s": summary.best_lap_s,
        **(
            {}
            if described is None
            else described.model_dump(include={"track", "reverse", "race_type", "preset", "description"})
        ),
    }


@router.get("")
def list_models() -> list[ModelLine]:
    """All models by name."""
    return [ModelLine(**_line(summary)) for summary in summarise_models()]


@router.post("", status_code=201)
def create_model(values: Annotated[TrainingValues, Body()]) -> ModelDetail:
    """Make a model; a training of it is another request."""
    description = TrainingDescription.from_values(values)
    description = description.with_world_names()
    refuse_unusable_reward(description)
    return _detail(library.create_model(description).name)


@router.get("/{name}")
def get_model(name: Name) -> ModelDetail:
    """One model."""
    return _detail(name)


def _detail(name: str) -> ModelDetail:
    folder = library.own_model(name)
    description, progress = folder.description(), read_progress(folder)
    return ModelDetail(
        **_line(summarise(folder)),
        best_checkpoint=progress.best,
        best_mean_lap_s=progress.best_mean_lap_s,
        checkpoints=[str(checkpoint) for checkpoint in folder.checkpoints.names()],
        training=description,
    )


@router.post("/{name}/clone", status_code=201)
def clone_model(name: Name, request: CloneRequest) -> ModelDetail:
    """Make a new model that starts from the weights of this one."""
    source = library.own_model(name)
    changes = dict(request.changes)
    if isinstance(changes.get("track"), str):
        changes["track"] = catalogue.find(changes["track"]).name
    if changes.keys() & {"reward", "reward_source"}:
        refuse_unusable_reward(source.description().with_changes(changes))
    return _detail(library.clone_model(source.path, request.name, changes, request.checkpoint).name)


@router.delete("/{name}", status_code=204)
def delete_model(name: Name) -> Response:
    """Delete a model and its jobs; it stays in the trash for a month."""
    current_queue().delete_model(name)
    return Response(status_code=204)


@router.get("/{name}/reward", response_class=PlainTextResponse)
def get_reward(name: Name) -> PlainTextResponse:
    """The code of the reward function."""
    return PlainTextResponse(library.own_model(name).description().reward_source, media_type="text/x-python")


@router.get("/{name}/metadata")
def get_metadata(name: Name) -> FileResponse:
    """``model_metadata.json``, as DeepRacer has it."""
    path = library.own_model(name).checkpoints_folder / "model_metadata.json"
    if not path.is_file():
        raise NotFoundError(_("model {name} has no {file}").format(name=name, file=path.name))
    return FileResponse(path, media_type="application/json")


@router.get(
    "/{name}/logs",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "A ZIP archive."}},
)
def get_logs(name: Name) -> StreamingResponse:
    """The logs of the training as a ZIP archive."""
    folder = library.own_model(name)
    return StreamingResponse(
        zip_chunks(folder, training_files(folder)),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{folder.name}-training-logs.zip"'},
    )


@router.get("/{name}/traces")
def list_traces(name: Name) -> list[int]:
    """Numbers of the training's trace files."""
    return sorted(_traces(library.own_model(name)))


@router.get("/{name}/traces/{number}", response_class=FileResponse, responses=CSV)
def get_trace(name: Name, number: int) -> FileResponse:
    """A trace file of the training."""
    path = _traces(library.own_model(name)).get(number)
    if path is None:
        raise NotFoundError(_("model {name} has no trace {number}").format(name=name, number=number))
    return FileResponse(path, media_type="text/csv")


def _traces(folder: ModelFolder) -> dict[int, FilePath]:
    files = (
        (path.name.removesuffix("-iteration.csv"), path)
        for path in folder.traces_folder.glob("*-iteration.csv")
    )
    return {int(number): path for number, path in files if number.isdecimal()}
