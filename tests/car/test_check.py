"""The check before an upload: which cars load an archive, and which of their defects bite."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from openracer.car.check import OPENVINO, SOFTWARE, STOCK, TFLITE, CarCheck, check_archive
from openracer.formats.graph_def import Node, write_graph
from openracer.formats.graph_writing import OUTPUT, nodes_of
from openracer.formats.layers import LayeredNetwork
from tests.formats.networks import network

SMALL = ((8, 8, 8), (4, 2, 8), (3, 1, 8))
CONTINUOUS = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 3}}


def check(folder: Path, policy: LayeredNetwork, name: str = "model.tar.gz", **metadata: object) -> CarCheck:
    space = [{"steering_angle": 15 * (index - 2), "speed": 2} for index in range(policy.outputs)]
    content = {"action_space": space, "sensor": ["FRONT_FACING_CAMERA"], "version": "5"} | metadata
    members = {
        "agent/model.pb": write_graph(nodes_of(policy)),
        "model_metadata.json": json.dumps(content).encode(),
    }
    return check_archive(archive(folder / name, members))


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return path


@pytest.fixture(scope="module")
def discrete() -> LayeredNetwork:
    return network(SMALL, middle=(16,), outputs=5)


@pytest.fixture(scope="module")
def continuous() -> LayeredNetwork:
    return network(SMALL, middle=(16,), outputs=2, ending="linear")


def test_a_good_archive_drives_on_every_car(tmp_path: Path, discrete: LayeredNetwork) -> None:
    assert check(tmp_path, discrete) == CarCheck(())


def test_the_real_archive_drives_on_every_car(real_data: Path) -> None:
    result = check_archive(real_data / "models" / "frozen-graph-random-weights.tar.gz")
    assert result.loads_everywhere


def test_a_name_with_dots_is_told(tmp_path: Path, discrete: LayeredNetwork) -> None:
    result = check(tmp_path, discrete, name="my.model.tar.gz")
    assert result.loads_everywhere
    assert "no safe name" in result.findings[0].sentence
    assert not check(tmp_path, discrete, name="model.tgz").loads(STOCK)


def test_missing_and_double_graphs_are_what_the_cars_page_hides(
    tmp_path: Path, discrete: LayeredNetwork
) -> None:
    graph = write_graph(nodes_of(discrete))
    for members in ({"readme.json": b""}, {"a.pb": graph, "b.pb": graph}):
        result = check_archive(archive(tmp_path / "model.tar.gz", members))
        assert not any(map(result.loads, SOFTWARE))
        assert "uploaded successfully" in result.findings[0].sentence


def test_metadata_that_are_not_at_the_top(tmp_path: Path, discrete: LayeredNetwork) -> None:
    members = {"agent/model.pb": write_graph(nodes_of(discrete)), "agent/model_metadata.json": b"{}"}
    result = check_archive(archive(tmp_path / "model.tar.gz", members))
    assert "cannot be selected" in result.findings[0].sentence


def test_a_policy_of_sac_under_its_own_name_fails_with_tflite_only(
    tmp_path: Path, continuous: LayeredNetwork
) -> None:
    renamed = OUTPUT.replace("main/online/network_1/ppo_head_0", "policy/online/network_0/sac_policy_head_0")
    nodes = nodes_of(continuous)
    nodes[-1] = Node(renamed, "Identity", nodes[-1].inputs, nodes[-1].attributes)
    content = {"action_space": CONTINUOUS, "action_space_type": "continuous", "training_algorithm": "sac",
               "sensor": ["FRONT_FACING_CAMERA"], "version": "5"}  # fmt: skip
    members = {"model.pb": write_graph(nodes), "model_metadata.json": json.dumps(content).encode()}
    result = check_archive(archive(tmp_path / "model.tar.gz", members))
    assert [result.loads(software) for software in (STOCK, OPENVINO, TFLITE)] == [True, True, False]
    assert any("tanh" in finding.sentence for finding in result.findings)


def test_stereo_drives_on_the_stock_car_only(tmp_path: Path) -> None:
    stereo = network(SMALL, middle=(16,), outputs=5, channels=2)
    result = check(tmp_path, stereo, sensor=["STEREO_CAMERAS"])
    assert [result.loads(software) for software in (STOCK, OPENVINO, TFLITE)] == [True, False, False]


@pytest.mark.parametrize(
    ("low", "high", "drives", "words"),
    [(-30, 30, True, None), (-30, 20, False, "drops commands beyond 20"), (-20, 30, True, "never reaches"),
     (-20, 20, True, "becomes full lock"), (-30, -10, False, "never goes to the left")],
)  # fmt: skip
def test_steering_bounds(
    tmp_path: Path, continuous: LayeredNetwork, low: int, high: int, drives: bool, words: str | None
) -> None:
    space = CONTINUOUS | {"steering_angle": {"low": low, "high": high}}
    result = check(tmp_path, continuous, action_space=space, action_space_type="continuous")
    assert result.loads(STOCK) == drives
    assert [words in finding.sentence for finding in result.findings] == ([] if words is None else [True])  # type: ignore[operator]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"training_algorithm": "Clipped_PPO"}, "small letters"), ({"sensor": ["FRONT_FACING_CAMERA",
     "DISCRETIZED_SECTOR_LIDAR"]}, "does not know the sensor"), ({"action_space": []}, "empty list"),
     ({"action_space_type": "continuous"}, "of the other kind")],
)  # fmt: skip
def test_metadata_that_the_car_refuses(
    tmp_path: Path, discrete: LayeredNetwork, change: dict[str, object], words: str
) -> None:
    result = check(tmp_path, discrete, **change)
    assert not result.loads(STOCK)
    assert any(words in finding.sentence for finding in result.findings)


def test_an_output_for_another_number_of_actions(tmp_path: Path, discrete: LayeredNetwork) -> None:
    result = check(tmp_path, replace(discrete), action_space=[{"steering_angle": 30, "speed": 1}] * 4)
    assert "4 actions" in result.findings[0].sentence
