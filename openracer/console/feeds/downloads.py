"""Files to take away: the logs of a training or an evaluation as an archive, and films."""

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from fastapi import HTTPException
from fastapi.responses import FileResponse, StreamingResponse
from nicegui import app

from openracer.console.feeds.names import evaluation_of, model_of
from openracer.models.folder import ModelFolder
from openracer.runs.film_process import film_path

_CHUNK = 1 << 16


def register() -> None:
    """Define the routes."""
    app.add_api_route("/watch/{name}/logs", _training_logs, response_model=None)
    app.add_api_route("/watch/{name}/evaluations/{stamp}/logs", _evaluation_logs, response_model=None)
    app.add_api_route("/watch/{name}/evaluations/{stamp}/film", _film, response_model=None)


def training_files(folder: ModelFolder) -> list[Path]:
    """The files that tell of a training: description, traces, metrics, events, learner's CSV and output."""
    single = [
        folder.reward_file, folder.path / "training_params.yaml", folder.path / "ip" / "hyperparameters.json",
        folder.checkpoints_folder / "model_metadata.json", folder.coach_file, folder.metrics_file,
        folder.description_file, folder.events_file, folder.own_folder / "output.log",
    ]  # fmt: skip
    return [*(file for file in single if file.is_file()), *sorted(folder.traces_folder.glob("*.csv"))]


def _training_logs(name: str) -> StreamingResponse:
    folder = model_of(name)
    return _archive(f"{folder.name}-training-logs", folder, training_files(folder))


def _evaluation_logs(name: str, stamp: str) -> StreamingResponse:
    folder = model_of(name)
    evaluation = evaluation_of(folder, stamp)
    files = [file for file in evaluation.path.rglob("*") if file.is_file() and file != film_path(evaluation)]
    metrics = folder.path / "metrics" / "evaluation" / f"{evaluation.path.name}.json"
    return _archive(f"{folder.name}-{evaluation.path.name}-logs", folder, [*sorted(files), metrics])


def _film(name: str, stamp: str) -> FileResponse:
    folder = model_of(name)
    evaluation = evaluation_of(folder, stamp)
    path = film_path(evaluation)
    if not path.is_file():
        raise HTTPException(404, "this film has not been made")
    return FileResponse(path, media_type="video/mp4", filename=f"{folder.name}-{evaluation.path.name}.mp4")


def _archive(title: str, folder: ModelFolder, files: Iterable[Path]) -> StreamingResponse:
    """A ZIP archive of some files of a model, by their paths in its folder."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            for path in files:
                archive.write(path, f"{folder.name}/{path.relative_to(folder.path).as_posix()}")
        size = file.tell()
    except OSError as error:
        file.close()
        raise HTTPException(507, str(error)) from None
    return StreamingResponse(
        _chunks(file),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{title}.zip"', "Content-Length": str(size)},
    )


def _chunks(file: IO[bytes]) -> Iterable[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
