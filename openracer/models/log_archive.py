"""The logs of a model as a ZIP archive, made while it is sent: a long training's traces need no room on the disk."""

import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from openracer.models.evaluations import Evaluation
from openracer.models.folder import ModelFolder

_CHUNK = 1 << 18
_COMPRESSION = 4


def training_files(folder: ModelFolder) -> list[Path]:
    """The files that tell of a training: description, traces, metrics, events, the learner's CSV and the output."""
    single = (
        folder.reward_file, folder.path / "training_params.yaml", folder.path / "ip" / "hyperparameters.json",
        folder.checkpoints_folder / "model_metadata.json", folder.coach_file, folder.metrics_file,
        folder.description_file, folder.events_file, folder.own_folder / "output.log",
    )  # fmt: skip
    return [*(file for file in single if file.is_file()), *sorted(folder.traces_folder.glob("*.csv"))]


def evaluation_files(folder: ModelFolder, evaluation: Evaluation) -> list[Path]:
    """The files that tell of an evaluation: its traces, settings and metrics."""
    metrics = folder.path / "metrics" / "evaluation" / f"{evaluation.path.name}.json"
    traces = (file for file in evaluation.path.rglob("*") if file.suffix in (".csv", ".json"))
    return [*sorted(traces), metrics]


def zip_chunks(folder: ModelFolder, files: Iterable[Path]) -> Iterator[bytes]:
    """The bytes of an archive of some files of a model, by their paths in its folder; one that is gone is left out."""
    buffer = _Buffer()
    with zipfile.ZipFile(
        cast(IO[bytes], buffer), "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION
    ) as archive:
        for path in files:
            name = f"{folder.name}/{path.relative_to(folder.path).as_posix()}"
            try:
                source = path.open("rb")
            except FileNotFoundError:  # the training, or its owner, has deleted it meanwhile
                continue
            entry = zipfile.ZipInfo(name, time.localtime(path.stat().st_mtime)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with source, archive.open(entry, "w") as target:
                while content := source.read(_CHUNK):
                    target.write(content)
                    yield buffer.take()
    yield buffer.take()


class _Buffer:
    """A file that cannot be wound back: what is written is taken away at once."""

    def __init__(self) -> None:
        self._content = bytearray()

    def write(self, content: bytes) -> int:
        """Keep some bytes."""
        self._content += content
        return len(content)

    def flush(self) -> None:
        """Nothing to do."""

    def take(self) -> bytes:
        """What was written since the last time."""
        content = bytes(self._content)
        self._content.clear()
        return content
