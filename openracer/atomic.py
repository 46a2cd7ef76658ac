"""Atomic file writing: whatever is killed whenever, a file is the old one or the new, never half."""

import errno
import itertools
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openracer.language import gettext as _

_SUFFIX = ".tmp"
_counter = itertools.count()


class WriteError(OSError):
    """A file could not be written; the text is one sentence for the user.

    Args:
        path: the file that the user knows of.
        cause: why; another WriteError, of a file made on the way, gives its own cause.

    Attributes:
        cause: what the system said.
    """

    def __init__(self, path: Path, cause: OSError):
        if isinstance(cause, WriteError):
            cause = cause.cause
        self.cause: OSError = cause
        super().__init__(_("cannot write {file}: {reason}").format(file=path, reason=_reason(path, cause)))
        self.errno = cause.errno


def _reason(path: Path, cause: OSError) -> str:
    if cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("the disk is full; free some space and try again")
    if isinstance(cause, FileExistsError | NotADirectoryError):
        return _("{parent} is not a folder").format(parent=path.parent)
    return plain_reason(cause)


def plain_reason(error: OSError) -> str:
    """What the system says of a file, in the reader's language where it is usual."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return _("permission denied")
        case errno.ENOENT:
            return _("there is no such file or folder")
        case errno.EISDIR:
            return _("it is a folder")
        case errno.ENOTDIR:
            return _("a part of the path is no folder")
    return (error.strerror or str(error)).lower()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; what was written there replaces ``path`` at the end.

    The folder is made if it is missing. The file is flushed to the disk before it is renamed, and the folder
    after, so that the rename survives a power cut. If the block raises, ``path`` is as before and the
    temporary file is gone.

    Args:
        path: file to replace or to create.

    Yields:
        The path to write to.

    Raises:
        WriteError: the disk is full, or the folder is not writable.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{next(_counter)}{_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            synchronise(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        synchronise(path.parent)
    except OSError as error:
        raise WriteError(path, error) from error


def synchronise(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically.

    Raises:
        WriteError: the disk is full, or the folder is not writable.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 text file atomically, with line ends as given.

    Raises:
        WriteError: the disk is full, or the folder is not writable.
    """
    write_bytes(path, content.encode())


def write_json(path: Path, value: Any, indent: int | None = None, sort_keys: bool = False) -> None:
    """Write a JSON file atomically.

    Args:
        path: file to replace or to create.
        value: what ``json`` can write; NaN is refused, because other readers of JSON refuse it.
        indent: as in ``json.dumps``.
        sort_keys: as in ``json.dumps``.

    Raises:
        WriteError: the disk is full, or the folder is not writable.
    """
    write_text(path, json.dumps(value, indent=indent, sort_keys=sort_keys, allow_nan=False))


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files that killed processes left anywhere in a folder.

    Only for folders that no other process is writing to.
    """
    for leftover in folder.rglob(f".*{_SUFFIX}"):
        if leftover.is_file():
            leftover.unlink(missing_ok=True)
