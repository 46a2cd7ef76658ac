"""The race types: what is on the road with the car, and what a training for each begins with."""

from collections.abc import Mapping
from typing import Any

TIME_TRIAL, OBJECT_AVOIDANCE, HEAD_TO_BOT = "time_trial", "object_avoidance", "head_to_bot"
HEAD_TO_MODEL = "head_to_model"
RACE_TYPES = (TIME_TRIAL, OBJECT_AVOIDANCE, HEAD_TO_BOT, HEAD_TO_MODEL)

SELF = "self"
"""The opponent of a model that races against itself."""

ALIASES = {"head_to_head": HEAD_TO_BOT, "head_to_head_racing": HEAD_TO_BOT}
"""What the console calls a race against bot cars."""

OBJECTS: dict[str, Any] = {
    "number": 6,
    "positions": [],
    "random": True,
    "min_distance": 2.0,
    "bot_speed": 0.5,
    "lane_changes": False,
    "lane_change_min": 3.0,
    "lane_change_max": 5.0,
    "bot_penalty": 2.0,
}
"""Boxes or bots where nothing else is said."""

_ANGLES = (-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0)


def _actions(*speeds: float) -> list[dict[str, float]]:
    return [{"steering_angle": angle, "speed": speed} for angle in _ANGLES for speed in speeds]


DEFAULTS: dict[str, dict[str, Any]] = {
    TIME_TRIAL: {},
    OBJECT_AVOIDANCE: {"reward": "avoid_objects"},
    HEAD_TO_BOT: {"reward": "overtake_bots", "objects": {"number": 4}},
    HEAD_TO_MODEL: {"reward": "overtake_bots"},
}
"""What a race type changes in every preset."""

_LEARNING: dict[str, Any] = {
    # As in the preset race, learning rate and entropy fade: near other bodies every random action costs.
    "hyperparameters": {
        "lr_end": 0.0001,
        "gae_lambda": 0.95,
        "beta_entropy": 0.005,
        "beta_entropy_end": 0.001,
        "entropy_steps": 1_500_000,
        "batch_size": 512,
        "discount_factor": 0.985,
    },
    "evaluation": {"trials": 10},
    "stop": {"minutes": 20.0},
}

_WITHOUT_A_CRASH: dict[str, Any] = _LEARNING | {
    # As in the preset race: larger rollouts, and a car that learns to steer before it learns to hurry.
    "cars": 128,
    "slow_start": 1.5,
    "evaluation": {"trials": 20, "max_share": 0.1},
    # As many as were measured (docs/benchmarks.md), which two idle cores make in less time.
    "stop": {"minutes": 20.0, "iterations": 690},
}
_CALM: dict[str, Any] = {"beta_entropy_end": 0.0005, "entropy_steps": 1_200_000}

RECIPES: dict[str, dict[str, Any]] = {
    # Slow enough to steer around what is seen late, and much quicker than a bot.
    OBJECT_AVOIDANCE: _WITHOUT_A_CRASH
    | {"action_space": _actions(0.7, 1.2), "hyperparameters": _LEARNING["hyperparameters"] | _CALM},
    HEAD_TO_BOT: _WITHOUT_A_CRASH
    | {
        "action_space": _actions(0.9, 1.5),
        "hyperparameters": _LEARNING["hyperparameters"] | _CALM | {"entropy_steps": 900_000},
        "stop": {"minutes": 20.0, "iterations": 370},
    },
    HEAD_TO_MODEL: _LEARNING,
}
"""What it changes in the preset ``fast`` besides."""


def race_of(values: Mapping[str, Any]) -> str:
    """The race type among a user's values, by our name; what is none stays, to be refused as such."""
    race = str(values.get("race_type", TIME_TRIAL))
    return ALIASES.get(race, race)
