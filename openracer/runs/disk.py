"""How much a run has written, so that a careless or a spiteful reward function cannot fill the disk of all."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

_ENTRY = 4096
"""Bytes that a file or folder takes even if it is empty."""


def holds_more(folders: Sequence[Path], pid: int, room: int) -> bool:
    """Whether some folders, and what a process has deleted in them but holds open, take more than a number of bytes.

    Args:
        folders: in which the process writes.
        pid: of the process.
        room: bytes.
    """
    taken = 0
    for size in _sizes(folders, pid):
        taken += size
        if taken > room:
            return True
    return False


def _sizes(folders: Sequence[Path], pid: int) -> Iterator[int]:
    yield from _deleted(pid)
    for folder in folders:
        for place, inner, files in os.walk(folder):
            for name in (*inner, *files):
                try:
                    yield _ENTRY + Path(place, name).lstat().st_size
                except OSError:  # deleted meanwhile
                    continue


def _deleted(pid: int) -> Iterator[int]:
    """Sizes of the files that have no name any more, but still take room until the process ends."""
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or this is no Linux
        return
    for descriptor in descriptors:
        try:
            found = descriptor.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
            yield found.st_size
