"""Races of models: their cars as they drive, what was driven, and the film."""

import asyncio
import contextlib
import re
import time

from fastapi import HTTPException, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, JSONResponse, Response
from nicegui import app

from openracer.analysis.drives import drive_values
from openracer.console.feeds.live import GONE, pack_poses
from openracer.models.race_records import RaceRecord, race_place, read_race
from openracer.runs.live import LiveKind, LiveReader
from openracer.runs.race_film_process import race_film_path

_JOB = re.compile(r"[0-9a-f]{12}")
_STALE_S = 3.0
_MOST_POSES = 30


def register() -> None:
    """Define the routes."""
    app.add_api_route("/watch-races/{stamp}/drives", _drives, response_model=None)
    app.add_api_route("/watch-races/{stamp}/film", _film, response_model=None)
    app.add_api_websocket_route("/watch-races/{job}/live", _serve)


def _race(stamp: str) -> RaceRecord:
    try:
        return read_race(stamp)
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except (ValueError, OSError) as error:
        raise HTTPException(409, str(error)) from None


def _drives(stamp: str) -> Response:
    """What each car drove, holding after holding."""
    try:
        holdings = _race(stamp).drives()
    except (ValueError, OSError) as error:
        raise HTTPException(409, str(error)) from None
    return JSONResponse([[drive_values(drive) for drive in drives] for drives in holdings])


def _film(stamp: str) -> FileResponse:
    path = race_film_path(_race(stamp))
    if not path.is_file():
        raise HTTPException(404, "this film has not been made")
    return FileResponse(path, media_type="video/mp4", filename=f"race-{stamp}.mp4")


async def _serve(socket: WebSocket, job: str, rate: int = _MOST_POSES) -> None:
    """Send the poses of a race, as those of a model's run are sent."""
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: the other side closed
        if not _JOB.fullmatch(job):
            await socket.close(GONE)
            return
        reader, shown = LiveReader(race_place(job), LiveKind.RACE), (0, 0)
        sending = asyncio.create_task(socket.receive())  # nothing is expected but the end
        while not sending.done():
            poses = reader.latest()
            is_new = poses is not None and (reader.run, poses.step) != shown
            if poses is not None and is_new and time.time() - poses.time < _STALE_S:
                shown = (reader.run, poses.step)
                await socket.send_bytes(pack_poses(poses))
            await asyncio.sleep(1 / min(max(rate, 1), _MOST_POSES))
