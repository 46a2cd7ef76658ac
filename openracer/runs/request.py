"""What to evaluate: the choices that the command line, the console and the queue pass around."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openracer.formats.checkpoints_index import CheckpointName
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import own_model
from openracer.models.opponents import opponent_of

MOST_TRIALS = 100
MOST_LAPS = 100
MOST_RESETS = 10_000
"""As on DeepRacer on AWS."""
LARGEST_PENALTY_S = 60.0


@dataclass(frozen=True)
class EvaluationRequest:
    """What to evaluate; the defaults are the console's.

    Attributes:
        track: world name or title; None is the track of the training, of several the first.
        reverse: drive it the other way; None is as in the training.
        trials: how many, 1 to 100.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        max_resets: how often the car is put back; at 0 an incident ends the trial.
        off_track_penalty_s: time that each of them costs, s.
        seed: of the step times; with the same one, the same laps.
        collision_penalty_s: time that each crash costs, s.
        race_type: on the road with the car: as in the training if None.
        objects: settings of boxes or bot cars to change, by the names of
            :class:`openracer.models.description.ObjectSettings`.
        opponent: for ``head_to_model``: the name of a model, or ``self``; as in the training if None.
        laps: of each trial, 1 to 100, driven without a stop: all but the first begin flying.
    """

    track: str | None = None
    reverse: bool | None = None
    trials: int = 3
    checkpoint: str = "best"
    max_resets: int = 0
    off_track_penalty_s: float = 5.0
    seed: int = 0
    laps: int = 1
    collision_penalty_s: float = 5.0
    race_type: str | None = None
    objects: Mapping[str, Any] = field(default_factory=dict)
    opponent: str | None = None

    def __post_init__(self) -> None:
        check_rules(
            self.trials, self.laps, self.max_resets, self.off_track_penalty_s, self.collision_penalty_s
        )


def check_rules(
    trials: int, laps: int, max_resets: int, off_track_penalty_s: float, collision_penalty_s: float
) -> None:
    """Refuse rules that are out of range; their meanings are those of :class:`EvaluationRequest`.

    Raises:
        ValueError: one is; one sentence.
    """
    if not 1 <= trials <= MOST_TRIALS:
        raise ValueError(
            _("trials is {count}; it must be from 1 to {limit}").format(count=trials, limit=MOST_TRIALS)
        )
    if not 1 <= laps <= MOST_LAPS:
        raise ValueError(
            _("the number of laps is {count}; it must be from 1 to {limit}").format(
                count=laps, limit=MOST_LAPS
            )
        )
    if not 0 <= max_resets <= MOST_RESETS:
        raise ValueError(
            _("the number of resets is {count}; it must be from 0 to {limit}").format(
                count=max_resets, limit=MOST_RESETS
            )
        )
    if not 0.0 <= off_track_penalty_s <= LARGEST_PENALTY_S:
        raise ValueError(
            _("the off-track penalty is {seconds:g} s; it must be from 0 to {limit:g}").format(
                seconds=off_track_penalty_s, limit=LARGEST_PENALTY_S
            )
        )
    if not 0.0 <= collision_penalty_s <= LARGEST_PENALTY_S:
        raise ValueError(
            _("the collision penalty is {seconds:g} s; it must be from 0 to {limit:g}").format(
                seconds=collision_penalty_s, limit=LARGEST_PENALTY_S
            )
        )


def describe(folder: ModelFolder, request: EvaluationRequest) -> tuple[TrainingDescription, CheckpointName]:
    """What drives where: the model's description with the request's track and seed, and the checkpoint.

    Raises:
        FileNotFoundError: there is no such checkpoint or opponent.
        ValueError: there is no such track, or a file of the model is damaged.
    """
    trained = folder.description()
    track, reverse = trained.track, trained.reverse
    if request.track is not None:
        track, reverse = request.track, False
    if request.reverse is not None:
        reverse = request.reverse
    changes: dict[str, Any] = {"seed": request.seed}
    if request.race_type is not None:
        changes["race_type"] = request.race_type
    if request.opponent is not None:
        changes["opponent"] = request.opponent
    if request.objects:
        changes["objects"] = dict(request.objects)
    description = trained.on_track(track, reverse).with_changes(changes)
    description.find_track()
    find_opponent(folder, description)
    return description, folder.checkpoints.find(request.checkpoint)


def find_opponent(folder: ModelFolder, description: TrainingDescription) -> ModelFolder | None:
    """The other model on the road: the one that is kept with the model if it is of that name, else the user's own.

    Args:
        folder: of the model.
        description: what is to be driven.

    Returns:
        None if there is no other, or the model is its own opponent.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: a file is damaged.
    """
    name = description.kept_opponent
    if name is None:
        return None
    if opponent_of(folder).description_file.is_file() and folder.description().opponent == name:
        return opponent_of(folder)
    return own_model(name)
