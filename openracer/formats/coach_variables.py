"""The variables of a DeepRacer checkpoint as networks, and networks as variables.

AWS trains with Intel Coach; a checkpoint holds the policy and its critics under Coach's names
(aws-deepracer-community/deepracer-simapp; IntelLabs/coach). Clipped PPO has two networks of one agent, SAC three.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openracer.formats.coach_networks import (
    below,
    no_policy,
    read_branches,
    read_dense,
    read_middle,
    variables_of_network,
)
from openracer.formats.graph_writing import POLICY, SAC_POLICY, head_name
from openracer.formats.layers import Array, Branch, Dense, Ending, LayeredNetwork, check_finite

VALUES = POLICY.replace("network_1", "network_0")
SAC_ACTION_VALUES = SAC_POLICY.replace("policy", "q")
SAC_VALUES = SAC_POLICY.replace("policy", "v")
ACTION = "action"
"""Beside the features of the sensors, what both Q of SAC judge: steering and speed within -1 to 1."""

_SAC_HEAD = "sac_policy_head_0"
_UNNAMED = re.compile(r"(?P<scope>.*/)dense(_(?P<index>\d+))?/kernel")


@dataclass(frozen=True, eq=False)
class CoachCheckpoint:
    """What a DeepRacer checkpoint holds.

    Attributes:
        policy: which action.
        critic: how much reward is still to come, one number; None where the file has it not, or in another form.
        log_std: (2,) ln σ of a continuous PPO policy.
        spread: the layer that gives ln σ beside the last one, of a SAC policy.
        twins: how much reward an action brings, twice, of SAC; their last sensor is :data:`ACTION`.
    """

    policy: LayeredNetwork
    critic: LayeredNetwork | None = None
    log_std: Array | None = None
    spread: Dense | None = None
    twins: tuple[LayeredNetwork, ...] | None = None


def networks_of(variables: Mapping[str, Array]) -> CoachCheckpoint:
    """The networks in a checkpoint's variables.

    Raises:
        FormatError: there is no policy of DeepRacer in it.
    """
    is_sac = any(name.startswith(f"{SAC_POLICY}/") for name in variables)
    checkpoint = _sac(variables) if is_sac else _ppo(variables)
    for network in (checkpoint.policy, checkpoint.critic, *(checkpoint.twins or ())):
        if network is not None:
            check_finite(network)
    return checkpoint


def _ppo(variables: Mapping[str, Array]) -> CoachCheckpoint:
    own = below(variables, POLICY)
    heads = [name for name in ("policy_fc", "policy_mean") if f"ppo_head_0/{name}/kernel" in own]
    if len(heads) != 1:
        raise no_policy()
    ending: Ending = "softmax" if heads[0] == "policy_fc" else "linear"
    policy = _network(own, (read_dense(own, f"ppo_head_0/{heads[0]}"),), ending)
    log_std = own.get("ppo_head_0/policy_log_std")
    critic = _values(below(variables, VALUES))
    return CoachCheckpoint(policy, critic, None if log_std is None else log_std.reshape(-1))


def _sac(variables: Mapping[str, Array]) -> CoachCheckpoint:
    own = below(variables, SAC_POLICY)
    unnamed = _unnamed(own, f"{_SAC_HEAD}/")
    if not unnamed:
        raise no_policy()
    hidden, *others = unnamed
    head = (read_dense(own, hidden, relu=True), read_dense(own, f"{_SAC_HEAD}/policy_mean"))
    spread = read_dense(own, others[0]) if others else None
    critic, twins = _values(below(variables, SAC_VALUES)), _twins(below(variables, SAC_ACTION_VALUES))
    return CoachCheckpoint(_network(own, head, "tanh"), critic, spread=spread, twins=twins)


def _network(own: Mapping[str, Array], head: tuple[Dense, ...], ending: Ending) -> LayeredNetwork:
    middle = read_middle(own)
    return LayeredNetwork(read_branches(own, len(middle[0].weight)), (*middle, *head), ending)


def _values(own: Mapping[str, Array]) -> LayeredNetwork | None:
    if "v_values_head_0/output/kernel" not in own:
        return None
    return _network(own, (read_dense(own, "v_values_head_0/output"),), "linear")


def _twins(own: Mapping[str, Array]) -> tuple[LayeredNetwork, ...] | None:
    networks = []
    for name in ("q1", "q2"):
        scope = f"q_values_head_0/{name}_head"
        if f"{scope}/{name}_output/kernel" not in own:
            return None
        hidden = tuple(read_dense(own, layer, relu=True) for layer in _unnamed(own, f"{scope}/"))
        if not hidden:
            return None
        branches = read_branches(own, len(hidden[0].weight) - 2)
        action = Branch(ACTION, (2,), 1.0, ())
        layers = (*hidden, read_dense(own, f"{scope}/{name}_output"))
        networks.append(LayeredNetwork((*branches, action), layers, "linear"))
    return tuple(networks)


def _unnamed(own: Mapping[str, Array], scope: str) -> list[str]:
    """The layers of a scope that TensorFlow named: ``dense``, ``dense_1`` and so on.

    Newer versions go on counting through the scopes; only the order means something.
    """
    found = []
    for name in own:
        match = _UNNAMED.fullmatch(name)
        if match and match["scope"] == scope:
            found.append((int(match["index"] or 0), name.removesuffix("/kernel")))
    return [name for _index, name in sorted(found)]


def variables_of(checkpoint: CoachCheckpoint) -> dict[str, Array]:
    """The variables of a checkpoint with a policy and all its critics, under Coach's names.

    Raises:
        ValueError: a critic is missing.
    """
    if checkpoint.critic is None:
        raise ValueError("a checkpoint of DeepRacer holds a critic")
    networks = (
        _sac_variables(checkpoint) if checkpoint.policy.ending == "tanh" else _ppo_variables(checkpoint)
    )
    networks[SAC_VALUES if checkpoint.policy.ending == "tanh" else VALUES] = variables_of_network(
        checkpoint.critic.branches,
        checkpoint.critic.layers[:-1],
        [("v_values_head_0/output", checkpoint.critic.layers[-1])],
    )
    return {f"{scope}/{name}": value for scope, own in networks.items() for name, value in own.items()}


def _ppo_variables(checkpoint: CoachCheckpoint) -> dict[str, dict[str, Array]]:
    policy = checkpoint.policy
    head = [(f"ppo_head_0/{head_name(policy)}", policy.layers[-1])]
    own = variables_of_network(policy.branches, policy.layers[:-1], head)
    if checkpoint.log_std is not None:
        own["ppo_head_0/policy_log_std"] = checkpoint.log_std.reshape(1, -1)
    return {POLICY: own}


def _sac_variables(checkpoint: CoachCheckpoint) -> dict[str, dict[str, Array]]:
    if checkpoint.twins is None or checkpoint.spread is None:
        raise ValueError("a checkpoint of SAC holds two more critics, and how far its policy tries around")
    *middle, hidden, mean = checkpoint.policy.layers
    head = [
        (f"{_SAC_HEAD}/dense", hidden),
        (f"{_SAC_HEAD}/policy_mean", mean),
        (f"{_SAC_HEAD}/dense_1", checkpoint.spread),
    ]
    judged = []
    for name, twin in zip(("q1", "q2"), checkpoint.twins, strict=True):
        scope = f"q_values_head_0/{name}_head"
        *others, last = twin.layers
        names = [f"{scope}/dense" + (f"_{index}" if index else "") for index in range(len(others))]
        judged += [*zip(names, others, strict=True), (f"{scope}/{name}_output", last)]
    return {
        SAC_POLICY: variables_of_network(checkpoint.policy.branches, middle, head),
        SAC_ACTION_VALUES: variables_of_network(checkpoint.twins[0].branches[:-1], (), judged),
    }
