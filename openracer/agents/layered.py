"""Any network of plain layers in PyTorch: what an imported file computes, in float32."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from openracer.formats.layers import Convolution, Layer, LayeredNetwork


def outputs_of(network: LayeredNetwork, observations: Mapping[str, Tensor]) -> Tensor:
    """What a network says of B observations.

    Args:
        network: its layers.
        observations: (B, …) by sensor, images (B, height, width, channels), in any number type.

    Returns:
        (B, A) probabilities, or (B, 2) numbers for steering and speed.
    """
    features = []
    for branch in network.branches:
        last = observations[branch.sensor].float() * branch.factor
        if last.dim() == 4:
            last = last.permute(0, 3, 1, 2)
        for layer in branch.layers:
            last = _through(layer, last)
        if last.dim() == 4:
            last = last.permute(0, 2, 3, 1)
        features.append(last.flatten(1))
    joined = torch.cat(features, dim=1)
    for layer in network.layers:
        joined = _through(layer, joined)
    if network.ending == "softmax":
        return torch.softmax(joined, dim=1)
    return torch.tanh(joined) if network.ending == "tanh" else joined


def _through(layer: Layer, inputs: Tensor) -> Tensor:
    bias = _tensor(layer.bias)
    if isinstance(layer, Convolution):
        outputs = functional.conv2d(inputs, _tensor(layer.kernel.transpose(3, 2, 0, 1)), bias, layer.stride)
    elif inputs.dim() == 4:
        outputs = functional.conv2d(inputs, _tensor(layer.weight.T[:, :, np.newaxis, np.newaxis]), bias)
    else:
        outputs = functional.linear(inputs, _tensor(layer.weight.T), bias)
    return outputs.relu_() if layer.relu else outputs


def _tensor(array: np.ndarray) -> Tensor:
    # Arrays that are views of a file cannot be written to, which PyTorch warns of.
    return torch.from_numpy(np.array(array, np.float32))
