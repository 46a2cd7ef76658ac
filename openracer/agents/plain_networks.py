"""Our networks as plain layers and back: what is written into files for other programs, and read from theirs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from openracer.agents.networks import (
    CameraCritic,
    CameraTrunk,
    Convolution,
    DiscretePolicy,
    Policy,
    SensorEmbedder,
    SquashedPolicy,
    TrunkShape,
)
from openracer.agents.soft_critics import UNITS, SoftCritics
from openracer.formats import layers
from openracer.formats.coach_variables import ACTION
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.simulation.sensors import CAMERAS, SENSORS, canonical_name


def layers_of(network: Policy | CameraCritic) -> layers.LayeredNetwork:
    """A network as plain layers; a discrete policy ends in probabilities, one of SAC in a tanh."""
    dense = tuple(_dense(layer, layer is not network.head) for layer in _dense_of(network))
    ending: layers.Ending = "linear"
    if isinstance(network, DiscretePolicy):
        ending = "softmax"
    elif isinstance(network, SquashedPolicy):
        ending = "tanh"
    return layers.LayeredNetwork(_branches(network.trunk), dense, ending)


def _dense_of(network: Policy | CameraCritic) -> list[nn.Module]:
    """The layers after what comes from all sensors, in order."""
    hidden = [network.hidden] if isinstance(network, SquashedPolicy) else []
    return [network.trunk.dense, *network.trunk.further, *hidden, network.head]


def _branches(embedder: SensorEmbedder) -> tuple[layers.Branch, ...]:
    return tuple(
        _camera(embedder, name) if SENSORS[name] in CAMERAS else _lidar(embedder, name)
        for name in embedder.reads
    )


def _camera(trunk: SensorEmbedder, name: str) -> layers.Branch:
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


def _lidar(embedder: SensorEmbedder, name: str) -> layers.Branch:
    told = tuple(_dense(layer, True) for layer in embedder.lidar)
    return layers.Branch(name, SENSORS[name].shape, 1.0, told)


def _dense(layer: nn.Module, relu: bool) -> layers.Dense:
    return layers.Dense(_array(layer.get_parameter("weight").T), _array(layer.get_parameter("bias")), relu)


def _array(tensor: Tensor) -> layers.Array:
    return tensor.detach().cpu().contiguous().numpy().copy()


def sensors_of(network: layers.LayeredNetwork) -> tuple[str, ...]:
    """Our names of the sensors that plain layers begin with, in their order."""
    return tuple(canonical_name(branch.sensor) for branch in network.branches)


def is_of_shape(network: layers.LayeredNetwork, shape: TrunkShape) -> bool:
    """Whether plain layers are a network of one of our shapes with one head, on sensors that our cars have."""
    return _is_embedder(network, shape) and _widths(network) == (shape.units, *shape.further)


def is_squashed(network: layers.LayeredNetwork, shape: TrunkShape) -> bool:
    """Whether they are a policy of SAC of one of our shapes: it has a layer more."""
    is_policy = network.outputs == 2 and network.ending != "softmax"
    widths = (shape.units, *shape.further, UNITS)
    return is_policy and _is_embedder(network, shape) and _widths(network) == widths


def are_twins(twins: Sequence[layers.LayeredNetwork], shape: TrunkShape) -> bool:
    """Whether they are the two Q of SAC in one of our shapes."""
    return all(
        _is_embedder(replace(twin, branches=twin.branches[:-1]), shape) and _widths(twin) == (UNITS, UNITS)
        for twin in twins
    )


def _widths(network: layers.LayeredNetwork) -> tuple[int, ...]:
    """Of all layers but the last."""
    return tuple(len(layer.bias) for layer in network.layers[:-1])


def _is_embedder(network: layers.LayeredNetwork, shape: TrunkShape) -> bool:
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
    return True


def _outline(layer: layers.Layer) -> Convolution:
    if isinstance(layer, layers.Dense):
        return Convolution(len(layer.bias), 1, 1)
    return Convolution(len(layer.bias), layer.kernel.shape[0], layer.stride)


def _dense_outline(widths: Sequence[int]) -> tuple[Convolution, ...]:
    return tuple(Convolution(units, 1, 1) for units in widths)


def fill(network: Policy | CameraCritic, source: layers.LayeredNetwork) -> None:
    """Take over the weights of plain layers.

    The car's converter divides the first weights by 255 instead of the pixels, as our trunk does when it computes.

    Raises:
        FormatError: they are of another network.
    """
    _fill_embedder(network.trunk, source.branches)
    _copy(zip(_dense_of(network), source.layers, strict=True))


def spread_of(policy: SquashedPolicy) -> layers.Dense:
    """The layer that says how far SAC tries around its action."""
    return _dense(policy.spread, False)


def fill_spread(policy: SquashedPolicy, layer: layers.Dense) -> None:
    """Take over the layer that says how far SAC tries around its action.

    Raises:
        FormatError: it is of another network.
    """
    _copy([(policy.spread, layer)])


def twins_of(critics: SoftCritics) -> tuple[layers.LayeredNetwork, ...]:
    """Q, both, of what the camera sees as plain layers, in units of reward; the actions are their last sensor."""
    assert isinstance(critics.features, SensorEmbedder)
    action = layers.Branch(ACTION, (2,), 1.0, ())
    branches = (*_branches(critics.features), action)
    return tuple(
        layers.LayeredNetwork(branches, _stretched(_sequence(twin), critics.scale), "linear")
        for twin in critics.twins
    )


def value_of(critics: SoftCritics) -> layers.LayeredNetwork:
    """V of what the camera sees as plain layers, in units of reward."""
    trunk, head = critics.value.features, critics.value.layers
    assert isinstance(trunk, CameraTrunk)
    dense = (*(_dense(layer, True) for layer in (trunk.dense, *trunk.further)), _dense(head, False))
    return layers.LayeredNetwork(_branches(trunk), _stretched(dense, critics.scale), "linear")


def fill_critics(
    critics: SoftCritics, value: layers.LayeredNetwork, twins: Sequence[layers.LayeredNetwork]
) -> None:
    """Take over the weights of V and both Q.

    Raises:
        FormatError: they are of other networks.
    """
    trunk, embedder = critics.value.features, critics.features
    assert isinstance(trunk, CameraTrunk)
    assert isinstance(embedder, SensorEmbedder)
    _fill_embedder(trunk, value.branches)
    dense = _stretched(value.layers, 1 / critics.scale)
    _copy(zip((trunk.dense, *trunk.further, critics.value.layers), dense, strict=True))
    _fill_embedder(embedder, twins[0].branches[:-1])
    for module, twin in zip(critics.twins, twins, strict=True):
        linear = [layer for layer in module.children() if isinstance(layer, nn.Linear)]
        _copy(zip(linear, _stretched(twin.layers, 1 / critics.scale), strict=True))


def _sequence(network: nn.Module) -> tuple[layers.Dense, ...]:
    linear = [layer for layer in network.children() if isinstance(layer, nn.Linear)]
    return tuple(_dense(layer, layer is not linear[-1]) for layer in linear)


def _stretched(dense: tuple[layers.Dense, ...], factor: float) -> tuple[layers.Dense, ...]:
    """The same layers, whose last one gives numbers that are larger by a factor."""
    *first, last = dense
    by = np.float32(factor)
    return (*first, replace(last, weight=last.weight * by, bias=last.bias * by))


def _fill_embedder(embedder: SensorEmbedder, branches: Sequence[layers.Branch]) -> None:
    for branch, name in zip(branches, embedder.reads, strict=True):
        if SENSORS[name] in CAMERAS:
            _copy(zip(embedder.convolutions, _on_pixels(branch), strict=True))
        else:
            _copy(zip(embedder.lidar, branch.layers, strict=True))


@torch.no_grad()
def _copy(pairs: Iterable[tuple[nn.Module, layers.Layer]]) -> None:
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
