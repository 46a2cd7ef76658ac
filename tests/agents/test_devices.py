"""Devices by their names; the code for a GPU, checked without one on PyTorch's device meta."""

import numpy as np
import pytest
import torch

from openracer.agents.devices import find_device, frame_memory
from openracer.agents.networks import PrivilegedCritic, quickest_dtype
from openracer.agents.ppo import PpoSettings, _Batch

needs_no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


@needs_no_gpu
def test_without_a_gpu_the_processor_is_taken():
    assert find_device("auto") == find_device("cpu") == torch.device("cpu")


@needs_no_gpu
def test_a_gpu_that_is_not_there_is_one_sentence():
    with pytest.raises(
        ValueError, match=r"device is cuda, but PyTorch .* finds no such GPU on this machine; use cpu"
    ):
        find_device("cuda")


def test_an_unknown_device_is_one_sentence():
    with pytest.raises(ValueError, match="device is tpu; it must be auto, cpu, cuda or mps"):
        find_device("tpu")


@needs_no_gpu
def test_frames_for_a_gpu_that_take_too_much_are_not_pinned():
    assert frame_memory(torch.device("cpu"), (2, 3, 4)).shape == (2, 3, 4)
    many = frame_memory(torch.device("cuda"), (1 << 15, 120, 160))  # would raise here if it were pinned
    assert (many.shape, many.dtype) == ((1 << 15, 120, 160), np.uint8)


def test_unknown_devices_compute_in_full_precision():
    assert quickest_dtype(torch.device("mps")) == torch.float32


@pytest.mark.parametrize("network", ["fast", "aws"])
@pytest.mark.parametrize("space", ["discrete", "continuous"])
def test_on_a_gpu_learning_mixes_no_devices(network, space, three_actions, rectangle, agent_for, monkeypatch):
    """Tensors of the device meta have shapes but no numbers; an operation on them and others raises, as on a GPU."""
    is_continuous = space == "continuous"
    rows = 16
    with torch.device("meta"):
        agent = agent_for(
            network, rectangle if is_continuous else three_actions, PpoSettings(batch_size=rows)
        )
        assert agent.device.type == "meta"
        assert agent._slices(rows) == (1, 1)
        frames = torch.zeros((rows, 64, 64), dtype=torch.uint8)
        batch = _Batch(
            observations={"FRONT_FACING_CAMERA": frames, "privileged": torch.zeros((rows, 3))},
            actions=torch.zeros((rows, 2)) if is_continuous else torch.zeros(rows, dtype=torch.int64),
            old_outputs=torch.zeros((rows, agent.policy.n_outputs)),
            advantages=torch.zeros(rows),
            returns=torch.zeros(rows),
        )
        order = torch.arange(rows)
        if network == "fast":
            monkeypatch.setattr(PrivilegedCritic, "scale", 2.0)  # there is no number to read
        for name, loss_of in (("policy", agent._policy_loss), ("critic", agent._critic_loss)):
            loss, measures = loss_of(batch, order)
            assert loss.device.type == measures.device.type == "meta"
            gradients = torch.autograd.grad(loss, list(getattr(agent, name).parameters()))
            assert {gradient.device.type for gradient in gradients} == {"meta"}
