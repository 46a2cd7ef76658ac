"""A training in a process of its own, watched from outside: user code that never returns cannot take us with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openracer.language import gettext as _
from openracer.models.events import read_events
from openracer.runs.control import ControlBlock

Event = dict[str, Any]

REWARD_TIMEOUT_S = 5.0
"""A reward function may take this long for one call; the console's validation allows the same."""

_POLL_S = 0.1
_OUTPUT_TAIL_LINES = 15


class TrainingProcess:
    """The process that trains a model, seen from its parent.

    Args:
        folder: the model's folder; its ``openracer`` sub-folder holds the events, the control block and the output.
    """

    def __init__(self, folder: Path):
        own = folder / "openracer"
        own.mkdir(parents=True, exist_ok=True)
        self._output_path = own / "output.log"
        control_path = own / "control"
        self._control = ControlBlock(control_path, create=True)
        self._events_path = own / "events.jsonl"
        self._events_read = read_events(self._events_path)[1]
        with self._output_path.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "openracer.runs.worker", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
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

        The last event is ``finished`` or ``failed``: if the process ended without saying so, one is made up here that
        tells what is known.
        """
        ended = False
        while not ended:
            ended = self._process.poll() is not None
            if not ended and self._control.reward_call_age() > REWARD_TIMEOUT_S:
                car, episode, step = self._control.reward_call_place()
                self.kill()
                yield from self._new_events()
                yield _failure(
                    _(
                        "the reward function did not return within {seconds:g} seconds (car {car}, episode {episode}, "
                        "step {step}); the model as it was saved before is kept"
                    ).format(seconds=REWARD_TIMEOUT_S, car=car, episode=episode, step=step)
                )
                return
            for event in self._new_events():
                yield event
                if event["event"] in ("finished", "failed"):
                    self._process.wait()
                    return
            if not ended:
                yield None
                time.sleep(_POLL_S)
        yield _failure(self._last_words())

    def _new_events(self) -> list[Event]:
        events, self._events_read = read_events(self._events_path, self._events_read)
        return events

    def _last_words(self) -> str:
        code = self._process.returncode
        if code is not None and code < 0:
            reason = _("the training was killed (signal {signal}); start it again to resume").format(
                signal=-code
            )
        else:
            reason = _("the training ended unexpectedly (exit code {code})").format(code=code)
        lines = self._output_path.read_text(encoding="utf-8", errors="replace").splitlines()[
            -_OUTPUT_TAIL_LINES:
        ]
        return "\n".join([reason, *lines])


def _failure(message: str) -> Event:
    return {"event": "failed", "time": time.time(), "message": message}
