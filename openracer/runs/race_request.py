"""What race of models to drive: the choices that the command line, the console and the queue pass around."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from openracer.language import gettext as _
from openracer.runs.request import MOST_RESETS, check_rules

FEWEST_MODELS, MOST_MODELS = 2, 8


@dataclass(frozen=True)
class RaceRequest:
    """A race of models against each other; the defaults are the rules of AWS's league.

    Attributes:
        models: two to eight, each as ``NAME`` or ``NAME@CHECKPOINT``; one model may drive several cars.
        track: world name or title.
        reverse: drive it the other way.
        laps: of each car, 1 to 100, driven without a stop.
        trials: how often the race is held, 1 to 100; each time the car at the end of the grid comes to its front.
        max_resets: how often a car is put back; one more ends its race.
        off_track_penalty_s: time that each time off the track costs, s.
        collision_penalty_s: time that each crash into another car costs, s.
        seed: of the step times; with the same one, the same race.
    """

    models: tuple[str, ...]
    track: str = "reinvent_base"
    reverse: bool = False
    laps: int = 3
    trials: int = 1
    max_resets: int = MOST_RESETS
    off_track_penalty_s: float = 5.0
    collision_penalty_s: float = 5.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not FEWEST_MODELS <= len(self.models) <= MOST_MODELS:
            raise ValueError(
                _("a race is of {fewest} to {most} models, but {count} are given").format(
                    fewest=FEWEST_MODELS, most=MOST_MODELS, count=len(self.models)
                )
            )
        check_rules(
            self.trials, self.laps, self.max_resets, self.off_track_penalty_s, self.collision_penalty_s
        )
        if self.seed < 0:
            raise ValueError(_("the seed is {seed}; it must not be negative").format(seed=self.seed))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The request that :meth:`as_json` gave."""
        return cls(**{**values, "models": tuple(values["models"])})

    def as_json(self) -> dict[str, Any]:
        """All values, for JSON."""
        return {**asdict(self), "models": list(self.models)}


def split_entry(entry: str) -> tuple[str, str]:
    """The model's name, or path, and the checkpoint that an entry ``NAME`` or ``NAME@CHECKPOINT`` means."""
    name, at, checkpoint = entry.rpartition("@")
    if not at or Path(entry).is_dir():
        return entry, "best"
    return name, checkpoint
