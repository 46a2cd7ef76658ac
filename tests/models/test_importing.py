"""Models from elsewhere become models of ours, and whatever is wrong with them is said in a sentence."""

import io
import json
import pickle
import shutil
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openracer import locations
from openracer.formats.coach_variables import CoachCheckpoint, variables_of
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import write_graph
from openracer.formats.graph_writing import nodes_of, sac_nodes_of
from openracer.formats.layers import LayeredNetwork
from openracer.formats.onnx_model import write_onnx
from openracer.formats.tensor_bundle import write_bundle
from openracer.formats.tflite_writing import write_tflite
from openracer.models.import_report import read_report
from openracer.models.importing import import_model, name_from
from openracer.models.library import ORIGIN, list_models
from tests.formats.networks import network, sac_checkpoint

METADATA = {
    "action_space": [{"steering_angle": angle, "speed": 2.0} for angle in (-30, -15, 0, 15, 30)],
    "sensor": ["FRONT_FACING_CAMERA"],
    "neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
    "version": "5",
    "training_algorithm": "clipped_ppo",
}
OUR_SMALL = ((8, 8, 16), (4, 2, 32), (3, 1, 32))
"""The convolutions of OpenRacer's small network, which make the tests quick."""


@pytest.fixture(scope="module")
def policy() -> LayeredNetwork:
    return network(OUR_SMALL, middle=(256,), outputs=5)


@pytest.fixture(scope="module")
def graph(policy: LayeredNetwork) -> bytes:
    return write_graph(nodes_of(policy))


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return path


def metadata(**changes: object) -> bytes:
    return json.dumps(METADATA | changes).encode()


def training(folder: Path, policy: LayeredNetwork, **params: object) -> Path:
    """A training's folder as AWS exports it."""
    critic = replace(network(OUR_SMALL, middle=(256,), outputs=1, seed=5), ending="linear")
    for name in ("3_Step-200", "7_Step-900"):
        write_bundle(folder / "model" / f"{name}.ckpt", variables_of(CoachCheckpoint(policy, critic)))
    entry = {"name": "3_Step-200.ckpt", "avg_eval_metric": 80.0, "time_stamp": 1.0}
    index = {"best_checkpoint": entry, "last_checkpoint": entry | {"name": "7_Step-900.ckpt"}}
    (folder / "model" / "deepracer_checkpoints.json").write_text(json.dumps(index))
    (folder / "model" / "model_metadata.json").write_bytes(metadata())
    (folder / "ip").mkdir()
    (folder / "ip" / "hyperparameters.json").write_text(
        '{"batch_size": "128", "loss_type": "mean_squared_error"}'
    )
    (folder / "reward_function.py").write_text("def reward_function(params):\n    return 1.0\n")
    lines = {"WORLD_NAME": "reInvent2019_track", "TRACK_DIRECTION_CLOCKWISE": "'false'"} | params
    (folder / "training_params.yaml").write_text("\n".join(f"{key}: {value}" for key, value in lines.items()))
    return folder


def test_an_archive_for_the_car_becomes_a_model(tmp_path: Path, graph: bytes, policy: LayeredNetwork) -> None:
    path = archive(
        tmp_path / "My car.v2.tar.gz", {"agent/model.pb": graph, "model_metadata.json": metadata()}
    )
    folder, report = import_model(path)
    assert folder.name == "My-car-v2"
    weights = folder.checkpoints.load(ORIGIN)
    assert np.array_equal(weights["policy.head.weight"].numpy(), policy.layers[-1].weight.T)
    assert weights["critic.head.weight"].shape == (1, 256)
    assert len(folder.description().actions) == 5
    assert any("critic" in sentence for sentence in report.missing)
    assert read_report(folder) == report


@pytest.mark.parametrize("said", ["sac", "clipped_ppo"])
def test_a_policy_of_sac_is_known_by_its_layers(tmp_path: Path, said: str) -> None:
    """AWS's archive ends before the tanh, ours after it; what the simulator drives has it once."""
    space = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 2}}
    told = metadata(action_space=space, training_algorithm=said, neural_network="FAST_CONVOLUTIONAL_NETWORK")
    policy = network(OUR_SMALL, middle=(256, 256), outputs=2, ending="tanh")
    graph = write_graph(sac_nodes_of(policy) if said == "sac" else nodes_of(policy))
    path = archive(tmp_path / "sac.tar.gz", {"agent/model.pb": graph, "model_metadata.json": told})
    folder, report = import_model(path)
    assert folder.description().algorithm == "sac"
    assert any("trained with sac" in sentence for sentence in report.assumed) == (said == "clipped_ppo")
    weights = folder.checkpoints.load(ORIGIN)
    assert np.array_equal(weights["policy.head.weight"].numpy(), policy.layers[-1].weight.T)
    assert np.array_equal(weights["policy.hidden.weight"].numpy(), policy.layers[-2].weight.T)
    assert any("critic" in sentence for sentence in report.missing)


def test_the_real_graph_of_aws_becomes_a_model(real_data: Path) -> None:
    folder, _report = import_model(real_data / "models" / "frozen-graph-random-weights.tar.gz", "aws")
    assert folder.description().neural_network == "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"
    assert len(folder.description().actions) == 9


def test_a_training_comes_with_critic_reward_and_settings(tmp_path: Path, policy: LayeredNetwork) -> None:
    folder, report = import_model(training(tmp_path / "run-5", policy))
    description = folder.description()
    assert description.track == "reInvent2019_track"
    assert not description.reverse
    assert description.hyperparameters.batch_size == 128
    assert description.hyperparameters.loss_type == "mean squared error"
    assert "return 1.0" in description.reward_source
    assert any("3_Step-200" in sentence for sentence in report.found)
    assert any("TRACK_DIRECTION_CLOCKWISE" in sentence for sentence in report.assumed)
    assert any("mean_squared_error" in sentence for sentence in report.assumed)
    critic = network(OUR_SMALL, middle=(256,), outputs=1, seed=5)
    weights = folder.checkpoints.load(ORIGIN)
    assert np.array_equal(weights["critic.trunk.dense.weight"].numpy(), critic.layers[0].weight.T)


def test_a_training_comes_as_an_archive_too(tmp_path: Path, policy: LayeredNetwork) -> None:
    source = training(tmp_path / "run", policy)
    with tarfile.open(tmp_path / "run.tar.gz", "w:gz") as file:
        file.add(source, ".")
    folder, report = import_model(tmp_path / "run.tar.gz", checkpoint="last")
    assert folder.description().track == "reInvent2019_track"
    assert any("7_Step-900" in sentence for sentence in report.found)


def test_speeds_beyond_awss_are_taken_and_told(tmp_path: Path, graph: bytes) -> None:
    actions = [{"steering_angle": 5 * i, "speed": 6.5} for i in range(5)]
    members = {"agent/model.pb": graph, "model_metadata.json": metadata(action_space=actions)}
    folder, report = import_model(archive(tmp_path / "fast.tar.gz", members))
    assert folder.description().actions[0].speed == 6.5
    assert folder.description().hyperparameters.num_epochs == 10
    assert any("6.5" in sentence for sentence in report.assumed)


def test_a_track_that_is_not_known_is_replaced_and_told(tmp_path: Path, policy: LayeredNetwork) -> None:
    folder, report = import_model(training(tmp_path / "run", policy, WORLD_NAME="Mars_2031"))
    assert folder.description().track == "reinvent_base"
    assert any("Mars_2031" in sentence for sentence in report.assumed)


@pytest.mark.parametrize("ending", [".pb", ".onnx", ".tflite"])
def test_a_single_file_with_metadata_beside_it_is_enough(
    tmp_path: Path, policy: LayeredNetwork, graph: bytes, ending: str
) -> None:
    content = {".pb": graph, ".onnx": write_onnx(policy), ".tflite": write_tflite(policy)}[ending]
    (tmp_path / f"racer{ending}").write_bytes(content)
    with pytest.raises(FileNotFoundError, match=r"model_metadata\.json"):
        import_model(tmp_path / f"racer{ending}")
    (tmp_path / "model_metadata.json").write_bytes(metadata())
    folder, _report = import_model(tmp_path / f"racer{ending}")
    assert folder.name == "racer"
    head = folder.checkpoints.load(ORIGIN)["policy.head.weight"]
    torch.testing.assert_close(head, torch.from_numpy(policy.layers[-1].weight.T.copy()), rtol=0, atol=0)


def test_a_division_by_255_inside_the_first_weights_is_undone(tmp_path: Path, policy: LayeredNetwork) -> None:
    """The car's converter to TFLite puts it there."""
    [branch] = policy.branches
    first, *others = branch.layers
    folded = replace(
        branch, factor=1.0, layers=(replace(first, kernel=first.kernel / np.float32(255)), *others)
    )  # type: ignore[union-attr]
    (tmp_path / "racer.tflite").write_bytes(write_tflite(replace(policy, branches=(folded,))))
    (tmp_path / "model_metadata.json").write_bytes(metadata())
    folder, _report = import_model(tmp_path / "racer.tflite")
    kernel = folder.checkpoints.load(ORIGIN)["policy.trunk.convolutions.0.weight"].numpy()
    np.testing.assert_allclose(kernel, first.kernel.transpose(3, 2, 0, 1), rtol=1e-6)  # type: ignore[union-attr]


def test_names_are_made_of_what_a_name_may_have() -> None:
    assert name_from("physicalmodel-Ärger 3.tar.gz") == "physicalmodel-rger-3"
    assert name_from("....pb") == "imported"


class TestRefused:
    """Each with a sentence, and nothing is left behind."""

    @pytest.fixture(autouse=True)
    def nothing_is_left(self, tmp_path: Path) -> object:
        yield
        assert list_models() == []
        left = locations.models_folder().glob("*") if locations.models_folder().is_dir() else []
        assert [path.name for path in left] == []
        assert not (tmp_path.parent / "escaped").exists()

    @pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped.pb", "a/../../escaped", "C:\\escaped.pb"])
    def test_paths_that_lead_elsewhere(self, tmp_path: Path, graph: bytes, name: str) -> None:
        path = archive(tmp_path / "evil.tar.gz", {"agent/model.pb": graph, name: b"x"})
        with pytest.raises(FormatError, match="outside its own folder"):
            import_model(path)

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
    def test_links_and_devices(self, tmp_path: Path, kind: bytes) -> None:
        with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as file:
            entry = tarfile.TarInfo("agent/model.pb")
            entry.type, entry.linkname = kind, "/etc/passwd"
            file.addfile(entry)
        with pytest.raises(FormatError, match="link or a device"):
            import_model(tmp_path / "evil.tar.gz")

    def test_links_in_folders_and_zips(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "model.pb").symlink_to("/etc/passwd")
        with pytest.raises(FormatError, match="link"):
            import_model(folder)
        with zipfile.ZipFile(tmp_path / "evil.zip", "w") as file:
            entry = zipfile.ZipInfo("agent/model.pb")
            entry.external_attr = 0o120777 << 16
            file.writestr(entry, "/etc/passwd")
        with pytest.raises(FormatError, match="link"):
            import_model(tmp_path / "evil.zip")

    def test_a_bomb(self, tmp_path: Path) -> None:
        """A header that promises more than the limit is refused before anything is unpacked."""
        entry = tarfile.TarInfo("agent/model.pb")
        entry.size = 5 << 30
        (tmp_path / "bomb.tar").write_bytes(entry.tobuf() + bytes(10240))
        with pytest.raises(FormatError, match="more than any model needs"):
            import_model(tmp_path / "bomb.tar")

    def test_a_large_text(self, tmp_path: Path, graph: bytes) -> None:
        members = {"agent/model.pb": graph, "model_metadata.json": bytes(11 << 20)}
        with pytest.raises(FormatError, match="more than any model needs"):
            import_model(archive(tmp_path / "large.tar.gz", members))

    def test_two_graphs(self, tmp_path: Path, graph: bytes) -> None:
        members = {"agent/model.pb": graph, "model_2.pb": graph, "model_metadata.json": metadata()}
        with pytest.raises(FormatError, match=r"2 files ending in \.pb"):
            import_model(archive(tmp_path / "two.tar.gz", members))

    def test_a_graph_cut_short(self, tmp_path: Path, graph: bytes) -> None:
        members = {"agent/model.pb": graph[:-5000], "model_metadata.json": metadata()}
        with pytest.raises(FormatError, match=r"agent/model\.pb: "):
            import_model(archive(tmp_path / "short.tar.gz", members))

    def test_an_archive_cut_short(self, tmp_path: Path, graph: bytes) -> None:
        path = archive(
            tmp_path / "short.tar.gz", {"agent/model.pb": graph, "model_metadata.json": metadata()}
        )
        path.write_bytes(path.read_bytes()[: len(graph) // 2])
        with pytest.raises(FormatError, match="no readable archive"):
            import_model(path)

    def test_weights_that_are_not_numbers(self, tmp_path: Path) -> None:
        broken = network(OUR_SMALL, middle=(256,), outputs=5)
        broken.layers[0].weight[3, 3] = np.nan
        members = {"agent/model.pb": write_graph(nodes_of(broken)), "model_metadata.json": metadata()}
        with pytest.raises(FormatError, match="not a finite number"):
            import_model(archive(tmp_path / "nan.tar.gz", members))

    @pytest.mark.parametrize("where", ["policy_log_std", "v_values_head_0/output/kernel", "q2_head/dense/kernel",
                                       "sac_policy_head_0/dense_1/bias"])  # fmt: skip
    def test_numbers_of_a_training_that_are_none(self, tmp_path: Path, where: str) -> None:
        """Wherever they are: in a critic, or in how far a policy tries around."""
        source = training(tmp_path / "run", network(OUR_SMALL, middle=(256,), outputs=5))
        trunk = network(OUR_SMALL, middle=(256,), outputs=2, ending="linear")
        if "sac" in where or where.startswith("q2"):
            checkpoint = sac_checkpoint(trunk)
        else:
            critic = replace(network(OUR_SMALL, middle=(256,), outputs=1), ending="linear")
            checkpoint = CoachCheckpoint(trunk, critic, np.zeros(2, np.float32))
        variables = variables_of(checkpoint)
        [name] = [name for name in variables if name.endswith(where)]
        variables[name] = np.full_like(variables[name], np.inf)
        write_bundle(source / "model" / "3_Step-200.ckpt", variables)
        space = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 2}}
        algorithm = "sac" if checkpoint.twins else "clipped_ppo"
        told = metadata(action_space=space, training_algorithm=algorithm)
        (source / "model" / "model_metadata.json").write_bytes(told)
        with pytest.raises(FormatError, match="not a finite number"):
            import_model(source)

    def test_a_name_that_no_file_system_takes(self, tmp_path: Path, graph: bytes) -> None:
        members = {"agent/model.pb": graph, f"{'a' * 300}.pb": graph}
        with pytest.raises(FormatError, match="name is too long"):
            import_model(archive(tmp_path / "long.tar.gz", members))

    def test_critics_that_do_not_fit_each_other(self, tmp_path: Path) -> None:
        checkpoint = sac_checkpoint(network(OUR_SMALL, middle=(256,), outputs=2, ending="linear"))
        variables = variables_of(checkpoint)
        [name] = [name for name in variables if name.endswith("q2_head/dense/kernel")]
        variables[name] = variables[name][:-7]
        write_bundle(tmp_path / "run" / "3_Step-200.ckpt", variables)
        with pytest.raises(FormatError, match="none of DeepRacer's"):
            import_model(tmp_path / "run")

    def test_actions_of_another_number(self, tmp_path: Path, graph: bytes) -> None:
        actions = METADATA["action_space"][:4]  # type: ignore[index]
        members = {"agent/model.pb": graph, "model_metadata.json": metadata(action_space=actions)}
        with pytest.raises(FormatError, match="4 actions, but the network has 5 outputs"):
            import_model(archive(tmp_path / "four.tar.gz", members))

    def test_another_network(self, tmp_path: Path) -> None:
        other = write_graph(nodes_of(network(((8, 4, 3),), middle=(8,), outputs=5)))
        members = {"agent/model.pb": other, "model_metadata.json": metadata()}
        with pytest.raises(FormatError, match="none that OpenRacer has"):
            import_model(archive(tmp_path / "other.tar.gz", members))

    def test_pickles_are_never_opened(self, tmp_path: Path) -> None:
        class Evil:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return Path.touch, (tmp_path.parent / "escaped",)  # type: ignore[return-value]

        for name in ("model.pkl", "model.pth", "model.pb"):
            (tmp_path / name).write_bytes(pickle.dumps(Evil()))
            with pytest.raises(ValueError, match="pickle"):
                import_model(tmp_path / name)

    def test_a_checkpoint_without_its_values(self, tmp_path: Path, policy: LayeredNetwork) -> None:
        source = training(tmp_path / "run", policy)
        for path in source.glob("model/*.data-*"):
            path.unlink()
        with pytest.raises(FormatError, match=r"both its \.index and"):
            import_model(source)

    def test_a_folder_without_a_network(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(FormatError, match="holds no network"):
            import_model(tmp_path / "empty")
        shutil.rmtree(tmp_path / "empty")
