"""From the nodes of a frozen graph to the layers they compute, by what they do and never by what they are called.

Every node is followed once, in the order of computation. What depends on no observation is computed; what does is a
:class:`Signal`, which remembers the layers so far. The graphs of all years differ in how they flatten, add a bias and
look after gradients; as signals they are the same.
"""

from collections.abc import Mapping
from dataclasses import replace

from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node
from openracer.formats.graph_rules import RULES, Factors
from openracer.formats.graph_signals import Signal, Value, unknown
from openracer.formats.layers import Branch, Dense, LayeredNetwork, check_finite, output_shape
from openracer.language import gettext as _


def layers_of(nodes: Mapping[str, Node], output: str | None = None) -> LayeredNetwork:
    """The network that a graph computes.

    Args:
        nodes: of the graph by name.
        output: node whose value counts; None takes the last one that nothing else uses.

    Raises:
        FormatError: it computes something else than a DeepRacer policy.
    """
    name = output if output is not None else output_of(nodes)
    reader = _Reader(nodes)
    signal = reader.value(name)
    if not isinstance(signal, Signal):
        raise FormatError(_("the graph's output does not depend on what the car sees"))
    network = _network(signal, reader.factors)
    check_finite(network)
    return network


def output_of(nodes: Mapping[str, Node]) -> str:
    """Name of the node whose value is the graph's output: the last one that nothing else uses.

    Raises:
        FormatError: there is none, or there are several.
    """
    used = {source for node in nodes.values() for source in node.inputs}
    ends = [
        name
        for name, node in nodes.items()
        if name not in used and node.op not in ("NoOp", "Const", "Placeholder")
    ]
    policies = [name for name in ends if name.rsplit("/", 1)[-1] == "policy"] or ends
    if len(policies) != 1:
        raise FormatError(_("the graph has {count} outputs; a policy has one").format(count=len(policies)))
    return policies[0]


def _network(signal: Signal, factors: Mapping[int, float]) -> LayeredNetwork:
    if signal.source.joined:
        parts, layers = signal.source.joined, signal.layers
    else:
        vector = next(
            (
                index
                for index, layer in enumerate(signal.layers)
                if isinstance(layer, Dense) and _is_flat(signal, index)
            ),
            None,
        )
        if vector is None:
            raise FormatError(_("the graph has no layer that ends in actions"))
        if len(signal.source.shape) == 1:
            vector = 0
        parts = (replace(signal, layers=signal.layers[:vector], ending="linear"),)
        layers = signal.layers[vector:]
    if any(part.ending != "linear" or part.factor != 1.0 or part.source.joined for part in parts):
        raise unknown()
    if not layers or signal.factor != 1.0 or not all(isinstance(layer, Dense) for layer in layers):
        raise unknown()
    branches = tuple(
        Branch(part.source.sensor, part.source.shape, factors.get(id(part.source), 1.0), part.layers)
        for part in parts
    )
    return LayeredNetwork(branches, tuple(layers), signal.ending)  # type: ignore[arg-type]


def _is_flat(signal: Signal, index: int) -> bool:
    """Whether a layer's input is a whole map as one vector: its matrix is taller than the map is deep."""
    shape = signal.source.shape
    for layer in signal.layers[:index]:
        shape = output_shape(shape, layer)
    layer = signal.layers[index]
    return isinstance(layer, Dense) and (len(shape) == 1 or len(layer.weight) != shape[-1])


class _Reader:
    """Follows nodes; a value is found once.

    Attributes:
        factors: what each sensor's observation is multiplied by, by the identity of its source.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._values: dict[str, Value] = {}
        self.factors: Factors = {}

    def value(self, name: str) -> Value:
        """The value of a node; without recursion, for graphs may be deep."""
        waiting = [name]
        entered: set[str] = set()
        while waiting:
            current = waiting[-1]
            if current in self._values:
                waiting.pop()
                continue
            if current not in self._nodes:
                raise FormatError(_("the graph has no node {name}").format(name=current[:80]))
            missing = [source for source in self._nodes[current].inputs if source not in self._values]
            if not missing:
                self._values[current] = self._compute(self._nodes[current])
                waiting.pop()
            elif current in entered:
                raise FormatError(_("the graph goes round in a circle"))
            else:
                entered.add(current)
                waiting += missing
        return self._values[name]

    def _compute(self, node: Node) -> Value:
        inputs = [self._values[source] for source in node.inputs]
        try:
            return RULES[node.op](self.factors, node, inputs)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(
                _("the graph's node {name} ({op}) is not as in a DeepRacer model").format(
                    name=node.name[-60:], op=node.op
                )
            ) from None
