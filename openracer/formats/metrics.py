"""Metrics JSON: an object for each finished episode of a training, or trial of an evaluation, as on AWS.

Times are simulated milliseconds. Format: aws-deepracer-community/deepracer-simapp,
``markov/metrics/s3_metrics.py``.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from openracer.atomic import WriteError, write_json, write_text
from openracer.formats.documents import number, read_json_object, read_text, whole_number
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

VERSION = 2.0


@dataclass(frozen=True, slots=True)
class TrainingEpisode:
    """One finished episode during a training.

    Attributes:
        reward_score: rounded sum of rewards.
        metric_time: clock at the end, ms.
        start_time: clock at the start, ms.
        elapsed_time_in_milliseconds: their difference.
        episode: number from 1; only training episodes count, an evaluation shows the last one's.
        trial: number from 1 within the iteration, with the same rule.
        phase: ``training`` or ``evaluation``.
        completion_percentage: progress, cut to whole percent.
        episode_status: label of the last status, for example ``Off track``.
        track: of a training on several tracks, which one; None, and not in the file, of others.
    """

    reward_score: int
    metric_time: int
    start_time: int
    elapsed_time_in_milliseconds: int
    episode: int
    trial: int
    phase: str
    completion_percentage: int
    episode_status: str
    track: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationTrial:
    """One finished trial of an evaluation.

    Attributes:
        completion_percentage: progress, cut to whole percent.
        metric_time: clock at the end, ms.
        start_time: clock at the start, ms.
        elapsed_time_in_milliseconds: their difference, penalties included.
        episode_status: label of the last status, for example ``Lap complete``.
        crash_count: incidents of this kind.
        immobilized_count: incidents of this kind.
        off_track_count: incidents of this kind.
        reversed_count: incidents of this kind.
        reset_count: all incidents.
        trial: number from 1.
    """

    completion_percentage: int
    metric_time: int
    start_time: int
    elapsed_time_in_milliseconds: int
    episode_status: str
    crash_count: int
    immobilized_count: int
    off_track_count: int
    reversed_count: int
    reset_count: int
    trial: int


@dataclass(frozen=True, slots=True)
class TrainingMetrics:
    """The content of a ``TrainingMetrics.json``.

    Attributes:
        episodes: in the order they ended.
        best_model_metric: by what the best checkpoint is chosen: ``progress``, ``reward`` or ``laptime``.
        version: of the format.
    """

    episodes: tuple[TrainingEpisode, ...]
    best_model_metric: str = "progress"
    version: float = VERSION


_HEAD = '{"metrics": ['


def _tail(best_model_metric: str) -> str:
    return f'], "version": {VERSION}, "best_model_metric": {json.dumps(best_model_metric)}}}'


def _text(episode: TrainingEpisode) -> str:
    return json.dumps({name: value for name, value in asdict(episode).items() if value is not None})


def write_training_metrics(path: Path, metrics: TrainingMetrics) -> None:
    """Write a ``TrainingMetrics.json`` atomically.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_text(path, _HEAD + ", ".join(map(_text, metrics.episodes)) + _tail(metrics.best_model_metric))


def append_training_episodes(
    path: Path, episodes: Sequence[TrainingEpisode], best_model_metric: str = "progress"
) -> None:
    """Add episodes to a file of :func:`write_training_metrics`, which may be long, and flush it to the disk.

    Only the few bytes after the last episode are written anew. Should the machine stop within that, the episodes that
    were there before are still whole, and :func:`read_training_metrics` finds them.

    Args:
        path: of the file, which has the same ``best_model_metric``.
        episodes: to add.
        best_model_metric: as in the file.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    tail = _tail(best_model_metric).encode()
    try:
        with path.open("rb+", buffering=0) as file:
            end = file.seek(-len(tail), os.SEEK_END)
            separator = ", " if end > len(_HEAD) else ""
            rest = memoryview((separator + ", ".join(map(_text, episodes))).encode() + tail)
            while episodes and rest:  # on a disk that is nearly full, the first bytes still find room
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteError(path, error) from error


def read_training_metrics(path: Path) -> TrainingMetrics:
    """Read the metrics of a training; of one that was killed while it added episodes, those that are whole.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    try:
        content = read_json_object(path)
    except FormatError:
        text = read_text(path)
        if not text.startswith(_HEAD):
            raise
        content = {"metrics": _whole_rows(text)}
    episodes = tuple(
        _record(TrainingEpisode, row, path.name, index) for index, row in enumerate(_rows(content, path.name))
    )
    version = number(content.get("version", 1.0), f"{path.name}: version")
    return TrainingMetrics(episodes, str(content.get("best_model_metric", "progress")), version)


def _whole_rows(text: str) -> list[Any]:
    """The rows that can be read at the beginning of a file of :func:`append_training_episodes`."""
    rows: list[Any] = []
    decoder, at = json.JSONDecoder(), len(_HEAD)
    names = {field.name for field in fields(TrainingEpisode)} - {"track"}
    while True:
        try:
            row, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            return rows
        # The beginning of a new row and the old file's end behind it may together look like a row.
        if not isinstance(row, dict) or row.keys() - {"track"} != names:
            return rows
        rows.append(row)
        at = end + len(", ")


def write_evaluation_metrics(path: Path, trials: Sequence[EvaluationTrial]) -> None:
    """Write the metrics of an evaluation atomically.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    write_json(path, {"metrics": [asdict(trial) for trial in trials]})


def read_evaluation_metrics(path: Path) -> tuple[EvaluationTrial, ...]:
    """Read the metrics of an evaluation.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it does not follow the format.
    """
    rows = _rows(read_json_object(path), path.name)
    return tuple(_record(EvaluationTrial, row, path.name, index) for index, row in enumerate(rows))


def _rows(content: dict[str, Any], name: str) -> list[Any]:
    rows = content.get("metrics")
    if not isinstance(rows, list):
        raise FormatError(_("{name} has no list of metrics").format(name=name))
    return rows


_Row = TypeVar("_Row", TrainingEpisode, EvaluationTrial)


def _record(kind: type[_Row], row: object, name: str, index: int) -> _Row:
    if not isinstance(row, dict):
        raise FormatError(
            _("{name}: entry {index} of metrics must be an object").format(name=name, index=index)
        )
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.name not in row and field.default is None:
            continue
        if field.name not in row:
            raise FormatError(
                _("{name}: entry {index} of metrics has no {key}").format(
                    name=name, index=index, key=field.name
                )
            )
        value = row[field.name]
        values[field.name] = (
            whole_number(value, f"{name}: {field.name} of entry {index}") if field.type is int else str(value)
        )
    return kind(**values)
