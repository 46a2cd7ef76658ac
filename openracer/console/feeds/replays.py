"""Drives to replay: the newest episodes of a training, and the trials of an evaluation."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from fastapi import HTTPException
from fastapi.responses import JSONResponse, Response
from nicegui import app

from openracer.analysis.drives import drive_values, newest_trace
from openracer.console.feeds.names import evaluation_of, model_of
from openracer.models.drives import Drive, read_drives
from openracer.models.summary import kept_description


def register() -> None:
    """Define the routes."""
    app.add_api_route("/watch/{name}/newest", _newest, response_model=None)
    app.add_api_route("/watch/{name}/episodes/{episode}", _episode, response_model=None)
    app.add_api_route("/watch/{name}/evaluations/{stamp}", _evaluation, response_model=None)


def newest_drives(name: str) -> list[Drive]:
    """The newest episodes of a model's training on its first track that are written, in the order they ended.

    Raises:
        HTTPException: there is no such model, or a file of it is damaged.
    """
    folder = model_of(name)
    drives = _read(lambda: _drives(newest_trace(folder)))
    if not drives or drives[-1].track is None:
        return drives
    shown = kept_description(folder).find_track().directed_name
    return [drive for drive in drives if drive.track == shown]


def _newest(name: str, after: int = -1) -> Response:
    """The newest episode, if its number is beyond ``after``; else no content, as where there is no such model."""
    try:
        drives = newest_drives(name)
    except HTTPException:
        return Response(status_code=204)
    if not drives or drives[-1].episode <= after:
        return Response(status_code=204)
    return JSONResponse(drive_values(drives[-1]))


def _episode(name: str, episode: int) -> Response:
    """One of the newest episodes, by its number."""
    for drive in newest_drives(name):
        if drive.episode == episode:
            return JSONResponse(drive_values(drive))
    raise HTTPException(404, "this episode is not among the newest ones any more")


def _evaluation(name: str, stamp: str) -> Response:
    """All trials of an evaluation."""
    evaluation = evaluation_of(model_of(name), stamp)
    return JSONResponse([drive_values(drive) for drive in _read(evaluation.drives)])


def _read(drives: Callable[[], list[Drive]]) -> list[Drive]:
    try:
        return drives()
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except (ValueError, OSError) as error:
        raise HTTPException(409, str(error)) from None


def _drives(path: Path | None) -> list[Drive]:
    return [] if path is None else _of_file(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _of_file(path: Path, written: int) -> list[Drive]:  # noqa: ARG001 (a file written anew is another one)
    return read_drives(path)
