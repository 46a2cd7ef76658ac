"""The web socket of a model's page: poses as they are published, and the learning curve as it grows.

Poses are binary messages, little-endian: step, wall clock, number O of objects and their kind as float64, then a row of
N float32 for each of :data:`ROWS`, then N times O times x, y and yaw of boxes or bots. Everything else is JSON
with a ``kind``.
"""

import asyncio
import contextlib
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import HTTPException, WebSocket, WebSocketDisconnect
from nicegui import app

from openracer.analysis.learning_curve import curve_of
from openracer.console.feeds.names import model_of
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.models.run_state import read_progress
from openracer.runs.live import LiveKind, LivePoses, LiveReader

ROWS = ("x", "y", "yaw", "steering", "speed", "progress", "row")

GONE = 4404
"""Code with which the socket closes when there is no such model, or no longer."""

_STALE_S = {LiveKind.TRAINING: 60.0, LiveKind.EVALUATION: 3.0, LiveKind.RACE: 3.0}
"""Older poses are of a run before; a training rests while its network learns."""

_MOST_POSES = 30
"""Messages of poses a second."""

_EVENTS_S = 0.6


def register() -> None:
    """Define the route."""
    app.add_api_websocket_route("/watch/{name}/live", _serve)


def pack_poses(poses: LivePoses) -> bytes:
    """A message of poses."""
    rows = np.stack([getattr(poses, row) for row in ROWS]).astype("<f4")
    head = struct.pack("<dddd", poses.step, poses.time, poses.objects.shape[1], poses.kind)
    return head + rows.tobytes() + poses.objects.astype("<f4").tobytes()


async def _serve(
    socket: WebSocket, name: str, kind: LiveKind = LiveKind.TRAINING, rate: int = _MOST_POSES
) -> None:
    await socket.accept()
    with contextlib.suppress(
        WebSocketDisconnect, RuntimeError
    ):  # RuntimeError: sent after the other side closed
        try:
            folder = await asyncio.to_thread(model_of, name)
        except HTTPException:
            await socket.close(GONE)
            return
        sending = asyncio.create_task(_send(socket, folder, kind, min(max(rate, 1), _MOST_POSES)))
        try:
            while True:  # nothing is expected but the end
                await socket.receive_text()
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending


async def _send(socket: WebSocket, folder: ModelFolder, kind: LiveKind, rate: int) -> None:
    reader = LiveReader(folder.path, kind)
    curve = _Curve(folder)
    shown, rounds = (0, 0), 0
    while True:
        poses = reader.latest()
        is_new = poses is not None and (reader.run, poses.step) != shown
        if poses is not None and is_new and time.time() - poses.time < _STALE_S[kind]:
            shown = (reader.run, poses.step)
            await socket.send_bytes(pack_poses(poses))
        if rounds % max(round(_EVENTS_S * rate), 1) == 0:
            if not folder.description_file.is_file():
                await socket.close(GONE)
                return
            if curve.has_grown():
                await socket.send_json(await asyncio.to_thread(curve.read))
        rounds += 1
        await asyncio.sleep(1 / rate)


class _Curve:
    """The learning curve of a model, from where it was read before."""

    def __init__(self, folder: ModelFolder):
        self._folder = folder
        self._size = -1
        self._offset = 0

    def has_grown(self) -> bool:
        """Whether there are events that were not read."""
        size = _size(self._folder.events_file)
        changed = size != self._size
        self._size = size
        return changed

    def read(self) -> dict[str, Any]:
        """The message of what is new: points of the curve, and the iteration of the best checkpoint."""
        events, self._offset = read_events(self._folder.events_file, self._offset)
        best = None
        with contextlib.suppress(ValueError, OSError):
            best = read_progress(self._folder).best
        return {
            "kind": "curve",
            "points": [point.as_row() for point in curve_of(events)],
            "best": int(best.partition("_")[0]) if best else None,
        }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
