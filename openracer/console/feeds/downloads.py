"""Files to take away: logs as an archive, the report of an analysis, and films."""

from collections.abc import Iterator

from fastapi import HTTPException
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from nicegui import app

from openracer.analysis.loading import load
from openracer.analysis.report import report
from openracer.analysis.study import study_of
from openracer.console.feeds.names import evaluation_of, model_of
from openracer.models.log_archive import evaluation_files, training_files, zip_chunks
from openracer.runs.film_process import film_path


def register() -> None:
    """Define the routes."""
    app.add_api_route("/watch/{name}/logs", _training_logs, response_model=None)
    app.add_api_route("/watch/{name}/report", _report, response_model=None)
    app.add_api_route("/watch/{name}/evaluations/{stamp}/logs", _evaluation_logs, response_model=None)
    app.add_api_route("/watch/{name}/evaluations/{stamp}/film", _film, response_model=None)


def _training_logs(name: str) -> StreamingResponse:
    folder = model_of(name)
    return _archive(f"{folder.name}-training-logs", zip_chunks(folder, training_files(folder)))


def _report(name: str) -> HTMLResponse:
    folder = model_of(name)
    try:
        recording = load(folder.path)
    except (ValueError, OSError) as error:
        raise HTTPException(409, str(error)) from None
    study, note = study_of(recording)
    headers = {"Content-Disposition": f'attachment; filename="{folder.name}-report.html"'}
    return HTMLResponse(report(recording, study, note=note), headers=headers)


def _evaluation_logs(name: str, stamp: str) -> StreamingResponse:
    folder = model_of(name)
    evaluation = evaluation_of(folder, stamp)
    chunks = zip_chunks(folder, evaluation_files(folder, evaluation))
    return _archive(f"{folder.name}-{evaluation.path.name}-logs", chunks)


def _film(name: str, stamp: str) -> FileResponse:
    folder = model_of(name)
    evaluation = evaluation_of(folder, stamp)
    path = film_path(evaluation)
    if not path.is_file():
        raise HTTPException(404, "this film has not been made")
    return FileResponse(path, media_type="video/mp4", filename=f"{folder.name}-{evaluation.path.name}.mp4")


def _archive(title: str, chunks: Iterator[bytes]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{title}.zip"'}
    return StreamingResponse(chunks, media_type="application/zip", headers=headers)
