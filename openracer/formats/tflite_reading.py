"""The network in a TFLite file, as OpenRacer or the car's converter wrote it.

Tables are those of tensorflow/compiler/mlir/lite/schema/schema.fbs; field numbers are places in them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from openracer.formats import tensors
from openracer.formats.errors import FormatError
from openracer.formats.flat_tables import FlatTable
from openracer.formats.graph_def import Attribute, Node, Shape
from openracer.formats.graph_reading import layers_of
from openracer.formats.layers import LayeredNetwork
from openracer.formats.tensors import Array
from openracer.language import gettext as _

_TYPES: dict[int, Any] = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
_OPERATIONS = {
    0: "ADD", 2: "CONCATENATION", 3: "CONV_2D", 6: "DEQUANTIZE", 9: "FULLY_CONNECTED", 18: "MUL", 19: "RELU",
    22: "RESHAPE", 25: "SOFTMAX", 28: "TANH", 41: "SUB", 42: "DIV", 45: "STRIDED_SLICE", 77: "SHAPE", 83: "PACK",
}  # fmt: skip
_MAX = 2_000
"""Tensors or operations of a graph; DeepRacer's have some dozens."""


def read_tflite(content: bytes | memoryview) -> LayeredNetwork:
    """The network in a TFLite file.

    Raises:
        FormatError: it is none, damaged, or computes something else than a DeepRacer policy.
    """
    if bytes(content[4:8]) != b"TFL3":
        raise FormatError(_("the file is no TFLite file"))
    model = FlatTable.root(content)
    graphs = list(model.tables(2))
    if len(graphs) != 1:
        raise FormatError(_("the file has {count} graphs; one is needed").format(count=len(graphs)))
    graph = graphs[0]
    codes = [max(code.integer(0, "<b"), code.integer(3)) for code in model.tables(1)]
    buffers = [buffer.content(0) for buffer in model.tables(4)]
    reader = _Nodes(buffers)
    for index, tensor in enumerate(graph.tables(0)):
        if index >= _MAX:
            raise FormatError(_("the graph has more than {limit} nodes").format(limit=_MAX))
        reader.add_tensor(index, tensor, is_input=index in graph.integers(1))
    for index, operator in enumerate(graph.tables(3)):
        if index >= _MAX:
            raise FormatError(_("the graph has more than {limit} nodes").format(limit=_MAX))
        code = operator.integer(0, "<I")
        op = _OPERATIONS.get(codes[code]) if code < len(codes) else None
        if op is None:
            number = codes[code] if code < len(codes) else code
            raise FormatError(
                _("the graph has the operation {op}, which no DeepRacer model needs").format(op=number)
            )
        reader.add_operator(op, operator)
    outputs = graph.integers(2)
    if len(outputs) != 1:
        raise FormatError(_("the graph has {count} outputs; a policy has one").format(count=len(outputs)))
    return layers_of(reader.nodes, str(outputs[0]))


class _Nodes:
    """TFLite's tensors and operators as TensorFlow's nodes, named by the number of the tensor they make."""

    def __init__(self, buffers: list[memoryview]) -> None:
        self.nodes: dict[str, Node] = {}
        self._buffers = buffers

    def add_tensor(self, index: int, tensor: FlatTable, is_input: bool) -> None:
        shape, number = tensor.integers(0), tensor.integer(2, "<I")
        if is_input:
            # The converter names an input after its node, openracer after its sensor; the last part is the sensor.
            name = str(index)
            sensor = tensor.text(3).rsplit("/", 1)[-1].partition(":")[0]
            source = Node(sensor, "Placeholder", (), {"shape": Shape((-1, *shape[1:]))})
            self.nodes[sensor], self.nodes[name] = source, Node(name, "Identity", (sensor,))
        elif number < len(self._buffers) and len(self._buffers[number]):
            kind = tensor.integer(1, "<b")
            if kind not in _TYPES:
                raise FormatError(_("a tensor is of type {kind}; numbers are needed").format(kind=kind))
            value = tensors.array_from(self._buffers[number], _TYPES[kind], shape)
            self.nodes[str(index)] = Node(str(index), "Const", (), {"value": value})

    def add_operator(self, op: str, operator: FlatTable) -> None:
        inputs = tuple(str(index) for index in operator.integers(1) if index >= 0)
        outputs = operator.integers(2)
        if len(outputs) != 1:
            raise _unknown()
        options = operator.table(4)
        try:
            for node in _TRANSLATED[op](self, str(outputs[0]), inputs, options):
                self.nodes[node.name] = node
        except IndexError:  # it has too few inputs
            raise _unknown() from None

    def constant(self, name: str) -> Array:
        node = self.nodes.get(name)
        value = None if node is None else node.attributes.get("value")
        if not isinstance(value, np.ndarray):
            raise _unknown()
        return value


def _unknown() -> FormatError:
    return FormatError(_("the graph computes something else than a DeepRacer policy"))


Translated = Iterator[Node]
_Options = FlatTable | None


def _activated(nodes: list[Node], last: str, fused: int) -> Translated:
    """Nodes whose last may have a ReLU fused into it."""
    yield from nodes[:-1]
    end = nodes[-1]
    if fused == 0:
        yield Node(last, end.op, end.inputs, end.attributes)
    elif fused == 1:
        yield Node(f"{last}/linear", end.op, end.inputs, end.attributes)
        yield Node(last, "Relu", (f"{last}/linear",))
    else:
        raise _unknown()


def _conv(reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
    if options is None or len(inputs) != 3 or options.integer(0, "<b") != 1:
        raise _unknown()
    steps = (1, options.integer(2), options.integer(1), 1)
    dilations = (1, options.integer(5, default=1), options.integer(4, default=1), 1)
    whole: dict[str, Attribute] = {"strides": steps, "padding": "VALID", "dilations": dilations}
    kernel = _float(reader.constant(inputs[1]))
    if kernel.ndim != 4:
        raise _unknown()
    # TFLite has kernels (out, height, width, in).
    turned = np.ascontiguousarray(kernel.transpose(1, 2, 3, 0))
    nodes = [
        Node(f"{name}/kernel", "Const", (), {"value": turned}),
        Node(f"{name}/product", "Conv2D", (inputs[0], f"{name}/kernel"), whole),
        Node(name, "BiasAdd", (f"{name}/product", inputs[2])),
    ]
    yield from _activated(nodes, name, options.integer(3, "<b"))


def _dense(_reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
    if options is None or len(inputs) not in (2, 3) or options.integer(1, "<b") != 0:
        raise _unknown()
    nodes = [Node(f"{name}/product", "MatMul", inputs[:2], {"transpose_b": True})]
    if len(inputs) == 3:
        nodes.append(Node(name, "BiasAdd", (f"{name}/product", inputs[2])))
    yield from _activated(nodes, name, options.integer(0, "<b"))


def _dequantise(reader: _Nodes, name: str, inputs: tuple[str, ...], _options: _Options) -> Translated:
    yield Node(name, "Const", (), {"value": _float(reader.constant(inputs[0]))})


def _float(array: Array) -> Array:
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _joined(_reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
    axis = 0 if options is None else options.integer(0)
    yield Node(f"{name}/axis", "Const", (), {"value": np.array(axis)})
    yield Node(name, "ConcatV2", (*inputs, f"{name}/axis"))


def _slice(_reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    read: dict[str, Attribute] = {
        mask: 0 if options is None else options.integer(place) for place, mask in enumerate(masks)
    }
    yield Node(name, "StridedSlice", inputs, read)


def _reshape(_reader: _Nodes, name: str, inputs: tuple[str, ...], _options: _Options) -> Translated:
    yield Node(name, "Reshape", inputs[:2])


def _pack(_reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
    yield Node(name, "Pack", inputs, {"axis": 0 if options is None else options.integer(1)})


def _plain(op: str) -> Callable[[_Nodes, str, tuple[str, ...], _Options], Translated]:
    def rule(_reader: _Nodes, name: str, inputs: tuple[str, ...], options: _Options) -> Translated:
        fused = (
            options.integer(0, "<b")
            if options is not None and op in ("Mul", "AddV2", "Sub", "RealDiv")
            else 0
        )
        yield from _activated([Node(name, op, inputs)], name, fused)

    return rule


_TRANSLATED: dict[str, Callable[[_Nodes, str, tuple[str, ...], _Options], Translated]] = {
    "ADD": _plain("AddV2"),
    "CONCATENATION": _joined,
    "CONV_2D": _conv,
    "DEQUANTIZE": _dequantise,
    "DIV": _plain("RealDiv"),
    "FULLY_CONNECTED": _dense,
    "MUL": _plain("Mul"),
    "PACK": _pack,
    "RELU": _plain("Relu"),
    "RESHAPE": _reshape,
    "SHAPE": _plain("Shape"),
    "SOFTMAX": _plain("Softmax"),
    "STRIDED_SLICE": _slice,
    "SUB": _plain("Sub"),
    "TANH": _plain("Tanh"),
}
