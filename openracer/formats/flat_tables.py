"""FlatBuffers' tables, read with every offset checked, for files that may come from strangers.

The format is google.github.io/flatbuffers/flatbuffers_internals; the library's own Python reader checks nothing.
"""

import struct
from collections.abc import Iterator

from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_ENTRIES = 100_000
"""Entries of a list of numbers or tables; a longer one is refused."""


class FlatTable:
    """One table; a missing field has its default value.

    Args:
        view: the whole file.
        at: where the table begins.
    """

    def __init__(self, view: memoryview, at: int) -> None:
        self._view = view
        self._at = at
        self._fields = at - self._number("<i", at)
        self._size = self._number("<H", self._fields)

    @classmethod
    def root(cls, content: bytes | memoryview) -> "FlatTable":
        """The table that everything else hangs on.

        Raises:
            FormatError: the file is damaged.
        """
        view = memoryview(content)
        if len(view) < 8:
            raise _damaged()
        return cls(view, struct.unpack_from("<I", view)[0])

    def integer(self, field: int, kind: str = "<i", default: int = 0) -> int:
        """A whole number, its kind as in ``struct``."""
        place = self._place(field)
        return default if place is None else self._number(kind, place)

    def text(self, field: int) -> str:
        """A text, empty where there is none."""
        return bytes(self.content(field)[:4096]).decode("utf-8", "replace")

    def content(self, field: int) -> memoryview:
        """A list of bytes."""
        start, count = self._vector(field)
        return self._slice(start, count)

    def integers(self, field: int) -> tuple[int, ...]:
        """A list of int32."""
        start, count = self._vector(field)
        return struct.unpack(f"<{_few(count)}i", self._slice(start, 4 * count))

    def table(self, field: int) -> "FlatTable | None":
        """A table, None where there is none."""
        place = self._place(field)
        return None if place is None else FlatTable(self._view, place + self._number("<I", place))

    def tables(self, field: int) -> "Iterator[FlatTable]":
        """A list of tables."""
        start, count = self._vector(field)
        for place in range(start, start + 4 * _few(count), 4):
            yield FlatTable(self._view, place + self._number("<I", place))

    def _place(self, field: int) -> int | None:
        entry = 4 + 2 * field
        if entry + 2 > self._size:
            return None
        offset = self._number("<H", self._fields + entry)
        return self._at + offset if offset else None

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if place is None:
            return 0, 0
        start = place + self._number("<I", place)
        return start + 4, self._number("<I", start)

    def _number(self, kind: str, at: int) -> int:
        size = struct.calcsize(kind)
        return int(struct.unpack(kind, self._slice(at, size))[0])

    def _slice(self, at: int, size: int) -> memoryview:
        if at < 0 or at + size > len(self._view):
            raise _damaged()
        return self._view[at : at + size]


def _few(count: int) -> int:
    if count > MAX_ENTRIES:
        raise _damaged()
    return count


def _damaged() -> FormatError:
    return FormatError(_("the file is cut short, or damaged"))
