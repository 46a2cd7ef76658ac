"""Our networks as plain layers and back: what is written into files for other programs, and read from theirs."""

from collections.abc import Sequence
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
from openracer.simulation.sensors import CAMERAS, SENSORS, canonical_name


def layers_of(network: Policy | CameraCritic) -> layers.LayeredNetwork:
    """A network as plain layers; a discrete policy ends in probabilities."""
    trunk = network.trunk
    branches = tuple(
        _camera(network, name) if SENSORS[name] in CAMERAS else _lidar(network, name) for name in trunk.reads
    )
    dense = (*(_dense(layer, True) for layer in (trunk.dense, *trunk.further)), _dense(network.head, False))
    ending: layers.Ending = "softmax" if isinstance(network, DiscretePolicy) else "linear"
    return layers.LayeredNetwork(branches, dense, ending)


def _camera(network: Policy | CameraCritic, name: str) -> layers.Branch:
    trunk = network.trunk
    told: list[layers.Layer] = []
    for module, stride in zip(trunk.convolutions, trunk.strides, strict=True):
        kernel = _array(module.get_parameter("weight").permute(2, 3, 1, 0))
        bias = _array(module.get_parameter("bias"))
        # AWS calls a convolution of one pixel a dense layer on every pixel.
        is_pointwise = kernel.shape[:2] == (1, 1)
        told.append(
            layers.Dense(kernel[0, 0], bias, True)
            if is_pointwise
            else layers.Convolution(kernel, bias, stride, True)
        )
    eyes = trunk.convolutions[0].get_parameter("weight").shape[1]
    return layers.Branch(name, (*SENSORS[name].shape[:2], eyes), 1 / 255, tuple(told))


def _lidar(network: Policy | CameraCritic, name: str) -> layers.Branch:
    told = tuple(_dense(layer, True) for layer in network.trunk.lidar)
    return layers.Branch(name, SENSORS[name].shape, 1.0, told)


def _dense(layer: nn.Module, relu: bool) -> layers.Dense:
    return layers.Dense(_array(layer.get_parameter("weight").T), _array(layer.get_parameter("bias")), relu)


def _array(tensor: Tensor) -> layers.Array:
    return tensor.detach().cpu().contiguous().numpy().copy()


def sensors_of(network: layers.LayeredNetwork) -> tuple[str, ...]:
    """Our names of the sensors that plain layers begin with, in their order."""
    return tuple(canonical_name(branch.sensor) for branch in network.branches)


def is_of_shape(network: layers.LayeredNetwork, shape: TrunkShape) -> bool:
    """Whether plain layers are a network of one of our shapes, on sensors that our cars have."""
    names = sensors_of(network)
    if list(names) != sorted(names) or not all(name in SENSORS for name in names):
        return False
    for branch, sensor in zip(network.branches, (SENSORS[name] for name in names), strict=True):
        told = tuple(map(_outline, branch.layers))
        if sensor in CAMERAS:
            eyes = sensor.shape[2] if len(sensor.shape) == 3 else 1
            if branch.shape != (*sensor.shape[:2], eyes) or told != shape.camera(sensor):
                return False
        elif branch.shape != sensor.shape or told != _dense_outline(shape.lidar):
            return False
    return tuple(map(_outline, network.layers[:-1])) == _dense_outline((shape.units, *shape.further))


def _outline(layer: layers.Layer) -> Convolution:
    if isinstance(layer, layers.Dense):
        return Convolution(len(layer.bias), 1, 1)
    return Convolution(len(layer.bias), layer.kernel.shape[0], layer.stride)


def _dense_outline(widths: Sequence[int]) -> tuple[Convolution, ...]:
    return tuple(Convolution(units, 1, 1) for units in widths)


@torch.no_grad()
def fill(network: Policy | CameraCritic, source: layers.LayeredNetwork) -> None:
    """Take over the weights of plain layers.

    The car's converter divides the first weights by 255 instead of the pixels, as our trunk does when it computes.

    Raises:
        FormatError: they are of another network.
    """
    trunk = network.trunk
    pairs: list[tuple[nn.Module, layers.Layer]] = []
    for branch, name in zip(source.branches, trunk.reads, strict=True):
        modules = trunk.convolutions if SENSORS[name] in CAMERAS else trunk.lidar
        pairs += zip(
            modules, _on_pixels(branch) if modules is trunk.convolutions else branch.layers, strict=True
        )
    pairs += zip((trunk.dense, *trunk.further, network.head), source.layers, strict=True)
    for module, layer in pairs:
        for name, value in (("weight", _weight_for(module, layer)), ("bias", layer.bias)):
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


def _weight_for(module: nn.Module, layer: layers.Layer) -> layers.Array:
    if isinstance(layer, layers.Convolution):
        return layer.kernel.transpose(3, 2, 0, 1)
    return layer.weight.T[:, :, np.newaxis, np.newaxis] if isinstance(module, nn.Conv2d) else layer.weight.T
