"""What lists say of a model, read from its folder and kept until a file changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openracer import locations
from openracer.formats.documents import read_json_object
from openracer.formats.metrics import EvaluationTrial
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import read_evaluations
from openracer.models.folder import ModelFolder
from openracer.models.library import list_models
from openracer.models.run_state import FILE_NAME, read_progress
from openracer.simulation.status import Status
from openracer.tracks.track import REVERSE

_Stamp = tuple[int, ...]
_descriptions: dict[Path, tuple[_Stamp, TrainingDescription]] = {}
_summaries: dict[Path, tuple[_Stamp, "ModelSummary"]] = {}


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model in one line.

    Attributes:
        name: of the model.
        description: its settings; None where they cannot be read.
        problem: why not, in one sentence; else empty.
        created: when it was made, UTC.
        has_weights: whether there is a checkpoint to evaluate or to clone, of a training or from elsewhere.
        iterations: updates so far.
        episodes: training episodes so far.
        steps: environment steps so far.
        completion: mean progress of the best checkpoint's trials during the training, percent.
        best_lap_s: the shortest complete lap of training and evaluations, s.
    """

    name: str
    description: TrainingDescription | None
    problem: str
    created: datetime
    has_weights: bool
    iterations: int
    episodes: int
    steps: int
    completion: float | None
    best_lap_s: float | None


def summarise_models() -> list[ModelSummary]:
    """All the user's models, by name."""
    folders = list_models()
    own = {path for path in _summaries if path.parent == locations.models_folder()}
    for path in own - {folder.path for folder in folders}:
        _summaries.pop(path, None)  # perhaps another page has done so just now
        _descriptions.pop(path, None)
    return [summarise(folder) for folder in folders]


def models_on(track: str) -> list[str]:
    """Names of the models that are trained on a track, by its world name."""
    return [
        summary.name
        for summary in summarise_models()
        if summary.description is not None
        and track
        in [
            name.removesuffix(REVERSE)
            for name in (summary.description.track, *summary.description.other_tracks)
        ]
    ]


def summarise(folder: ModelFolder) -> ModelSummary:
    """One model; a broken one is told with its problem."""
    files = (folder.description_file, folder.reward_file, folder.own_folder / FILE_NAME, folder.path)
    stamp = _stamp(*files)
    kept = _summaries.get(folder.path)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    created = datetime.fromtimestamp(_created(folder), UTC)
    try:
        description = kept_description(folder)
        progress = read_progress(folder)
        best_lap = _best_lap(folder)
    except (ValueError, OSError) as error:
        # Not kept: the sentence is in one reader's language.
        return ModelSummary(folder.name, None, str(error), created, False, 0, 0, 0, None, None)
    summary = ModelSummary(
        name=folder.name,
        description=description,
        problem="",
        created=created,
        has_weights=bool(folder.checkpoints.names()),
        iterations=progress.iteration,
        episodes=progress.episodes,
        steps=progress.steps,
        completion=progress.best_metric,
        best_lap_s=best_lap,
    )
    _summaries[folder.path] = (stamp, summary)
    return summary


def kept_description(folder: ModelFolder) -> TrainingDescription:
    """The description of a model, read anew only where its files have changed.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is broken, or a value is wrong; one sentence.
    """
    stamp = _stamp(folder.description_file, folder.reward_file)
    kept = _descriptions.get(folder.path)
    if kept is None or kept[0] != stamp:
        kept = (stamp, folder.description())
        _descriptions[folder.path] = kept
    return kept[1]


def _best_lap(folder: ModelFolder) -> float | None:
    laps = [lap_of(trial) for evaluation in read_evaluations(folder) for trial in evaluation.trials]
    if (folder.own_folder / FILE_NAME).is_file():
        values = read_json_object(folder.own_folder / FILE_NAME).get("values")
        trained = values.get("best_lap") if isinstance(values, Mapping) else None
        laps.append(float(trained) if isinstance(trained, int | float) else None)
    return min((lap for lap in laps if lap is not None), default=None)


def lap_of(trial: EvaluationTrial) -> float | None:
    """The time of a trial that completed its lap, s, penalties included; None for another."""
    if trial.episode_status != Status.LAP_COMPLETE.title:
        return None
    return trial.elapsed_time_in_milliseconds / 1000.0


def _created(folder: ModelFolder) -> float:
    """When a model was made: the age of its oldest file of settings, which a training does not rewrite."""
    files = [folder.description_file, folder.reward_file, folder.path / "training_params.yaml"]
    return min((file.stat().st_mtime for file in files if file.is_file()), default=0.0)


def _stamp(*files: Path) -> _Stamp:
    stamp: list[int] = []
    for file in files:
        try:
            found = file.stat()
        except OSError:
            stamp += (0, 0)
        else:
            stamp += (found.st_mtime_ns, found.st_size)
    return tuple(stamp)
