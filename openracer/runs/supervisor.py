"""A training in a process of its own, watched from outside: user code that never returns cannot take us with it."""

import contextlib
import os
import subprocess
import sys
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

Event = dict[str, Any]

REWARD_TIMEOUT_S = 5.0
"""A reward function may take this long for one call; the console's validation allows the same."""

_POLL_S = 0.1
_OUTPUT_TAIL_LINES = 15
_USERS_MISTAKE = 2
_LAST_EVENTS = ("finished", "failed")


class TrainingProcess:
    """The process that trains a model, seen from its parent.

    It is in a session of its own, so that Ctrl-C in a terminal does not reach it, and holds the model's lock. When its
    parent ends, it ends after its iteration.

    Args:
        folder: the model's folder; its ``openracer`` sub-folder holds the events, the control block and the output.

    Raises:
        ModelInUseError: another process trains the model.
        WriteError: the disk is full, or the folder is not writable.
    """

    def __init__(self, folder: Path):
        self._folder = ModelFolder(folder)
        self._events_path = self._folder.events_file
        self._output_path = self._folder.own_folder / "output.log"
        with ModelLock(self._folder) as lock:
            self._control = ControlBlock(self._folder.own_folder / "control", create=True)
            self._events_read = end_of_events(self._events_path)
            try:
                output = self._output_path.open("wb")
            except OSError as error:
                raise WriteError(self._output_path, error) from error
            with output:
                self._process = subprocess.Popen(
                    # -P: modules in the current folder must not take the place of Python's.
                    [sys.executable, "-P", "-m", "openracer.runs.worker", str(folder), str(os.getpid())],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(lock.descriptor,),
                    start_new_session=True,
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
        self._process.wait()

    def watch(self) -> Iterator[Event | None]:
        """The training's events until it ends; None about ten times a second, so that the caller can do other things.

        The last event is ``finished`` or ``failed``: if the process ended without saying so, the latter is written
        here, with what is known.
        """
        while True:
            failure = None
            if self._process.poll() is not None:
                failure = self._last_words
            elif self._control.reward_call_age() > REWARD_TIMEOUT_S:
                failure = self._reward_does_not_return
                self.kill()
            for event in self._new_events():
                yield event
                if event["event"] in _LAST_EVENTS:
                    self._process.wait()
                    return
            if failure is not None:
                yield self._write_failure(failure())
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

    def _reward_does_not_return(self) -> str:
        car, episode, step = self._control.reward_call_place()
        return _(
            "the reward function did not return within {seconds:g} seconds (car {car}, episode {episode}, step {step})"
        ).format(seconds=REWARD_TIMEOUT_S, car=car, episode=episode, step=step)

    def _last_words(self) -> str:
        code = self._process.returncode
        lines = self._output_path.read_text(encoding="utf-8", errors="replace").splitlines()
        if code == _USERS_MISTAKE and lines:
            return lines[-1]
        if code < 0:
            return _(
                "the training was killed (signal {signal}); openracer train --resume {name} goes on"
            ).format(signal=-code, name=self._folder.name)
        reason = _("the training ended unexpectedly (exit code {code})").format(code=code)
        return "\n".join([reason, *lines[-_OUTPUT_TAIL_LINES:]])
