"""Checking a reward function before a training trusts it: read, then tried in a process of its own."""

from openracer.rewards import watched
from openracer.rewards.problems import Problem, ProblemKind
from openracer.rewards.samples import sample_states
from openracer.tracks.track import Track

TIME_LIMIT_S = 5.0
"""How long the code may take in all; DeepRacer's validation gives every call as much."""


def validate(source: str, track: Track, time_limit_s: float = TIME_LIMIT_S) -> list[Problem]:
    """Find what keeps a reward function from being used.

    The code is read and run in another process; see :func:`openracer.rewards.watched.ask`.

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
    }
    answer = watched.ask("openracer.rewards.trial", request, time_limit_s)
    if answer.problem is not None:
        return [answer.problem]
    return [
        Problem(ProblemKind(found["kind"]), found["message"], found["line"]) for found in answer.lines[-1]
    ]
