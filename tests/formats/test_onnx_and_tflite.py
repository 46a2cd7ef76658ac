"""ONNX and TFLite files: every network comes back as it went; `make interop` shows that other programs agree."""

import pytest
import torch

from openracer.agents.layered import outputs_of
from openracer.formats.errors import FormatError
from openracer.formats.onnx_model import read_onnx, write_onnx
from openracer.formats.tflite_reading import read_tflite
from openracer.formats.tflite_writing import write_tflite
from tests.formats.networks import NETWORKS, network, observations


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_comes_back_as_it_went(name: str) -> None:
    there = NETWORKS[name]
    seen = observations(there)
    expected = outputs_of(there, seen)
    for back in (read_onnx(write_onnx(there)), read_tflite(write_tflite(there))):
        torch.testing.assert_close(outputs_of(back, seen), expected, rtol=0, atol=0)
    halved = read_tflite(write_tflite(there, halved=True))
    torch.testing.assert_close(outputs_of(halved, seen), expected, rtol=0, atol=1e-2)


def test_the_same_network_gives_the_same_bytes() -> None:
    for write in (write_onnx, write_tflite):
        assert write(network(seed=3)) == write(network(seed=3))


def test_half_precision_halves_the_file() -> None:
    there = NETWORKS["shallow"]
    assert len(write_tflite(there, halved=True)) < 0.51 * len(write_tflite(there))


@pytest.mark.parametrize("read", [read_onnx, read_tflite])
def test_other_files_are_refused(read: object) -> None:
    for content in (
        b"",
        b"PK\x03\x04" + bytes(40),
        b"\x1c\0\0\0TFL3" + b"\xff" * 40,
        write_onnx(network())[:3000],
    ):
        with pytest.raises(FormatError):
            read(content)  # type: ignore[operator]
