"""What somebody hands over as a model: a file, a folder or an archive, whose paths and contents are not trusted.

Of an archive only files that an import reads are unpacked, one by one, into a temporary folder and under numbers of our
own; a link, a path that leads elsewhere or too much content refuses the whole archive.
"""

import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MAX_FILES = 20_000
MAX_BYTES = 4 << 30
"""Unpacked size of everything; a larger archive is refused, whatever its packed size."""

MAX_TEXT = 10 << 20
"""Size of a JSON, YAML or Python file."""

_LONGEST_NAME = 200
"""Bytes; file systems take 255."""

NETWORKS = (".pb", ".tflite", ".onnx", ".index", ".data-00000-of-00001")
TEXTS = ("model_metadata.json", "hyperparameters.json", "deepracer_checkpoints.json", "reward_function.py",
         "training_params.yaml", ".coach_checkpoint")  # fmt: skip
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt.pt", ".joblib", ".npy.pkl")


@dataclass(frozen=True)
class Incoming:
    """The files that an import may read.

    Attributes:
        title: name of the file, folder or archive, for sentences.
        files: where each lies, by its path within the source.
        left_out: paths of all others.
    """

    title: str
    files: dict[str, Path]
    left_out: tuple[str, ...] = ()

    def find(self, name: str) -> tuple[str, Path] | None:
        """The file of a name that lies highest, None where there is none."""
        found = [path for path in self.files if PurePosixPath(path).name == name]
        if not found:
            return None
        best = min(found, key=lambda path: (path.count("/"), path))
        return best, self.files[best]

    def ending(self, *endings: str) -> list[str]:
        """Paths of the files with an ending, in order."""
        return sorted(path for path in self.files if path.lower().endswith(endings))


@contextmanager
def receive(path: Path) -> Iterator[Incoming]:
    """Look into what was handed over; what was unpacked is deleted afterwards.

    Args:
        path: a file, a folder, or an archive (.tar.gz, .tgz, .tar, .zip).

    Yields:
        Its files.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is a pickle, or an archive that is damaged, too large, or tries to write elsewhere.
    """
    if path.is_dir():
        yield _folder(path)
    elif not path.is_file():
        raise FileNotFoundError(_("there is no file or folder {file}").format(file=path))
    elif tarfile.is_tarfile(path) or zipfile.is_zipfile(path):
        with tempfile.TemporaryDirectory(prefix="openracer-import-") as folder:
            yield _unpacked(path, Path(folder))
    elif _is_wanted(path.name):
        yield _with_companions(path)
    else:
        raise _refusal(path)


def _refusal(path: Path) -> FormatError:
    with path.open("rb") as file:
        start = file.read(2)
    # A pickle begins with its protocol; PyTorch's files are archives of pickles.
    if path.name.lower().endswith(PICKLES) or (start[:1] == b"\x80" and start[1:] < b"\x06"):
        return FormatError(
            _(
                "{file} is a Python pickle, which could run any program when it is opened; OpenRacer never opens one. "
                "Import the archive for the physical car, or the folder with the checkpoint, instead"
            ).format(file=path.name)
        )
    if start == b"\x1f\x8b":
        return _damaged(path, "the .tar.gz is cut short")
    return FormatError(
        _(
            "{file} is no model: an archive for the physical car (.tar.gz), a training with its checkpoint, a .pb, "
            ".tflite or .onnx file is needed"
        ).format(file=path.name)
    )


def _damaged(path: Path, problem: object) -> FormatError:
    return FormatError(
        _("{file} is no readable archive ({problem}); a .tar.gz is needed").format(
            file=path.name, problem=str(problem).lower()
        )
    )


def _is_wanted(name: str) -> bool:
    base = PurePosixPath(name).name
    return base in TEXTS or base.lower().endswith(NETWORKS)


def _folder(path: Path) -> Incoming:
    files: dict[str, Path] = {}
    left_out: list[str] = []
    for parent, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(parent, name)
            relative = file.relative_to(path).as_posix()
            if file.is_symlink() or not file.is_file():
                raise _link(path.name, relative)
            if len(files) + len(left_out) == MAX_FILES:
                raise FormatError(
                    _("{folder} has more than {limit} files; name a smaller folder").format(
                        folder=path, limit=MAX_FILES
                    )
                )
            if _is_wanted(name):
                files[relative] = file
                _check_size(relative, file.stat().st_size, 0)
            else:
                left_out.append(relative)
    return Incoming(path.resolve().name, files, tuple(left_out))


def _with_companions(path: Path) -> Incoming:
    """A single file, and the texts beside it."""
    files = {path.name: path}
    for name in TEXTS:
        beside = path.with_name(name)
        if beside.is_file() and not beside.is_symlink():
            files[name] = beside
    if path.name.endswith((".index", ".data-00000-of-00001")):
        stem = path.name.removesuffix(".index").removesuffix(".data-00000-of-00001")
        for ending in (".index", ".data-00000-of-00001"):
            if (part := path.with_name(stem + ending)).is_file() and not part.is_symlink():
                files[part.name] = part
    return Incoming(path.name, files)


def _link(title: str, name: str) -> FormatError:
    return FormatError(
        _("{file}: {member} is a link or a device; only plain files are taken").format(
            file=title, member=name[:120]
        )
    )


def _check_size(name: str, size: int, total: int) -> None:
    text = PurePosixPath(name).name in TEXTS
    if total + size > MAX_BYTES or (text and size > MAX_TEXT):
        raise FormatError(
            _("{file} has {size} MB, which is more than any model needs").format(
                file=name[:120], size=(total + size) >> 20
            )
        )


def check_path(title: str, name: str) -> str:
    """A path within a folder or archive, as it may be followed.

    Args:
        title: of the folder or archive, for the sentence.
        name: the path.

    Raises:
        FormatError: it leads out of it.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\0" in name
        or (path.parts and path.parts[0].endswith(":"))
    ):
        raise FormatError(
            _("{file} wants to write to {member}, outside its own folder; it is refused").format(
                file=title, member=name[:120]
            )
        )
    if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in path.parts):
        raise FormatError(
            _("{file} holds a file whose name is too long: {member}…").format(file=title, member=name[:60])
        )
    return path.as_posix()


def _unpacked(path: Path, folder: Path) -> Incoming:
    files: dict[str, Path] = {}
    left_out: list[str] = []
    total = 0
    members = _tar_members(path) if tarfile.is_tarfile(path) else _zip_members(path)
    try:
        for count, (raw_name, size, stream) in enumerate(members):
            name = check_path(path.name, raw_name)
            _check_size(name, size, total)
            total += size
            if count >= MAX_FILES:
                raise FormatError(
                    _("{file} holds more than {count} files").format(file=path.name, count=MAX_FILES)
                )
            if not _is_wanted(name):
                left_out.append(name)
                continue
            if name in files:
                raise FormatError(_("{file} holds {member} twice").format(file=path.name, member=name[:120]))
            # The last part of the name stays, for sentences; the folder's name is ours.
            target = folder / str(count) / PurePosixPath(name).name
            target.parent.mkdir()
            _copy(stream, target, size)
            files[name] = target
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        EOFError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise _damaged(path, error) from None
    return Incoming(path.name, files, tuple(left_out))


def _tar_members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            archive.members = []  # type: ignore[attr-defined]  # the list would only grow
            if member.isdir():
                check_path(path.name, member.name)
                continue
            if not member.isreg() or member.issparse():
                check_path(path.name, member.name)
                raise _link(path.name, member.name)
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, member.size, stream


def _zip_members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                check_path(path.name, member.filename)
                continue
            if member.external_attr >> 28 not in (0, 8):  # kind of file of Unix; 8 is a plain one
                raise _link(path.name, member.filename)
            with archive.open(member) as stream:
                yield member.filename, member.file_size, stream


def _copy(stream: IO[bytes], target: Path, size: int) -> None:
    with target.open("wb") as file:
        left = size
        while left > 0 and (part := stream.read(min(left, 1 << 20))):
            file.write(part)
            left -= len(part)
    if left:
        raise EOFError("unexpected end of data")
