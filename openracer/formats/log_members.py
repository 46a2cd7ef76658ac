"""Files that may hold traces in a file, folder or archive: read in memory, never extracted, their paths never trusted.

A member's name serves only to be shown and to tell what kind of file it is.
"""

import bz2
import codecs
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from openracer.atomic import plain_reason
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_MEMBERS = 20_000
"""Members of an archive or folder; an archive with more is refused."""

MAX_TOTAL_BYTES = 8 << 30
"""Unpacked size of an archive; a larger one is refused."""

_READ = 1 << 15
"""So much of a packed file is read at once; of a damaged one so much is lost before the damage."""

MAX_TABLE_BYTES = 256 << 20
"""Size of one CSV or JSON file, which is read as a whole; a larger one is refused."""

ARCHIVE_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".zip")
_GZIP = b"\x1f\x8b"
_PACKERS: dict[bytes, Callable[[Path], Any]] = {
    _GZIP: gzip.GzipFile,
    b"BZ": bz2.BZ2File,
    b"\xfd7": lzma.LZMAFile,
}
"""What unpacks a file that begins with these two bytes."""
_TAR_MAGIC = slice(257, 262)
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


def members(
    path: Path, wanted: tuple[str, ...] = TRACES_AND_FACTS, problems: list[str] | None = None
) -> Iterator[tuple[str, Iterator[Member]]]:
    """All sources in a path and their files: a folder and each archive in it are sources of their own.

    What can be read of a damaged archive, or of a folder with files that cannot be opened, is there all the same.

    Args:
        path: a file of any name, a folder or an archive.
        wanted: ends of the names of files in folders and archives, in small letters; others are left out.
        problems: sentences about what could not be read are added to it.

    Yields:
        The source's name and its files; those of one source must be taken before the next source.

    Raises:
        OSError: there is no such file or folder, or it cannot be opened.
        FormatError: an archive cannot be read, or is too large.
    """
    problems = [] if problems is None else problems
    if path.is_dir():
        files = sorted(_files(path, problems))
        archives = [file for file in files if file.name.lower().endswith(ARCHIVE_SUFFIXES)]
        plain = [file for file in files if file not in archives and _is_wanted(file.name, wanted)]
        yield str(path), _plain_members(path, plain, problems)
        for archive in archives:
            yield str(archive), _as_far_as_possible(archive, wanted, problems)
    elif not path.exists():
        raise FileNotFoundError(_("there is no file or folder {file}").format(file=path))
    elif _is_archive(path):
        yield str(path), _archive_members(path, wanted, problems)
    else:
        with path.open("rb") as stream:
            yield str(path), iter([_member(path.name, stream, path.stat().st_size, problems)])


def _files(folder: Path, problems: list[str]) -> Iterator[Path]:
    """Regular files below a folder; links are not followed."""

    def refused(error: OSError) -> None:
        if error.filename == str(folder):
            raise error
        problems.append(_cannot_be_opened(error.filename, error))

    count = 0
    for parent, folders, names in os.walk(folder, onerror=refused):
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


def _cannot_be_opened(file: object, error: OSError) -> str:
    return _("{file} cannot be opened ({problem}) and is left out.").format(
        file=file, problem=plain_reason(error)
    )


def _is_wanted(name: str, wanted: tuple[str, ...]) -> bool:
    return name.lower().removesuffix(".gz").endswith(wanted)


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        magic = file.read(265)
    return magic[:2] in (*_PACKERS, b"PK") or magic[_TAR_MAGIC] == b"ustar"


def _plain_members(root: Path, files: list[Path], problems: list[str]) -> Iterator[Member]:
    for file in files:
        try:
            stream = file.open("rb")
        except OSError as error:
            problems.append(_cannot_be_opened(file, error))
            continue
        with stream:
            yield _member(file.relative_to(root).as_posix(), stream, file.stat().st_size, problems)


def _as_far_as_possible(archive: Path, wanted: tuple[str, ...], problems: list[str]) -> Iterator[Member]:
    """The files of an archive beside others, which a damaged one does not hold up."""
    try:
        yield from _archive_members(archive, wanted, problems)
    except FormatError as error:
        problems.append(f"{error}.")
    except OSError as error:
        problems.append(_cannot_be_opened(archive, error))


def _member(name: str, stream: BinaryIO, size: int, problems: list[str]) -> Member:
    """A file with its own packing and UTF-16, as PowerShell writes it, taken off."""
    if name.lower().endswith(".gz"):
        name = name[:-3]
        if _begins(stream) == _GZIP:
            stream = _unpacked(gzip.GzipFile(fileobj=stream), name + ".gz", problems)
    if _begins(stream) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        stream = cast("BinaryIO", codecs.EncodedFile(stream, "utf-8", "utf-16", "replace"))
    return Member(name, stream, size)


def _begins(stream: BinaryIO) -> bytes:
    """The first two bytes, which are still to be read."""
    return bytes(stream.peek(2)[:2])  # type: ignore[attr-defined]


class _Unpacked(io.RawIOBase):
    """A file that is unpacked while it is read; one that breaks off ends there, and one that never ends is refused."""

    def __init__(self, packed: Any, name: str, problems: list[str]):
        self._packed = packed
        self._name = name
        self._problems = problems
        self._total = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._packed.read1(min(len(buffer), _READ))
        except (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile):
            self._problems.append(_breaks_off(self._name))
            self._packed = io.BytesIO()
            return 0
        self._total += len(piece)
        if self._total > MAX_TOTAL_BYTES:
            raise FormatError(_("a packed file holds more than {size} GB").format(size=MAX_TOTAL_BYTES >> 30))
        buffer[: len(piece)] = piece
        return len(piece)


def _breaks_off(name: str) -> str:
    return _("{file} is damaged or cut short; what could be read of it is there.").format(file=name)


def _unpacked(packed: Any, name: str, problems: list[str]) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Unpacked(packed, name, problems), 1 << 20))


def _archive_members(path: Path, wanted: tuple[str, ...], problems: list[str]) -> Iterator[Member]:
    with path.open("rb") as file:
        magic = file.read(2)
    if magic == b"PK":
        yield from _whole_part(path, _zip_members(path, wanted, problems), problems)
    elif magic in _PACKERS and not _holds_tar(path, _PACKERS[magic]):
        with _PACKERS[magic](path) as packed:
            stream = _unpacked(packed, path.name, problems)
            yield _member(path.stem, stream, path.stat().st_size, problems)
    else:
        yield from _whole_part(path, _tar_members(path, wanted, problems), problems)


def _whole_part(path: Path, files: Iterator[Member], problems: list[str]) -> Iterator[Member]:
    """The files of an archive; what follows a damaged place is missing.

    Raises:
        FormatError: no file comes before that.
    """
    told, is_empty = len(problems), True
    try:
        for file in files:
            is_empty = False
            yield file
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        zlib.error,
        lzma.LZMAError,
    ):
        if is_empty:
            raise FormatError(
                _("{file} is no readable archive; a .tar.gz or .zip that is whole is needed").format(
                    file=path.name
                )
            ) from None
        if len(problems) == told:
            problems.append(_breaks_off(path.name))


def _holds_tar(path: Path, unpack: Callable[[Path], Any]) -> bool:
    """Whether a packed file is an archive; by its name where it cannot be unpacked."""
    try:
        with unpack(path) as file:
            return bool(file.read(265)[_TAR_MAGIC] == b"ustar")
    except (EOFError, OSError, zlib.error, lzma.LZMAError):
        return path.name.lower().endswith(ARCHIVE_SUFFIXES)


def _zip_members(path: Path, wanted: tuple[str, ...], problems: list[str]) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        files = archive.infolist()
        if len(files) > MAX_MEMBERS or sum(file.file_size for file in files) > MAX_TOTAL_BYTES:
            raise _too_large(path)
        for file in files:
            if not file.is_dir() and _is_wanted(file.filename, wanted):
                if file.flag_bits & 1:
                    raise FormatError(_("{file} is encrypted; unpack it first").format(file=path.name))
                with archive.open(file) as stream:
                    unpacked = _unpacked(stream, f"{path.name}: {file.filename}", problems)
                    yield _member(file.filename, unpacked, file.file_size, problems)


def _too_large(path: Path) -> FormatError:
    return FormatError(
        _("{file} holds more than {count} files or {size} GB; unpack what you need").format(
            file=path.name, count=MAX_MEMBERS, size=MAX_TOTAL_BYTES >> 30
        )
    )


def _tar_members(path: Path, wanted: tuple[str, ...], problems: list[str]) -> Iterator[Member]:
    total = 0
    with tarfile.open(path, "r|*") as archive:
        for count, member in enumerate(archive):
            total += member.size
            if count >= MAX_MEMBERS or total > MAX_TOTAL_BYTES:
                raise _too_large(path)
            # The archive is read as a stream, so its list of members would only grow.
            archive.members = []  # type: ignore[attr-defined]
            if not member.isreg() or member.issparse() or not _is_wanted(member.name, wanted):
                continue
            if stream := archive.extractfile(member):
                name = member.name.removeprefix("./")
                yield _member(
                    name, _unpacked(stream, f"{path.name}: {name}", problems), member.size, problems
                )
