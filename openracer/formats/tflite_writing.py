"""A network as a TFLite file, its weights in float32 or float16, for cars with a Raspberry Pi.

Tables are those of tensorflow/compiler/mlir/lite/schema/schema.fbs; field numbers are places in them.
"""

import math
from dataclasses import dataclass, field

import flatbuffers
import numpy as np

from openracer.formats.layers import Branch, Convolution, Dense, Layer, LayeredNetwork
from openracer.formats.tensors import Array

_FLOAT32, _FLOAT16, _INT32 = 0, 1, 2
_TYPES = {np.dtype(np.float32): _FLOAT32, np.dtype(np.float16): _FLOAT16, np.dtype(np.int32): _INT32}
_CODES = {
    "CONCATENATION": 2, "CONV_2D": 3, "DEQUANTIZE": 6, "FULLY_CONNECTED": 9, "MUL": 18, "RESHAPE": 22, "SOFTMAX": 25,
    "TANH": 28,
}  # fmt: skip
_OPTIONS = {"CONV_2D": 1, "FULLY_CONNECTED": 8, "SOFTMAX": 9, "CONCATENATION": 10, "RESHAPE": 17, "MUL": 21}
"""Which table of options an operation has, as a number of the schema's union."""

_SCHEMA_VERSION = 3
_VALID_PADDING, _RELU = 1, 1


@dataclass
class _Tensor:
    name: str
    shape: tuple[int, ...]
    kind: int
    value: Array | None = None


@dataclass
class _Operator:
    op: str
    inputs: list[int]
    output: int
    options: list[tuple[int, str, float]]


@dataclass
class _Graph:
    """Tensors and operators before they become bytes."""

    halved: bool
    tensors: list[_Tensor] = field(default_factory=list)
    operators: list[_Operator] = field(default_factory=list)

    def tensor(self, name: str, shape: tuple[int, ...]) -> int:
        self.tensors.append(_Tensor(name, shape, _FLOAT32))
        return len(self.tensors) - 1

    def constant(self, name: str, value: Array) -> int:
        if self.halved and value.dtype == np.float32 and value.ndim:
            halved = value.astype(np.float16)
            self.tensors.append(_Tensor(f"{name}/float16", value.shape, _FLOAT16, halved))
            return self.operator("DEQUANTIZE", [len(self.tensors) - 1], name, value.shape, [])
        self.tensors.append(_Tensor(name, value.shape, _TYPES[value.dtype], value))
        return len(self.tensors) - 1

    def operator(
        self,
        op: str,
        inputs: list[int],
        name: str,
        shape: tuple[int, ...],
        options: list[tuple[int, str, float]],
    ) -> int:
        output = self.tensor(name, shape)
        self.operators.append(_Operator(op, inputs, output, options))
        return output

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.tensors[tensor].shape

    def branch(self, branch: Branch) -> tuple[int, int]:
        """Numbers of the input and of the vector of features."""
        name = branch.sensor
        source = last = self.tensor(name, (1, *branch.shape))
        if branch.factor != 1.0:
            factor = self.constant(f"{name}/factor", np.array(branch.factor, np.float32))
            last = self.operator("MUL", [last, factor], f"{name}/scaled", self.shape(last), [])
        is_map = len(branch.shape) == 3
        for index, layer in enumerate(branch.layers):
            where = f"{name}/{index}"
            last = self._convolution(layer, where, last) if is_map else self.dense(layer, where, last)
        if is_map:
            size = math.prod(self.shape(last)[1:])
            target = self.constant(f"{name}/flat/shape", np.array([-1, size], np.int32))
            last = self.operator("RESHAPE", [last, target], f"{name}/flat", (1, size), [])
        return source, last

    def _convolution(self, layer: Layer, name: str, source: int) -> int:
        kernel = layer.kernel if isinstance(layer, Convolution) else layer.weight[np.newaxis, np.newaxis]
        stride = layer.stride if isinstance(layer, Convolution) else 1
        weight = self.constant(f"{name}/kernel", np.ascontiguousarray(kernel.transpose(3, 0, 1, 2)))
        bias = self.constant(f"{name}/bias", layer.bias)
        _one, height, width, _channels = self.shape(source)
        high, wide, _inputs, filters = kernel.shape
        shape = (1, (height - high) // stride + 1, (width - wide) // stride + 1, filters)
        options: list[tuple[int, str, float]] = [
            (0, "Int8", _VALID_PADDING), (1, "Int32", stride), (2, "Int32", stride), (3, "Int8", _RELU * layer.relu),
        ]  # fmt: skip
        return self.operator("CONV_2D", [source, weight, bias], name, shape, options)

    def dense(self, layer: Layer, name: str, source: int) -> int:
        if not isinstance(layer, Dense):
            raise TypeError("a vector has no pixels to convolve")
        weight = self.constant(f"{name}/weight", np.ascontiguousarray(layer.weight.T))
        bias = self.constant(f"{name}/bias", layer.bias)
        shape = (1, layer.weight.shape[1])
        return self.operator(
            "FULLY_CONNECTED", [source, weight, bias], name, shape, [(0, "Int8", _RELU * layer.relu)]
        )


def write_tflite(network: LayeredNetwork, halved: bool = False) -> bytes:
    """A TFLite file; its inputs have the sensors' names, its output is ``policy``. The same network, the same bytes.

    Args:
        network: to write.
        halved: store the weights as float16, which halves the file; the car computes in float32 either way.
    """
    graph = _Graph(halved)
    ends = [graph.branch(branch) for branch in network.branches]
    last = ends[0][1]
    if len(ends) > 1:
        width = sum(graph.shape(end)[1] for _source, end in ends)
        features = [end for _source, end in ends]
        last = graph.operator("CONCATENATION", features, "features", (1, width), [(0, "Int32", 1)])
    for index, layer in enumerate(network.layers):
        last = graph.dense(layer, f"dense{index}", last)
    if network.ending == "softmax":
        last = graph.operator("SOFTMAX", [last], "policy", graph.shape(last), [(0, "Float32", 1.0)])
    elif network.ending == "tanh":
        last = graph.operator("TANH", [last], "policy", graph.shape(last), [])
    else:
        graph.tensors[last].name = "policy"
    return _Bytes(graph).write([source for source, _end in ends], last)


class _Bytes:
    """A graph as FlatBuffers' bytes."""

    def __init__(self, graph: _Graph) -> None:
        self._graph = graph
        self._builder = flatbuffers.Builder(1 << 20)

    def write(self, inputs: list[int], output: int) -> bytes:
        builder, graph = self._builder, self._graph
        values = [tensor.value for tensor in graph.tensors if tensor.value is not None]
        # By convention the first buffer is empty: what it has no values for.
        buffers = [self._table([]), *(self._buffer(value) for value in values)]
        places = iter(range(1, len(buffers)))
        tensors = [self._tensor(t, 0 if t.value is None else next(places)) for t in graph.tensors]
        used = sorted({operator.op for operator in graph.operators})
        operators = [self._operator(operator, used.index(operator.op)) for operator in graph.operators]
        subgraph = self._table(
            [
                (0, "offset", self._offsets(tensors)),
                (1, "offset", self._integers(inputs)),
                (2, "offset", self._integers([output])),
                (3, "offset", self._offsets(operators)),
                (4, "offset", builder.CreateString("main")),
            ]
        )
        codes = [
            self._table([(0, "Int8", _CODES[op]), (2, "Int32", 1), (3, "Int32", _CODES[op])]) for op in used
        ]
        model = self._table(
            [
                (0, "Uint32", _SCHEMA_VERSION),
                (1, "offset", self._offsets(codes)),
                (2, "offset", self._offsets([subgraph])),
                (3, "offset", builder.CreateString("openracer")),
                (4, "offset", self._offsets(buffers)),
            ]
        )
        builder.Finish(model, b"TFL3")
        return bytes(builder.Output())

    def _table(self, entries: list[tuple[int, str, float]]) -> int:
        builder = self._builder
        builder.StartObject(max((place for place, _kind, _value in entries), default=-1) + 1)
        for place, kind, value in entries:
            if kind == "offset":
                builder.PrependUOffsetTRelativeSlot(place, value, 0)
            else:
                getattr(builder, f"Prepend{kind}Slot")(place, value, 0)
        return int(builder.EndObject())

    def _offsets(self, offsets: list[int]) -> int:
        self._builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self._builder.PrependUOffsetTRelative(offset)
        return int(self._builder.EndVector())

    def _integers(self, values: list[int] | tuple[int, ...]) -> int:
        return int(self._builder.CreateNumpyVector(np.array(values, np.int32)))

    def _buffer(self, value: Array) -> int:
        content = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"), copy=False).tobytes()
        builder = self._builder
        builder.StartVector(1, len(content), 16)  # TFLite maps the file and wants values on 16 bytes
        builder.head -= len(content)
        builder.Bytes[builder.head : builder.head + len(content)] = content
        return self._table([(0, "offset", builder.EndVector())])

    def _tensor(self, tensor: _Tensor, buffer: int) -> int:
        is_variable = tensor.value is None and self._depends_on_batch(tensor)
        signature = self._integers((-1, *tensor.shape[1:])) if is_variable else 0
        entries: list[tuple[int, str, float]] = [
            (0, "offset", self._integers(tensor.shape)),
            (1, "Int8", tensor.kind),
            (2, "Uint32", buffer),
            (3, "offset", self._builder.CreateString(tensor.name)),
        ]
        return self._table([*entries, (7, "offset", signature)] if is_variable else entries)

    def _depends_on_batch(self, tensor: _Tensor) -> bool:
        made_from = [o for o in self._graph.operators if self._graph.tensors[o.output] is tensor]
        return not made_from or made_from[0].op != "DEQUANTIZE"

    def _operator(self, operator: _Operator, code: int) -> int:
        options = self._table(operator.options) if operator.op in _OPTIONS else 0
        entries: list[tuple[int, str, float]] = [
            (0, "Uint32", code),
            (1, "offset", self._integers(operator.inputs)),
            (2, "offset", self._integers([operator.output])),
        ]
        if options:
            entries += [(3, "Uint8", _OPTIONS[operator.op]), (4, "offset", options)]
        return self._table(entries)
