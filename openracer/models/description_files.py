"""A description of a training as files: a user's YAML configuration, and the DeepRacer files of a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from openracer.atomic import write_text
from openracer.formats.documents import read_text, read_yaml_mapping
from openracer.formats.errors import FormatError
from openracer.formats.hyperparameters import read_hyperparameters, write_hyperparameters
from openracer.formats.model_metadata import (
    ActionRanges,
    LidarSettings,
    format_model_metadata,
    read_model_metadata,
    write_model_metadata,
)
from openracer.formats.training_params import TrainingParams, read_training_params, write_training_params
from openracer.language import gettext as _
from openracer.models.description import (
    BEST_MODEL_METRICS,
    TrainingDescription,
    merge,
)
from openracer.models.garage import COLOURS
from openracer.models.races import ALIASES, HEAD_TO_BOT, HEAD_TO_MODEL, OBJECT_AVOIDANCE, TIME_TRIAL
from openracer.models.randomisation import NAMED
from openracer.models.settings import HyperparameterSettings
from openracer.rewards.reading import read_reward

METADATA_FILE = Path("model") / "model_metadata.json"
HYPERPARAMETERS_FILE = Path("ip") / "hyperparameters.json"
REWARD_FILE = Path("reward_function.py")
PARAMS_FILE = Path("training_params.yaml")


def choose_reward(choice: str, folder: Path | None = None) -> dict[str, str]:
    """The two values of a description that a user's choice of a reward function means.

    Args:
        choice: path of a file, or name of an example.
        folder: where a relative path starts; default: the current folder.

    Raises:
        FileNotFoundError: it looks like a path, and there is no such file.
        ValueError: there is no such example, or the file is no text.
    """
    path = (folder or Path()) / choice
    if path.is_file():
        return {"reward": path.name, "reward_source": read_reward(str(path))}
    return {"reward": choice, "reward_source": read_reward(choice)}


def read_config(path: Path) -> dict[str, Any]:
    """The values of a user's YAML configuration, as :meth:`TrainingDescription.from_values` takes them.

    A reward function may be a file, relative to the configuration.

    Raises:
        FileNotFoundError: there is no such file, or no such reward file.
        openracer.formats.errors.FormatError: it is no YAML mapping.
        ValueError: there is no such example reward function.
    """
    values = read_yaml_mapping(path)
    if isinstance(values.get("reward"), str) and "reward_source" not in values:
        values |= choose_reward(values["reward"], path.parent)
    return values


def load_description(path: Path) -> TrainingDescription:
    """The description in a user's YAML configuration.

    Raises:
        FileNotFoundError: there is no such file, or no such reward file.
        ValueError: it is no YAML mapping, or a value is wrong; one sentence.
    """
    return TrainingDescription.from_values(read_config(path), path.name)


def save_description(path: Path, description: TrainingDescription) -> None:
    """Write a description as YAML, atomically; the code of the reward function is not in it.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    values = description.model_dump(mode="json", exclude={"reward_source"}, exclude_none=False)
    if isinstance(values["action_space"], list):
        values["action_space"] = format_model_metadata(description.metadata)["action_space"]
    write_text(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))


def write_deepracer_files(folder: Path, description: TrainingDescription) -> None:
    """Write the DeepRacer files of a model: metadata, hyperparameters, reward function, training parameters.

    Raises:
        openracer.atomic.WriteError: a file cannot be written.
    """
    write_model_metadata(folder / METADATA_FILE, description.metadata)
    write_hyperparameters(
        folder / HYPERPARAMETERS_FILE, description.deepracer_hyperparameters, description.algorithm
    )
    write_text(folder / REWARD_FILE, description.reward_source)
    write_training_params(folder / PARAMS_FILE, _training_params(description))


def _training_params(description: TrainingDescription) -> dict[str, str | float | bool]:
    name = description.name
    return {
        "JOB_TYPE": "TRAINING",
        "WORLD_NAME": description.track,
        "RACE_TYPE": description.race_type.upper(),
        **_object_params(description),
        "REVERSE_DIR": description.reverse,
        "CHANGE_START_POSITION": description.change_start_position,
        "ALTERNATE_DRIVING_DIRECTION": description.alternate_direction,
        "ENABLE_DOMAIN_RANDOMIZATION": description.randomisation.name != "off",
        "ROUND_ROBIN_ADVANCE_DIST": description.round_robin_advance_dist,
        "MIN_EVAL_TRIALS": description.evaluation.trials,
        "BEST_MODEL_METRIC": BEST_MODEL_METRICS[description.evaluation.best_by],
        "NUM_WORKERS": 1,
        "CAR_NAME": name,
        "BODY_SHELL_TYPE": "deepracer",
        "CAR_COLOR": description.colour,
        "SAGEMAKER_SHARED_S3_BUCKET": "openracer",
        "SAGEMAKER_SHARED_S3_PREFIX": name,
        "METRICS_S3_BUCKET": "openracer",
        "METRICS_S3_OBJECT_KEY": f"{name}/metrics/TrainingMetrics.json",
        "MODEL_METADATA_FILE_S3_KEY": f"{name}/{METADATA_FILE.as_posix()}",
        "REWARD_FILE_S3_KEY": f"{name}/{REWARD_FILE.as_posix()}",
    }


def _object_params(description: TrainingDescription) -> dict[str, str | float | bool]:
    """Boxes and bot cars by AWS's names."""
    objects = description.objects
    if description.race_type in (TIME_TRIAL, HEAD_TO_MODEL):
        return {}
    positions = {
        "OBJECT_POSITIONS": [f"{place.fraction:g},{place.lane}" for place in objects.positions],
    }
    fixed = {name: str(places) for name, places in positions.items() if places}
    if description.race_type == OBJECT_AVOIDANCE:
        return fixed | {
            "NUMBER_OF_OBSTACLES": len(objects.positions) or objects.number,
            "MIN_DISTANCE_BETWEEN_OBSTACLES": objects.min_distance,
            "RANDOMIZE_OBSTACLE_LOCATIONS": objects.random,
        }
    return fixed | {
        "NUMBER_OF_BOT_CARS": len(objects.positions) or objects.number,
        "MIN_DISTANCE_BETWEEN_BOT_CARS": objects.min_distance,
        "RANDOMIZE_BOT_CAR_LOCATIONS": objects.random,
        "BOT_CAR_SPEED": objects.bot_speed,
        "IS_LANE_CHANGE": objects.lane_changes,
        "LOWER_LANE_CHANGE_TIME": objects.lane_change_min,
        "UPPER_LANE_CHANGE_TIME": objects.lane_change_max,
        "PENALTY_SECONDS": objects.bot_penalty,
    }


def _object_values(params: TrainingParams, race_type: str) -> dict[str, Any]:
    """Boxes and bot cars of AWS's parameters, by our names."""
    if race_type not in (OBJECT_AVOIDANCE, HEAD_TO_BOT):
        return {}
    kind, kinds = ("OBSTACLE", "OBSTACLES") if race_type == OBJECT_AVOIDANCE else ("BOT_CAR", "BOT_CARS")
    # AWS's own numbers if nothing is said are 0; then ours hold.
    values: dict[str, Any] = {}
    if number := params.whole_number(f"NUMBER_OF_{kinds}", 0):
        values["number"] = number
    if f"MIN_DISTANCE_BETWEEN_{kinds}" in params:
        values["min_distance"] = params.number(f"MIN_DISTANCE_BETWEEN_{kinds}", 2.0)
    values["random"] = params.boolean(f"RANDOMIZE_{kind}_LOCATIONS", False)
    if race_type == HEAD_TO_BOT:
        values |= {
            "bot_speed": params.number("BOT_CAR_SPEED", 0.2),
            "lane_changes": params.boolean("IS_LANE_CHANGE", False),
            "lane_change_min": params.number("LOWER_LANE_CHANGE_TIME", 3.0),
            "lane_change_max": params.number("UPPER_LANE_CHANGE_TIME", 5.0),
            "bot_penalty": params.number("PENALTY_SECONDS", 2.0),
        }
    return {"objects": values}


def read_deepracer_files(folder: Path, name: str, preset: str = "aws") -> TrainingDescription:
    """The description of a training on AWS (or with us), from the DeepRacer files in its folder.

    ``hyperparameters.json`` and ``model_metadata.json`` may also lie at the top, as in uploads;
    ``training_params.yaml`` may be missing. What the files do not say comes from the preset.

    Args:
        folder: of the model.
        name: of the model.
        preset: ``aws`` or ``fast``.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is broken, or a value is out of its range; the sentence names the file.
    """
    values: dict[str, Any] = {"name": name, "preset": preset}
    if (folder / REWARD_FILE).is_file() or not (folder / PARAMS_FILE).is_file():
        values |= choose_reward(str(folder / REWARD_FILE))
    for path, read in (
        (_place(folder, HYPERPARAMETERS_FILE), hyperparameter_values),
        (_place(folder, METADATA_FILE), metadata_values),
        (folder / PARAMS_FILE, params_values),
    ):
        # Checked file by file, so that the sentence names the file whose value is wrong.
        values = merge(values, read(path))
        description = TrainingDescription.from_values(values, path.name)
    return description


def _place(folder: Path, file: Path) -> Path:
    return folder / file if (folder / file).is_file() else folder / file.name


def hyperparameter_values(path: Path) -> Mapping[str, Any]:
    """The values of a description that a ``hyperparameters.json`` stands for; what only AWS knows is left out.

    Raises:
        FileNotFoundError: there is no such file.
        openracer.formats.errors.FormatError: it is damaged.
    """
    theirs = read_hyperparameters(path)
    names = [name for name in HyperparameterSettings.model_fields if hasattr(theirs, name)]
    return {"hyperparameters": {name: getattr(theirs, name) for name in names}}


def metadata_values(path: Path) -> Mapping[str, Any]:
    """The values of a description that a ``model_metadata.json`` stands for.

    Raises:
        FileNotFoundError: there is no such file.
        openracer.formats.errors.FormatError: it is damaged.
    """
    metadata = read_model_metadata(path)
    space = metadata.action_space
    lidar = metadata.lidar or LidarSettings()
    if lidar != LidarSettings():
        raise FormatError(
            _("{file}: lidar_config has {given}; OpenRacer's LIDAR has {ours}").format(
                file=path.name, given=_lidar_words(lidar), ours=_lidar_words(LidarSettings())
            )
        )
    return {
        "action_space": (
            {
                "steering_angle": {"low": space.steering_low_deg, "high": space.steering_high_deg},
                "speed": {"low": space.speed_low, "high": space.speed_high},
            }
            if isinstance(space, ActionRanges)
            else [{"steering_angle": action.steering_angle_deg, "speed": action.speed} for action in space]
        ),
        "sensor": list(metadata.sensors),
        "neural_network": metadata.neural_network,
        "algorithm": metadata.training_algorithm,
        "vehicle": "v4" if metadata.version < 5 else "v5" if metadata.version < 6 else "v6",
    }


def params_values(path: Path) -> Mapping[str, Any]:
    """The values of a description that a ``training_params.yaml`` stands for; none where there is no such file.

    Raises:
        openracer.formats.errors.FormatError: it is damaged.
    """
    if not path.is_file():
        return {}
    params = read_training_params(path)
    clockwise = params.boolean("TRACK_DIRECTION_CLOCKWISE", False)
    by_lap_time = params.text("BEST_MODEL_METRIC", "progress").lower() == BEST_MODEL_METRICS["lap_time"]
    race_type = params.text("RACE_TYPE", "TIME_TRIAL").lower()
    race_type = ALIASES.get(race_type, race_type)
    values = {
        "race_type": race_type,
        **_object_values(params, race_type),
        "reverse": params.boolean("REVERSE_DIR", clockwise),
        "alternate_direction": params.boolean("ALTERNATE_DRIVING_DIRECTION", False),
        "change_start_position": params.boolean("CHANGE_START_POSITION", True),
        "round_robin_advance_dist": params.number("ROUND_ROBIN_ADVANCE_DIST", 0.05),
        "evaluation": {
            "trials": params.whole_number("MIN_EVAL_TRIALS", 5),
            "best_by": "lap_time" if by_lap_time else "progress",
        },
    }
    if params.boolean("ENABLE_DOMAIN_RANDOMIZATION", False):  # on AWS lights and colours alone
        values["randomisation"] = {name: NAMED["real_car"][name] for name in ("colours", "brightness")}
    if (colour := params.text("CAR_COLOR", "").capitalize()) in COLOURS:
        values["colour"] = colour
    return values | ({"track": params.text("WORLD_NAME", "")} if "WORLD_NAME" in params else {})


def _lidar_words(lidar: LidarSettings) -> str:
    return _("{sectors} sectors with {values} values up to {metres:g} m").format(
        sectors=lidar.num_sectors, values=lidar.num_values_per_sector, metres=lidar.clipping_dist
    )


def read_own_description(description_file: Path, reward_file: Path) -> TrainingDescription:
    """The description that :func:`save_description` wrote, with the reward function beside it.

    Raises:
        FileNotFoundError: a file is missing.
        openracer.formats.errors.FormatError: the description is no YAML mapping.
        openracer.models.sentences.DescriptionError: a value is wrong.
    """
    values = read_yaml_mapping(description_file)
    if "reward_source" in values:
        raise FormatError(
            _("{file}: reward_source belongs into {reward_file}").format(
                file=description_file.name, reward_file=reward_file.name
            )
        )
    values["reward_source"] = read_text(reward_file)
    return TrainingDescription.from_values(values, description_file.name)
