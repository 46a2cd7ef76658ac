"""The process in which a reward function is read and tried, where it can hang or crash alone.

``python -m openracer.rewards.trial`` reads one JSON request from its standard input and writes the problems
it finds as one JSON line to its standard output. A watchdog thread in C ends it, and says on standard error
where it was, when the user's code takes too long. Nothing heavy is imported here: it has to start in a
moment.
"""

import contextlib
import faulthandler
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from openracer.language import gettext as _
from openracer.language import set_language
from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import load_reward
from openracer.rewards.problems import Problem
from openracer.rewards.rules import check_source

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MEMORY_LIMIT = 2 * 1024**3
"""Bytes of address space that a trial may use; numpy, scipy and shapely together need far less."""


def limit_resources() -> None:
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


def try_reward(
    source: str, waypoints: Iterable[Iterable[float]], samples: Iterable[Mapping[str, Any]]
) -> list[Problem]:
    """Read the code, and if there is nothing to be said against it, run it on the samples in their order.

    Args:
        source: the code.
        waypoints: what every sample's ``params["waypoints"]`` holds.
        samples: each with its ``name`` and its ``params``, those without waypoints.

    Returns:
        All that reading finds, or else the first failure, or nothing.
    """
    if problems := check_source(source):
        return problems
    points = [tuple(point) for point in waypoints]
    name = ""
    try:
        rewards = load_reward(source, 1)
        for sample in samples:
            name = sample["name"]
            rewards([{**sample["params"], "waypoints": list(points)}], [0], [0])  # type: ignore[typeddict-item]
    except RewardFunctionError as error:
        message = error.reason
        if error.params is not None:
            message = _("{reason} (tried with the car {situation})").format(reason=message, situation=name)
        return [Problem(error.kind, message, error.line)]
    return []


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    watch = os.fdopen(os.dup(2), "w", encoding="utf-8")
    # What the user's code prints must not mix with the answer.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin = io.StringIO()
    limit_resources()
    set_language(request["language"])
    faulthandler.enable(watch)
    faulthandler.dump_traceback_later(request["time_limit_s"], exit=True, file=watch)
    problems = try_reward(request["source"], request["waypoints"], request["samples"])
    faulthandler.cancel_dump_traceback_later()
    json.dump(
        [{"kind": found.kind, "message": found.message, "line": found.line} for found in problems], answer
    )
    answer.close()
    # User code may have left threads or exit handlers behind; nobody waits for them.
    os._exit(0)


if __name__ == "__main__":
    main()
