"""Models for elsewhere: an archive for the physical car, a training for AWS or DeepRacer-for-Cloud, ONNX, TFLite."""

import gzip
import io
import json
import re
import shutil
import tarfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
import yaml

from openracer.agents.networks import ContinuousPolicy, SquashedPolicy
from openracer.agents.plain_networks import layers_of, spread_of, twins_of, value_of
from openracer.atomic import WriteError, write_bytes, write_text
from openracer.formats.checkpoints_index import (
    CheckpointName,
    CheckpointsIndex,
    IndexEntry,
    write_coach_checkpoint,
    write_index,
)
from openracer.formats.coach_variables import CoachCheckpoint, variables_of
from openracer.formats.documents import read_yaml_mapping
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import write_graph
from openracer.formats.graph_writing import nodes_of, sac_nodes_of
from openracer.formats.layers import Dense, LayeredNetwork, check_finite
from openracer.formats.model_metadata import (
    ActionRanges,
    ModelMetadata,
    format_model_metadata,
    write_model_metadata,
)
from openracer.formats.onnx_model import write_onnx
from openracer.formats.tensor_bundle import write_bundle
from openracer.formats.tflite_writing import write_tflite
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.description_files import HYPERPARAMETERS_FILE, write_deepracer_files
from openracer.models.folder import ModelFolder
from openracer.models.network_names import AWS_NETWORKS
from openracer.models.networks import build_camera_critic, build_policy, build_soft_camera_critics

Target = Literal["car", "aws", "drfc", "onnx", "tflite"]
TARGETS: tuple[Target, ...] = ("car", "aws", "drfc", "onnx", "tflite")
SUFFIXES = {"car": ".tar.gz", "onnx": ".onnx", "tflite": ".tflite"}
"""How a file for each target ends; a folder has none."""

_NO_CARS_SENSOR = "DISCRETIZED_SECTOR_LIDAR"
"""AWS's simulator has it; the cars' software refuses a model with it (aws-deepracer-interfaces-pkg)."""

_SAFE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Networks:
    """What a checkpoint holds, as plain layers.

    Attributes:
        description: of the training.
        checkpoint: which.
        weights: policy and critics; no critics where they do not look through the camera.
    """

    description: TrainingDescription
    checkpoint: CheckpointName
    weights: CoachCheckpoint


def load_networks(folder: ModelFolder, checkpoint: str) -> Networks:
    """The networks of a checkpoint.

    Args:
        folder: of the model.
        checkpoint: ``best``, ``last`` or the number of an iteration.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: it is damaged, or of another network than the description says; one sentence.
    """
    description, name = folder.description(), folder.checkpoints.find(checkpoint)
    weights = _weights(description, folder.checkpoints.load(name), name)
    check_finite(weights.policy)
    return Networks(description, name, weights)


def _weights(
    description: TrainingDescription, tensors: dict[str, torch.Tensor], name: CheckpointName
) -> CoachCheckpoint:
    policy = build_policy(description, torch.float32)
    _load(policy, tensors, "policy.", name)
    weights = CoachCheckpoint(
        layers_of(policy),
        log_std=policy.log_std.detach().numpy() if isinstance(policy, ContinuousPolicy) else None,
        spread=spread_of(policy) if isinstance(policy, SquashedPolicy) else None,
    )
    if description.privileged_critic:
        return weights
    if description.algorithm == "sac":
        critics = build_soft_camera_critics(description, torch.float32)
        _load(critics, tensors, "critic.", name)
        return replace(weights, critic=value_of(critics), twins=twins_of(critics))
    critic = build_camera_critic(description, torch.float32)
    _load(critic, tensors, "critic.", name)
    return replace(weights, critic=layers_of(critic))


def _load(
    module: torch.nn.Module, tensors: dict[str, torch.Tensor], prefix: str, checkpoint: CheckpointName
) -> None:
    own = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    expected = {name: value.shape for name, value in module.state_dict().items()}
    if {name: value.shape for name, value in own.items()} != expected:
        raise FormatError(
            _("checkpoint {checkpoint} has weights of another network than the description says").format(
                checkpoint=checkpoint
            )
        )
    module.load_state_dict(own)


def export_model(
    folder: ModelFolder, target: Target, path: Path, checkpoint: str = "best", halved: bool = False
) -> list[str]:
    """Write a model for another program.

    Args:
        folder: of the model.
        target: who reads it.
        path: file to write, or folder to make for ``aws`` and ``drfc``.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        halved: weights of a TFLite file in float16.

    Returns:
        What the user should know, in sentences.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: this model cannot go there; one sentence.
        openracer.atomic.WriteError: it cannot be written.
    """
    if target in ("aws", "drfc") and (problem := why_not_to_aws(folder.description())) is not None:
        raise FormatError(
            _(
                "{problem}. With --distil a student model in AWS's network learns to drive like it, in some "
                "minutes; for the physical car, use --to car"
            ).format(problem=problem)
        )
    networks = load_networks(folder, checkpoint)
    if target == "car":
        return _write_car(networks, path)
    if target in ("aws", "drfc"):
        return _write_training(networks, path, for_aws=target == "aws")
    notes = [_("checkpoint {name}").format(name=networks.checkpoint)]
    policy = networks.weights.policy
    content = write_onnx(policy) if target == "onnx" else write_tflite(policy, halved)
    write_bytes(path, content)
    metadata = path.with_name("model_metadata.json")
    if not metadata.exists():
        write_model_metadata(metadata, networks.description.metadata)
        notes.append(_("model_metadata.json beside it says what its outputs mean"))
    return notes


def _write_car(networks: Networks, path: Path) -> list[str]:
    check_archive_name(path.name)
    policy, metadata, notes = for_car(networks.weights.policy, networks.description.metadata)
    graph = write_graph(nodes_of(policy))
    text = json.dumps(format_model_metadata(metadata), indent=4).encode()
    write_bytes(path, archive({"agent/model.pb": graph, "model_metadata.json": text}))
    return [_("checkpoint {name}").format(name=networks.checkpoint), *notes]


def check_archive_name(name: str) -> None:
    """Refuse names of archives with which cars mix up folders (aws-deepracer systems and webserver packages).

    Raises:
        ValueError: with a sentence.
    """
    stem = name.removesuffix(".tar.gz")
    if stem == name or not _SAFE.fullmatch(stem):
        raise ValueError(
            _(
                "{name} is no safe name for the car: it must end in .tar.gz, before that stand letters, digits, - "
                "and _ only, for example {example}"
            ).format(
                name=name,
                example=(re.sub(r"[^A-Za-z0-9_-]+", "-", stem.split(".")[0]).strip("-") or "model")
                + ".tar.gz",
            )
        )


def for_car(
    policy: LayeredNetwork, metadata: ModelMetadata
) -> tuple[LayeredNetwork, ModelMetadata, list[str]]:
    """A policy and its metadata as every car drives them: clipped PPO, and steering bounds that mirror each other.

    Cars divide a continuous steering angle by the upper bound alone, and drop what is beyond ±1
    (aws-deepracer-ctrl-pkg, aws-deepracer-servo-pkg). So both bounds become the larger one, and the last layer is
    scaled so that the same output still means the same angle.
    """
    if _NO_CARS_SENSOR in metadata.sensors:
        raise FormatError(
            _("no car has the sensor {sensor}; a model for the car sees with {known}").format(
                sensor=_NO_CARS_SENSOR, known="FRONT_FACING_CAMERA, STEREO_CAMERAS, LIDAR, SECTOR_LIDAR"
            )
        )
    notes = []
    if metadata.sensors != ("FRONT_FACING_CAMERA",):
        notes.append(
            _("it sees with {sensors}: openracer car check says which cars drive so").format(
                sensors=", ".join(metadata.sensors)
            )
        )
    space = metadata.action_space
    if isinstance(space, ActionRanges) and -space.steering_low_deg != space.steering_high_deg:
        if policy.ending != "linear":
            raise FormatError(
                _(
                    "the steering of a model trained with SAC must reach as far to the left as to the right on a car"
                )
            )
        low, high = space.steering_low_deg, space.steering_high_deg
        widest = max(abs(low), abs(high))
        last = policy.layers[-1]
        weight, bias = last.weight.copy(), last.bias.copy()
        scale, offset = (high - low) / (2 * widest), (high + low) / (2 * widest)
        weight[:, 0] *= scale
        bias[0] = bias[0] * scale + offset
        policy = replace(policy, layers=(*policy.layers[:-1], Dense(weight, bias)))
        space = replace(space, steering_low_deg=-widest, steering_high_deg=widest)
        notes.append(
            _(
                "steering from {low:g} to {high:g} degrees became ±{widest:g}, with the same angles, for cars' sake"
            ).format(low=low, high=high, widest=widest)
        )
    network = metadata.neural_network
    if network not in AWS_NETWORKS:
        network = AWS_NETWORKS[0]
        notes.append(_("OpenRacer's small network is told in the operations of AWS's"))
    return (
        policy,
        replace(metadata, action_space=space, neural_network=network, training_algorithm="clipped_ppo"),
        notes,
    )


def archive(members: dict[str, bytes]) -> bytes:
    """A .tar.gz of some files; the same files give the same bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            file.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), compresslevel=1, mtime=0)


def _write_training(networks: Networks, path: Path, for_aws: bool) -> list[str]:
    description = networks.description
    weights = networks.weights
    changed = []
    if for_aws:
        description.check_for_aws()
        if description.algorithm == "sac":
            description = description.with_changes({"hyperparameters": {"num_episodes_between_training": 1}})
            changed = [_("num_episodes_between_training became 1, which DeepRacer on AWS wants of SAC")]
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FormatError(_("{path} is there already; name a new folder").format(path=path))
    temporary = path.with_name(f".exporting-{uuid.uuid4().hex}")
    try:
        write_deepracer_files(temporary, description)
        model, name = temporary / "model", networks.checkpoint
        write_bundle(model / f"{name}.ckpt", variables_of(weights))
        graph = sac_nodes_of(weights.policy) if description.algorithm == "sac" else nodes_of(weights.policy)
        write_bytes(model / f"model_{name.iteration}.pb", write_graph(graph))
        entry = IndexEntry(name, None, 0.0)
        write_index(model / "deepracer_checkpoints.json", CheckpointsIndex(entry, entry))
        write_coach_checkpoint(model / ".coach_checkpoint", name, ".ckpt")
        # AWS's documents put these at the top, its importer reads them where trainings have them.
        write_model_metadata(temporary / "model_metadata.json", description.metadata)
        shutil.copyfile(temporary / HYPERPARAMETERS_FILE, temporary / HYPERPARAMETERS_FILE.name)
        if for_aws:
            _mark_direction(temporary / "training_params.yaml", description.reverse)
        if path.is_dir():
            path.rmdir()
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(path)
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    notes = [_("checkpoint {name}, with policy and critic").format(name=networks.checkpoint), *changed]
    if for_aws:
        notes.append(_("whether AWS's own importer takes it could not be tried"))
    return notes


def why_not_to_aws(description: TrainingDescription) -> str | None:
    """Why AWS cannot train a model further, half a sentence; None where it can."""
    if description.neural_network not in AWS_NETWORKS:
        why = _("the network {network}").format(network=description.neural_network)
    elif description.privileged_critic:
        why = _("a critic that sees more than the camera")
    else:
        return None
    return _("{name} cannot be trained further on AWS: it has {why}, which AWS has not").format(
        name=description.name, why=why
    )


def _mark_direction(path: Path, clockwise: bool) -> None:
    """DeepRacer on AWS takes only YAML's own true for clockwise, not text."""
    values = read_yaml_mapping(path) | {"TRACK_DIRECTION_CLOCKWISE": clockwise}
    write_text(path, yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
