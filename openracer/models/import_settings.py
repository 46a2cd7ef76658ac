"""The settings of an imported model: what its files say, and what is taken for what they do not say."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openracer.formats.documents import read_json_object, read_yaml_mapping
from openracer.formats.errors import FormatError
from openracer.formats.layers import LayeredNetwork
from openracer.formats.model_metadata import ActionRanges, read_model_metadata
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription, find_problems, merge
from openracer.models.description_files import (
    choose_reward,
    hyperparameter_values,
    metadata_values,
    params_values,
)
from openracer.models.import_report import ImportReport
from openracer.models.incoming import Incoming
from openracer.models.presets import PRESETS
from openracer.models.ranges import Place
from openracer.models.sentences import DescriptionError
from openracer.rewards import examples
from openracer.tracks import catalogue

FIXED = ("algorithm", "action_space", "sensor", "neural_network", "name")
"""What belongs to the weights; where it is wrong, nothing can be assumed."""


def description_of(
    incoming: Incoming,
    policy: LayeredNetwork,
    name: str,
    network: str,
    algorithm: str,
    report: ImportReport,
) -> TrainingDescription:
    """The description of a training that an imported model's files stand for.

    Args:
        incoming: the files.
        policy: the network.
        name: of the new model.
        network: name of the network's kind.
        algorithm: that trains such a network.
        report: what is found, missing and assumed is added to it.

    Raises:
        FileNotFoundError: there is no ``model_metadata.json``.
        ValueError: the metadata do not fit the network; one sentence.
    """
    metadata = incoming.find("model_metadata.json")
    if metadata is None:
        raise FileNotFoundError(
            _(
                "{file} has no model_metadata.json, which says what its outputs mean; put it beside the network"
            ).format(file=incoming.title)
        )
    values: dict[str, Any] = {"name": name, "preset": "aws", **_metadata(metadata[1], policy, report)}
    if values["neural_network"] != network:
        report.assumed.append(
            _("model_metadata.json says {said}; by its layers the network is {network}").format(
                said=values["neural_network"], network=network
            )
        )
        values["neural_network"] = network
    if values["algorithm"] != algorithm:
        report.assumed.append(
            _(
                "model_metadata.json says {said}; by its layers the network was trained with {algorithm}"
            ).format(said=values["algorithm"], algorithm=algorithm)
        )
        values["algorithm"] = algorithm
    for file, read in (
        ("reward_function.py", _reward),
        ("hyperparameters.json", _hyperparameters),
        ("training_params.yaml", _params),
    ):
        found = incoming.find(file)
        if found is None:
            report.missing.append(_MISSING[file]())
            continue
        try:
            values = merge(values, read(found[1], report))
            report.found.append(_FOUND[file]())
        except (FormatError, UnicodeDecodeError) as error:
            report.assumed.append(_("{file} cannot be used: {problem}").format(file=file, problem=error))
    return _tolerant(values, report)


_FOUND: dict[str, Callable[[], str]] = {
    "reward_function.py": lambda: _(
        "reward_function.py, a program of whoever made the model: read it before you train or evaluate"
    ),
    "hyperparameters.json": lambda: "hyperparameters.json",
    "training_params.yaml": lambda: "training_params.yaml",
}

_MISSING: dict[str, Callable[[], str]] = {
    "reward_function.py": lambda: _(
        "reward_function.py: the example {example} stands in, which matters when you train further"
    ).format(example=examples.DEFAULT),
    "hyperparameters.json": lambda: _("hyperparameters.json: AWS's defaults stand in"),
    "training_params.yaml": lambda: _("training_params.yaml: the track {track} stands in").format(
        track=PRESETS["aws"]["track"]
    ),
}


def _metadata(path: Path, policy: LayeredNetwork, report: ImportReport) -> Mapping[str, Any]:
    content, metadata = read_json_object(path), read_model_metadata(path)
    space = metadata.action_space
    continuous = isinstance(space, ActionRanges)
    if continuous == (policy.ending == "softmax"):
        raise FormatError(
            _(
                "model_metadata.json has {kind} actions, but the network's output is for the other kind"
            ).format(kind=_("continuous") if continuous else _("discrete"))
        )
    expected = 2 if isinstance(space, ActionRanges) else len(space)
    if policy.outputs != expected:
        raise FormatError(
            _("model_metadata.json has {count} actions, but the network has {outputs} outputs").format(
                count=expected, outputs=policy.outputs
            )
        )
    report.found.append(
        _("model_metadata.json: {count} actions").format(count=expected)
        if not continuous
        else _("model_metadata.json: continuous actions")
    )
    if "version" not in content:
        report.assumed.append(
            _("model_metadata.json has no version; generation {version:g} is taken, as AWS does").format(
                version=metadata.version
            )
        )
    for key, default in (
        ("sensor", _("the front camera")),
        ("neural_network", metadata.neural_network),
        ("training_algorithm", metadata.training_algorithm),
    ):
        if key not in content:
            report.assumed.append(
                _("model_metadata.json has no {key}; {default} is taken, as AWS does").format(
                    key=key, default=default
                )
            )
    return metadata_values(path)


def _reward(path: Path, _report: ImportReport) -> Mapping[str, Any]:
    return choose_reward(str(path))


def _hyperparameters(path: Path, report: ImportReport) -> Mapping[str, Any]:
    said = read_json_object(path).get("loss_type")
    if isinstance(said, str) and said not in ("huber", "mean squared error"):
        report.assumed.append(
            _(
                "hyperparameters.json: loss_type {said!r} means the mean squared error, as AWS takes it"
            ).format(said=said)
        )
    return hyperparameter_values(path)


def _params(path: Path, report: ImportReport) -> Mapping[str, Any]:
    raw = read_yaml_mapping(path)
    clockwise = raw.get("TRACK_DIRECTION_CLOCKWISE")
    if isinstance(clockwise, str):
        report.assumed.append(
            _(
                "training_params.yaml: TRACK_DIRECTION_CLOCKWISE is the text {said!r}, taken for what it says; "
                "DeepRacer on AWS would take it for false"
            ).format(said=clockwise)
        )
    quoted = sum(isinstance(value, str) and value.lower() in ("true", "false") for value in raw.values())
    if quoted:
        report.assumed.append(
            _(
                "training_params.yaml: {count} truth values are written as text; they are read as meant"
            ).format(count=quoted)
        )
    values = dict(params_values(path))
    if "track" in values:
        try:
            track = catalogue.find(str(values["track"]).removesuffix("_cw").removesuffix("_ccw"))
            values["track"] = track.name
        except ValueError:
            report.assumed.append(
                _("the track {track} is not among yours; {default} stands in").format(
                    track=values["track"], default=PRESETS["aws"]["track"]
                )
            )
            del values["track"]
    return values


def _tolerant(values: dict[str, Any], report: ImportReport) -> TrainingDescription:
    """The description, its wrong settings replaced by defaults; ranges are AWS's where they hold, else ours."""
    problems = find_problems(values)
    if problems:
        # Our ranges are wider: speeds above 4 m/s, and more actions. The rest is as on AWS.
        report.assumed += [
            _("beyond AWS's ranges: {problem}").format(problem=problem)
            for place, problem in problems.items()
            if place[0] == "action_space"
        ]
        values = merge(PRESETS["aws"], values) | {"preset": "fast"}
        problems = find_problems(values)
    for place, problem in problems.items():
        if place[:1] == () or place[0] in FIXED:
            raise DescriptionError(problem)
        report.assumed.append(_("{problem}; the default stands in").format(problem=problem))
        _drop(values, place)
    return TrainingDescription.from_values(values)


def _drop(values: dict[str, Any], place: Place) -> None:
    inner: Any = values
    for key in place[:-1]:
        if not isinstance(inner, dict) or not isinstance(inner.get(str(key)), dict):
            break
        inner = inner[str(key)]
    inner.pop(place[-1], None)
    # What the preset would fill in differs from AWS's; take AWS's.
    default: Any = PRESETS["aws"]
    for key in place:
        default = default.get(key) if isinstance(default, dict) else None
    if default is not None:
        inner[place[-1]] = default
