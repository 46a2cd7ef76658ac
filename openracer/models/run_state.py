"""The run state of a training: the commit point from which it resumes, and undoing what was written after it.

``run_state.json`` names the tensors' file and says how much of every other file counts. It is written last
and replaced atomically: a process killed at any moment leaves the state before or the state after.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openracer.atomic import remove_leftovers, write_json
from openracer.formats.checkpoints_index import CheckpointsIndex, IndexEntry, parse_checkpoint_name
from openracer.formats.documents import number, read_json_object
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.models.checkpoints import load_tensors, save_tensors
from openracer.models.folder import ModelFolder

if TYPE_CHECKING:
    import torch

FILE_NAME = "run_state.json"


@dataclass(frozen=True)
class RunState:
    """What is committed.

    Attributes:
        iteration: updates so far.
        steps: environment steps so far.
        episodes: training episodes so far.
        trace_files: full files in ``training-simtrace``.
        metrics_rows: rows of ``TrainingMetrics.json``.
        coach_size: bytes of the learner's CSV.
        index: the best and the last checkpoint.
        best_progress: mean progress of the best checkpoint, percent, None where it was not evaluated.
        best_by: what the best is chosen by, ``progress`` or ``lap_time``.
        values: what else the run wants back, numbers or None.
        tensors: the same, as tensors: optimiser, random generators, episodes of the last trace file, which is not full.
    """

    iteration: int
    steps: int
    episodes: int
    trace_files: int
    metrics_rows: int
    coach_size: int
    index: CheckpointsIndex
    best_progress: float | None
    best_by: str
    values: Mapping[str, float | None] = field(default_factory=dict)
    tensors: "Mapping[str, torch.Tensor]" = field(default_factory=dict)


def save_state(folder: ModelFolder, state: RunState) -> None:
    """Commit a state. The checkpoint, traces and metrics it counts must be written already.

    Raises:
        openracer.atomic.WriteError: a file cannot be written; the state before still stands.
    """
    own = folder.own_folder
    sequence = max((_sequence(path) for path in own.glob("state-*.safetensors")), default=0) + 1
    tensors_file = own / f"state-{sequence}.safetensors"
    save_tensors(tensors_file, state.tensors)
    content = {
        "iteration": state.iteration,
        "steps": state.steps,
        "episodes": state.episodes,
        "trace_files": state.trace_files,
        "metrics_rows": state.metrics_rows,
        "coach_size": state.coach_size,
        "best": _format(state.index.best),
        "last": _format(state.index.last),
        "best_progress": state.best_progress,
        "best_by": state.best_by,
        "values": dict(state.values),
        "tensors": tensors_file.name,
    }
    write_json(own / FILE_NAME, content, indent=1)
    _drop_other_tensors(own, tensors_file.name)


def load_state(folder: ModelFolder) -> RunState | None:
    """The committed state; None where there is none yet.

    Raises:
        FormatError: it is damaged.
        FileNotFoundError: its tensors are missing.
    """
    path = folder.own_folder / FILE_NAME
    if not path.is_file():
        return None
    content = read_json_object(path)
    try:
        tensors_file = folder.own_folder / Path(content["tensors"]).name
        return RunState(
            iteration=int(content["iteration"]),
            steps=int(content["steps"]),
            episodes=int(content["episodes"]),
            trace_files=int(content["trace_files"]),
            metrics_rows=int(content["metrics_rows"]),
            coach_size=int(content["coach_size"]),
            index=CheckpointsIndex(_entry(content["best"]), _entry(content["last"])),
            best_progress=_best_progress(content),
            best_by=str(content.get("best_by", "progress")),
            values={
                name: None if value is None else number(value, name)
                for name, value in content["values"].items()
            },
            tensors=load_tensors(tensors_file),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(_("{file} is damaged: {error}").format(file=path, error=error)) from None


def unusable_state(folder: ModelFolder, reason: object) -> FormatError:
    """What to raise when a committed state can be read, but is of no training like the model's."""
    return FormatError(
        _(
            "the saved state of {model} cannot be used: {reason}; openracer model clone {model} starts a new training "
            "from a checkpoint"
        ).format(model=folder.name, reason=reason)
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is, without its tensors.

    Attributes:
        iteration: updates so far.
        steps: environment steps so far.
        episodes: training episodes so far.
        best: the best checkpoint, None before the first.
        best_metric: its mean progress, percent, None where it was not evaluated.
        trace_files: full files of traces so far.
        seconds: trained so far, waiting excluded.
        best_lap: the shortest lap so far, s; None before the first.
        best_mean_lap_s: of the best checkpoint, s; None where it was not evaluated, or is chosen by its progress.
    """

    iteration: int
    steps: int
    episodes: int
    best: str | None
    best_metric: float | None
    trace_files: int
    seconds: float
    best_lap: float | None
    best_mean_lap_s: float | None


def read_progress(folder: ModelFolder) -> Progress:
    """How far the training of a model is; while it runs, at its last commit.

    Raises:
        FormatError: the run state is damaged.
    """
    path = folder.own_folder / FILE_NAME
    if not path.is_file():
        return Progress(0, 0, 0, None, None, 0, 0.0, None, None)
    content = read_json_object(path)
    try:
        best = _entry(content["best"])
        by_lap = content.get("best_by") == "lap_time"
        return Progress(
            iteration=int(content["iteration"]),
            steps=int(content["steps"]),
            episodes=int(content["episodes"]),
            best=str(best.checkpoint),
            best_metric=_best_progress(content),
            best_mean_lap_s=best.metric / 1000.0 if by_lap and best.metric is not None else None,
            trace_files=int(content["trace_files"]),
            seconds=float(content["values"].get("seconds") or 0.0),
            best_lap=None if (lap := content["values"].get("best_lap")) is None else float(lap),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(_("{file} is damaged: {error}").format(file=path, error=error)) from None


def rewind(folder: ModelFolder, state: RunState | None) -> None:
    """Undo what was written after the state, so that the folder is what the state says, except for the metrics.

    Only for the one process that trains the model.

    Args:
        folder: of the model.
        state: the committed state; None means that nothing of the training counts.

    Raises:
        openracer.atomic.WriteError: a file cannot be written.
    """
    remove_leftovers(folder.path)
    files = 0 if state is None else state.trace_files
    for path in folder.traces_folder.glob("*-iteration.csv"):
        number = path.name.removesuffix("-iteration.csv")
        if not number.isdecimal() or int(number) >= files:
            path.unlink()
    if folder.coach_file.is_file():
        size = 0 if state is None else state.coach_size
        with folder.coach_file.open("rb+") as file:
            file.truncate(min(size, file.seek(0, os.SEEK_END)))
    # The checkpoint of iteration 0 may be a clone's origin, which is there before the first commit.
    folder.checkpoints.drop_after(0 if state is None else state.iteration)
    if state is not None:
        folder.checkpoints.publish(state.index)
        current = json.loads((folder.own_folder / FILE_NAME).read_text())["tensors"]
        _drop_other_tensors(folder.own_folder, current)


def _drop_other_tensors(own: Path, current: str) -> None:
    for path in own.glob("state-*.safetensors"):
        if path.name != current:
            path.unlink(missing_ok=True)


def _sequence(path: Path) -> int:
    number = path.stem.removeprefix("state-")
    return int(number) if number.isdecimal() else 0


def _format(entry: IndexEntry) -> dict[str, Any]:
    return {"name": str(entry.checkpoint), "metric": entry.metric, "time_stamp": entry.time_stamp}


def _entry(content: dict[str, Any]) -> IndexEntry:
    metric = content["metric"]
    return IndexEntry(
        parse_checkpoint_name(content["name"]),
        None if metric is None else number(metric, "metric"),
        number(content["time_stamp"], "time_stamp"),
    )


def _best_progress(content: Mapping[str, Any]) -> float | None:
    """Of the best checkpoint; states of earlier versions have it as the metric."""
    progress = content.get("best_progress", content["best"]["metric"])
    return None if progress is None else float(progress)
