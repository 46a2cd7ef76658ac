"""Processes of their own for user code, which may hang, crash or eat memory: both ends of the pipe.

A module that is run so calls :func:`receive` and then prints JSON lines to the stream it got. A watchdog thread in
C ends it, and says on standard error where it was, when the user's code takes too long.
"""

import contextlib
import faulthandler
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import openracer
from openracer import launching
from openracer.language import current_language, set_language
from openracer.language import gettext as _
from openracer.rewards.errors import REWARD_FILE
from openracer.rewards.problems import Problem, ProblemKind

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space that the process may use; numpy, scipy and shapely together need far less."""

_START_LIMIT_S = 30.0
"""What a busy machine may need to start a Python process, beyond the time limit."""

_PLACE = re.compile(rf'File "{re.escape(REWARD_FILE)}", line (\d+)')


@dataclass(frozen=True)
class Answer:
    """What came of a process.

    Attributes:
        lines: JSON values that it told, one for each complete line.
        problem: why it did not end as it should; None if it did.
    """

    lines: list[Any]
    problem: Problem | None


def ask(module: str, request: Mapping[str, Any], time_limit_s: float) -> Answer:
    """Run a module in a process that ends when its time is up, even inside C code.

    This protects from accidents, not from a hostile author.

    Args:
        module: its name, for ``python -m``.
        request: what JSON can hold; :func:`receive` gives it to the module.
        time_limit_s: for everything the module does after that.
    """
    request = {**request, "time_limit_s": time_limit_s, "language": current_language()}
    process = subprocess.Popen(
        launching.command(launching.Program(module)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=_environment(),
        start_new_session=True,
    )
    try:
        answer, told = process.communicate(json.dumps(request), timeout=_START_LIMIT_S + time_limit_s)
    except subprocess.TimeoutExpired:
        return Answer([], _timeout(time_limit_s, None))
    finally:
        if process.poll() is None:
            _kill(process)
    lines = [json.loads(line) for line in answer.splitlines(keepends=True) if line.endswith("\n")]
    if process.returncode == 0 and lines:  # the code may have ended the process before it answered
        return Answer(lines, None)
    return Answer(lines, _failure(told, process.returncode, time_limit_s))


def _failure(told: str, code: int, time_limit_s: float) -> Problem:
    """Why a process ended, from what it told on standard error."""
    place = _PLACE.search(told)
    line = int(place.group(1)) if place else None
    if told.startswith("Timeout ("):
        return _timeout(time_limit_s, line)
    lines = told.strip().splitlines()
    fallback = _("exit code {code}").format(code=code)
    reason = lines[0 if told.startswith("Fatal Python error") else -1] if lines else fallback
    message = _("the code brought the Python interpreter down: {reason}").format(reason=reason)
    return Problem(ProblemKind.TEST_FAILURE, message, line)


def _timeout(time_limit_s: float, line: int | None) -> Problem:
    message = _("the code did not finish within {seconds:g} seconds; it must answer in far less")
    return Problem(ProblemKind.TIMEOUT, message.format(seconds=time_limit_s), line)


def _environment() -> dict[str, str]:
    """Ours, with this package importable and one thread for numpy: thread pools reserve much memory."""
    here = str(Path(openracer.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return launching.environment({**threads, "PYTHONPATH": path})


def _kill(process: "subprocess.Popen[str]") -> None:
    """Kill the process, and where the system knows process groups whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def receive() -> tuple[dict[str, Any], TextIO]:
    """In the process: take the request, and make ready for user code.

    From here on memory and time are limited, and what user code prints goes nowhere.

    Returns:
        The request, and the stream to answer to; call :func:`finish` when done with the user's code.
    """
    request = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    watch = os.fdopen(os.dup(2), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin = io.StringIO()
    _limit_resources()
    set_language(request["language"])
    faulthandler.enable(watch)
    faulthandler.dump_traceback_later(request["time_limit_s"], exit=True, file=watch)
    return request, answer


def tell(answer: TextIO, value: Any) -> None:
    """In the process: write one JSON line."""
    answer.write(json.dumps(value) + "\n")
    answer.flush()


def finish(answer: TextIO) -> None:
    """In the process: end it; threads or exit handlers that user code left behind are not waited for."""
    faulthandler.cancel_dump_traceback_later()
    answer.close()
    os._exit(0)


def _limit_resources() -> None:
    """Keep this process from taking all memory, writing files and dumping core, where the system can."""
    if resource is None:
        return
    for which, limit in (
        (resource.RLIMIT_AS, MEMORY_LIMIT),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows the names but refuses some values
            resource.setrlimit(which, (limit, limit))
