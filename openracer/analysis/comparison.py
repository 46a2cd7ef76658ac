"""Models side by side: their learning curves, results and settings, and where these differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openracer.analysis.learning_curve import CurvePoint, curve_of
from openracer.models.description import TrainingDescription
from openracer.models.evaluations import read_evaluations
from openracer.models.events import read_events
from openracer.models.folder import ModelFolder
from openracer.models.settings import ContinuousActions
from openracer.models.summary import ModelSummary, lap_of, summarise

_OMITTED = frozenset({"name", "description", "reward_source", "action_space"})


@dataclass(frozen=True)
class ComparedModel:
    """A model of a comparison.

    Attributes:
        summary: of it.
        description: its settings.
        curve: of its training.
        evaluated_lap_s: the shortest lap of its evaluations, s, penalties included; None without one.
    """

    summary: ModelSummary
    description: TrainingDescription
    curve: list[CurvePoint]
    evaluated_lap_s: float | None


@dataclass(frozen=True, slots=True)
class ComparedSetting:
    """One setting of all models.

    Attributes:
        key: its name as in the description, groups before a dot, for example ``hyperparameters.lr``.
        values: of each model, as text; empty where a model has none.
        differs: whether they are not all the same.
    """

    key: str
    values: tuple[str, ...]
    differs: bool


_kept: dict[Path, tuple[int, ComparedModel]] = {}
"""What was read last of a model, and how long its events were then."""


def compared_model(folder: ModelFolder) -> ComparedModel:
    """Read what a comparison shows of a model.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: the model is damaged; one sentence.
    """
    summary = summarise(folder)
    if summary.description is None:
        raise ValueError(f"{summary.name}: {summary.problem}")
    events = folder.events_file.stat().st_size if folder.events_file.is_file() else 0
    kept = _kept.get(folder.path)
    # A summary is made anew whenever something else than the events changes.
    if kept is not None and kept[0] == events and kept[1].summary is summary:
        return kept[1]
    laps = [lap_of(trial) for evaluation in read_evaluations(folder) for trial in evaluation.trials]
    model = ComparedModel(
        summary=summary,
        description=summary.description,
        curve=curve_of(read_events(folder.events_file)[0]),
        evaluated_lap_s=min((lap for lap in laps if lap is not None), default=None),
    )
    _kept[folder.path] = (events, model)
    return model


def compared_settings(descriptions: Sequence[TrainingDescription]) -> list[ComparedSetting]:
    """All settings of some trainings, in the order of the description."""
    columns = [_flat(description) for description in descriptions]
    keys = dict.fromkeys(key for column in columns for key in column)
    rows = []
    for key in keys:
        values = tuple(column.get(key, "") for column in columns)
        rows.append(ComparedSetting(key, values, len(set(values)) > 1))
    sources = {description.reward_source for description in descriptions}
    if len(sources) > 1:
        # Two reward functions of one name may be different code.
        rows = [ComparedSetting(row.key, row.values, True) if row.key == "reward" else row for row in rows]
    return rows


def _flat(description: TrainingDescription) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in description.model_dump(mode="json", exclude=set(_OMITTED)).items():
        if isinstance(value, dict):
            values |= {f"{key}.{inner}": _text(entry) for inner, entry in value.items()}
        else:
            values[key] = _text(value)
    values["action_space"] = _actions(description)
    return values


def _actions(description: TrainingDescription) -> str:
    space = description.action_space
    if isinstance(space, ContinuousActions):
        steering, speed = space.steering_angle, space.speed
        return f"{steering.low:g}° … {steering.high:g}°, {speed.low:g} … {speed.high:g} m/s"
    angles = sorted({action.steering_angle for action in space})
    speeds = sorted({action.speed for action in space})
    return (
        f"{len(space)}: {', '.join(f'{angle:g}°' for angle in angles)} × "
        f"{', '.join(f'{speed:g}' for speed in speeds)} m/s"
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
