"""Maps of attention on a network whose attention is known, and on our own against a second computation."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from openracer.agents.networks import FAST, CameraTrunk, ContinuousPolicy, DiscretePolicy, glorot_uniform
from openracer.analysis.sight.attention import Maps, grad_cam, occlusion

PATCHES = ((slice(64, 88), slice(24, 48)), (slice(40, 64), slice(104, 128)))


def share_inside(importance: NDArray[np.float32], patch: tuple[slice, slice], margin: int = 8) -> float:
    """How much of a map lies in a patch or beside it."""
    rows, columns = (slice(side.start - margin, side.stop + margin) for side in patch)
    return float(importance[rows, columns].sum() / importance.sum())


def assert_finds_the_patches(maps: Maps) -> None:
    assert maps.shape == (2, 120, 160)
    for importance, patch in zip(maps, PATCHES, strict=True):
        assert importance.min() >= 0.0
        assert importance.max() == pytest.approx(1.0)
        row, column = np.unravel_index(importance.argmax(), importance.shape)
        assert patch[0].start <= row < patch[0].stop
        assert patch[1].start <= column < patch[1].stop
        assert share_inside(importance, patch) > 0.8


def test_grad_cam_finds_the_patch_that_each_action_looks_at(
    network: nn.Module, striped_frame: NDArray[np.uint8]
) -> None:
    assert_finds_the_patches(grad_cam(network, torch.from_numpy(striped_frame)))


def test_covering_finds_the_patch_that_each_action_looks_at(
    network: nn.Module, striped_frame: NDArray[np.uint8]
) -> None:
    assert_finds_the_patches(occlusion(network, torch.from_numpy(striped_frame)))


@pytest.mark.parametrize("method", [grad_cam, occlusion])
def test_what_lowers_an_angle_counts_as_much_as_what_raises_it(
    network: nn.Module, striped_frame: NDArray[np.uint8], method: "type[object]"
) -> None:
    def to_the_right(frames: torch.Tensor) -> torch.Tensor:
        return -network(frames)

    assert_finds_the_patches(method(to_the_right, torch.from_numpy(striped_frame), True))  # type: ignore[call-arg]
    assert not method(to_the_right, torch.from_numpy(striped_frame), False).any()  # type: ignore[call-arg, attr-defined]


def test_a_network_without_a_convolution_has_no_grad_cam() -> None:
    blind = nn.Linear(160, 2)
    with pytest.raises(ValueError, match="no convolution"):
        grad_cam(lambda frames: blind(frames.float()).mean(dim=1), torch.zeros(120, 160, dtype=torch.uint8))


def test_a_frame_without_anything_in_it_has_an_empty_map(network: nn.Module) -> None:
    grey = torch.full((120, 160), 77, dtype=torch.uint8)
    assert not occlusion(network, grey).any()


@pytest.mark.parametrize("continuous", [False, True])
def test_grad_cam_of_our_networks_is_that_of_the_paper(continuous: bool) -> None:
    torch.manual_seed(1)
    trunk = CameraTrunk(FAST, dtype=torch.float32)
    policy = ContinuousPolicy(trunk) if continuous else DiscretePolicy(trunk, 3, glorot_uniform)
    frame = torch.randint(0, 256, (120, 160), dtype=torch.uint8)

    def scores(frames: torch.Tensor) -> torch.Tensor:
        outputs = policy({"FRONT_FACING_CAMERA": frames})
        return policy.distribution(outputs).mode() if continuous else torch.log_softmax(outputs, dim=1)

    maps = grad_cam(scores, frame, both_signs=continuous)
    features = frame[None, None].float() / 255.0
    for layer, stride in zip(trunk.convolutions, trunk.strides, strict=True):
        features = functional.conv2d(features, layer.weight, layer.bias, stride).relu()  # type: ignore[arg-type]
    features = features.detach().requires_grad_()
    hidden = trunk.dense(features.permute(0, 2, 3, 1).flatten(1)).relu()
    outputs = policy.head(hidden)
    values = outputs if continuous else torch.log_softmax(outputs, dim=1)
    for question in range(values.shape[1]):
        (gradient,) = torch.autograd.grad(values[0, question], features, retain_graph=True)
        cam = torch.einsum("c,chw->hw", gradient[0].mean(dim=(1, 2)), features.detach()[0])
        cam = cam.abs() if continuous else cam.clamp(min=0.0)
        fine = functional.interpolate(cam[None, None], (120, 160), mode="bilinear")[0, 0]
        # An action against which everything speaks has an empty map.
        np.testing.assert_allclose(maps[question], fine / fine.max().clamp(min=1e-9), atol=2e-4)
    assert maps.any()
