"""``model_metadata.json``: what a DeepRacer model sees, what it can do, and which network it has.

The rules are those of the AWS simulator (aws-deepracer-community/deepracer-simapp,
``markov/boto/s3/files/model_metadata.py``).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openracer.atomic import write_json
from openracer.formats.documents import kind_of, number, read_json_object
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

CAMERAS = ("observation", "FRONT_FACING_CAMERA", "LEFT_CAMERA", "STEREO_CAMERAS")
LIDARS = ("LIDAR", "SECTOR_LIDAR", "DISCRETIZED_SECTOR_LIDAR")
LIDAR_RAYS = 64
ALGORITHMS = ("clipped_ppo", "sac")
DEFAULT_NETWORK = "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"


@dataclass(frozen=True, slots=True)
class Action:
    """One discrete action.

    Attributes:
        steering_angle_deg: positive to the left.
        speed: m/s.
    """

    steering_angle_deg: float
    speed: float


@dataclass(frozen=True, slots=True)
class ActionRanges:
    """A continuous action space.

    Attributes:
        steering_low_deg: the furthest to the right.
        steering_high_deg: the furthest to the left.
        speed_low: m/s.
        speed_high: m/s.
    """

    steering_low_deg: float
    steering_high_deg: float
    speed_low: float
    speed_high: float


@dataclass(frozen=True, slots=True)
class LidarSettings:
    """How the LIDAR's rays become sectors; the defaults are the AWS simulator's.

    Attributes:
        num_sectors: sectors all around.
        num_values_per_sector: steps between near and far.
        clipping_dist: m.
    """

    num_sectors: int = 8
    num_values_per_sector: int = 8
    clipping_dist: float = 2.0


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """The content of a ``model_metadata.json``.

    Attributes:
        action_space: discrete actions in the order of their numbers, or continuous ranges.
        sensors: exactly one camera, at most one LIDAR.
        neural_network: name of the network.
        version: simulator generation; 1 had no sensor entry.
        training_algorithm: ``clipped_ppo`` or ``sac``.
        lidar: only where a LIDAR is among the sensors and the file says so.
    """

    action_space: tuple[Action, ...] | ActionRanges
    sensors: tuple[str, ...] = ("FRONT_FACING_CAMERA",)
    neural_network: str = DEFAULT_NETWORK
    version: float = 5.0
    training_algorithm: str = "clipped_ppo"
    lidar: LidarSettings | None = None

    @property
    def is_discrete(self) -> bool:
        """Whether the action space is a list of actions."""
        return not isinstance(self.action_space, ActionRanges)


def read_model_metadata(path: Path) -> ModelMetadata:
    """Read a ``model_metadata.json`` of any year.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    return parse_model_metadata(read_json_object(path), path.name)


def parse_model_metadata(content: dict[str, Any], name: str = "model_metadata.json") -> ModelMetadata:
    """Understand the object of a ``model_metadata.json``, with the tolerance of the AWS simulator.

    Numbers may be text. Without a version, a file with sensors is of version 2, one without of version 1;
    version 1 has the sensor ``observation``, whatever the file says.

    Args:
        content: the JSON object.
        name: how to call the file in errors.

    Raises:
        FormatError: it does not follow the format.
    """
    if "action_space" not in content:
        raise FormatError(
            _(
                "{name} has no action_space; it must list actions, or give ranges of steering_angle and speed"
            ).format(name=name)
        )
    action_space = parse_action_space(content["action_space"], name)
    discrete = isinstance(action_space, tuple)
    kind = _word(
        content.get("action_space_type", "discrete" if discrete else "continuous"),
        f"{name}: action_space_type",
    ).lower()
    if kind != ("discrete" if discrete else "continuous"):
        shape = (
            _("a list of actions, which is discrete")
            if discrete
            else _("a pair of ranges, which is continuous")
        )
        raise FormatError(
            _("{name}: action_space_type is {kind}, but action_space is {shape}").format(
                name=name, kind=kind, shape=shape
            )
        )
    algorithm = _word(content.get("training_algorithm", "clipped_ppo"), f"{name}: training_algorithm").lower()
    if algorithm not in ALGORITHMS:
        raise FormatError(
            _("{name}: training_algorithm is {algorithm!r}; it must be one of {known}").format(
                name=name, algorithm=algorithm, known=", ".join(ALGORITHMS)
            )
        )
    if algorithm == "sac" and discrete:
        raise FormatError(
            _("{name}: training_algorithm is sac, which needs a continuous action_space").format(name=name)
        )
    has_sensor = content.get("sensor") is not None
    version = number(content.get("version", 2 if has_sensor else 1), f"{name}: version")
    sensors = _sensors(content.get("sensor"), name) if version >= 2 else ("observation",)
    network = _word(content.get("neural_network", DEFAULT_NETWORK), f"{name}: neural_network")
    return ModelMetadata(
        action_space, sensors, network, version, algorithm, _lidar(content.get("lidar_config"), name)
    )


def _word(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise FormatError(_("{what} is {value!r}; it must be text").format(what=what, value=value))
    return value.strip()


def parse_action_space(space: object, name: str) -> tuple[Action, ...] | ActionRanges:
    """Understand an action space alone: a list of actions, or ranges.

    Args:
        space: as JSON has it.
        name: how to call its origin in errors.

    Raises:
        FormatError: it is something else.
    """
    return _actions(space, name) if isinstance(space, list) else _ranges(space, name)


def _actions(space: list[Any], name: str) -> tuple[Action, ...]:
    if not space:
        raise FormatError(
            _("{name}: action_space is an empty list; it must have at least one action").format(name=name)
        )
    actions = []
    for index, entry in enumerate(space):
        if not isinstance(entry, dict):
            raise FormatError(
                _("{name}: action {index} is {kind}; it must have a steering_angle and a speed").format(
                    name=name, index=index, kind=kind_of(entry)
                )
            )
        values = []
        for key in ("steering_angle", "speed"):
            if key not in entry:
                raise FormatError(
                    _("{name}: action {index} has no {key}").format(name=name, index=index, key=key)
                )
            what = _("{name} of action {index}").format(name=key, index=index)
            values.append(number(entry[key], f"{name}: {what}"))
        actions.append(Action(*values))
    return tuple(actions)


def _ranges(space: object, name: str) -> ActionRanges:
    if not isinstance(space, dict):
        raise FormatError(
            _("{name}: action_space is {kind}; it must be a list of actions, or ranges").format(
                name=name, kind=kind_of(space)
            )
        )
    bounds = []
    for key in ("steering_angle", "speed"):
        limits = space.get(key)
        if not isinstance(limits, dict) or "low" not in limits or "high" not in limits:
            raise FormatError(
                _("{name}: {key} of the continuous action_space must have a low and a high").format(
                    name=name, key=key
                )
            )
        low, high = (
            number(limits[end], f"{name}: " + _("{end} of {name}").format(end=end, name=key))
            for end in ("low", "high")
        )
        if low >= high:
            raise FormatError(
                _("{name}: low of {key} is {low:g}; it must be less than high, which is {high:g}").format(
                    name=name, key=key, low=low, high=high
                )
            )
        bounds += [low, high]
    return ActionRanges(*bounds)


def _sensors(value: object, name: str) -> tuple[str, ...]:
    known = CAMERAS + LIDARS
    if value is None:
        raise FormatError(
            _(
                "{name} has no sensor; from version 2 on it must list a camera, for example "
                "FRONT_FACING_CAMERA"
            ).format(name=name)
        )
    if not isinstance(value, list):
        raise FormatError(
            _("{name}: sensor is {kind}; it must be a list of names").format(name=name, kind=kind_of(value))
        )
    for sensor in value:
        if sensor not in known:
            raise FormatError(
                _("{name}: sensor {sensor!r} is unknown; it must be one of {known}").format(
                    name=name, sensor=sensor, known=", ".join(known)
                )
            )
    if sum(sensor in CAMERAS for sensor in value) != 1:
        raise FormatError(
            _("{name}: sensor is {value}; exactly one must be a camera ({known})").format(
                name=name, value=value, known=", ".join(CAMERAS)
            )
        )
    if sum(sensor in LIDARS for sensor in value) > 1:
        raise FormatError(
            _("{name}: sensor is {value}; at most one may be a LIDAR ({known})").format(
                name=name, value=value, known=", ".join(LIDARS)
            )
        )
    return tuple(value)


def _lidar(value: object, name: str) -> LidarSettings | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FormatError(
            _("{name}: lidar_config is {kind}; it must be an object").format(name=name, kind=kind_of(value))
        )
    standard = LidarSettings()
    sectors = number(value.get("num_sectors", standard.num_sectors), f"{name}: num_sectors")
    values = number(
        value.get("num_values_per_sector", standard.num_values_per_sector), f"{name}: num_values_per_sector"
    )
    if not (sectors >= 1 and LIDAR_RAYS % sectors == 0):
        raise FormatError(
            _("{name}: num_sectors is {sectors:g}; it must divide the {rays} rays of the LIDAR").format(
                name=name, sectors=sectors, rays=LIDAR_RAYS
            )
        )
    distance = number(value.get("clipping_dist", standard.clipping_dist), f"{name}: clipping_dist")
    return LidarSettings(int(sectors), int(values), distance)


def format_model_metadata(metadata: ModelMetadata) -> dict[str, Any]:
    """The JSON object of a ``model_metadata.json``, as current AWS tools and deepracer-utils read it."""
    space: list[dict[str, float]] | dict[str, dict[str, float]]
    if isinstance(metadata.action_space, ActionRanges):
        ranges = metadata.action_space
        space = {
            "steering_angle": {"high": ranges.steering_high_deg, "low": ranges.steering_low_deg},
            "speed": {"high": ranges.speed_high, "low": ranges.speed_low},
        }
    else:
        actions = enumerate(metadata.action_space)
        space = [{"steering_angle": a.steering_angle_deg, "speed": a.speed, "index": i} for i, a in actions]
    content: dict[str, Any] = {
        "action_space": space,
        "sensor": list(metadata.sensors),
        "neural_network": metadata.neural_network,
        "version": f"{metadata.version:g}",
        "training_algorithm": metadata.training_algorithm,
        "action_space_type": "discrete" if metadata.is_discrete else "continuous",
    }
    if metadata.lidar is not None:
        content["lidar_config"] = {
            "num_sectors": metadata.lidar.num_sectors,
            "num_values_per_sector": metadata.lidar.num_values_per_sector,
            "clipping_dist": metadata.lidar.clipping_dist,
        }
    return content


def write_model_metadata(path: Path, metadata: ModelMetadata) -> None:
    """Write a ``model_metadata.json`` atomically.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_json(path, format_model_metadata(metadata), indent=4)
