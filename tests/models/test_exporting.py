"""Models for elsewhere: they come back as they went, and drive on a car as they drive here."""

import gzip
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openracer.agents.layered import outputs_of
from openracer.agents.plain_networks import layers_of
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import read_graph
from openracer.formats.graph_reading import layers_of as layers_of_graph
from openracer.formats.layers import with_tanh
from openracer.formats.model_metadata import ActionRanges, ModelMetadata, parse_model_metadata
from openracer.formats.training_params import read_training_params
from openracer.models.description import TrainingDescription
from openracer.models.exporting import check_archive_name, export_model, for_car, load_networks
from openracer.models.folder import ModelFolder
from openracer.models.importing import import_model
from openracer.models.library import ORIGIN, create_model_with
from openracer.models.networks import build_camera_critic, build_policy, build_soft_camera_critics
from tests.formats.networks import network

CONTINUOUS = {"steering_angle": {"low": -30, "high": 20}, "speed": {"low": 1, "high": 3}}
Make = Callable[..., ModelFolder]


@pytest.fixture
def make_model() -> Make:
    def make(name: str, **values: object) -> ModelFolder:
        """A model with random weights that choose: the heads' are large."""
        torch.manual_seed(3)
        description = TrainingDescription.from_values({"name": name, **values})
        policy = build_policy(description, torch.float32)
        build_critic = build_soft_camera_critics if description.algorithm == "sac" else build_camera_critic
        critic = build_critic(description, torch.float32)
        with torch.no_grad():
            policy.head.weight.mul_(100)
            policy.head.bias.uniform_(-0.2, 0.2)
        tensors = {f"policy.{key}": value for key, value in policy.state_dict().items()}
        if not description.privileged_critic:
            tensors |= {f"critic.{key}": value for key, value in critic.state_dict().items()}
        return create_model_with(description, lambda folder: folder.checkpoints.save(ORIGIN, tensors))

    return make


def frames(count: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    coarse = rng.integers(0, 256, (count, 6, 8, 1), dtype=np.uint8)
    return coarse.repeat(20, axis=1).repeat(20, axis=2)


def actions(folder: ModelFolder, seen: np.ndarray) -> np.ndarray:
    networks = load_networks(folder, "best")
    with torch.no_grad():
        parts = [
            outputs_of(networks.weights.policy, {"FRONT_FACING_CAMERA": torch.from_numpy(part)})
            for part in np.array_split(seen, 8)
        ]
    outputs = torch.cat(parts).numpy()
    is_discrete = networks.weights.policy.ending == "softmax"
    return outputs.argmax(axis=1) if is_discrete else outputs.clip(-1, 1)


@pytest.mark.parametrize("algorithm", ["clipped_ppo", "sac"])
@pytest.mark.parametrize("target", ["car", "onnx", "tflite"])
def test_a_model_acts_the_same_after_it_was_away(
    make_model: Make, tmp_path: Path, target: str, algorithm: str
) -> None:
    """On 1,000 frames."""
    here = make_model("here", algorithm=algorithm)
    path = tmp_path / {"car": "here.tar.gz"}.get(target, f"here.{target}")
    export_model(here, target, path)  # type: ignore[arg-type]
    back, _report = import_model(path, "back")
    seen = frames(1000)
    chosen = actions(here, seen)
    assert len(np.unique(chosen, axis=0)) > 1
    assert np.array_equal(chosen, actions(back, seen))
    assert back.description().algorithm == algorithm
    assert back.description().actions == here.description().actions


def test_unequal_steering_becomes_equal_with_the_same_angles(make_model: Make, tmp_path: Path) -> None:
    here = make_model("bends", action_space=CONTINUOUS, preset="fast")
    notes = export_model(here, "car", tmp_path / "bends.tar.gz")
    assert any("±30" in note for note in notes)
    back, _report = import_model(tmp_path / "bends.tar.gz", "back")
    space = back.description().actions
    assert space == ActionRanges(-30, 30, 1, 3)
    seen = frames(50)
    there, again = (actions(model, seen)[:, 0] for model in (here, back))
    inside = np.abs(there) < 0.99
    assert inside.sum() > 10
    np.testing.assert_allclose((-30 + (there + 1) / 2 * 50)[inside], (30 * again)[inside], atol=1e-3)


def test_a_sac_policy_squashes_its_output_in_the_graph() -> None:
    raw = replace(network(outputs=2), ending="linear")
    metadata = ModelMetadata(ActionRanges(-30, 30, 1, 3), training_algorithm="sac")
    policy, told, _notes = for_car(with_tanh(raw), metadata)
    assert policy.ending == "tanh"
    assert told.training_algorithm == "clipped_ppo"


def test_an_archive_is_the_same_every_time(make_model: Make, tmp_path: Path) -> None:
    here = make_model("here")
    export_model(here, "car", tmp_path / "a.tar.gz")
    export_model(here, "car", tmp_path / "b.tar.gz")
    content = (tmp_path / "a.tar.gz").read_bytes()
    assert content == (tmp_path / "b.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "a.tar.gz") as file:
        assert file.getnames() == ["agent/model.pb", "model_metadata.json"]
        member = file.extractfile("agent/model.pb")
        assert member is not None
        graph = read_graph(member.read())
    assert len(graph) == 62
    assert gzip.decompress(content)[257:262] == b"ustar"
    assert layers_of_graph(graph).ending == "softmax"


@pytest.mark.parametrize("name", ["my model.tar.gz", "v1.2.tar.gz", "model.tgz", "모델.tar.gz", ".tar.gz"])
def test_names_that_cars_mix_up_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no safe name .*\.tar\.gz"):
        check_archive_name(name)


@pytest.mark.parametrize("target", ["aws", "drfc"])
def test_a_training_with_sac_goes_to_aws_and_comes_back(
    make_model: Make, tmp_path: Path, target: str
) -> None:
    """Weights are the same, but for the last bit of critics' numbers, which AWS has in units of reward."""
    here = make_model("here", preset="aws", algorithm="sac")
    notes = export_model(here, target, tmp_path / "out")  # type: ignore[arg-type]
    graph = read_graph((tmp_path / "out" / "model" / "model_0.pb").read_bytes())
    assert list(graph)[-1] == "main_level/agent/policy/online/network_0/sac_policy_head_0/policy"
    assert layers_of_graph(graph).ending == "linear"  # as AWS freezes it; its simulator adds the tanh
    written = json.loads((tmp_path / "out" / "hyperparameters.json").read_text())
    assert written == json.loads((tmp_path / "out" / "ip" / "hyperparameters.json").read_text())
    assert "num_epochs" not in written
    assert written["num_episodes_between_training"] == (1 if target == "aws" else 20)
    assert any("num_episodes_between_training" in note for note in notes) == (target == "aws")
    back, report = import_model(tmp_path / "out", "back")
    assert any("policy and critic" in sentence for sentence in report.found)
    ours, theirs = here.checkpoints.load(ORIGIN), back.checkpoints.load(ORIGIN)
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        torch.testing.assert_close(theirs[name], tensor, rtol=3e-7, atol=0)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours if name.startswith("policy."))
    before, after = here.description(), back.description()
    kept = {"name": "back", "hyperparameters": after.hyperparameters.model_dump()}
    assert before.with_changes(kept) == after.with_changes({"reward": before.reward})


@pytest.mark.parametrize("target", ["aws", "drfc"])
def test_a_training_goes_to_aws_and_comes_back_bit_for_bit(
    make_model: Make, tmp_path: Path, target: str
) -> None:
    here = make_model("here", preset="aws", track="reInvent2019_track", reverse=True)
    export_model(here, target, tmp_path / "out")  # type: ignore[arg-type]
    for name in ("model_metadata.json", "hyperparameters.json", "ip/hyperparameters.json", "reward_function.py",
                 "training_params.yaml", "model/.coach_checkpoint", "model/deepracer_checkpoints.json",
                 "model/0_Step-0.ckpt.index", "model/0_Step-0.ckpt.meta", "model/model_0.pb"):  # fmt: skip
        assert (tmp_path / "out" / name).is_file(), name
    back, _report = import_model(tmp_path / "out", "back")
    ours, theirs = here.checkpoints.load(ORIGIN), back.checkpoints.load(ORIGIN)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    before, after = here.description(), back.description()
    assert before.with_changes({"name": "back"}) == after.with_changes({"reward": before.reward})


@pytest.mark.parametrize(
    "values",
    [
        {"neural_network": "DEEP_CONVOLUTIONAL_NETWORK_DEEP"},
        {"sensor": ["STEREO_CAMERAS"], "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"},
        {
            "sensor": ["FRONT_FACING_CAMERA", "SECTOR_LIDAR"],
            "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_DEEP",
        },
    ],
    ids=["deeper", "stereo", "lidar"],
)
def test_other_networks_and_sensors_go_and_come_back(
    make_model: Make, tmp_path: Path, values: dict[str, object]
) -> None:
    here = make_model("here", preset="aws", **values)
    ours = here.checkpoints.load(ORIGIN)
    export_model(here, "drfc", tmp_path / "out")
    export_model(here, "car", tmp_path / "away.tar.gz")
    for path in (tmp_path / "out", tmp_path / "away.tar.gz"):
        back, _report = import_model(path, path.name.partition(".")[0])
        theirs = back.checkpoints.load(ORIGIN)
        assert theirs.keys() == ours.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours if name.startswith("policy."))


def test_a_sensor_that_no_car_has_is_refused(make_model: Make, tmp_path: Path) -> None:
    here = make_model("here", sensor=["FRONT_FACING_CAMERA", "DISCRETIZED_SECTOR_LIDAR"])
    with pytest.raises(FormatError, match="no car has the sensor DISCRETIZED_SECTOR_LIDAR"):
        export_model(here, "car", tmp_path / "here.tar.gz")
    assert not (tmp_path / "here.tar.gz").exists()


def test_the_direction_for_aws_is_a_truth_value(make_model: Make, tmp_path: Path) -> None:
    here = make_model("here", preset="aws", reverse=True)
    export_model(here, "aws", tmp_path / "out")
    assert (
        read_training_params(tmp_path / "out" / "training_params.yaml")["TRACK_DIRECTION_CLOCKWISE"] is True
    )


def test_a_network_that_aws_has_not_is_refused(make_model: Make, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be trained further on AWS"):
        export_model(make_model("small"), "aws", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_already_is_left_alone(make_model: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(FormatError, match="there already"):
        export_model(make_model("here", preset="aws"), "drfc", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_metadata_lie_beside_a_single_file(make_model: Make, tmp_path: Path) -> None:
    export_model(make_model("here"), "tflite", tmp_path / "a" / "here.tflite", halved=True)
    metadata = parse_model_metadata(json.loads((tmp_path / "a" / "model_metadata.json").read_text()))
    assert len(metadata.action_space) == 10  # type: ignore[arg-type]


def test_our_networks_are_the_layers_they_are_told_as() -> None:
    description = TrainingDescription.from_values({"name": "x", "preset": "fast"})
    policy = build_policy(description, torch.float32)
    seen = torch.from_numpy(frames(4))
    said = outputs_of(layers_of(policy), {"FRONT_FACING_CAMERA": seen})
    expected = torch.softmax(policy({"FRONT_FACING_CAMERA": seen[..., 0]}), dim=1)
    torch.testing.assert_close(said, expected, rtol=0, atol=1e-6)
