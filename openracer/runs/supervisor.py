"""A training in a process of its own, seen from its parent: its events, its end, and what it owed to say."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openracer.atomic import WriteError
from openracer.language import gettext as _
from openracer.models.events import EventLog, end_of_events, read_events
from openracer.models.folder import ModelFolder
from openracer.models.lock import ModelInUseError, ModelLock
from openracer.runs.control import ControlBlock
from openracer.runs.watched import WatchedProcess

Event = dict[str, Any]

_POLL_S = 0.1
_LAST_EVENTS = ("finished", "failed")


class TrainingProcess:
    """The process that trains a model: it holds the model's lock, and ends after its iteration when its parent ends.

    Args:
        folder: the model's folder; its ``openracer`` sub-folder holds the events, the control block and the output.
        device: where the networks compute: a name of :data:`openracer.agents.devices.NAMES`.

    Raises:
        ModelInUseError: another process trains the model.
        WriteError: the disk is full, or the folder is not writable.
    """

    def __init__(self, folder: Path, device: str = "auto"):
        self._folder = ModelFolder(folder)
        self._events_path = self._folder.events_file
        with ModelLock(self._folder) as lock:
            self._control = ControlBlock(self._folder.own_folder / "control", create=True)
            self._events_read = end_of_events(self._events_path)
            output = self._folder.own_folder / "output.log"
            self._process = WatchedProcess(
                "openracer.runs.worker",
                [str(folder), device],
                [folder],
                self._control,
                output,
                [lock.descriptor],
            )

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask_to_stop(self) -> None:
        """Let it finish its iteration, save and end."""
        self._control.ask_to_stop()

    def kill(self) -> None:
        """End it at once; what it saved stays."""
        self._process.kill()

    def end(self, reason: str) -> None:
        """End it at once, and write down why; what it saved stays."""
        self._process.kill()
        self._write_failure(reason)

    @property
    def pulse(self) -> tuple[object, ...]:
        """Something that changes as long as it gets on: the place of its reward function's calls, and its events."""
        return (*self._control.reward_call_place(), self._events_read)

    def watch(self) -> Iterator[Event | None]:
        """The training's events until it ends; None about ten times a second, so that the caller can do other things.

        The last event is ``finished`` or ``failed``: if the process ended without saying so, the latter is written
        here, with what is known.
        """
        while True:
            failure = None
            has_ended = self._process.exit_code is not None
            if not has_ended:
                failure = self._process.misbehaves()
            for event in self._new_events():
                yield event
                if event["event"] in _LAST_EVENTS:
                    self._process.wait()
                    return
            if has_ended:
                failure = self._why_it_ended()
            if failure is not None:
                yield self._write_failure(failure)
                return
            yield None
            time.sleep(_POLL_S)

    def _new_events(self) -> list[Event]:
        events, self._events_read = read_events(self._events_path, self._events_read)
        return events

    def _write_failure(self, message: str) -> Event:
        """Append the event that the process owed, unless the disk is full or another one trains the model by now."""
        event = {"event": "failed", "time": round(time.time(), 3), "message": message}
        with (
            contextlib.suppress(ModelInUseError, WriteError),
            ModelLock(self._folder),
            EventLog(self._events_path) as events,
        ):
            events.append(event)
        return event

    def _why_it_ended(self) -> str:
        if (code := self._process.exit_code) is not None and code < 0:
            return _(
                "the training was killed (signal {signal}); openracer train --resume {name} goes on"
            ).format(signal=-code, name=self._folder.name)
        return self._process.last_words() or self._process.unexpected_end()
