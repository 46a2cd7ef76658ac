"""Files that may hold traces in a file, folder or archive: read in memory, never extracted, their paths never trusted.

A member's name serves only to be shown and to tell what kind of file it is.
"""

import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_MEMBERS = 20_000
"""Members of an archive or folder; an archive with more is refused."""

MAX_TOTAL_BYTES = 8 << 30
"""Unpacked size of an archive; a larger one is refused."""

MAX_TABLE_BYTES = 256 << 20
"""Size of one CSV or JSON file, which is read as a whole; a larger one is refused."""

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz", ".tar")
TRACES_AND_FACTS = (
    ".csv", ".log", ".txt", "model_metadata.json", "training_params.yaml", "evaluation.json",
)  # fmt: skip
"""Ends of the names of files that hold traces, or tell about the job that drove them."""


class Member(NamedTuple):
    """One file.

    Attributes:
        name: path within the source, with slashes.
        stream: its content, to be read before the next member is asked for.
        size: bytes.
    """

    name: str
    stream: BinaryIO
    size: int

    def read(self) -> bytes:
        """The whole content.

        Raises:
            FormatError: it is too large for that.
        """
        if self.size > MAX_TABLE_BYTES:
            raise FormatError(
                _("{name} has {size} MB; at most {limit} MB are read").format(
                    name=self.name, size=self.size >> 20, limit=MAX_TABLE_BYTES >> 20
                )
            )
        return self.stream.read(MAX_TABLE_BYTES)


def members(path: Path, wanted: tuple[str, ...] = TRACES_AND_FACTS) -> Iterator[tuple[str, Iterator[Member]]]:
    """All sources in a path and their files: a folder and each archive in it are sources of their own.

    Args:
        path: a file of any name, a folder or an archive.
        wanted: ends of the names of files in folders and archives, in small letters; others are left out.

    Yields:
        The source's name and its files; those of one source must be taken before the next source.

    Raises:
        FileNotFoundError: there is no such file or folder.
        FormatError: an archive cannot be read, or is too large.
    """
    if path.is_dir():
        files = sorted(_files(path))
        archives = [file for file in files if file.name.lower().endswith(ARCHIVE_SUFFIXES)]
        plain = [file for file in files if file.name.lower().endswith(wanted)]
        yield str(path), _plain_members(path, plain)
        for archive in archives:
            yield str(archive), _archive_members(archive, wanted)
    elif not path.exists():
        raise FileNotFoundError(_("there is no file or folder {file}").format(file=path))
    elif _is_archive(path):
        yield str(path), _archive_members(path, wanted)
    else:
        yield str(path), _plain_members(path.parent, [path])


def _files(folder: Path) -> Iterator[Path]:
    """Regular files below a folder; links are not followed."""
    count = 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in names:
            file = Path(parent) / name
            if file.is_symlink() or not file.is_file():
                continue
            count += 1
            if count > MAX_MEMBERS:
                raise FormatError(
                    _("{folder} has more than {limit} files; name a smaller folder").format(
                        folder=folder, limit=MAX_MEMBERS
                    )
                )
            yield file


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        magic = file.read(265)
    return magic[:2] == b"\x1f\x8b" or magic[257:262] == b"ustar"


def _plain_members(root: Path, files: list[Path]) -> Iterator[Member]:
    for file in files:
        with file.open("rb") as stream:
            yield Member(file.relative_to(root).as_posix(), stream, file.stat().st_size)


def _archive_members(path: Path, wanted: tuple[str, ...]) -> Iterator[Member]:
    total = 0
    with _reading(path), tarfile.open(path, "r|*") as archive:
        for count, member in enumerate(archive):
            total += member.size
            if count >= MAX_MEMBERS or total > MAX_TOTAL_BYTES:
                raise FormatError(
                    _("{file} holds more than {count} files or {size} GB; unpack what you need").format(
                        file=path.name, count=MAX_MEMBERS, size=MAX_TOTAL_BYTES >> 30
                    )
                )
            # The archive is read as a stream, so its list of members would only grow.
            archive.members = []  # type: ignore[attr-defined]
            if not member.isreg() or member.issparse() or not member.name.lower().endswith(wanted):
                continue
            if stream := archive.extractfile(member):
                yield Member(member.name.removeprefix("./"), cast("BinaryIO", stream), member.size)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise FormatError(
            _("{file} is no readable archive ({problem}); a .tar.gz is needed").format(
                file=path.name, problem=str(error).lower()
            )
        ) from None
