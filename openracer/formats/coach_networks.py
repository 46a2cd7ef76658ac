"""One network among a checkpoint's variables: Coach's names of its layers, read and written.

A checkpoint does not say how far a convolution steps: of the steps that DeepRacer's networks have, those count that
make the first matrix fit (IntelLabs/coach; aws-deepracer-community/deepracer-simapp).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from openracer.formats.errors import FormatError
from openracer.formats.layers import Array, Branch, Convolution, Dense, Layer, output_shape
from openracer.language import gettext as _

RESCALER = "gradients_from_head_0-0_rescalers"
"""A number beside each network with which training weighs gradients; always 1."""

_MIDDLE = "middleware_fc_embedder"
_IMAGE = (120, 160)
_STRIDES: dict[tuple[int, ...], tuple[tuple[int, ...], ...]] = {
    (8, 4, 3): ((4, 2, 1), (8, 2, 1)),
    (5, 3, 3, 3): ((2, 1, 2, 1),),
    (8, 4, 4, 3): ((4, 2, 2, 1),),
    (3, 3, 3, 3, 3): ((1, 2, 1, 2, 1),),
}
"""Steps of the convolutions by the sizes of their kernels, for each network that DeepRacer (or OpenRacer) has."""

_PLACE = re.compile(r"(?P<scope>[A-Z_a-z]+)/(?P<kind>Conv2d|Dense)_(?P<index>\d+)/kernel")


def below(variables: Mapping[str, Array], scope: str) -> dict[str, Array]:
    """The variables of a scope, by their names within it."""
    return {
        name.removeprefix(f"{scope}/"): value
        for name, value in variables.items()
        if name.startswith(f"{scope}/")
    }


def read_dense(variables: Mapping[str, Array], scope: str, relu: bool = False) -> Dense:
    """A matrix and its bias.

    Raises:
        FormatError: they are missing, or do not belong together.
    """
    weight, bias = _pair(variables, scope)
    if weight.ndim != 2 or bias.shape != weight.shape[1:]:
        raise _misshapen(scope, weight)
    return Dense(weight, bias, relu)


def read_middle(variables: Mapping[str, Array]) -> tuple[Dense, ...]:
    """The dense layers between sensors and head.

    Raises:
        FormatError: there are none.
    """
    scopes = _places(variables).get(_MIDDLE)
    if scopes is None:
        raise no_policy()
    return tuple(read_dense(variables, scope, relu=True) for scope in scopes)


def read_branches(variables: Mapping[str, Array], rows: int) -> tuple[Branch, ...]:
    """What follows each sensor, sensors in the order of their names.

    Args:
        variables: of one network.
        rows: height of the matrix that comes next.

    Raises:
        FormatError: it is none of DeepRacer's networks.
    """
    places = _places(variables)
    places.pop(_MIDDLE, None)
    weights = {
        sensor: [_pair(variables, scope) for scope in scopes] for sensor, scopes in sorted(places.items())
    }
    if not weights:
        raise no_policy()
    for branches in _candidates(weights):
        if sum(int(np.prod(_end(branch))) for branch in branches) == rows:
            return branches
    raise FormatError(_("the checkpoint's network is none of DeepRacer's"))


def no_policy() -> FormatError:
    """What to say of a checkpoint of another program."""
    return FormatError(_("the checkpoint holds no policy of a DeepRacer model"))


def variables_of_network(
    branches: Sequence[Branch], middle: Sequence[Dense], head: Iterable[tuple[str, Dense]]
) -> dict[str, Array]:
    """The variables of a network, by their names within its scope.

    Args:
        branches: what follows each sensor.
        middle: dense layers between sensors and head.
        head: names and layers of the head.
    """
    layers: list[tuple[str, Layer]] = list(head)
    for branch in branches:
        for index, layer in enumerate(branch.layers):
            kind = "Conv2d" if isinstance(layer, Convolution) else "Dense"
            layers.append((f"{branch.sensor}/{kind}_{2 * index}", layer))
    layers += [(f"{_MIDDLE}/Dense_{2 * index}", layer) for index, layer in enumerate(middle)]
    variables: dict[str, Array] = {RESCALER: np.array(1.0, np.float32)}
    for name, layer in layers:
        variables[f"{name}/kernel"] = layer.kernel if isinstance(layer, Convolution) else layer.weight
        variables[f"{name}/bias"] = layer.bias
    return variables


def _places(variables: Mapping[str, Array]) -> dict[str, list[str]]:
    """The scopes of the layers of each sensor and of the middle, in order."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in variables:
        if match := _PLACE.fullmatch(name):
            found.setdefault(match["scope"], []).append((int(match["index"]), name.removesuffix("/kernel")))
    return {scope: [name for _index, name in sorted(layers)] for scope, layers in found.items()}


def _pair(variables: Mapping[str, Array], scope: str) -> tuple[Array, Array]:
    try:
        weight, bias = variables[f"{scope}/kernel"], variables[f"{scope}/bias"]
    except KeyError as error:
        raise FormatError(_("the checkpoint has no variable {name}").format(name=error.args[0])) from None
    if weight.dtype != np.float32 or bias.dtype != np.float32:
        raise FormatError(_("the variable {name} is not in float32").format(name=scope))
    return weight, bias


def _candidates(weights: Mapping[str, Sequence[tuple[Array, Array]]]) -> Iterator[tuple[Branch, ...]]:
    kernels = next(
        (
            tuple(weight.shape[0] for weight, _bias in layers if weight.ndim == 4)
            for layers in weights.values()
            if layers[0][0].ndim == 4
        ),
        (),
    )
    for strides in _STRIDES.get(kernels, ()):
        yield tuple(_branch(sensor, layers, strides) for sensor, layers in weights.items())


def _branch(sensor: str, weights: Sequence[tuple[Array, Array]], strides: Sequence[int]) -> Branch:
    layers: list[Layer] = []
    for weight, bias in weights:
        if bias.shape != weight.shape[-1:] or weight.ndim not in (2, 4):
            raise _misshapen(sensor, weight)
        is_map = weight.ndim == 4
        layers.append(
            Convolution(weight, bias, strides[len(layers)], True) if is_map else Dense(weight, bias, True)
        )
    first = weights[0][0]
    shape = (*_IMAGE, first.shape[2]) if first.ndim == 4 else (len(first),)
    return Branch(sensor, shape, 1 / 255 if first.ndim == 4 else 1.0, tuple(layers))


def _end(branch: Branch) -> tuple[int, ...]:
    shape = branch.shape
    for layer in branch.layers:
        shape = output_shape(shape, layer)
    return shape


def _misshapen(name: str, weight: Array) -> FormatError:
    return FormatError(_("the variable {name} has the shape {shape}").format(name=name, shape=weight.shape))
