"""Laps to race against: the evaluations of all models on one track."""

from dataclasses import dataclass

from openracer.models.evaluations import Evaluation, read_evaluations
from openracer.models.library import list_models
from openracer.simulation.status import Status

MOST = 40


@dataclass(frozen=True, slots=True)
class Ghost:
    """An evaluation with at least one whole lap.

    Attributes:
        model: who drove.
        stamp: of the evaluation.
        best_s: time of its best lap, s.
    """

    model: str
    stamp: str
    best_s: float


def best_lap(evaluation: Evaluation) -> float | None:
    """Time of the shortest complete trial, s; None if there is none."""
    times = [
        trial.elapsed_time_in_milliseconds / 1000.0
        for trial in evaluation.trials
        if trial.episode_status == Status.LAP_COMPLETE.title
    ]
    return min(times, default=None)


def find_ghosts(track: str, is_reversed: bool) -> list[Ghost]:
    """Evaluations of the user's models on a track in a direction, the quickest first; at most :data:`MOST`.

    Args:
        track: world name.
        is_reversed: driven against the direction of the track's file.
    """
    ghosts = []
    for folder in list_models():
        try:
            evaluations = read_evaluations(folder)
        except (ValueError, OSError):  # a damaged model has no ghosts
            continue
        for evaluation in evaluations:
            settings = evaluation.settings
            time = best_lap(evaluation)
            if time is not None and (settings.get("track"), settings.get("reverse")) == (track, is_reversed):
                ghosts.append(Ghost(folder.name, evaluation.stamp, time))
    return sorted(ghosts, key=lambda ghost: ghost.best_s)[:MOST]
