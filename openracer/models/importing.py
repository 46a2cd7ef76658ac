"""Models from elsewhere: archives for the physical car, trainings on AWS or DeepRacer-for-Cloud, ONNX, TFLite.

Everything that comes is one of two: a *virtual* model, whose checkpoint holds policy and critic, or a *physical* one,
which holds the policy alone and gets a fresh critic. Both become a model whose training begins at these weights.
"""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from openracer.agents.networks import CameraCritic, ContinuousPolicy, SquashedPolicy
from openracer.agents.plain_networks import (
    are_twins,
    fill,
    fill_critics,
    fill_spread,
    is_of_shape,
    is_squashed,
    sensors_of,
)
from openracer.agents.soft_critics import SoftCritics
from openracer.formats.checkpoints_index import (
    CheckpointName,
    CheckpointsIndex,
    IndexEntry,
    parse_checkpoint_name,
    read_coach_checkpoint,
    read_index,
)
from openracer.formats.coach_variables import CoachCheckpoint, networks_of
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import MAX_BYTES, read_graph
from openracer.formats.graph_reading import layers_of
from openracer.formats.layers import LayeredNetwork, not_finite
from openracer.formats.onnx_model import read_onnx
from openracer.formats.tensor_bundle import DATA, INDEX, read_bundle
from openracer.formats.tflite_reading import read_tflite
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.import_report import ImportReport, others_left_out, write_report
from openracer.models.import_settings import description_of
from openracer.models.incoming import Incoming, receive
from openracer.models.library import ORIGIN, create_model_with, free_name
from openracer.models.names import check_name
from openracer.models.networks import SHAPES, build_camera_critic, build_policy, build_soft_camera_critics
from openracer.models.ranges import MAX_NAME


def import_model(
    path: Path, name: str | None = None, checkpoint: str = "best", title: str | None = None
) -> tuple[ModelFolder, ImportReport]:
    """Make a model of what somebody hands over.

    Args:
        path: file, folder or archive.
        name: of the new model; None makes one of the source's name.
        checkpoint: of a training: ``best``, ``last`` or the number of an iteration.
        title: the source's name, where ``path`` is a copy under another name.

    Returns:
        The model and what is told of it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no model, or not one that OpenRacer can drive; one sentence.
        openracer.atomic.WriteError: the model cannot be written.
    """
    source = title or path.resolve().name
    if name is not None:
        check_name(name)
    name = name or free_name(name_from(source))
    with receive(path) as incoming:
        report = ImportReport(source)
        weights, kind = _weights(incoming, checkpoint, report)
        network, algorithm = _network_and_algorithm(weights.policy)
        description = description_of(incoming, weights.policy, name, network, algorithm, report)
        tensors = _tensors(weights, description, report)
        report.found.insert(0, kind)
        if incoming.left_out:
            report.assumed.append(others_left_out(len(incoming.left_out)))

        def write(folder: ModelFolder) -> None:
            folder.checkpoints.save(ORIGIN, tensors, {"model": name, "imported_from": source[:200]})
            entry = IndexEntry(ORIGIN, None, time.time())
            folder.checkpoints.publish(CheckpointsIndex(entry, entry))
            write_report(folder, report)

        return create_model_with(description, write), report


def name_from(source: str) -> str:
    """A model's name made of a file's: its letters, digits and hyphens."""
    stem = re.sub(r"(\.tar)?\.(gz|tgz|tar|zip|pb|onnx|tflite|index)$", "", source, flags=re.IGNORECASE)
    plain = re.sub(r"[^a-zA-Z0-9]+", "-", stem).strip("-")
    return plain[:MAX_NAME].strip("-") or "imported"


def _weights(incoming: Incoming, checkpoint: str, report: ImportReport) -> tuple[CoachCheckpoint, str]:
    """The networks, and what kind of model it is."""
    indices = [path for path in incoming.ending(INDEX) if path.removesuffix(INDEX) + DATA in incoming.files]
    if indices:
        return _from_checkpoint(incoming, indices, checkpoint, report)
    if incoming.ending(INDEX) or incoming.ending(DATA):
        raise FormatError(
            _("{file}: a checkpoint needs both its .index and its .data-00000-of-00001").format(
                file=incoming.title
            )
        )
    for endings, read, kind in (
        ((".pb",), lambda content: layers_of(read_graph(content)), _("a model for the physical car")),
        ((".tflite",), read_tflite, _("a TFLite file")),
        ((".onnx",), read_onnx, _("an ONNX file")),
    ):
        paths = incoming.ending(*endings)
        if len(paths) > 1:
            raise FormatError(
                _(
                    "{file} holds {count} files ending in {ending} ({first}, {second}); a model has one"
                ).format(
                    file=incoming.title, count=len(paths), ending=endings[0], first=paths[0], second=paths[1]
                )
            )
        if paths:
            return CoachCheckpoint(_read(incoming, paths[0], read)), kind
    raise FormatError(
        _(
            "{file} holds no network: a .pb file (physical car), or a checkpoint's .index and .data files, is "
            "needed"
        ).format(file=incoming.title)
    )


def _read(incoming: Incoming, path: str, read: Any) -> LayeredNetwork:
    file = incoming.files[path]
    if file.stat().st_size > MAX_BYTES:
        raise FormatError(_("{file} has more than {limit} MB").format(file=path, limit=MAX_BYTES >> 20))
    content = file.read_bytes()
    if content[:1] == b"\x80" and content[1:2] < b"\x06":
        raise FormatError(
            _("{file} is a Python pickle under another name; OpenRacer never opens one").format(file=path)
        )
    try:
        network: LayeredNetwork = read(content)
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    return network


def _from_checkpoint(
    incoming: Incoming, indices: list[str], checkpoint: str, report: ImportReport
) -> tuple[CoachCheckpoint, str]:
    names = {}
    for path in indices:
        try:
            names[parse_checkpoint_name(Path(path.removesuffix(INDEX)).name)] = path
        except FormatError:
            continue
    if not names:
        raise FormatError(
            _("{file}: no checkpoint is called like 12_Step-34567.ckpt").format(file=incoming.title)
        )
    chosen = _choose(incoming, names, checkpoint, report)
    path = names[chosen]
    index = incoming.files[path]
    data = incoming.files[path.removesuffix(INDEX) + DATA]
    if data.parent != index.parent:  # of an archive every file lies in a folder of its own
        data = data.rename(index.parent / data.name)
    try:
        networks = networks_of(read_bundle(index.with_name(index.name.removesuffix(INDEX)), "/online/"))
    except FormatError as error:
        raise FormatError(f"{path.removesuffix(INDEX)}: {error}") from None
    report.found.append(_("checkpoint {name} of {count}").format(name=chosen, count=len(names)))
    return networks, _("a training on AWS, with its checkpoint")


def _choose(
    incoming: Incoming, names: Mapping[CheckpointName, str], wanted: str, report: ImportReport
) -> CheckpointName:
    if wanted not in ("best", "last"):
        chosen = [name for name in names if str(name.iteration) == wanted]
        if not chosen:
            listed = ", ".join(str(name.iteration) for name in sorted(names))
            raise FormatError(
                _("{file} has no checkpoint of iteration {which}; it has {listed}").format(
                    file=incoming.title, which=wanted, listed=listed
                )
            )
        return chosen[0]
    last = max(names)
    if (found := incoming.find("deepracer_checkpoints.json")) is not None:
        index = read_index(found[1])
        entry = index.best if wanted == "best" else index.last
        if entry.checkpoint in names:
            return entry.checkpoint
        report.assumed.append(
            _("the {which} checkpoint, {name}, is not there; the last one is taken").format(
                which=_(wanted), name=entry.checkpoint
            )
        )
        return last
    report.missing.append(_("deepracer_checkpoints.json, which says what the best checkpoint is"))
    if (found := incoming.find(".coach_checkpoint")) is not None:
        named = read_coach_checkpoint(found[1])
        last = named if named in names else last
    report.assumed.append(_("the last checkpoint is taken"))
    return last


def _network_and_algorithm(policy: LayeredNetwork) -> tuple[str, str]:
    """Which network the layers are, and what trained them: a policy of SAC has a layer more."""
    for name, shape in SHAPES.items():
        if is_squashed(policy, shape):
            return name, "sac"
        if policy.ending != "tanh" and is_of_shape(policy, shape):
            return name, "clipped_ppo"
    sensors = ", ".join(f"{branch.sensor} {branch.shape}" for branch in policy.branches)
    raise FormatError(
        _("its network (sensors {sensors}) is none that OpenRacer has: {known}").format(
            sensors=sensors, known=", ".join(SHAPES)
        )
    )


def _tensors(
    weights: CoachCheckpoint, description: TrainingDescription, report: ImportReport
) -> dict[str, torch.Tensor]:
    """The weights under OpenRacer's names; a missing critic is made."""
    torch.manual_seed(description.seed)
    if sorted(description.sensor) != sorted(sensors_of(weights.policy)):
        raise FormatError(
            _("model_metadata.json says the sensors {said}, but the network has {network}").format(
                said=", ".join(description.sensor), network=", ".join(sensors_of(weights.policy))
            )
        )
    policy = build_policy(description, torch.float32)
    fill(policy, weights.policy)
    is_spread_known = True
    if isinstance(policy, ContinuousPolicy):
        is_spread_known = weights.log_std is not None and weights.log_std.shape == (2,)
        if is_spread_known:
            policy.log_std.data.copy_(torch.tensor(weights.log_std))
    elif isinstance(policy, SquashedPolicy):
        is_spread_known = weights.spread is not None
        if weights.spread is not None:
            fill_spread(policy, weights.spread)
    if not is_spread_known:
        report.missing.append(_("the spread of its actions, which the car does not need; it begins at 1"))
    critic: CameraCritic | SoftCritics
    if isinstance(policy, SquashedPolicy):
        critic = build_soft_camera_critics(description, torch.float32)
        is_critic_known = _take_soft_critics(critic, weights, description)
    else:
        critic = build_camera_critic(description, torch.float32)
        is_critic_known = _take_critic(critic, weights, description)
    if is_critic_known:
        report.found.append(_("policy and critic: it can be trained further as if never interrupted"))
    else:
        report.missing.append(
            _(
                "the critic: a model for the car has none. A training begins with a fresh one, which first has to learn"
            )
        )
    tensors = {
        f"{name}.{key}": tensor
        for name, module in (("policy", policy), ("critic", critic))
        for key, tensor in module.state_dict().items()
    }
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise not_finite()
    return tensors


def _take_critic(critic: CameraCritic, weights: CoachCheckpoint, description: TrainingDescription) -> bool:
    """Take over a critic; False if there is none of this network."""
    if weights.critic is None or not _is_value(weights.critic, description):
        return False
    fill(critic, weights.critic)
    return True


def _take_soft_critics(
    critics: SoftCritics, weights: CoachCheckpoint, description: TrainingDescription
) -> bool:
    """Take over the critics of SAC; False if one is missing, or of another network."""
    shape = SHAPES[description.neural_network]
    if weights.critic is None or weights.twins is None or not _is_value(weights.critic, description):
        return False
    if not are_twins(weights.twins, shape):
        return False
    fill_critics(critics, weights.critic, weights.twins)
    return True


def _is_value(critic: LayeredNetwork, description: TrainingDescription) -> bool:
    return is_of_shape(critic, SHAPES[description.neural_network]) and critic.outputs == 1
