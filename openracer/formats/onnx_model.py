"""A network as an ONNX file (opset 13), written and read back; frames stay (batch, height, width, channel).

Messages are those of onnx/onnx.proto3.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from openracer.formats import protobuf, tensors
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Attribute, Node, Shape
from openracer.formats.graph_reading import layers_of
from openracer.formats.layers import Branch, Convolution, Dense, Layer, LayeredNetwork
from openracer.formats.protobuf import bytes_field, number_field
from openracer.formats.tensors import Array
from openracer.language import gettext as _

OUTPUT = "policy"
_IR_VERSION, _OPSET = 7, 13
_TYPES: dict[int, Any] = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}
_ENDINGS = {"softmax": "Softmax", "tanh": "Tanh", "linear": "Identity"}
_MAX_NODES = 10_000


def write_onnx(network: LayeredNetwork) -> bytes:
    """An ONNX file; its inputs have the sensors' names, its output is ``policy``. The same network, the same bytes."""
    writer = _Writer()
    features = [writer.branch(branch) for branch in network.branches]
    last = features[0]
    if len(features) > 1:
        last = writer.node("Concat", tuple(features), "features", axis=1)
    for index, layer in enumerate(network.layers):
        last = writer.dense(layer, f"dense{index}", last)
    axis = {"axis": 1} if network.ending == "softmax" else {}
    writer.node(_ENDINGS[network.ending], (last,), OUTPUT, **axis)
    inputs = [bytes_field(11, _value_info(b.sensor, b.shape)) for b in network.branches]
    output = bytes_field(12, _value_info(OUTPUT, (network.outputs,)))
    graph = b"".join((*writer.nodes, bytes_field(2, "openracer"), *writer.initialisers, *inputs, output))
    opset = bytes_field(1, "") + number_field(2, _OPSET)
    return (
        number_field(1, _IR_VERSION)
        + bytes_field(2, "openracer")
        + bytes_field(7, graph)
        + bytes_field(8, opset)
    )


class _Writer:
    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.initialisers: list[bytes] = []

    def node(self, op: str, inputs: tuple[str, ...], output: str, **attributes: int | tuple[int, ...]) -> str:
        parts = [bytes_field(1, name) for name in inputs]
        parts += [bytes_field(2, output), bytes_field(3, output), bytes_field(4, op)]
        for key, value in attributes.items():
            if isinstance(value, tuple):
                content = b"".join(number_field(8, size) for size in value) + number_field(20, 7)
            else:
                content = number_field(3, value) + number_field(20, 2)
            parts.append(bytes_field(5, bytes_field(1, key) + content))
        self.nodes.append(bytes_field(1, b"".join(parts)))
        return output

    def constant(self, name: str, array: Array) -> str:
        little = np.ascontiguousarray(array, "<f4")
        dims = b"".join(number_field(1, size) for size in array.shape)
        content = dims + number_field(2, 1) + bytes_field(8, name) + bytes_field(9, little.tobytes())
        self.initialisers.append(bytes_field(5, content))
        return name

    def branch(self, branch: Branch) -> str:
        name = last = branch.sensor
        if branch.factor != 1.0:
            factor = self.constant(f"{name}/factor", np.array(branch.factor, np.float32))
            last = self.node("Mul", (last, factor), f"{name}/scaled")
        is_map = len(branch.shape) == 3
        if is_map:
            last = self.node("Transpose", (last,), f"{name}/channels_first", perm=(0, 3, 1, 2))
        for index, layer in enumerate(branch.layers):
            where = f"{name}/{index}"
            last = self._convolution(layer, where, last) if is_map else self.dense(layer, where, last)
        if is_map:
            last = self.node("Transpose", (last,), f"{name}/channels_last", perm=(0, 2, 3, 1))
            last = self.node("Flatten", (last,), f"{name}/flat", axis=1)
        return last

    def _convolution(self, layer: Layer, name: str, source: str) -> str:
        kernel = layer.kernel if isinstance(layer, Convolution) else layer.weight[np.newaxis, np.newaxis]
        stride = layer.stride if isinstance(layer, Convolution) else 1
        weight = self.constant(f"{name}/kernel", kernel.transpose(3, 2, 0, 1))
        bias = self.constant(f"{name}/bias", layer.bias)
        size = kernel.shape[:2]
        out = self.node("Conv", (source, weight, bias), name, kernel_shape=size, strides=(stride, stride))
        return self.node("Relu", (out,), f"{name}/relu") if layer.relu else out

    def dense(self, layer: Layer, name: str, source: str) -> str:
        if not isinstance(layer, Dense):
            raise TypeError("a vector has no pixels to convolve")
        weight = self.constant(f"{name}/weight", layer.weight)
        bias = self.constant(f"{name}/bias", layer.bias)
        out = self.node("Gemm", (source, weight, bias), name)
        return self.node("Relu", (out,), f"{name}/relu") if layer.relu else out


def _value_info(name: str, shape: tuple[int, ...]) -> bytes:
    sizes = [bytes_field(2, "batch"), *(number_field(1, size) for size in shape)]
    dims = b"".join(bytes_field(1, size) for size in sizes)
    kind = bytes_field(1, number_field(1, 1) + bytes_field(2, dims))
    return bytes_field(1, name) + bytes_field(2, kind)


def read_onnx(content: bytes) -> LayeredNetwork:
    """The network in an ONNX file that OpenRacer wrote.

    Raises:
        FormatError: it is no ONNX file, damaged, or computes something else than a DeepRacer policy.
    """
    graph: memoryview | None = None
    for number, value in protobuf.read_fields(memoryview(content)):
        if number == 7:
            graph = protobuf.as_bytes(value)
    if graph is None:
        raise FormatError(_("the file holds no graph of ONNX"))
    nodes: dict[str, Node] = {}
    inputs: list[tuple[str, tuple[int, ...]]] = []
    for number, value in protobuf.read_fields(graph):
        if len(nodes) > _MAX_NODES:
            raise FormatError(_("the graph has more than {limit} nodes").format(limit=_MAX_NODES))
        if number == 1:
            for node in _translated(*_read_node(protobuf.as_bytes(value))):
                nodes[node.name] = node
        elif number == 5:
            name, array = _read_tensor(protobuf.as_bytes(value))
            nodes[name] = Node(name, "Const", (), {"value": array})
        elif number == 11:
            inputs.append(_read_value_info(protobuf.as_bytes(value)))
    for name, shape in inputs:
        nodes.setdefault(name, Node(name, "Placeholder", (), {"shape": Shape(shape)}))
    return layers_of(_with_kernels_turned(nodes), OUTPUT)


def _read_node(message: memoryview) -> tuple[str, tuple[str, ...], str, dict[str, Attribute]]:
    op, inputs, outputs = "", [], []
    attributes: dict[str, Attribute] = {}
    for number, value in protobuf.read_fields(message):
        if number == 1:
            inputs.append(protobuf.as_text(value))
        elif number == 2:
            outputs.append(protobuf.as_text(value))
        elif number == 4:
            op = protobuf.as_text(value)
        elif number == 5:
            name, single = "", 0
            several: list[int] = []
            for key, part in protobuf.read_fields(protobuf.as_bytes(value)):
                if key == 1:
                    name = protobuf.as_text(part)
                elif key == 3:
                    single = protobuf.as_int(part)
                elif key == 8 and len(several) < 100:
                    packed = [part] if isinstance(part, int) else list(protobuf.read_varints(part[:100]))
                    several += [protobuf.as_int(size) for size in packed]
            attributes[name] = tuple(several) if several else single
    if len(outputs) != 1:
        raise FormatError(_("the graph computes something else than a DeepRacer policy"))
    return op, tuple(inputs), outputs[0], attributes


def _translated(
    op: str, inputs: tuple[str, ...], name: str, attributes: dict[str, Attribute]
) -> Iterator[Node]:
    """A node of ONNX as TensorFlow's, whose maps have their channels last."""
    plain = {"Mul": "Mul", "Relu": "Relu", "Tanh": "Tanh", "Softmax": "Softmax", "Identity": "Identity"}
    if op in plain:
        yield Node(name, plain[op], inputs)
    elif op == "Transpose" and attributes.get("perm") in ((0, 3, 1, 2), (0, 2, 3, 1)):
        yield Node(name, "Identity", inputs)
    elif op == "Flatten" and attributes.get("axis", 1) == 1:
        yield Node(name, "Flatten", inputs)
    elif op == "Conv" and len(inputs) == 3 and isinstance(strides := attributes.get("strides"), tuple):
        whole: dict[str, Attribute] = {"strides": (1, *strides, 1), "padding": "VALID"}
        if set(attributes) - {"strides", "kernel_shape"}:
            raise FormatError(_("the graph computes something else than a DeepRacer policy"))
        yield Node(f"{name}/product", "Conv2D", (inputs[0], f"{inputs[1]}/turned"), whole)
        yield Node(f"{inputs[1]}/turned", "Turned", inputs[1:2])
        yield Node(name, "BiasAdd", (f"{name}/product", inputs[2]))
    elif op == "Gemm" and len(inputs) == 3 and not attributes:
        yield Node(f"{name}/product", "MatMul", inputs[:2])
        yield Node(name, "BiasAdd", (f"{name}/product", inputs[2]))
    elif op == "Concat":
        yield Node(f"{name}/axis", "Const", (), {"value": np.array(attributes.get("axis"))})
        yield Node(name, "ConcatV2", (*inputs, f"{name}/axis"))
    else:
        raise FormatError(
            _("the graph has the operation {op}, which no DeepRacer model needs").format(op=op[:40])
        )


def _with_kernels_turned(nodes: dict[str, Node]) -> dict[str, Node]:
    """ONNX has kernels (out, in, height, width)."""
    for name, node in nodes.items():
        if node.op == "Turned":
            value = nodes[node.inputs[0]].attributes.get("value") if node.inputs[0] in nodes else None
            if not isinstance(value, np.ndarray) or value.ndim != 4:
                raise FormatError(_("the graph computes something else than a DeepRacer policy"))
            turned = np.ascontiguousarray(value.transpose(2, 3, 1, 0))
            nodes[name] = Node(name, "Const", (), {"value": turned})
    return nodes


def _read_tensor(message: memoryview) -> tuple[str, Array]:
    name, kind, shape = "", 0, []
    raw = memoryview(b"")
    for number, value in protobuf.read_fields(message):
        if number == 1:
            sizes = [value] if isinstance(value, int) else list(protobuf.read_varints(value[:100]))
            shape += [protobuf.as_int(size) for size in sizes][: tensors.MAX_DIMENSIONS + 1]
        elif number == 2:
            kind = protobuf.as_int(value)
        elif number == 8:
            name = protobuf.as_text(value)
        elif number in (4, 9):  # float_data, raw_data
            raw = protobuf.as_bytes(value)
    if kind not in _TYPES:
        raise FormatError(_("a tensor is of type {kind}; numbers are needed").format(kind=kind))
    return name, tensors.array_from(raw, _TYPES[kind], tuple(shape[: tensors.MAX_DIMENSIONS + 1]))


def _read_value_info(message: memoryview) -> tuple[str, tuple[int, ...]]:
    name, shape = "", []
    for number, value in protobuf.read_fields(message):
        if number == 1:
            name = protobuf.as_text(value)
        elif number == 2:
            for path in _nested(protobuf.as_bytes(value), (1, 2, 1)):
                sizes = [protobuf.as_int(size) for key, size in protobuf.read_fields(path) if key == 1]
                shape.append(sizes[0] if sizes else -1)
    return name, tuple(shape)


def _nested(message: memoryview, path: tuple[int, ...]) -> Iterator[memoryview]:
    """The messages at the end of a path of field numbers."""
    level = [message]
    for number in path:
        level = [
            protobuf.as_bytes(value)
            for part in level
            for key, value in protobuf.read_fields(part)
            if key == number
        ][: tensors.MAX_DIMENSIONS + 1]
    yield from level
