"""What each operation of a graph does to signals and to plain numbers; a graph with any other operation is refused.

The 25 operations are those of the graphs that AWS's trainings and the community's converters have made.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node, Shape
from openracer.formats.graph_signals import BATCH, Signal, Source, Value, unknown
from openracer.formats.layers import Convolution, Dense, Ending, Layer, output_shape
from openracer.formats.tensors import Array
from openracer.language import gettext as _

Factors = dict[int, float]
"""What each sensor's observation is multiplied by, by the identity of its source."""


def _array(value: Value) -> Array:
    if isinstance(value, Signal):
        raise TypeError
    return value


def _signal(value: Value) -> Signal:
    if not isinstance(value, Signal):
        raise TypeError
    return value


def _placeholder(_factors: Factors, node: Node, _inputs: Sequence[Value]) -> Value:
    shape = node.attributes["shape"]
    sensor = node.name.rsplit("/", 1)[-1]
    sizes = shape.sizes[1:] if isinstance(shape, Shape) else ()
    if len(sizes) not in (1, 3) or not all(0 < size <= 4096 for size in sizes):
        raise FormatError(
            _("the graph's input {sensor} has the shape {shape}; a DeepRacer sensor has one or three").format(
                sensor=sensor[:40], shape=sizes
            )
        )
    source = Source(sensor, tuple(sizes))
    return Signal(source, (), source.shape, (BATCH, *source.shape))


def _linear(factors: Factors, signal: Signal, layer: Layer) -> Signal:
    """A signal through a layer that has no bias yet."""
    if signal.ending != "linear":
        raise unknown()
    if signal.factor != 1.0:
        if signal.layers or signal.source.joined:
            raise unknown()
        known = factors.setdefault(id(signal.source), signal.factor)
        if known != signal.factor:
            raise unknown()
    # A matrix on a flattened map: its height tells it from one on every pixel.
    shape = signal.shape
    if isinstance(layer, Dense) and len(layer.weight) != shape[-1]:
        shape = (int(np.prod(shape)),)
    after = output_shape(shape, layer)
    view = (BATCH, *after) if isinstance(layer, Convolution) else (*signal.view[:-1], after[-1])
    return replace(signal, layers=(*signal.layers, layer), shape=after, view=view, factor=1.0, biased=False)


def _const(_factors: Factors, node: Node, _inputs: Sequence[Value]) -> Value:
    value = node.attributes["value"]
    if not isinstance(value, np.ndarray):
        raise TypeError
    return value


def _same(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    return inputs[0]


def _small(array: Array) -> Array:
    """Guards arithmetic that is only meant for shapes and single numbers."""
    if array.size > 4096:
        raise unknown()
    return array


def _divide(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    top, bottom = inputs[0], _small(_array(inputs[1]))
    if isinstance(top, Signal):
        return _times(top, 1.0 / float(bottom.item()) if float(bottom.item()) else np.inf)
    return _small(top) / bottom


def _times(signal: Signal, factor: float) -> Signal:
    if signal.ending != "linear" or not np.isfinite(factor):
        raise unknown()
    return replace(signal, factor=signal.factor * factor)


def _multiply(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    left, right = inputs
    if isinstance(left, Signal) and isinstance(right, Signal):
        raise unknown()
    if isinstance(left, Signal):
        return _times(left, float(_array(right).item()))
    if isinstance(right, Signal):
        return _times(right, float(left.item()))
    return _small(left) * _small(right)


def _subtract(factors: Factors, node: Node, inputs: Sequence[Value]) -> Value:
    left, right = inputs[0], _array(inputs[1])
    if isinstance(left, Signal):
        return _add(factors, node, (left, -_small(right)))
    return _small(left) - _small(right)


def _add(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    left, right = inputs
    if isinstance(left, Signal) and isinstance(right, Signal):
        if left.source is not right.source or left.layers != right.layers or left.ending != right.ending:
            raise unknown()
        # Gradients are rescaled as (1 - r) h + r h, which is h.
        total = left.factor + right.factor
        view = max(left.view, right.view, key=len)  # what was packed is longer by a one
        return replace(left, view=view, factor=1.0 if np.isclose(total, 1.0, rtol=0, atol=1e-6) else total)
    if not isinstance(left, Signal) and not isinstance(right, Signal):
        return _small(left) + _small(right)
    signal, offset = (left, right) if isinstance(left, Signal) else (right, left)
    return _with_bias(_signal(signal), _array(offset))


def _with_bias(signal: Signal, bias: Array) -> Signal:
    if not bias.any() and (signal.biased or bias.size == 1):
        return signal
    if signal.biased or signal.ending != "linear" or signal.factor != 1.0:
        raise unknown()
    last = signal.layers[-1]
    flat = bias.reshape(-1).astype(np.float32)
    if flat.shape != last.bias.shape:
        raise unknown()
    return replace(signal, layers=(*signal.layers[:-1], replace(last, bias=flat)), biased=True)


def _bias_add(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    return _with_bias(_signal(inputs[0]), _array(inputs[1]))


def _relu(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    signal = _signal(inputs[0])
    if signal.ending != "linear" or signal.factor != 1.0 or not signal.layers:
        raise unknown()
    last = replace(signal.layers[-1], relu=True)
    return replace(signal, layers=(*signal.layers[:-1], last), biased=True)


def _end(ending: Ending) -> Callable[[Factors, Node, Sequence[Value]], Value]:
    def rule(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
        signal = _signal(inputs[0])
        if signal.ending != "linear" or not signal.layers or signal.layers[-1].relu:
            raise unknown()
        return replace(signal, ending=ending)

    return rule


def _conv(factors: Factors, node: Node, inputs: Sequence[Value]) -> Value:
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
        or signal.view != (BATCH, *signal.shape)
    ):
        raise unknown()
    kernel = kernel.astype(np.float32, copy=False)
    return _linear(factors, signal, Convolution(kernel, np.zeros(kernel.shape[3], np.float32), strides[1]))


def _matmul(factors: Factors, node: Node, inputs: Sequence[Value]) -> Value:
    signal, weight = _signal(inputs[0]), _array(inputs[1]).astype(np.float32, copy=False)
    if node.attributes.get("transpose_a", False) or weight.ndim != 2 or len(signal.view) != 2:
        raise unknown()
    if node.attributes.get("transpose_b", False):
        weight = np.ascontiguousarray(weight.T)
    if signal.view[1] != len(weight):
        raise unknown()
    return _linear(factors, signal, Dense(weight, np.zeros(weight.shape[1], np.float32)))


def _shape(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    value = inputs[0]
    return np.array(value.view if isinstance(value, Signal) else value.shape, np.int64)


def _reshape(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    value, wanted = inputs[0], [int(size) for size in _small(_array(inputs[1])).reshape(-1)]
    if not isinstance(value, Signal):
        return _small(value).reshape(wanted)
    total = int(np.prod([int(size) for size in value.view], dtype=object))
    # A graph converted for one observation at a time has a 1 for the batch; a further leading one is a Pack.
    if value.view[0] == BATCH and wanted[:1] == [1]:
        place = int(len(wanted) > len(value.view))
        wanted[place] = BATCH if wanted[place] == 1 else wanted[place]
    known = int(np.prod([size for size in wanted if size != -1], dtype=object))
    if known <= 0:
        raise unknown()
    # Only a graph for batches of any size divides by the batch without a rest.
    view = tuple(total // known if size == -1 else size for size in wanted)
    rows = view[1] if view[0] == 1 and len(view) > 1 else view[0]
    if min(view) < 1 or int(np.prod(view, dtype=object)) != total or rows % BATCH:
        raise unknown()
    return replace(value, view=view)


def _flatten(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    value = _signal(inputs[0])
    return replace(value, view=(value.view[0], int(np.prod(value.view[1:]))))


def _strided_slice(_factors: Factors, node: Node, inputs: Sequence[Value]) -> Value:
    value = inputs[0]
    begin, end, step = (_small(_array(part)).reshape(-1) for part in inputs[1:4])
    masks = {key: int(node.attributes.get(f"{key}_mask", 0)) for key in ("begin", "end", "shrink_axis")}  # type: ignore[arg-type]
    if isinstance(value, Signal):
        # Only the undoing of a Pack: the first of one.
        whole = [
            masks["end"] >> axis & 1 or end[axis] >= (1 if size % BATCH == 0 else size)
            for axis, size in enumerate(value.view[: len(begin)])
        ]
        is_first = masks["shrink_axis"] == 1 and value.view[0] == 1 and all(whole)
        is_first = is_first and not begin.any() and bool((step == 1).all())
        if not is_first:
            raise unknown()
        return replace(value, view=value.view[1:])
    if value.ndim != 1 or len(begin) != 1:
        raise unknown()
    if masks["shrink_axis"]:
        return np.asarray(_small(value)[int(begin[0])])
    first = None if masks["begin"] else int(begin[0])
    last = None if masks["end"] else int(end[0])
    return _small(value)[first : last : int(step[0])]


def _pack(_factors: Factors, node: Node, inputs: Sequence[Value]) -> Value:
    if len(inputs) == 1 and isinstance(inputs[0], Signal) and node.attributes.get("axis", 0) == 0:
        return replace(inputs[0], view=(1, *inputs[0].view))
    return np.stack([_small(_array(value)) for value in inputs])


def _squeeze(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    value = inputs[0]
    if not isinstance(value, Signal):
        return np.squeeze(value)
    return replace(value, view=tuple(size for size in value.view if size != 1))


def _gather(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    return np.take(_small(_array(inputs[0])), _small(_array(inputs[1])).astype(int), axis=0)


def _product(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    return np.asarray(np.prod(_small(_array(inputs[0])).astype(np.int64)))


def _concat(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    parts, axis = inputs[:-1], int(_array(inputs[-1]).item())
    if not any(isinstance(part, Signal) for part in parts):
        return np.concatenate([_small(_array(part)) for part in parts], axis)
    signals = tuple(_signal(part) for part in parts)
    if axis not in (1, -1) or any(len(signal.view) != 2 for signal in signals):
        raise unknown()
    if len(signals) == 1:
        return signals[0]
    width = sum(signal.view[1] for signal in signals)
    source = Source("", (width,), signals)
    return Signal(source, (), source.shape, (BATCH, width))


def _transpose(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    value, order = inputs[0], [int(axis) for axis in _small(_array(inputs[1]))]
    if isinstance(value, Signal):
        if order != sorted(order):
            raise unknown()
        return value
    return np.transpose(value, order)


def _expand(_factors: Factors, _node: Node, inputs: Sequence[Value]) -> Value:
    return np.expand_dims(_array(inputs[0]), int(_array(inputs[1]).item()))


RULES: dict[str, Callable[[Factors, Node, Sequence[Value]], Value]] = {
    "Placeholder": _placeholder,
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
