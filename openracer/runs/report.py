"""What came of an evaluation, as the command line shows it and one process tells another."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from openracer.runs.confidence import Confidence, confidence
from openracer.simulation.status import Status


@dataclass(frozen=True)
class Trial:
    """The result of one trial, or of one of its continuous laps.

    Attributes:
        trial: counted from 1.
        lap: of the trial, counted from 1; the first begins at rest, the others flying.
        time_s: simulated time from the start to the end, penalties included.
        progress: percent of the lap.
        status: DeepRacer's title of how it ended, for example ``Lap complete``.
        off_tracks: times the car left the track.
        crashes: times it ran into something.
        crash_penalty_s: time that crashes cost, s.
        resets: times it was put back.
        reward: sum of all rewards.
        steps: control steps.
    """

    trial: int
    lap: int
    time_s: float
    progress: float
    status: str
    off_tracks: int
    crashes: int
    crash_penalty_s: float
    resets: int
    reward: float
    steps: int

    @property
    def is_complete(self) -> bool:
        """Whether the lap was completed."""
        return self.status == Status.LAP_COMPLETE.title


@dataclass(frozen=True)
class EvaluationReport:
    """What came of an evaluation.

    Attributes:
        model: name of the model.
        track: world name.
        reverse: driven the other way round.
        checkpoint: that drove.
        trials: their results.
        folder: where it was written down.
    """

    model: str
    track: str
    reverse: bool
    checkpoint: str
    trials: tuple[Trial, ...]
    folder: Path

    @property
    def stamp(self) -> str:
        """By which the model's folder knows the evaluation, 14 digits."""
        return self.folder.name.removeprefix("evaluation-")

    @property
    def confidence(self) -> Confidence | None:
        """How sure the results are; None of too few trials to say so."""
        return confidence([trial.time_s if trial.is_complete else None for trial in self.trials])

    def as_json(self) -> dict[str, Any]:
        """All values, for JSON."""
        sure = self.confidence
        return {
            **asdict(self),
            "folder": str(self.folder),
            **({} if sure is None else {"confidence_95": asdict(sure)}),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The report that :meth:`as_json` gave."""
        trials = tuple(Trial(**trial) for trial in values["trials"])
        told = {name: value for name, value in values.items() if name != "confidence_95"}
        return cls(**{**told, "trials": trials, "folder": Path(values["folder"])})
