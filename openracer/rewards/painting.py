"""The process in which a reward function is asked about many poses at once, level after level of a grid.

``python -m openracer.rewards.painting`` is run by :mod:`openracer.analysis.reward_map`. Each level's rewards are
told as soon as they are known, so that a function that is too slow for all of them still gives a coarse picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from openracer.rewards import watched
from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import RewardFunctions, load_reward
from openracer.rewards.problems import Problem
from openracer.rewards.rules import check_source

Row = Sequence[Any]


def rewards_of(
    functions: RewardFunctions,
    keys: Sequence[str],
    common: dict[str, Any],
    pairs: Iterable[tuple[Row, Row]],
) -> list[float]:
    """The reward of each pose, asked for after the pose of one control step before it.

    So functions that compare a step with the one before have something to compare with.

    Args:
        functions: of one car.
        keys: names of the values in a row.
        common: what all dictionaries share; its lists are copied for each.
        pairs: the row before and the row itself.

    Raises:
        RewardFunctionError: the function failed.
    """
    rewards = []
    for pair in pairs:
        for row in pair:
            params = {key: value[:] if isinstance(value, list) else value for key, value in common.items()}
            params.update(zip(keys, row, strict=True))
            reward = functions([params], [0], [0])[0]  # type: ignore[list-item]
        rewards.append(float(reward))
    return rewards


def main() -> None:
    """Answer the request on standard input."""
    request, answer = watched.receive()
    problems = check_source(request["source"])
    if not problems:
        common = request["common"] | {"waypoints": [tuple(point) for point in request["common"]["waypoints"]]}
        try:
            functions = load_reward(request["source"], 1)
            for level in request["levels"]:
                watched.tell(answer, {"rewards": rewards_of(functions, request["keys"], common, level)})
        except RewardFunctionError as error:
            problems = [Problem(error.kind, error.reason, error.line)]
    if problems:
        watched.tell(answer, {"problems": [asdict(found) for found in problems]})
    watched.finish(answer)


if __name__ == "__main__":
    main()
