"""The presets of a training, as plain data: every value that a user's description leaves out comes from here."""

from collections.abc import Mapping
from typing import Any

from openracer.models.races import DEFAULTS, OBJECTS, RECIPES, SELF, race_of
from openracer.models.randomisation import OFF

_STEERING_ANGLES = (-30.0, -15.0, 0.0, 15.0, 30.0)
_SPEEDS = (1.0, 2.0)

_COMMON: dict[str, Any] = {
    "description": "",
    "track": "reinvent_base",
    "reverse": False,
    "other_tracks": [],
    "alternate_direction": False,
    "race_type": "time_trial",
    "objects": OBJECTS,
    "opponent": SELF,
    "refresh_opponent": 10,
    "reward": "follow_the_centre_line",
    "algorithm": "clipped_ppo",
    "sensor": ["FRONT_FACING_CAMERA"],
    "vehicle": "v5",
    "colour": "Black",
    "action_space": [
        {"steering_angle": angle, "speed": speed} for angle in _STEERING_ANGLES for speed in _SPEEDS
    ],
    "slow_start": 0.0,
    "seed": 0,
    "laps": 1,
    "step_jitter": 0.0,
    "randomisation": OFF,
    "change_start_position": True,
    "round_robin_advance_dist": 0.05,
    "evaluation": {"trials": 5, "max_share": 0.2, "best_by": "progress"},
}

PRESETS: dict[str, dict[str, Any]] = {
    # The console's defaults (AWS DeepRacer developer guide): learning as it was on AWS.
    "aws": _COMMON
    | {
        "hyperparameters": {
            "batch_size": 64,
            "num_epochs": 10,
            "lr": 0.0003,
            "lr_end": None,
            "beta_entropy": 0.01,
            "beta_entropy_end": None,
            "entropy_steps": 200_000,
            "discount_factor": 0.999,
            "gae_lambda": 0.95,
            "loss_type": "huber",
            "num_episodes_between_training": 20,
            "exploration_type": "categorical",
            "e_greedy_value": 0.05,
            "epsilon_steps": 10000,
            "sac_alpha": 0.2,
            "updates_per_step": 1.0,
            "replay_frames": 100_000,
            "random_shift": 0,
        },
        "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
        "collector": "episodes",
        "steps_per_car": 64,
        "cars": 20,
        "privileged_critic": False,
        "stop": {"minutes": 60.0, "iterations": None, "until": None},
    },
    # Tuned for the shortest time to the first clean laps on two cores (docs/benchmarks.md).
    "fast": _COMMON
    | {
        "hyperparameters": {
            "batch_size": 256,
            "num_epochs": 2,
            "lr": 0.001,
            "lr_end": None,
            "beta_entropy": 0.01,
            "beta_entropy_end": None,
            "entropy_steps": 200_000,
            "discount_factor": 0.98,
            "gae_lambda": 0.9,
            "loss_type": "mean squared error",
            "num_episodes_between_training": 20,
            "exploration_type": "categorical",
            "e_greedy_value": 0.05,
            "epsilon_steps": 10000,
            "sac_alpha": 0.2,
            "updates_per_step": 1.0,
            "replay_frames": 100_000,
            "random_shift": 0,
        },
        "neural_network": "FAST_CONVOLUTIONAL_NETWORK",
        "collector": "steps",
        "steps_per_car": 32,
        "cars": 64,
        "privileged_critic": True,
        "stop": {"minutes": 10.0, "iterations": None, "until": None},
    },
}

# From nothing to a fast and clean lap (docs/racing.md). Slow actions come first, so that the car learns to stay on the
# track before it learns to slide; a learning rate and an entropy that fade let the line settle.
PRESETS["race"] = PRESETS["fast"] | {
    "reward": "race_fast",
    "action_space": [
        {"steering_angle": angle, "speed": speed}
        for angle in (-30.0, -22.0, -15.0, -8.0, -3.0, 3.0, 8.0, 15.0, 22.0, 30.0)
        for speed in (1.2, 2.0, 2.7, 4.0)
    ],
    "hyperparameters": PRESETS["fast"]["hyperparameters"]
    | {
        "batch_size": 512,
        "lr_end": 0.00005,
        "beta_entropy": 0.003,
        "beta_entropy_end": 0.0002,
        "entropy_steps": 2_500_000,
        "gae_lambda": 0.95,
    },
    "cars": 128,
    "slow_start": 1.5,
    "laps": 3,
    "step_jitter": 0.005,
    "evaluation": {"trials": 36, "max_share": 0.1, "best_by": "lap_time"},
    "stop": {"minutes": 20.0, "iterations": 750, "until": None},
}

DEFAULT_PRESET = "fast"

_RANGES = {"steering_angle": {"low": -30.0, "high": 30.0}, "speed": {"low": 1.0, "high": 2.0}}
_SAC = {
    "action_space": _RANGES,
    "hyperparameters": {
        "batch_size": 256,
        "sac_alpha": 0.02,
        "updates_per_step": 0.0625,
        "discount_factor": 0.95,
        "lr": 0.001,
    },
}
SAC_RECIPES: dict[str, dict[str, Any]] = {
    "fast": _SAC,
    "race": _SAC,
    "aws": {"action_space": _RANGES},
}
"""What SAC changes in each preset."""


def starting_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What holds where a user's values say nothing: the preset's, as race type and algorithm change it."""
    preset, race = values.get("preset"), race_of(values)
    # An unknown preset is refused later, as its own mistake and not as a lack of all other values.
    known = preset if isinstance(preset, str) and preset in PRESETS else DEFAULT_PRESET
    base = PRESETS[known] | {"preset": known}
    for changes in (DEFAULTS, RECIPES if known == "fast" else {}):
        for key, change in changes.get(race, {}).items():
            base[key] = base[key] | change if isinstance(change, dict) else change
    if values.get("algorithm") == "sac":
        recipe = SAC_RECIPES[known]
        base["action_space"] = recipe["action_space"]
        base["hyperparameters"] = base["hyperparameters"] | recipe.get("hyperparameters", {})
    return base
