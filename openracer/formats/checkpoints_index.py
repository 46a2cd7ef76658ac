"""The small files that say which checkpoint of a DeepRacer model is the best and which the last.

``deepracer_checkpoints.json`` and ``.coach_checkpoint`` as in aws-deepracer-community/deepracer-simapp
(``markov/boto/s3/files``). A checkpoint is named ``{iteration}_Step-{steps}``, on AWS with ``.ckpt``.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openracer.atomic import write_json, write_text
from openracer.formats.documents import number, read_json_object, read_text
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

_NAME = re.compile(r"(\d+)_Step-(\d+)(?:\.[A-Za-z]+)?")


@dataclass(frozen=True, slots=True, order=True)
class CheckpointName:
    """Which checkpoint.

    Attributes:
        iteration: updates before it.
        steps: environment steps before it.
    """

    iteration: int
    steps: int

    def __str__(self) -> str:
        return f"{self.iteration}_Step-{self.steps}"


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A checkpoint and how well it drove.

    Attributes:
        checkpoint: which.
        metric: mean of the metric over its evaluation, None where there was none.
        time_stamp: Unix time of writing, s.
    """

    checkpoint: CheckpointName
    metric: float | None
    time_stamp: float


@dataclass(frozen=True, slots=True)
class CheckpointsIndex:
    """The content of a ``deepracer_checkpoints.json``."""

    best: IndexEntry
    last: IndexEntry


def parse_checkpoint_name(text: str, where: str = "checkpoint") -> CheckpointName:
    """Understand a checkpoint's name, with or without its file ending.

    Raises:
        FormatError: it is none.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise FormatError(
            _("{where}: {text!r} is no checkpoint; it must look like 12_Step-34567").format(
                where=where, text=text
            )
        )
    return CheckpointName(int(match[1]), int(match[2]))


def write_index(path: Path, index: CheckpointsIndex) -> None:
    """Write a ``deepracer_checkpoints.json`` atomically.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_json(path, {"best_checkpoint": _format(index.best), "last_checkpoint": _format(index.last)})


def read_index(path: Path) -> CheckpointsIndex:
    """Read a ``deepracer_checkpoints.json``.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    content = read_json_object(path)
    return CheckpointsIndex(
        _entry(content, "best_checkpoint", path.name), _entry(content, "last_checkpoint", path.name)
    )


def write_coach_checkpoint(path: Path, checkpoint: CheckpointName, suffix: str) -> None:
    """Write a ``.coach_checkpoint``: one line that names the last checkpoint's file.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_text(path, f"{checkpoint}{suffix}")


def read_coach_checkpoint(path: Path) -> CheckpointName:
    """Read a ``.coach_checkpoint``.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it names no checkpoint.
    """
    return parse_checkpoint_name(read_text(path), path.name)


def _format(entry: IndexEntry) -> dict[str, Any]:
    return {
        "name": f"{entry.checkpoint}.ckpt",
        "avg_eval_metric": entry.metric,
        "time_stamp": entry.time_stamp,
    }


def _entry(content: dict[str, Any], key: str, name: str) -> IndexEntry:
    entry = content.get(key)
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise FormatError(_("{name}: {key} must be an object with a name").format(name=name, key=key))
    metric = entry.get("avg_eval_metric")
    return IndexEntry(
        parse_checkpoint_name(entry["name"], f"{name}: {key}"),
        None if metric is None else number(metric, f"{name}: avg_eval_metric of {key}"),
        number(entry.get("time_stamp", 0.0), f"{name}: time_stamp of {key}"),
    )
