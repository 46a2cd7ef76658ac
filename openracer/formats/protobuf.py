"""Protocol Buffers' wire format, read and written by field numbers, for files that may come from strangers.

Nothing is copied and nothing recurses while reading: a message is walked through once, its parts are views of the same
memory, so a hostile file costs no more memory than it has bytes (https://protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterator

from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_FIELDS = 1_000_000
"""Fields of one message; a message with more is refused."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10

Value = int | memoryview


def read_fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """The fields of a message in their order: numbers as unsigned integers, all else as a view of its bytes.

    Args:
        message: bytes of the message.

    Raises:
        FormatError: it is cut short, or no message.
    """
    at, end = 0, len(message)
    for _count in range(MAX_FIELDS):
        if at == end:
            return
        key, at = read_varint(message, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise _damaged()
        if kind == VARINT:
            value, at = read_varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = read_varint(message, at)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise _damaged()
        if size > end - at:
            raise FormatError(_("the file is cut short, or damaged"))
        yield number, message[at : at + size]
        at += size
    raise FormatError(_("the file has more parts than any network needs"))


def read_varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number and where it ends.

    Raises:
        FormatError: it is cut short.
    """
    value = 0
    for index in range(_MAX_VARINT_BYTES):
        if at >= len(message):
            raise FormatError(_("the file is cut short, or damaged"))
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise _damaged()


def _damaged() -> FormatError:
    return FormatError(_("the file is damaged, or of another kind"))


def read_varints(packed: memoryview) -> Iterator[int]:
    """The numbers of a packed list.

    Raises:
        FormatError: it is cut short.
    """
    at = 0
    while at < len(packed):
        value, at = read_varint(packed, at)
        yield value


def as_bytes(value: Value) -> memoryview:
    """A field that must not be a number.

    Raises:
        FormatError: it is one.
    """
    if isinstance(value, int):
        raise _damaged()
    return value


def as_int(value: Value) -> int:
    """A field that must be a whole number, with its sign.

    Raises:
        FormatError: it is none.
    """
    if not isinstance(value, int):
        raise _damaged()
    return value - (1 << 64) if value >> 63 else value


def as_float(value: Value) -> float:
    """A field that must be a float32.

    Raises:
        FormatError: it is none.
    """
    if isinstance(value, int) or len(value) != 4:
        raise _damaged()
    return float(struct.unpack("<f", value)[0])


def as_text(value: Value) -> str:
    """A field that must be text.

    Raises:
        FormatError: it is none.
    """
    try:
        return bytes(as_bytes(value)).decode()
    except UnicodeDecodeError:
        raise _damaged() from None


def varint(value: int) -> bytes:
    """A number as it is written, negative ones in ten bytes."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number_field(number: int, value: int) -> bytes:
    """A field that holds a whole number or a truth value."""
    return varint(number << 3 | VARINT) + varint(value)


def float_field(number: int, value: float) -> bytes:
    """A field that holds a float32."""
    return varint(number << 3 | FIXED32) + struct.pack("<f", value)


def fixed32_field(number: int, value: int) -> bytes:
    """A field that holds an unsigned number of four bytes."""
    return varint(number << 3 | FIXED32) + struct.pack("<I", value)


def bytes_field(number: int, value: bytes | str) -> bytes:
    """A field that holds text, bytes or another message."""
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | BYTES) + varint(len(content)) + content
