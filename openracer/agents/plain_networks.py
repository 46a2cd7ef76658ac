"""Our networks as plain layers and back: what is written into files for other programs, and read from theirs."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from openracer.agents.networks import (
    CameraCritic,
    Convolution,
    DiscretePolicy,
    Policy,
    TrunkShape,
)
from openracer.formats import layers
from openracer.formats.errors import FormatError
from openracer.language import gettext as _


def layers_of(network: Policy | CameraCritic, sensor: str) -> layers.LayeredNetwork:
    """A network as plain layers; a discrete policy ends in probabilities.

    Args:
        network: in float32.
        sensor: name of the camera.
    """
    trunk = network.trunk
    convolutions = [
        layers.Convolution(
            _array(convolution.get_parameter("weight").permute(2, 3, 1, 0)),
            _array(convolution.get_parameter("bias")),
            stride,
            relu=True,
        )
        for convolution, stride in zip(trunk.convolutions, trunk.strides, strict=True)
    ]
    height, width = (120, 160)
    branch = layers.Branch(
        sensor, (height, width, convolutions[0].kernel.shape[2]), 1 / 255, tuple(convolutions)
    )
    ending: layers.Ending = "softmax" if isinstance(network, DiscretePolicy) else "linear"
    return layers.LayeredNetwork((branch,), (_dense(trunk.dense, True), _dense(network.head, False)), ending)


def _dense(layer: nn.Linear, relu: bool) -> layers.Dense:
    return layers.Dense(_array(layer.weight.T), _array(layer.bias), relu)


def _array(tensor: Tensor) -> layers.Array:
    return tensor.detach().cpu().contiguous().numpy().copy()


def shape_of(network: layers.LayeredNetwork) -> tuple[tuple[Convolution, ...], tuple[int, ...]]:
    """What tells a network from others: its convolutions, and the widths of its layers before the last."""
    convolutions = tuple(
        Convolution(len(layer.bias), layer.kernel.shape[0], layer.stride)
        for layer in network.branches[0].layers
        if isinstance(layer, layers.Convolution)
    )
    return convolutions, tuple(len(layer.bias) for layer in network.layers[:-1])


def is_of_shape(network: layers.LayeredNetwork, shape: TrunkShape) -> bool:
    """Whether plain layers are a network on one camera, of one of our shapes."""
    one_camera = len(network.branches) == 1 and network.branches[0].shape == (120, 160, 1)
    return one_camera and shape_of(network) == (shape.convolutions, (shape.units,))


@torch.no_grad()
def fill(network: Policy | CameraCritic, source: layers.LayeredNetwork) -> None:
    """Take over the weights of plain layers.

    The car's converter divides the first weights by 255 instead of the pixels, as our trunk does when it computes.

    Raises:
        FormatError: they are of another network.
    """
    trunk = network.trunk
    branch = source.branches[0]
    pairs: list[tuple[nn.Module, layers.Layer]] = [
        *zip(trunk.convolutions, _on_pixels(branch), strict=True),
        *zip((trunk.dense, network.head), source.layers, strict=True),
    ]
    for module, layer in pairs:
        weight = (
            layer.kernel.transpose(3, 2, 0, 1) if isinstance(layer, layers.Convolution) else layer.weight.T
        )
        for name, value in (("weight", weight), ("bias", layer.bias)):
            parameter = module.get_parameter(name)
            if tuple(parameter.shape) != value.shape:
                raise FormatError(
                    _("a layer's weights have the shape {shape}; this network needs {expected}").format(
                        shape=value.shape, expected=tuple(parameter.shape)
                    )
                )
            parameter.copy_(torch.from_numpy(value.astype("float32")))


def _on_pixels(branch: layers.Branch) -> tuple[layers.Layer, ...]:
    """The layers of a camera for pixels that are divided by 255."""
    first, *others = branch.layers
    if not isinstance(first, layers.Convolution):
        raise FormatError(_("the network's first layer is no convolution"))
    return (replace(first, kernel=first.kernel * np.float32(branch.factor * 255)), *others)
