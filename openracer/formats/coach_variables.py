"""The variables of a DeepRacer checkpoint as networks, and networks as variables.

AWS trains with Intel Coach; a checkpoint holds the network of values and the policy under Coach's names
(aws-deepracer-community/deepracer-simapp; IntelLabs/coach). It does not say how far a convolution steps: of the steps
that DeepRacer's networks have, those count that make the first matrix fit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openracer.formats.errors import FormatError
from openracer.formats.graph_writing import AGENT, POLICY, RESCALER, head_name
from openracer.formats.layers import (
    Array,
    Branch,
    Convolution,
    Dense,
    Ending,
    Layer,
    LayeredNetwork,
    check_finite,
    output_shape,
)
from openracer.language import gettext as _

SAC_POLICY = "main_level/agent/policy/online/network_0"
VALUES = f"{AGENT}network_0"
_IMAGE = (120, 160)
_STRIDES: dict[tuple[int, ...], tuple[tuple[int, ...], ...]] = {
    (8, 4, 3): ((4, 2, 1), (8, 2, 1)),
    (5, 3, 3, 3): ((2, 1, 2, 1),),
    (8, 4, 4, 3): ((4, 2, 2, 1),),
    (3, 3, 3, 3, 3): ((1, 2, 1, 2, 1),),
}
"""Steps of the convolutions by the sizes of their kernels, for each network that DeepRacer (or OpenRacer) has."""

_PLACE = re.compile(r"(?P<scope>[A-Z_a-z]+)/(?P<kind>Conv2d|Dense)_(?P<index>\d+)/kernel")


@dataclass(frozen=True, eq=False)
class CoachCheckpoint:
    """What a DeepRacer checkpoint holds.

    Attributes:
        policy: which action.
        critic: how much reward is still to come, one number; None where the file has it not, or in another form.
        log_std: (2,) ln σ of a continuous PPO policy.
        log_std_layer: the layer that gives ln σ, of a SAC policy.
    """

    policy: LayeredNetwork
    critic: LayeredNetwork | None = None
    log_std: Array | None = None
    log_std_layer: Dense | None = None


def networks_of(variables: Mapping[str, Array]) -> CoachCheckpoint:
    """The networks in a checkpoint's variables.

    Raises:
        FormatError: there is no policy of DeepRacer in it.
    """
    if any(name.startswith(f"{SAC_POLICY}/") for name in variables):
        return _sac(_below(variables, SAC_POLICY))
    own = _below(variables, POLICY)
    heads = [name for name in ("policy_fc", "policy_mean") if f"ppo_head_0/{name}/kernel" in own]
    if len(heads) != 1:
        raise FormatError(_("the checkpoint holds no policy of a DeepRacer model"))
    trunk, middle = _trunk(own)
    ending: Ending = "softmax" if heads[0] == "policy_fc" else "linear"
    policy = LayeredNetwork(trunk, (*middle, _dense(own, f"ppo_head_0/{heads[0]}")), ending)
    check_finite(policy)
    log_std = own.get("ppo_head_0/policy_log_std")
    values = _below(variables, VALUES)
    critic = None
    if "v_values_head_0/output/kernel" in values:
        trunk, middle = _trunk(values)
        critic = LayeredNetwork(trunk, (*middle, _dense(values, "v_values_head_0/output")), "linear")
        check_finite(critic)
    return CoachCheckpoint(policy, critic, None if log_std is None else log_std.reshape(-1))


def _sac(own: Mapping[str, Array]) -> CoachCheckpoint:
    trunk, middle = _trunk(own)
    head = "sac_policy_head_0"
    mean = _dense(own, f"{head}/policy_mean")
    hidden = replace(_dense(own, f"{head}/dense"), relu=True)
    policy = LayeredNetwork(trunk, (*middle, hidden, mean), "tanh")
    check_finite(policy)
    spread = _dense(own, f"{head}/dense_1") if f"{head}/dense_1/kernel" in own else None
    return CoachCheckpoint(policy, log_std_layer=spread)


def _below(variables: Mapping[str, Array], scope: str) -> dict[str, Array]:
    return {
        name.removeprefix(f"{scope}/"): value
        for name, value in variables.items()
        if name.startswith(f"{scope}/")
    }


def _dense(variables: Mapping[str, Array], scope: str) -> Dense:
    weight, bias = _pair(variables, scope)
    if weight.ndim != 2 or bias.shape != weight.shape[1:]:
        raise FormatError(
            _("the variable {name} has the shape {shape}").format(name=scope, shape=weight.shape)
        )
    return Dense(weight, bias)


def _pair(variables: Mapping[str, Array], scope: str) -> tuple[Array, Array]:
    try:
        weight, bias = variables[f"{scope}/kernel"], variables[f"{scope}/bias"]
    except KeyError as error:
        raise FormatError(_("the checkpoint has no variable {name}").format(name=error.args[0])) from None
    if weight.dtype != np.float32 or bias.dtype != np.float32:
        raise FormatError(_("the variable {name} is not in float32").format(name=scope))
    return weight, bias


def _trunk(variables: Mapping[str, Array]) -> tuple[tuple[Branch, ...], tuple[Dense, ...]]:
    places: dict[str, list[tuple[int, str]]] = {}
    for name in variables:
        if match := _PLACE.fullmatch(name):
            scope, index = match["scope"], int(match["index"])
            places.setdefault(scope, []).append((index, f"{scope}/{match['kind']}_{index}"))
    middle = tuple(
        replace(_dense(variables, scope), relu=True)
        for _index, scope in sorted(places.pop("middleware_fc_embedder", []))
    )
    if not middle or not places:
        raise FormatError(_("the checkpoint holds no policy of a DeepRacer model"))
    weights = {
        sensor: [_pair(variables, scope) for _index, scope in sorted(scopes)]
        for sensor, scopes in sorted(places.items())
    }
    rows = len(middle[0].weight)
    for branches in _candidates(weights):
        if sum(int(np.prod(_end(branch))) for branch in branches) == rows:
            return branches, middle
    raise FormatError(_("the checkpoint's network is none of DeepRacer's"))


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
            raise FormatError(
                _("the variable {name} has the shape {shape}").format(name=sensor, shape=weight.shape)
            )
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


def variables_of(checkpoint: CoachCheckpoint) -> dict[str, Array]:
    """The variables of a clipped-PPO checkpoint with policy and critic, under Coach's names.

    Raises:
        ValueError: there is no critic.
    """
    if checkpoint.critic is None:
        raise ValueError("a checkpoint of DeepRacer holds a critic")
    one = np.array(1.0, np.float32)
    variables = {RESCALER: one, RESCALER.replace(POLICY, VALUES): one}
    head = f"ppo_head_0/{head_name(checkpoint.policy)}"
    for scope, network, end in (
        (POLICY, checkpoint.policy, head),
        (VALUES, checkpoint.critic, "v_values_head_0/output"),
    ):
        layers: list[tuple[str, Layer]] = [(end, network.layers[-1])]
        for branch in network.branches:
            for index, layer in enumerate(branch.layers):
                kind = "Conv2d" if isinstance(layer, Convolution) else "Dense"
                layers.append((f"{branch.sensor}/{kind}_{2 * index}", layer))
        layers += [
            (f"middleware_fc_embedder/Dense_{2 * index}", layer)
            for index, layer in enumerate(network.layers[:-1])
        ]
        for name, layer in layers:
            weight = layer.kernel if isinstance(layer, Convolution) else layer.weight
            variables[f"{scope}/{name}/kernel"], variables[f"{scope}/{name}/bias"] = weight, layer.bias
    if checkpoint.log_std is not None:
        variables[f"{POLICY}/ppo_head_0/policy_log_std"] = checkpoint.log_std.reshape(1, -1)
    return variables
