"""TensorFlow's ``GraphDef``: the nodes of a frozen graph, read with limits and an allow-list, and written.

Messages are those of tensorflow/core/framework (graph.proto, node_def.proto, attr_value.proto).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openracer.formats import protobuf, tensors
from openracer.formats.errors import FormatError
from openracer.formats.tensors import Array
from openracer.language import gettext as _

MAX_BYTES = 512 << 20
"""Size of a graph; DeepRacer's largest network has 230 MB."""

MAX_NODES = 10_000

OPERATIONS = frozenset(
    {
        "Placeholder", "Const", "Identity", "ReadVariableOp", "StopGradient", "RealDiv", "Sub", "Add", "AddV2", "Mul",
        "BiasAdd", "Relu", "Tanh", "Conv2D", "Shape", "StridedSlice", "Pack", "Reshape", "Squeeze", "MatMul", "Softmax",
        "GatherV2", "Prod", "ConcatV2", "Transpose", "NoOp", "ExpandDims",
    }
)  # fmt: skip
"""Operations of DeepRacer's policies of all years; a graph with any other is refused."""

PRODUCER = 27
"""Version of the graphs that TensorFlow 1.11 wrote, which every car has read."""

ATTRIBUTES_READ = {"value", "dtype", "shape", "strides", "padding", "data_format", "axis", "transpose_a", "transpose_b",
                   "begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask", "squeeze_dims",
                   "dilations", "keep_dims"}  # fmt: skip


@dataclass(frozen=True)
class Type:
    """A number type as an attribute, by TensorFlow's number."""

    number: int


@dataclass(frozen=True)
class Shape:
    """A shape as an attribute; -1 is unknown."""

    sizes: tuple[int, ...]


Attribute = bool | int | float | str | Type | Shape | tuple[int, ...] | Array


@dataclass(frozen=True, eq=False)
class Node:
    """One operation.

    Attributes:
        name: unique in the graph.
        op: which.
        inputs: names of the nodes whose output it takes.
        attributes: settings by name.
    """

    name: str
    op: str
    inputs: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def read_graph(content: bytes | memoryview) -> dict[str, Node]:
    """The nodes of a binary ``GraphDef`` by name, in the file's order.

    Raises:
        FormatError: it is none, too large, or has an operation that no DeepRacer model needs.
    """
    if len(content) > MAX_BYTES:
        raise FormatError(_("the graph has more than {limit} MB").format(limit=MAX_BYTES >> 20))
    nodes: dict[str, Node] = {}
    for number, value in protobuf.read_fields(memoryview(content)):
        if number == 1:
            node = _read_node(protobuf.as_bytes(value))
            if node.name in nodes:
                raise FormatError(_("the graph has two nodes called {name}").format(name=node.name[:80]))
            if len(nodes) == MAX_NODES:
                raise FormatError(_("the graph has more than {limit} nodes").format(limit=MAX_NODES))
            nodes[node.name] = node
    if not nodes:
        raise FormatError(_("the file holds no graph of TensorFlow"))
    for node in nodes.values():
        if node.op not in OPERATIONS:
            raise FormatError(
                _("the graph has the operation {op}, which no DeepRacer model needs").format(op=node.op[:40])
            )
    return nodes


def _read_node(message: memoryview) -> Node:
    name, op, inputs = "", "", []
    raw: dict[str, memoryview] = {}
    for number, value in protobuf.read_fields(message):
        if number == 1:
            name = protobuf.as_text(value)
        elif number == 2:
            op = protobuf.as_text(value)
        elif number == 3:
            inputs.append(protobuf.as_text(value))
        elif number == 5:
            key, content = "", memoryview(b"")
            for part, part_value in protobuf.read_fields(protobuf.as_bytes(value)):
                if part == 1:
                    key = protobuf.as_text(part_value)
                elif part == 2:
                    content = protobuf.as_bytes(part_value)
            raw[key] = content
    attributes = {}
    # The values of unknown operations are not looked at: they may be of any kind.
    for key in ATTRIBUTES_READ & raw.keys() if op in OPERATIONS else ():
        attribute = _read_attribute(raw[key])
        if attribute is not None:
            attributes[key] = attribute
    # The first output of a node is meant by its name; ^ only orders the execution.
    plain = (source.removesuffix(":0") for source in inputs if not source.startswith("^"))
    return Node(name, op, tuple(plain), attributes)


def _read_attribute(message: memoryview) -> Attribute | None:
    for number, value in protobuf.read_fields(message):
        if number == 1:
            return tuple(_read_list(protobuf.as_bytes(value)))
        if number == 2:
            return protobuf.as_text(value)
        if number == 3:
            return protobuf.as_int(value)
        if number == 4:
            return protobuf.as_float(value)
        if number == 5:
            return bool(protobuf.as_int(value))
        if number == 6:
            return Type(protobuf.as_int(value))
        if number == 7:
            return Shape(tensors.read_shape(protobuf.as_bytes(value)))
        if number == 8:
            return tensors.read_tensor(protobuf.as_bytes(value))
    return None


def _read_list(message: memoryview) -> Iterable[int]:
    for number, value in protobuf.read_fields(message):
        if number == 3:
            numbers = [value] if isinstance(value, int) else list(protobuf.read_varints(value[:1000]))
            yield from (protobuf.as_int(single) for single in numbers)


def write_graph(nodes: Iterable[Node]) -> bytes:
    """A binary ``GraphDef`` as TensorFlow 1.11 would have written it; the same nodes give the same bytes."""
    body = b"".join(protobuf.bytes_field(1, write_node(node)) for node in nodes)
    # An empty library of functions, and the version.
    return body + protobuf.bytes_field(2, b"") + protobuf.bytes_field(4, protobuf.number_field(1, PRODUCER))


def write_node(node: Node) -> bytes:
    """A ``NodeDef``."""
    parts = [protobuf.bytes_field(1, node.name), protobuf.bytes_field(2, node.op)]
    parts += [protobuf.bytes_field(3, source) for source in node.inputs]
    for key in sorted(node.attributes):
        entry = protobuf.bytes_field(1, key) + protobuf.bytes_field(2, _attribute(node.attributes[key]))
        parts.append(protobuf.bytes_field(5, entry))
    return b"".join(parts)


def _attribute(value: Attribute) -> bytes:
    if isinstance(value, bool):
        return protobuf.number_field(5, value)
    if isinstance(value, int):
        return protobuf.number_field(3, value)
    if isinstance(value, float):
        return protobuf.float_field(4, value)
    if isinstance(value, str):
        return protobuf.bytes_field(2, value)
    if isinstance(value, Type):
        return protobuf.number_field(6, value.number)
    if isinstance(value, Shape):
        return protobuf.bytes_field(7, tensors.write_shape(value.sizes))
    if isinstance(value, tuple):
        packed = b"".join(map(protobuf.varint, value))
        return protobuf.bytes_field(1, protobuf.bytes_field(3, packed) if value else b"")
    return protobuf.bytes_field(8, tensors.write_tensor(value))
