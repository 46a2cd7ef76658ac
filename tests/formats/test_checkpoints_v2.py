"""TensorFlow's checkpoints: read, written, and refused where they are damaged."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.formats.checksum import crc32c, masked
from openracer.formats.coach_variables import CoachCheckpoint, networks_of, variables_of
from openracer.formats.errors import FormatError
from openracer.formats.layers import Dense, LayeredNetwork
from openracer.formats.sorted_table import read_table, write_table
from openracer.formats.tensor_bundle import DATA, INDEX, META, read_bundle, write_bundle
from tests.formats.networks import NETWORKS, network, sac_checkpoint


def test_the_checksum_is_crc_32c() -> None:
    # RFC 3720, B.4, and the check value of the catalogue of CRCs.
    assert crc32c(b"123456789") == 0xE306_9283
    assert crc32c(bytes(32)) == 0x8A91_36AA
    assert crc32c(b"\xff" * 32) == 0x62A8_AB43
    assert crc32c(bytes(range(32))) == 0x46DD_794E


@settings(max_examples=50)
@given(st.dictionaries(st.binary(min_size=1, max_size=40), st.binary(max_size=60), max_size=60))
def test_tables_come_back(entries: dict[bytes, bytes]) -> None:
    assert {key: bytes(value) for key, value in read_table(write_table(entries)).items()} == entries


def test_a_table_with_a_changed_byte_is_refused() -> None:
    table = write_table({b"a/kernel": b"12345", b"a/bias": b"678"})
    for at in range(table.index(b"678") + 3):
        damaged = bytearray(table)
        damaged[at] ^= 4
        with pytest.raises(FormatError):
            read_table(bytes(damaged))


@pytest.mark.parametrize("name", ["shallow", "shallow, continuous", "deep", "deeper", "stereo", "with LIDAR"])
def test_checkpoints_come_back(name: str, tmp_path: Path) -> None:
    policy = NETWORKS[name]
    critic = replace(
        policy,
        ending="linear",
        layers=(*policy.layers[:-1], Dense(policy.layers[-1].weight[:, :1], policy.layers[-1].bias[:1])),
    )
    log_std = np.array([-0.5, -1.0], np.float32) if policy.ending == "linear" else None
    path = tmp_path / "3_Step-99.ckpt"
    write_bundle(path, variables_of(CoachCheckpoint(policy, critic, log_std)))
    assert all(path.with_name(path.name + ending).stat().st_size for ending in (INDEX, DATA, META))
    back = networks_of(read_bundle(path))
    assert back.critic is not None
    for there, here in ((policy, back.policy), (critic, back.critic)):
        assert [b.sensor for b in here.branches] == sorted(b.sensor for b in there.branches)
        assert all(np.array_equal(a.weight, b.weight) for a, b in zip(there.layers, here.layers, strict=True))
        for branch in there.branches:
            [same] = [b for b in here.branches if b.sensor == branch.sensor]
            assert (same.shape, same.factor) == (branch.shape, branch.factor)
            assert [getattr(a, "stride", 1) for a in branch.layers] == [
                getattr(a, "stride", 1) for a in same.layers
            ]
    assert back.log_std is None if log_std is None else np.array_equal(back.log_std, log_std)


def test_aws_variables_have_awss_names_and_sizes(tmp_path: Path) -> None:
    """What the index of a real checkpoint of 2022 lists: 22 variables with 11,684,172 values for nine actions."""
    policy = network(middle=(512,), outputs=9)
    critic = replace(network(middle=(512,), outputs=1), ending="linear")
    variables = variables_of(CoachCheckpoint(policy, critic))
    assert len(variables) == 22
    assert sum(value.size for value in variables.values()) == 11_684_172
    assert "main_level/agent/main/online/network_1/ppo_head_0/policy_fc/kernel" in variables
    assert "main_level/agent/main/online/network_0/v_values_head_0/output/bias" in variables


@pytest.mark.parametrize("name", ["shallow", "deeper", "stereo", "with LIDAR"])
def test_checkpoints_of_sac_come_back(name: str, tmp_path: Path) -> None:
    checkpoint = sac_checkpoint(NETWORKS[name])
    write_bundle(tmp_path / "3_Step-99.ckpt", variables_of(checkpoint))
    back = networks_of(read_bundle(tmp_path / "3_Step-99.ckpt"))
    assert back.policy.ending == "tanh"
    assert back.critic is not None
    assert back.twins is not None
    assert back.spread is not None
    assert checkpoint.spread is not None
    assert np.array_equal(back.spread.weight, checkpoint.spread.weight)
    for there, here in zip(all_networks(checkpoint), all_networks(back), strict=True):
        assert [b.sensor for b in here.branches] == [b.sensor for b in there.branches]
        assert [b.shape for b in here.branches] == [b.shape for b in there.branches]
        assert all(np.array_equal(a.weight, b.weight) for a, b in zip(there.layers, here.layers, strict=True))
        assert all(a.relu == b.relu for a, b in zip(there.layers, here.layers, strict=True))


def test_variables_of_sac_have_awss_names() -> None:
    """Three networks of one agent (deepracer-simapp); the Q have no dense layer before they see the actions."""
    variables = variables_of(sac_checkpoint(NETWORKS["shallow"]))
    agent = "main_level/agent"
    for name, shape in {
        "policy/online/network_0/sac_policy_head_0/dense/kernel": (64, 256),
        "policy/online/network_0/sac_policy_head_0/policy_mean/kernel": (256, 2),
        "policy/online/network_0/sac_policy_head_0/dense_1/bias": (2,),
        "q/online/network_0/q_values_head_0/q1_head/dense/kernel": (11264 + 2, 256),
        "q/online/network_0/q_values_head_0/q2_head/dense_1/kernel": (256, 256),
        "q/online/network_0/q_values_head_0/q2_head/q2_output/kernel": (256, 1),
        "v/online/network_0/middleware_fc_embedder/Dense_0/kernel": (11264, 64),
        "v/online/network_0/v_values_head_0/output/kernel": (64, 1),
        "v/online/network_0/gradients_from_head_0-0_rescalers": (),
    }.items():
        assert variables[f"{agent}/{name}"].shape == shape, name
    assert not any("q/online/network_0/middleware" in name for name in variables)


def test_newer_versions_count_layers_through_the_networks_of_sac() -> None:
    """Keras goes on counting where TensorFlow 1 began again in each scope."""
    checkpoint = sac_checkpoint(NETWORKS["shallow"])
    counted = {"q1_head/dense/": "q1_head/dense_2/", "q1_head/dense_1/": "q1_head/dense_9/",
               "q2_head/dense/": "q2_head/dense_10/", "q2_head/dense_1/": "q2_head/dense_11/"}  # fmt: skip
    variables = {}
    for name, value in variables_of(checkpoint).items():
        new = next((name.replace(old, new) for old, new in counted.items() if old in name), name)
        variables[new] = value
    back = networks_of(dict(reversed(variables.items())))
    assert back.twins is not None
    assert checkpoint.twins is not None
    for there, here in zip(checkpoint.twins, back.twins, strict=True):
        assert all(np.array_equal(a.weight, b.weight) for a, b in zip(there.layers, here.layers, strict=True))


def test_a_policy_of_sac_without_its_critics_is_enough() -> None:
    variables = variables_of(sac_checkpoint(NETWORKS["shallow"]))
    back = networks_of({name: value for name, value in variables.items() if "/policy/" in name})
    assert (back.critic, back.twins) == (None, None)
    assert [len(layer.bias) for layer in back.policy.layers] == [64, 256, 2]


def all_networks(checkpoint: CoachCheckpoint) -> tuple[LayeredNetwork, ...]:
    assert checkpoint.critic is not None
    assert checkpoint.twins is not None
    return checkpoint.policy, checkpoint.critic, *checkpoint.twins


@pytest.fixture
def small_checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "0_Step-0.ckpt"
    write_bundle(path, {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, np.float32)})
    return path


def test_a_changed_value_is_noticed(small_checkpoint: Path) -> None:
    file = small_checkpoint.with_name(small_checkpoint.name + DATA)
    content = bytearray(file.read_bytes())
    content[5] ^= 1
    file.write_bytes(content)
    with pytest.raises(FormatError, match="checksum of a is wrong"):
        read_bundle(small_checkpoint)


def test_missing_values_are_noticed(small_checkpoint: Path) -> None:
    file = small_checkpoint.with_name(small_checkpoint.name + DATA)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(FormatError, match="cut short"):
        read_bundle(small_checkpoint)


def test_a_missing_file_is_named(small_checkpoint: Path) -> None:
    small_checkpoint.with_name(small_checkpoint.name + DATA).unlink()
    with pytest.raises(FileNotFoundError, match="data-00000-of-00001"):
        read_bundle(small_checkpoint)


def test_values_are_where_tensorflow_looks_for_them(small_checkpoint: Path) -> None:
    data = small_checkpoint.with_name(small_checkpoint.name + DATA).read_bytes()
    entry = read_table(small_checkpoint.with_name(small_checkpoint.name + INDEX).read_bytes())[b"b"]
    assert data == np.array([0, 1, 2, 3, 4, 5, 1, 1, 1, 1], "<f4").tobytes()
    assert struct.pack("<I", masked(crc32c(data[24:]))) in bytes(entry)
