"""The process in which a reward function is read and tried, where it can hang or crash alone.

``python -m openracer.rewards.trial`` is run by :mod:`openracer.rewards.validation` and answers with the problems it
finds. Nothing heavy is imported here: it has to start in a moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from openracer.language import gettext as _
from openracer.rewards import watched
from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import load_reward
from openracer.rewards.problems import Problem
from openracer.rewards.rules import check_source


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
    request, answer = watched.receive()
    problems = try_reward(request["source"], request["waypoints"], request["samples"])
    watched.tell(answer, [asdict(found) for found in problems])
    watched.finish(answer)


if __name__ == "__main__":
    main()
