"""The events of a run: ``events.jsonl``, one JSON object a line, only ever appended to."""

import json
import os
from collections.abc import Mapping
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from openracer.atomic import WriteError

_TAIL = 64 * 1024


class EventLog:
    """Appends events to a file; a torn last line, which a killed process left, is removed first.

    Args:
        path: of the file; it and its folder are made if they are missing.

    Raises:
        WriteError: the file cannot be opened.
    """

    def __init__(self, path: Path):
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab+", buffering=0)
            _cut_torn_line(self._file)
        except OSError as error:
            raise WriteError(path, error) from error

    def append(self, event: Mapping[str, Any]) -> None:
        """Append one event; readers see all of it or nothing.

        Raises:
            WriteError: it cannot be written; the file is as before.
        """
        rest = memoryview((json.dumps(event, allow_nan=False, ensure_ascii=False) + "\n").encode())
        size = os.fstat(self._file.fileno()).st_size
        try:
            while rest:  # on a disk that is nearly full, the first bytes still find room
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            os.ftruncate(self._file.fileno(), size)
            raise WriteError(self._path, error) from error

    def synchronise(self) -> None:
        """Flush all events to the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cut_torn_line(file: RawIOBase) -> None:
    end = _end_of_lines(file)
    if end < file.seek(0, os.SEEK_END):
        file.truncate(end)


def _end_of_lines(file: RawIOBase) -> int:
    """Bytes of a file up to and with its last newline."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 4096)
        newline = os.pread(file.fileno(), end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def last_event(path: Path, kind: str) -> dict[str, Any] | None:
    """The latest event of a kind, looked for in the last part of the file only; None where it is not there.

    Args:
        path: of the file; a missing file has no events.
        kind: for example ``iteration``.
    """
    if not path.is_file():
        return None
    with path.open("rb") as file:
        start = max(0, file.seek(0, os.SEEK_END) - _TAIL)
        file.seek(start)
        lines = file.read().split(b"\n")
    # What follows the last newline is not complete yet; where the file was cut into, neither is the first line.
    for line in reversed(lines[1 if start else 0 : -1]):
        event: dict[str, Any] = json.loads(line)
        if event["event"] == kind:
            return event
    return None


def end_of_events(path: Path) -> int:
    """The offset from which :func:`read_events` gives only what is yet to come; a missing file has no events."""
    if not path.is_file():
        return 0
    with path.open("rb", buffering=0) as file:
        return _end_of_lines(file)


def read_events(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The events from a place in the file on; a last line that is not complete yet is left for the next call.

    Args:
        path: of the file; a missing file has no events.
        offset: bytes already read.

    Returns:
        The events, and the offset for the next call.
    """
    if not path.is_file():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read()
    complete = content[: content.rfind(b"\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], offset + len(complete)
