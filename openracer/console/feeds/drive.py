"""Driving by hand over a web socket, and what was driven.

The browser sends ``{"steering": degrees, "speed": m/s}`` whenever they change, and ``{"restart": true}``. It gets, 15
times a second, a binary message: eleven float32 (:data:`NUMBERS`), then the camera's 120 x 160 bytes; and JSON when a
drive has ended. The clock begins with the first command to move.
"""

import asyncio
import contextlib
import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import numpy as np
from fastapi import HTTPException, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from nicegui import app

from openracer.analysis.drives import drive_values
from openracer.models.hand_drives import find_drive, keep_drive
from openracer.runs.hand_drive import HandDriving
from openracer.tracks import catalogue

NUMBERS = ("running", "time", "x", "y", "yaw", "steering", "speed", "progress", "resets", "penalty", "step")
MOST_DRIVERS = 8
"""Sessions at a time: each steps a simulator in this process."""
IDLE_S = 300.0
"""A browser that commands nothing for so long is sent away."""
REFUSED = 4400
BUSY = 4429
_LONGEST_MESSAGE = 1000
_drivers = 0


def register() -> None:
    """Define the routes."""
    app.add_api_websocket_route("/drive/session", _session)
    app.add_api_route("/drive/traces/{stamp}", _trace, response_model=None)


def _trace(stamp: str) -> JSONResponse:
    """A drive to replay, or to race against."""
    try:
        return JSONResponse([drive_values(find_drive(stamp).drive())])
    except FileNotFoundError as error:
        raise HTTPException(404, str(error)) from None
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


async def _session(socket: WebSocket, track: str, reverse: bool = False, vehicle: str = "v5") -> None:
    global _drivers
    await socket.accept()
    if _drivers >= MOST_DRIVERS:
        await socket.close(BUSY)
        return
    _drivers += 1
    try:
        await _drive(socket, track[:200], reverse, vehicle)
    finally:
        _drivers -= 1


async def _drive(socket: WebSocket, track: str, reverse: bool, vehicle: str) -> None:
    try:
        driving = await asyncio.to_thread(lambda: HandDriving(catalogue.find(track, reverse), vehicle))
    except (ValueError, OSError):
        await socket.close(REFUSED)
        return
    session = _Session(socket, driving)
    stepping = asyncio.create_task(session.drive())
    try:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                session.take(await socket.receive_text())
    finally:
        stepping.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await stepping
        driving.close()


class _Session:
    """One person at the wheel."""

    def __init__(self, socket: WebSocket, driving: HandDriving) -> None:
        self._socket = socket
        self._driving = driving
        self._steering = 0.0
        self._speed = 0.0
        self._is_running = False
        self._heard = monotonic()

    def take(self, message: str) -> None:
        """Take over what the browser commands; anything else than commands is passed over."""
        if len(message) > _LONGEST_MESSAGE:
            return
        try:
            wanted = json.loads(message)
        except ValueError:
            return
        if not isinstance(wanted, dict):
            return
        self._heard = monotonic()
        self._steering = _number(wanted.get("steering"), self._steering)
        self._speed = _number(wanted.get("speed"), self._speed)
        if wanted.get("restart"):
            self._is_running = False
            self._driving.restart()
        elif self._speed > 0.0:
            self._is_running = True

    async def drive(self) -> None:
        """Step the car in real time until the browser goes."""
        due = monotonic()
        while True:
            await self._socket.send_bytes(await asyncio.to_thread(self._message))
            due = max(due + self._driving.period, monotonic() - self._driving.period)
            await asyncio.sleep(max(due - monotonic(), 0.0))
            if monotonic() - self._heard > IDLE_S:
                await self._socket.close(BUSY)
                return
            if self._is_running:
                await self._step()

    async def _step(self) -> None:
        driving = self._driving
        trace = await asyncio.to_thread(driving.step, self._steering, self._speed)
        if trace is None:
            return
        track = driving.track
        lap_time, resets = driving.lap_time, driving.resets
        ended: dict[str, Any]
        try:
            kept = await asyncio.to_thread(
                keep_drive,
                trace,
                track.name,
                track.is_reversed,
                driving.vehicle,
                lap_time,
                resets,
                datetime.now(UTC),
            )
            ended = asdict(kept)
        except OSError as error:
            ended = {"problem": str(error), "lap_time_s": lap_time, "resets": resets}
        await self._socket.send_text(json.dumps({"ended": ended}))
        self._is_running = False
        self._speed = 0.0
        driving.restart()

    def _message(self) -> bytes:
        driving = self._driving
        x, y, yaw, steering = driving.pose
        running = float(self._is_running)
        numbers = (
            running, driving.time if self._is_running else 0.0, x, y, yaw, steering, driving.speed, driving.progress,
            driving.resets, driving.penalty, driving.steps,
        )  # fmt: skip
        return np.array(numbers, "<f4").tobytes() + driving.picture().tobytes()


def _number(value: object, otherwise: float) -> float:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else otherwise  # type: ignore[arg-type]
