"""The gallery: every figure of a recording by name, in the order of a report; each is drawn when it is asked for."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from openracer.analysis.episodes import episode_table
from openracer.analysis.figures import along_track, drives, training
from openracer.analysis.figures.heat_map import heat_map
from openracer.analysis.figures.track_map import track_figure
from openracer.analysis.loading import Recording
from openracer.analysis.sectors import line_along
from openracer.analysis.study import Study, checkpoints_of
from openracer.analysis.timing import step_times, timing_table
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.simulation.raceline.line import RaceLine

BEST_PATHS = 5
OF_EPISODES = ("paths", "animation")
"""Figures that show some episodes."""

Figures = dict[str, Callable[[], go.Figure]]
"""What draws each figure, by its name."""


class Group(StrEnum):
    """What figures are about."""

    MAP = "map"
    SECTIONS = "sections"
    TRAINING = "training"
    EVALUATIONS = "evaluations"

    @property
    def words(self) -> str:
        """In the reader's language."""
        return {
            Group.MAP: _("Where it drove"),
            Group.SECTIONS: _("Section by section"),
            Group.TRAINING: _("The training"),
            Group.EVALUATIONS: _("The evaluations"),
        }[self]


def figure_words() -> dict[str, str]:
    """What each figure is called in a list, in the reader's language."""
    return {
        "reward-map": _("Reward over the track"),
        "speed-map": _("Speed over the track"),
        "command-map": _("Speed command over the track"),
        "steering-map": _("Steering over the track"),
        "paths": _("Paths, coloured by the speed driven"),
        "animation": _("Drives side by side"),
        "exits": _("Where episodes ended"),
        "track": _("Waypoints and sections"),
        "actions": _("Action breakdown by section"),
        "profiles": _("Speed and steering along the lap"),
        "time-lost": _("Time in each section"),
        "progress": _("Training progress"),
        "quintiles": _("Fifths of the training"),
        "checkpoints": _("Checkpoints to race"),
        "learner": _("Entropy, KL divergence and losses"),
        "distributions": _("Distribution of the episodes"),
        "scatter": _("Episodes compared"),
        "step-times": _("Length of the control steps"),
        "evaluation-laps": _("Evaluation laps"),
    }


def gallery(
    recording: Recording,
    study: Study | None,
    line: "RaceLine | None" = None,
    episodes: Sequence[int] | None = None,
) -> dict[Group, Figures]:
    """The figures that can be drawn of a recording; a group without any is left out.

    Args:
        recording: see :func:`openracer.analysis.load`.
        study: of it on its track; None where the track is not known: then there is no map.
        line: the minimum-time line, to compare with.
        episodes: unique numbers of those that the figures :data:`OF_EPISODES` show; default: the best.
    """
    groups = {Group.TRAINING: _of_the_training(recording, study)}
    if study is not None and len(study.placed):
        groups = {Group.MAP: _on_the_map(study, episodes), Group.SECTIONS: _by_section(study, line)} | groups
        if len(recording.evaluation) and len(recording.training):
            groups[Group.EVALUATIONS] = {
                "evaluation-laps": lambda: drives.evaluation_laps(study.evaluated, study.trials, study.track)
            }
    return {group: figures for group, figures in groups.items() if figures}


def _on_the_map(study: Study, episodes: Sequence[int] | None) -> Figures:
    def painted(column: str, title: str, unit: str, scale: str) -> go.Figure:
        driving = study.placed[study.placed["episode_status"] != "prepare"]
        x, y, value = (driving[name].to_numpy(float) for name in ("x", "y", column))
        return heat_map(title, study.track, x, y, value, unit, scale)

    shown = study.best[:BEST_PATHS] if episodes is None else list(episodes)
    return {
        "reward-map": lambda: painted(
            "reward", _("Reward over the track"), _("mean reward of a step"), "Viridis"
        ),
        "speed-map": lambda: painted(
            "velocity", _("Speed over the track"), _("mean speed driven, m/s"), "Turbo"
        ),
        "command-map": lambda: painted(
            "speed", _("Speed command over the track"), _("mean command, m/s"), "Turbo"
        ),
        "steering-map": lambda: painted(
            "steering_angle", _("Steering over the track"), _("mean steering, ° (left is positive)"), "RdBu"
        ),
        "paths": lambda: drives.paths(study.placed, study.track, shown),
        "animation": lambda: drives.animation(study.placed, study.track, shown),
        "exits": lambda: drives.exits(study.placed, study.episodes, study.track),
    }


def _by_section(study: Study, line: "RaceLine | None") -> Figures:
    def profiles() -> go.Figure:
        along = None if line is None else line_along(line, study.track)
        return along_track.profiles(study.placed, study.track, study.sections, along)

    return {
        "track": lambda: track_figure(study.track, study.sections),
        "actions": lambda: along_track.action_breakdown(study.placed, study.actions, study.sections),
        "profiles": profiles,
        "time-lost": lambda: along_track.time_lost(study.sectors(line)),
    }


def _of_the_training(recording: Recording, study: Study | None) -> Figures:
    episodes = episode_table(recording.steps) if study is None else study.episodes
    checkpoints: pd.DataFrame = checkpoints_of(recording)
    figures: Figures = {}
    if len(episodes) and len(recording.training):
        figures["progress"] = lambda: training.training_progress(episodes)
        figures["quintiles"] = lambda: training.quintiles(episodes)
    if len(checkpoints):
        figures["checkpoints"] = lambda: training.checkpoint_figure(checkpoints)
    if len(recording.epochs) or len(recording.learner):
        figures["learner"] = lambda: training.learner_curves(recording.epochs, recording.learner)
    if len(episodes) and len(recording.training):
        figures["distributions"] = lambda: training.distributions(episodes)
        figures["scatter"] = lambda: training.scatter_aggregates(episodes)
    if len(episodes):
        figures["step-times"] = lambda: training.step_times(
            step_times(recording.steps), timing_table(recording.steps)
        )
    return figures
