"""What lies beside the traces of a training: the learner's losses, its CSV, and the metrics of episodes and trials.

The learner prints ``Policy training> Surrogate loss=…, KL divergence=…, Entropy=…, training epoch=…, learning_rate=…``
once an epoch (aws-deepracer-community/deepracer-simapp, ``rl_coach`` agents); metrics are JSON files whose key
``metrics`` holds a list.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from openracer.formats.coach_csv import EPISODE_COLUMNS
from openracer.formats.log_members import Member, members

_WANTED = (".log", ".txt", ".csv", ".json")
_PIECE = 8 << 20
_MARK = b"Policy training>"
_TRACE = b"SIM_TRACE_LOG:"
_LONGEST_LINE = 4096
_NUMBER = rb"([-+.\deEnaif]+)"
_LINE = re.compile(
    rb"Policy training> Surrogate loss=" + _NUMBER + rb", KL divergence=" + _NUMBER + rb", Entropy=" + _NUMBER
    + rb", training epoch=(\d+)(?:, learning_rate=" + _NUMBER + rb")?"
)  # fmt: skip

Row = dict[str, Any]


@dataclass(slots=True)
class LearningRecords:
    """What was found; every list is empty where there is nothing.

    Attributes:
        epochs: ``iteration`` and ``epoch`` from 0, ``surrogate_loss``, ``kl_divergence``, ``entropy`` and
            ``learning_rate`` of every epoch that the learner's log tells of, in its order.
        learner: rows of the learner's CSV by its column names; an empty field is NaN.
        training: rows of training metrics, evaluations after iterations included.
        trials: rows of evaluation metrics, with ``file``, the name of the file they are from.
    """

    epochs: list[Row] = field(default_factory=list)
    learner: list[Row] = field(default_factory=list)
    training: list[Row] = field(default_factory=list)
    trials: list[Row] = field(default_factory=list)


def read_learning_records(path: Path) -> LearningRecords:
    """Everything that a path tells beside traces; files of other kinds are passed over.

    Args:
        path: a file, folder or archive.

    Raises:
        OSError: there is no such file or folder, or it cannot be opened.
        FormatError: an archive cannot be read.
    """
    found = LearningRecords()
    for _source, files in members(path, _WANTED):
        for member in files:
            name = member.name.lower()
            if name.endswith(".json"):
                _read_metrics(member, found)
            elif name.endswith(".csv"):
                _read_learner_csv(member, found)
            else:
                _read_epochs(member.stream, found)
    return found


def _read_epochs(stream: BinaryIO, found: LearningRecords) -> None:
    iteration = -1
    for loss, divergence, entropy, epoch, rate in _matches(stream):
        iteration += epoch == 0 or iteration < 0
        found.epochs.append(
            {
                "iteration": iteration,
                "epoch": epoch,
                "surrogate_loss": loss,
                "kl_divergence": divergence,
                "entropy": entropy,
                "learning_rate": rate,
            }
        )


def _matches(stream: BinaryIO) -> Iterator[tuple[float, float, float, int, float]]:
    rest, is_first = b"", True
    while piece := stream.read(_PIECE):
        end = piece.rfind(b"\n") + 1
        text, rest = rest + piece[:end], piece[end:][-_LONGEST_LINE:]
        if is_first and _TRACE in text and _MARK not in text:
            return  # a simulator's log, which may be long; the learner writes into its own
        is_first = False
        if _MARK in text:
            yield from map(_values, _LINE.finditer(text))
    yield from map(_values, _LINE.finditer(rest))


def _values(match: re.Match[bytes]) -> tuple[float, float, float, int, float]:
    loss, divergence, entropy, epoch, rate = match.groups()
    return _number(loss), _number(divergence), _number(entropy), int(epoch[:9]), _number(rate)


def _number(text: bytes | str | None) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        return math.nan


def _read_learner_csv(member: Member, found: LearningRecords) -> None:
    start = member.stream.read(64)
    if not start.startswith(",".join(EPISODE_COLUMNS[:2]).encode()):
        return
    text = (start + member.read()).decode("utf-8", "replace")
    rows = csv.reader(io.StringIO(text))
    names = next(rows)
    found.learner += [
        dict(zip(names, map(_number, row), strict=True)) for row in rows if len(row) == len(names)
    ]


def _read_metrics(member: Member, found: LearningRecords) -> None:
    start = member.stream.read(4096)
    if b'"metrics"' not in start:
        return
    try:
        rows = json.loads(start + member.read())["metrics"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or "completion_percentage" not in row:
            continue
        if "reward_score" in row:
            found.training.append(row)
        else:
            found.trials.append({"file": member.name, **row})
