"""What a run tells while it goes on: one JSON object a line, appended; progress bar, console and tests read the same."""

import json
import os
import time
from pathlib import Path
from typing import Any

Event = dict[str, Any]


class EventWriter:
    """Appends events to a file.

    Every event has ``event``, its kind, and ``time``, seconds since 1970. A line is written by one system call, so that a
    reader never sees two events mixed.

    Args:
        path: the file; made if it is missing. A line that a killed process left unfinished is ended first.
    """

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
        size = os.fstat(self._file).st_size
        if size:
            os.lseek(self._file, size - 1, os.SEEK_SET)
            if os.read(self._file, 1) != b"\n":
                os.write(self._file, b"\n")

    def write(self, kind: str, **values: Any) -> None:
        """Append one event of plain numbers, texts and lists."""
        line = json.dumps({"event": kind, "time": round(time.time(), 3), **values}, ensure_ascii=False)
        os.write(self._file, line.encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class EventReader:
    """Reads a growing file of events.

    Args:
        path: the file; it need not exist yet.
        from_end: skip what is there already.
    """

    def __init__(self, path: Path, from_end: bool = False):
        self._path = path
        self._position = path.stat().st_size if from_end and path.exists() else 0

    def new_events(self) -> list[Event]:
        """The events that were completed since the last call; damaged lines are skipped."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as lines:
            lines.seek(self._position)
            content = lines.read()
        complete = content[: content.rfind(b"\n") + 1]
        self._position += len(complete)
        return [event for event in map(_parse, complete.splitlines()) if event is not None]


def _parse(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None
