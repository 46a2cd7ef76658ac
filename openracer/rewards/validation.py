"""Checking a reward function before a training trusts it: read, then tried in a process of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import openracer
from openracer.language import current_language
from openracer.language import gettext as _
from openracer.rewards.errors import REWARD_FILE
from openracer.rewards.problems import Problem, ProblemKind
from openracer.rewards.samples import sample_states
from openracer.tracks.track import Track

TIME_LIMIT_S = 5.0
"""How long the code may take in all; DeepRacer's validation gives every call as much."""

_START_LIMIT_S = 30.0
"""What a busy machine may need to start a Python process, beyond the time limit."""

_PLACE = re.compile(rf'File "{re.escape(REWARD_FILE)}", line (\d+)')


def validate(source: str, track: Track, time_limit_s: float = TIME_LIMIT_S) -> list[Problem]:
    """Find what keeps a reward function from being used.

    The code is read and run in another process, which ends when its time is up, even inside C code. This protects
    from accidents, not from a hostile author.

    Args:
        source: Python code.
        track: its geometry makes the situations that the code is tried in.
        time_limit_s: for loading the module and all calls together.

    Returns:
        Problems in the order of their lines; none if the function can be used.
    """
    request = {
        "source": source,
        "waypoints": track.centre.tolist(),
        "samples": [
            {"name": name, "params": {key: value for key, value in params.items() if key != "waypoints"}}
            for name, params in sample_states(track)
        ],
        "time_limit_s": time_limit_s,
        "language": current_language(),
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "openracer.rewards.trial"],
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
        return [_timeout(time_limit_s, None)]
    finally:
        if process.poll() is None:
            _kill(process)
    if process.returncode == 0 and answer:  # the code may have ended the process before it answered
        return [
            Problem(ProblemKind(found["kind"]), found["message"], found["line"])
            for found in json.loads(answer)
        ]
    place = _PLACE.search(told)
    line = int(place.group(1)) if place else None
    if told.startswith("Timeout ("):
        return [_timeout(time_limit_s, line)]
    lines = told.strip().splitlines()
    code = _("exit code {code}").format(code=process.returncode)
    reason = lines[0 if told.startswith("Fatal Python error") else -1] if lines else code
    message = _("the code brought the Python interpreter down: {reason}").format(reason=reason)
    return [Problem(ProblemKind.TEST_FAILURE, message, line)]


def _timeout(time_limit_s: float, line: int | None) -> Problem:
    message = _("the code did not finish within {seconds:g} seconds; it must answer in far less")
    return Problem(ProblemKind.TIMEOUT, message.format(seconds=time_limit_s), line)


def _environment() -> dict[str, str]:
    """Ours, with this package importable and one thread for numpy: thread pools reserve much memory."""
    here = str(Path(openracer.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **threads, "PYTHONPATH": path}


def _kill(process: "subprocess.Popen[str]") -> None:
    """Kill the process, and where the system knows process groups whatever it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
