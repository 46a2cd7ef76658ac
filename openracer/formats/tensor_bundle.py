"""TensorFlow's checkpoints (version 2): variables by name in an ``.index`` and a ``.data-00000-of-00001``.

Messages are those of tensorflow/core/protobuf/tensor_bundle.proto.
"""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from openracer.atomic import write_bytes
from openracer.formats import protobuf, tensors
from openracer.formats.checksum import crc32c, masked
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node, Shape, Type, write_graph
from openracer.formats.sorted_table import read_table, write_table
from openracer.formats.tensors import FLOAT, TENSORFLOW_TYPES, Array
from openracer.language import gettext as _

INDEX = ".index"
DATA = ".data-00000-of-00001"
META = ".meta"
MAX_DATA = 4 << 30
"""Bytes of a file of values; a training of AWS's largest network with its optimiser has two thirds of it."""


def read_bundle(path: Path, wanted: str = "") -> dict[str, Array]:
    """The variables of a checkpoint, the values of each checked by its checksum.

    Args:
        path: of the checkpoint without its three endings, as TensorFlow calls it.
        wanted: only variables whose name contains this; the others are not looked at.

    Raises:
        FileNotFoundError: a file is missing.
        FormatError: a file is damaged or too large.
    """
    files = {ending: path.with_name(path.name + ending) for ending in (INDEX, DATA)}
    for file in files.values():
        if not file.is_file():
            raise FileNotFoundError(_("there is no file {file}").format(file=file.name))
    if files[INDEX].stat().st_size > tensors.MAX_VALUES or files[DATA].stat().st_size > MAX_DATA:
        raise FormatError(_("{file} is too large for a checkpoint").format(file=path.name))
    if not files[DATA].stat().st_size:
        raise FormatError(_("{file} is empty").format(file=files[DATA].name))
    data = np.memmap(files[DATA], np.uint8, "r").data
    return read_variables(files[INDEX].read_bytes(), data, wanted)


def read_variables(index: bytes, data: memoryview, wanted: str = "") -> dict[str, Array]:
    """The variables of a checkpoint in memory; as :func:`read_bundle`.

    Raises:
        FormatError: it is damaged.
    """
    variables = {}
    for key, entry in read_table(index).items():
        if not key:
            _check_header(entry)
            continue
        try:
            name = key.decode()
        except UnicodeDecodeError:
            raise FormatError(_("the index is damaged")) from None
        if wanted in name:
            variables[name] = _read_variable(name, entry, data)
    return variables


def _check_header(message: memoryview) -> None:
    for number, value in protobuf.read_fields(message):
        if (number == 1 and value != 1) or (number == 2 and value != 0):
            raise FormatError(_("the checkpoint is in several parts, or from another kind of processor"))


def _read_variable(name: str, message: memoryview, data: memoryview) -> Array:
    kind, numbers, checksum = 0, {3: 0, 4: 0, 5: 0}, None
    shape: tuple[int, ...] = ()
    for number, value in protobuf.read_fields(message):
        if number == 1:
            kind = protobuf.as_int(value)
        elif number == 2:
            shape = tensors.read_shape(protobuf.as_bytes(value))
        elif number in numbers:
            numbers[number] = protobuf.as_int(value)
        elif number == 6 and not isinstance(value, int) and len(value) == 4:
            checksum = struct.unpack("<I", value)[0]
    if kind not in TENSORFLOW_TYPES or numbers[3] != 0:
        raise FormatError(_("the variable {name} is of a kind that no network needs").format(name=name[-60:]))
    offset, size = numbers[4], numbers[5]
    if min(offset, size) < 0 or offset + size > len(data):
        raise FormatError(
            _("the checkpoint is cut short: the values of {name} are missing").format(name=name[-60:])
        )
    content = data[offset : offset + size]
    array = tensors.array_from(content, TENSORFLOW_TYPES[kind], shape)
    if checksum is not None and size and checksum != masked(crc32c(content)):
        raise FormatError(
            _("the checkpoint is damaged: the checksum of {name} is wrong").format(name=name[-60:])
        )
    return array


def write_bundle(path: Path, variables: Mapping[str, Array]) -> None:
    """Write a checkpoint's three files; the same variables give the same bytes.

    Args:
        path: without the endings.
        variables: float32 arrays by name.

    Raises:
        openracer.atomic.WriteError: a file cannot be written.
    """
    header = protobuf.number_field(1, 1) + protobuf.bytes_field(3, protobuf.number_field(1, 1))
    entries, parts, offset = {b"": header}, [], 0
    for name in sorted(variables):
        content = np.ascontiguousarray(variables[name], "<f4").tobytes()
        entries[name.encode()] = b"".join(
            (
                protobuf.number_field(1, FLOAT),
                protobuf.bytes_field(2, tensors.write_shape(variables[name].shape)),
                protobuf.number_field(4, offset) if offset else b"",
                protobuf.number_field(5, len(content)),
                protobuf.fixed32_field(6, masked(crc32c(content))),
            )
        )
        parts.append(content)
        offset += len(content)
    write_bytes(path.with_name(path.name + DATA), b"".join(parts))
    write_bytes(path.with_name(path.name + INDEX), write_table(entries))
    write_bytes(path.with_name(path.name + META), _meta_graph(variables))


def _meta_graph(variables: Mapping[str, Array]) -> bytes:
    """The least ``MetaGraphDef`` that names the variables: readers of checkpoints build their own graph."""
    nodes = [
        Node(
            name,
            "VariableV2",
            (),
            {"dtype": Type(FLOAT), "shape": Shape(variables[name].shape), "container": "", "shared_name": ""},
        )
        for name in sorted(variables)
    ]
    about = protobuf.bytes_field(5, "1.11.0")
    return protobuf.bytes_field(1, about) + protobuf.bytes_field(2, write_graph(nodes))
