"""LevelDB's sorted table of keys and values, without compression: the index of a TensorFlow checkpoint.

The format is google/leveldb's ``doc/table_format.md``: blocks of entries that share beginnings of keys, each with a
masked CRC-32C, an index of the blocks, and a footer that says where the index is.
"""

import struct
from collections.abc import Iterator, Mapping

from openracer.formats import protobuf
from openracer.formats.checksum import crc32c, masked
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_ENTRIES = 100_000
MAX_BYTES = 64 << 20
_MAGIC = 0xDB47_7524_8B80_FB57
_FOOTER = 48
_TRAILER = 5
_RESTART_INTERVAL = 16


def read_table(content: bytes | memoryview) -> dict[bytes, memoryview]:
    """All entries of a table.

    Raises:
        FormatError: it is none, damaged, or compressed.
    """
    view = memoryview(content)
    if len(view) < _FOOTER or len(view) > MAX_BYTES or struct.unpack("<Q", view[-8:])[0] != _MAGIC:
        raise FormatError(_("the index is no table of TensorFlow, or it is cut short"))
    numbers = protobuf.read_varints(view[-_FOOTER:-8])
    try:
        _meta_offset, _meta_size, offset, size = (next(numbers) for _number in range(4))
    except RuntimeError:
        raise _damaged() from None
    entries: dict[bytes, memoryview] = {}
    for _key, handle in _entries(_block(view, offset, size)):
        try:
            place = protobuf.read_varints(handle)
            block_offset, block_size = next(place), next(place)
        except StopIteration:
            raise _damaged() from None
        for key, value in _entries(_block(view, block_offset, block_size)):
            entries[key] = value
            if len(entries) > MAX_ENTRIES:
                raise FormatError(_("the index has more than {limit} entries").format(limit=MAX_ENTRIES))
    return entries


def _damaged() -> FormatError:
    return FormatError(_("the index is damaged"))


def _block(view: memoryview, offset: int, size: int) -> memoryview:
    if offset + size + _TRAILER > len(view):
        raise _damaged()
    block, trailer = view[offset : offset + size], view[offset + size : offset + size + _TRAILER]
    if trailer[0] != 0:
        raise FormatError(_("the index is compressed, which TensorFlow does not do"))
    if struct.unpack("<I", trailer[1:])[0] != masked(crc32c(view[offset : offset + size + 1])):
        raise FormatError(_("the index is damaged: its checksum is wrong"))
    return block


def _entries(block: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    if len(block) < 4:
        raise _damaged()
    restarts = struct.unpack("<I", block[-4:])[0]
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise _damaged()
    at, key = 0, b""
    while at < end:
        numbers = []
        for _number in range(3):
            value, at = protobuf.read_varint(block[:end], at)
            numbers.append(value)
        shared, fresh, size = numbers
        if shared > len(key) or fresh + size > end - at or fresh > 4096:
            raise _damaged()
        key = key[:shared] + bytes(block[at : at + fresh])
        yield key, block[at + fresh : at + fresh + size]
        at += fresh + size


def write_table(entries: Mapping[bytes, bytes]) -> bytes:
    """A table of one block."""
    keys = sorted(entries)
    out = bytearray()
    data = _append(out, _format_block([(key, entries[key]) for key in keys]))
    meta = _append(out, _format_block([]))
    # The index needs a key that is not before the last one.
    index = _append(out, _format_block([((keys[-1] if keys else b"") + b"\xff", data)]))
    handles = meta + index
    out += handles.ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", _MAGIC)
    return bytes(out)


def _append(out: bytearray, block: bytes) -> bytes:
    """Add a block with its trailer; the handle that finds it."""
    offset = len(out)
    out += block + b"\0" + struct.pack("<I", masked(crc32c(block + b"\0")))
    return protobuf.varint(offset) + protobuf.varint(len(block))


def _format_block(entries: list[tuple[bytes, bytes]]) -> bytes:
    out, restarts, before = bytearray(), [0], b""
    for index, (key, value) in enumerate(entries):
        shared = 0
        if index % _RESTART_INTERVAL:
            while shared < min(len(key), len(before)) and key[shared] == before[shared]:
                shared += 1
        elif index:
            restarts.append(len(out))
        for number in (shared, len(key) - shared, len(value)):
            out += protobuf.varint(number)
        out += key[shared:] + value
        before = key
    return bytes(out) + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))
