"""From the nodes of a frozen graph to the layers they compute, by what they do and never by what they are called.

Every node is followed once, in the order of computation. What depends on no observation is computed; what does is a
:class:`_Signal`, which remembers the layers so far. The graphs of all years differ in how they flatten, add a bias and
look after gradients; as signals they are the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node, Shape
from openracer.formats.layers import (
    Branch,
    Convolution,
    Dense,
    Ending,
    Layer,
    LayeredNetwork,
    check_finite,
    output_shape,
)
from openracer.formats.tensors import Array
from openracer.language import gettext as _

_BATCH = 8191
"""Stands for the unknown number of observations; only shapes of this size are made, and no layer is so wide."""


@dataclass(frozen=True, eq=False)
class _Source:
    """A sensor, or several signals joined."""

    sensor: str
    shape: tuple[int, ...]
    joined: tuple["_Signal", ...] = ()


@dataclass(frozen=True, eq=False)
class _Signal:
    """Numbers that depend on observations.

    Attributes:
        source: where they come from.
        layers: since then.
        shape: of one example after these layers.
        view: shape of the tensor as the graph sees it, :data:`_BATCH` observations included.
        factor: what the layers' output is multiplied by.
        ending: after the last layer.
        biased: whether the last layer has its bias.
    """

    source: _Source
    layers: tuple[Layer, ...] = ()
    shape: tuple[int, ...] = ()
    view: tuple[int, ...] = ()
    factor: float = 1.0
    ending: Ending = "linear"
    biased: bool = True


_Value = _Signal | Array


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
    if not isinstance(signal, _Signal):
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


def _network(signal: _Signal, factors: Mapping[int, float]) -> LayeredNetwork:
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
        raise _unknown()
    if not layers or signal.factor != 1.0 or not all(isinstance(layer, Dense) for layer in layers):
        raise _unknown()
    branches = tuple(
        Branch(part.source.sensor, part.source.shape, factors.get(id(part.source), 1.0), part.layers)
        for part in parts
    )
    return LayeredNetwork(branches, tuple(layers), signal.ending)  # type: ignore[arg-type]


def _is_flat(signal: _Signal, index: int) -> bool:
    """Whether a layer's input is a whole map as one vector: its matrix is taller than the map is deep."""
    shape = signal.source.shape
    for layer in signal.layers[:index]:
        shape = output_shape(shape, layer)
    layer = signal.layers[index]
    return isinstance(layer, Dense) and (len(shape) == 1 or len(layer.weight) != shape[-1])


def _unknown() -> FormatError:
    return FormatError(_("the graph computes something else than a DeepRacer policy"))


class _Reader:
    """Follows nodes; a value is found once.

    Attributes:
        factors: what each sensor's observation is multiplied by, by the identity of its source.
    """

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._values: dict[str, _Value] = {}
        self.factors: dict[int, float] = {}

    def value(self, name: str) -> _Value:
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

    def _compute(self, node: Node) -> _Value:
        inputs = [self._values[source] for source in node.inputs]
        try:
            return _RULES[node.op](self, node, inputs)
        except (IndexError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            if isinstance(error, FormatError):
                raise
            raise FormatError(
                _("the graph's node {name} ({op}) is not as in a DeepRacer model").format(
                    name=node.name[-60:], op=node.op
                )
            ) from None

    def placeholder(self, node: Node, _inputs: Sequence[_Value]) -> _Value:
        shape = node.attributes["shape"]
        sensor = node.name.rsplit("/", 1)[-1]
        sizes = shape.sizes[1:] if isinstance(shape, Shape) else ()
        if len(sizes) not in (1, 3) or not all(0 < size <= 4096 for size in sizes):
            raise FormatError(
                _(
                    "the graph's input {sensor} has the shape {shape}; a DeepRacer sensor has one or three"
                ).format(sensor=sensor[:40], shape=sizes)
            )
        source = _Source(sensor, tuple(sizes))
        return _Signal(source, (), source.shape, (_BATCH, *source.shape))

    def linear(self, signal: _Signal, layer: Layer) -> _Signal:
        """A signal through a layer that has no bias yet."""
        if signal.ending != "linear":
            raise _unknown()
        if signal.factor != 1.0:
            if signal.layers or signal.source.joined:
                raise _unknown()
            known = self.factors.setdefault(id(signal.source), signal.factor)
            if known != signal.factor:
                raise _unknown()
        # A matrix on a flattened map: its height tells it from one on every pixel.
        shape = signal.shape
        if isinstance(layer, Dense) and len(layer.weight) != shape[-1]:
            shape = (int(np.prod(shape)),)
        after = output_shape(shape, layer)
        view = (_BATCH, *after) if isinstance(layer, Convolution) else (*signal.view[:-1], after[-1])
        return replace(
            signal, layers=(*signal.layers, layer), shape=after, view=view, factor=1.0, biased=False
        )


def _array(value: _Value) -> Array:
    if isinstance(value, _Signal):
        raise TypeError
    return value


def _signal(value: _Value) -> _Signal:
    if not isinstance(value, _Signal):
        raise TypeError
    return value


def _const(_reader: _Reader, node: Node, _inputs: Sequence[_Value]) -> _Value:
    value = node.attributes["value"]
    if not isinstance(value, np.ndarray):
        raise TypeError
    return value


def _same(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    return inputs[0]


def _small(array: Array) -> Array:
    """Guards arithmetic that is only meant for shapes and single numbers."""
    if array.size > 4096:
        raise _unknown()
    return array


def _divide(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    top, bottom = inputs[0], _small(_array(inputs[1]))
    if isinstance(top, _Signal):
        return _times(top, 1.0 / float(bottom.item()) if float(bottom.item()) else np.inf)
    return _small(top) / bottom


def _times(signal: _Signal, factor: float) -> _Signal:
    if signal.ending != "linear" or not np.isfinite(factor):
        raise _unknown()
    return replace(signal, factor=signal.factor * factor)


def _multiply(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    left, right = inputs
    if isinstance(left, _Signal) and isinstance(right, _Signal):
        raise _unknown()
    if isinstance(left, _Signal):
        return _times(left, float(_array(right).item()))
    if isinstance(right, _Signal):
        return _times(right, float(left.item()))
    return _small(left) * _small(right)


def _subtract(reader: _Reader, node: Node, inputs: Sequence[_Value]) -> _Value:
    left, right = inputs[0], _array(inputs[1])
    if isinstance(left, _Signal):
        return _add(reader, node, (left, -_small(right)))
    return _small(left) - _small(right)


def _add(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    left, right = inputs
    if isinstance(left, _Signal) and isinstance(right, _Signal):
        if left.source is not right.source or left.layers != right.layers or left.ending != right.ending:
            raise _unknown()
        # Gradients are rescaled as (1 - r) h + r h, which is h.
        total = left.factor + right.factor
        view = max(left.view, right.view, key=len)  # what was packed is longer by a one
        return replace(left, view=view, factor=1.0 if np.isclose(total, 1.0, rtol=0, atol=1e-6) else total)
    if not isinstance(left, _Signal) and not isinstance(right, _Signal):
        return _small(left) + _small(right)
    signal, offset = (left, right) if isinstance(left, _Signal) else (right, left)
    return _with_bias(_signal(signal), _array(offset))


def _with_bias(signal: _Signal, bias: Array) -> _Signal:
    if not bias.any() and (signal.biased or bias.size == 1):
        return signal
    if signal.biased or signal.ending != "linear" or signal.factor != 1.0:
        raise _unknown()
    last = signal.layers[-1]
    flat = bias.reshape(-1).astype(np.float32)
    if flat.shape != last.bias.shape:
        raise _unknown()
    return replace(signal, layers=(*signal.layers[:-1], replace(last, bias=flat)), biased=True)


def _bias_add(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    return _with_bias(_signal(inputs[0]), _array(inputs[1]))


def _relu(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    signal = _signal(inputs[0])
    if signal.ending != "linear" or signal.factor != 1.0 or not signal.layers:
        raise _unknown()
    last = replace(signal.layers[-1], relu=True)
    return replace(signal, layers=(*signal.layers[:-1], last), biased=True)


def _end(ending: Ending) -> Callable[[_Reader, Node, Sequence[_Value]], _Value]:
    def rule(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
        signal = _signal(inputs[0])
        if signal.ending != "linear" or not signal.layers or signal.layers[-1].relu:
            raise _unknown()
        return replace(signal, ending=ending)

    return rule


def _conv(reader: _Reader, node: Node, inputs: Sequence[_Value]) -> _Value:
    signal, kernel = _signal(inputs[0]), _array(inputs[1])
    strides = node.attributes["strides"]
    if (
        node.attributes.get("padding") != "VALID"
        or node.attributes.get("data_format", "NHWC") != "NHWC"
        or not isinstance(strides, tuple)
        or len(strides) != 4
        or strides[1] != strides[2]
        or strides[1] < 1
        or set(node.attributes.get("dilations", (1,))) != {1}  # type: ignore[arg-type]
        or kernel.ndim != 4
        or signal.view != (_BATCH, *signal.shape)
    ):
        raise _unknown()
    kernel = kernel.astype(np.float32, copy=False)
    return reader.linear(signal, Convolution(kernel, np.zeros(kernel.shape[3], np.float32), strides[1]))


def _matmul(reader: _Reader, node: Node, inputs: Sequence[_Value]) -> _Value:
    signal, weight = _signal(inputs[0]), _array(inputs[1]).astype(np.float32, copy=False)
    if node.attributes.get("transpose_a", False) or weight.ndim != 2 or len(signal.view) != 2:
        raise _unknown()
    if node.attributes.get("transpose_b", False):
        weight = np.ascontiguousarray(weight.T)
    if signal.view[1] != len(weight):
        raise _unknown()
    return reader.linear(signal, Dense(weight, np.zeros(weight.shape[1], np.float32)))


def _shape(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    value = inputs[0]
    return np.array(value.view if isinstance(value, _Signal) else value.shape, np.int64)


def _reshape(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    value, wanted = inputs[0], [int(size) for size in _small(_array(inputs[1])).reshape(-1)]
    if not isinstance(value, _Signal):
        return _small(value).reshape(wanted)
    total = int(np.prod([int(size) for size in value.view], dtype=object))
    # A graph converted for one observation at a time has a 1 for the batch; a further leading one is a Pack.
    if value.view[0] == _BATCH and wanted[:1] == [1]:
        place = int(len(wanted) > len(value.view))
        wanted[place] = _BATCH if wanted[place] == 1 else wanted[place]
    known = int(np.prod([size for size in wanted if size != -1], dtype=object))
    if known <= 0:
        raise _unknown()
    # Only a graph for batches of any size divides by the batch without a rest.
    view = tuple(total // known if size == -1 else size for size in wanted)
    rows = view[1] if view[0] == 1 and len(view) > 1 else view[0]
    if min(view) < 1 or int(np.prod(view, dtype=object)) != total or rows % _BATCH:
        raise _unknown()
    return replace(value, view=view)


def _flatten(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    value = _signal(inputs[0])
    return replace(value, view=(value.view[0], int(np.prod(value.view[1:]))))


def _strided_slice(_reader: _Reader, node: Node, inputs: Sequence[_Value]) -> _Value:
    value = inputs[0]
    begin, end, step = (_small(_array(part)).reshape(-1) for part in inputs[1:4])
    masks = {key: int(node.attributes.get(f"{key}_mask", 0)) for key in ("begin", "end", "shrink_axis")}  # type: ignore[arg-type]
    if isinstance(value, _Signal):
        # Only the undoing of a Pack: the first of one.
        whole = [
            masks["end"] >> axis & 1 or end[axis] >= (1 if size % _BATCH == 0 else size)
            for axis, size in enumerate(value.view[: len(begin)])
        ]
        is_first = masks["shrink_axis"] == 1 and value.view[0] == 1 and all(whole)
        is_first = is_first and not begin.any() and bool((step == 1).all())
        if not is_first:
            raise _unknown()
        return replace(value, view=value.view[1:])
    if value.ndim != 1 or len(begin) != 1:
        raise _unknown()
    if masks["shrink_axis"]:
        return np.asarray(_small(value)[int(begin[0])])
    first = None if masks["begin"] else int(begin[0])
    last = None if masks["end"] else int(end[0])
    return _small(value)[first : last : int(step[0])]


def _pack(_reader: _Reader, node: Node, inputs: Sequence[_Value]) -> _Value:
    if len(inputs) == 1 and isinstance(inputs[0], _Signal) and node.attributes.get("axis", 0) == 0:
        return replace(inputs[0], view=(1, *inputs[0].view))
    return np.stack([_small(_array(value)) for value in inputs])


def _squeeze(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    value = inputs[0]
    if not isinstance(value, _Signal):
        return np.squeeze(value)
    return replace(value, view=tuple(size for size in value.view if size != 1))


def _gather(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    return np.take(_small(_array(inputs[0])), _small(_array(inputs[1])).astype(int), axis=0)


def _product(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    return np.asarray(np.prod(_small(_array(inputs[0])).astype(np.int64)))


def _concat(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    parts, axis = inputs[:-1], int(_array(inputs[-1]).item())
    if not any(isinstance(part, _Signal) for part in parts):
        return np.concatenate([_small(_array(part)) for part in parts], axis)
    signals = tuple(_signal(part) for part in parts)
    if axis not in (1, -1) or any(len(signal.view) != 2 for signal in signals):
        raise _unknown()
    if len(signals) == 1:
        return signals[0]
    width = sum(signal.view[1] for signal in signals)
    source = _Source("", (width,), signals)
    return _Signal(source, (), source.shape, (_BATCH, width))


def _transpose(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    value, order = inputs[0], [int(axis) for axis in _small(_array(inputs[1]))]
    if isinstance(value, _Signal):
        if order != sorted(order):
            raise _unknown()
        return value
    return np.transpose(value, order)


def _expand(_reader: _Reader, _node: Node, inputs: Sequence[_Value]) -> _Value:
    return np.expand_dims(_array(inputs[0]), int(_array(inputs[1]).item()))


_RULES: dict[str, Callable[[_Reader, Node, Sequence[_Value]], _Value]] = {
    "Placeholder": _Reader.placeholder,
    "Const": _const,
    "Identity": _same,
    "ReadVariableOp": _same,
    "StopGradient": _same,
    "RealDiv": _divide,
    "Sub": _subtract,
    "Add": _add,
    "AddV2": _add,
    "Mul": _multiply,
    "BiasAdd": _bias_add,
    "Relu": _relu,
    "Tanh": _end("tanh"),
    "Softmax": _end("softmax"),
    "Conv2D": _conv,
    "MatMul": _matmul,
    "Shape": _shape,
    "Reshape": _reshape,
    "StridedSlice": _strided_slice,
    "Pack": _pack,
    "Squeeze": _squeeze,
    "GatherV2": _gather,
    "Prod": _product,
    "ConcatV2": _concat,
    "Transpose": _transpose,
    "ExpandDims": _expand,
    "Flatten": _flatten,  # ONNX has it, TensorFlow's graphs have not
}
