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
from openracer.formats.layers import Dense
from openracer.formats.sorted_table import read_table, write_table
from openracer.formats.tensor_bundle import DATA, INDEX, META, read_bundle, write_bundle
from tests.formats.networks import NETWORKS, network


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


def test_a_policy_of_sac_is_found_without_its_names() -> None:
    policy = NETWORKS["shallow, SAC"]
    scope = "main_level/agent/policy/online/network_0"
    variables = {}
    names = [f"FRONT_FACING_CAMERA/Conv2d_{2 * index}" for index in range(3)]
    for name, layer in zip(names, policy.branches[0].layers, strict=True):
        variables |= {f"{scope}/{name}/kernel": layer.kernel, f"{scope}/{name}/bias": layer.bias}
    ends = ("middleware_fc_embedder/Dense_0", "sac_policy_head_0/dense", "sac_policy_head_0/policy_mean")
    for name, layer in zip(ends, policy.layers, strict=True):
        variables |= {f"{scope}/{name}/kernel": layer.weight, f"{scope}/{name}/bias": layer.bias}
    back = networks_of(variables)
    assert back.policy.ending == "tanh"
    assert back.critic is None
    assert [len(layer.bias) for layer in back.policy.layers] == [64, 32, 2]


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
