"""TensorFlow's and ONNX's tensors as messages: number types, shapes, values; their size limited before any is made."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from openracer.formats import protobuf
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_VALUES = 1 << 26
"""Values of one tensor: the widest layer of DeepRacer's networks has 57 million."""

MAX_REPEATED = 1 << 20
"""Values of a tensor that is written down as a single one."""

MAX_DIMENSIONS = 8

FLOAT, INT32, INT64, BOOL = 1, 3, 9, 10

TENSORFLOW_TYPES: dict[int, DTypeLike] = {
    FLOAT: np.float32, 2: np.float64, INT32: np.int32, INT64: np.int64, BOOL: np.bool_, 19: np.float16,
}  # fmt: skip
"""Number types by their place in TensorFlow's ``DataType`` (tensorflow/core/framework/types.proto)."""

Array = NDArray[Any]


def check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape of a reasonable size.

    Raises:
        FormatError: it is none.
    """
    if len(shape) > MAX_DIMENSIONS or any(size < 0 for size in shape) or math.prod(shape) > MAX_VALUES:
        raise FormatError(_("a tensor has the shape {shape}, which no network needs").format(shape=shape[:8]))
    return shape


def array_from(content: bytes | memoryview, dtype: DTypeLike, shape: tuple[int, ...]) -> Array:
    """An array from its little-endian bytes, without a copy.

    Raises:
        FormatError: there are more or fewer bytes than the shape needs.
    """
    kind = np.dtype(dtype).newbyteorder("<")
    if len(content) != math.prod(check_shape(shape)) * kind.itemsize:
        raise FormatError(
            _("a tensor of the shape {shape} has {size} bytes of values").format(
                shape=shape, size=len(content)
            )
        )
    return np.frombuffer(content, kind).reshape(shape)


def read_shape(message: memoryview) -> tuple[int, ...]:
    """A ``TensorShapeProto``; an unknown size is -1.

    Raises:
        FormatError: it is damaged.
    """
    shape: list[int] = []
    for number, value in protobuf.read_fields(message):
        if number == 2:
            size = 0
            for key, part in protobuf.read_fields(protobuf.as_bytes(value)):
                if key == 1:
                    size = protobuf.as_int(part)
            shape.append(size)
        if len(shape) > MAX_DIMENSIONS:
            raise FormatError(_("a tensor has more than {limit} dimensions").format(limit=MAX_DIMENSIONS))
    return tuple(shape)


def write_shape(shape: tuple[int, ...]) -> bytes:
    """A ``TensorShapeProto``."""
    return b"".join(
        protobuf.bytes_field(2, protobuf.number_field(1, size) if size else b"") for size in shape
    )


def read_tensor(message: memoryview) -> Array:
    """A ``TensorProto`` of TensorFlow (tensorflow/core/framework/tensor.proto); text is not read.

    Raises:
        FormatError: it is damaged, too large, or of a type that no network needs.
    """
    kind = 0
    shape: tuple[int, ...] = ()
    content: memoryview | None = None
    single: list[float] = []
    for number, value in protobuf.read_fields(message):
        if number == 1:
            kind = protobuf.as_int(value)
        elif number == 2:
            shape = read_shape(protobuf.as_bytes(value))
        elif number == 4:
            content = protobuf.as_bytes(value)
        elif number in _LISTS:
            single += _listed(number, value)
            if len(single) > MAX_REPEATED:
                raise FormatError(_("a tensor has more single values than any network needs"))
    if kind not in TENSORFLOW_TYPES:
        raise FormatError(_("a tensor is of type {kind}; numbers are needed").format(kind=kind))
    dtype = np.dtype(TENSORFLOW_TYPES[kind])
    check_shape(shape)
    if content is not None and len(content):
        return array_from(content, dtype, shape)
    size = math.prod(shape)
    if size > MAX_REPEATED or len(single) > max(size, 1):
        raise FormatError(
            _("a tensor of the shape {shape} has {size} values").format(shape=shape, size=len(single))
        )
    # A list that is too short repeats its last value; an empty one is all zeros.
    filled = single + [single[-1] if single else 0] * (size - len(single))
    try:
        if dtype == np.float16:
            return np.array(filled, np.uint16).view(np.float16).reshape(shape)
        return np.array(filled, dtype).reshape(shape)
    except (OverflowError, ValueError):
        raise FormatError(_("a tensor has values that its type cannot hold")) from None


_LISTS: dict[int, DTypeLike | None] = {5: np.float32, 6: np.float64, 7: None, 10: None, 11: None, 13: None}
"""Lists of single values: float_val, double_val; int_val, int64_val, bool_val and half_val are varints."""


def _listed(number: int, value: protobuf.Value) -> list[float]:
    if isinstance(value, int):
        return [protobuf.as_int(value)]
    dtype = _LISTS[number]
    if dtype is None:
        if len(value) > 10 * MAX_REPEATED:
            raise FormatError(_("a tensor has more single values than any network needs"))
        return [protobuf.as_int(single) for single in protobuf.read_varints(value)]
    kind = np.dtype(dtype).newbyteorder("<")
    if len(value) % kind.itemsize or len(value) > kind.itemsize * MAX_REPEATED:
        raise FormatError(_("the file is damaged, or of another kind"))
    return list(np.frombuffer(value, kind).tolist())


def write_tensor(array: Array) -> bytes:
    """A ``TensorProto`` of TensorFlow, its values as plain bytes."""
    kind = next(number for number, dtype in TENSORFLOW_TYPES.items() if np.dtype(dtype) == array.dtype)
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return (
        protobuf.number_field(1, kind)
        + protobuf.bytes_field(2, write_shape(array.shape))
        + protobuf.bytes_field(4, little.tobytes())
    )
