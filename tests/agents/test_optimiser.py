"""Our Adam is PyTorch's, bit for bit; its memory survives a file and refuses another network's."""

import subprocess
import sys

import pytest
import torch

from openracer.agents.optimiser import Adam


def weights() -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(3)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((4, 3), (3,))]


def gradients(step: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(100 + step)
    return [torch.randn(shape, generator=generator) for shape in ((4, 3), (3,))]


def test_it_steps_as_pytorchs_class_does():
    ours, theirs = weights(), weights()
    adam = Adam(ours, 1e-3)
    reference = torch.optim.Adam(theirs, lr=1e-3, betas=(0.9, 0.999), eps=1e-5, fused=True)
    for step in range(5):
        adam.learning_rate = reference.param_groups[0]["lr"] = 1e-3 / (step + 1)
        adam.step(gradients(step))
        for parameter, gradient in zip(theirs, gradients(step), strict=True):
            parameter.grad = gradient
        reference.step()
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_its_memory_goes_on_elsewhere():
    first, second = weights(), weights()
    adam, again = Adam(first, 1e-2), Adam(second, 1e-2)
    assert adam.tensors() == {}
    adam.step(gradients(0))
    for parameter, source in zip(second, first, strict=True):
        parameter.data.copy_(source.data)
    kept = adam.tensors()
    again.load(kept)
    adam.step(gradients(1))
    again.step(gradients(1))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert float(kept["0.step"]) == 1.0  # what was handed out is a copy


@pytest.mark.parametrize(
    "change", [{"0.exp_avg": None}, {"1.exp_avg_sq": torch.zeros(4)}, {"0.step": torch.zeros(2)}]
)
def test_the_memory_of_another_network_is_refused(change):
    adam = Adam(weights(), 1e-3)
    adam.step(gradients(0))
    tensors = {name: tensor for name, tensor in (adam.tensors() | change).items() if tensor is not None}
    name, index = next(iter(change)).split(".")[::-1]
    with pytest.raises(ValueError, match=f"{name} of weight {index} is missing or of another shape"):
        Adam(weights(), 1e-3).load(tensors)


def test_learning_does_not_load_pytorchs_compiler():
    """It would take a second of every start."""
    code = (
        "import sys, torch; from openracer.agents.optimiser import Adam\n"
        "weight = torch.nn.Parameter(torch.zeros(2)); Adam([weight], 0.1).step([torch.ones(2)])\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "torch._dynamo" not in loaded
