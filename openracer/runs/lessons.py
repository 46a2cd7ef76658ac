"""What is told of a student that learns to drive like a model, while it learns and afterwards."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from openracer.language import gettext as _


@dataclass(frozen=True)
class Driving:
    """How a policy drives, from places all around its track.

    Attributes:
        trials: how many laps it began.
        completed: of them it completed.
        progress: mean share of the lap, percent.
        mean_lap_s: of the completed laps; None where there is none.
    """

    trials: int
    completed: int
    progress: float
    mean_lap_s: float | None

    @property
    def rank(self) -> tuple[float, float]:
        """The greater, the better."""
        return self.progress, -(self.mean_lap_s or math.inf)

    def __str__(self) -> str:
        told = _("{completed} of {trials} laps completed").format(
            completed=self.completed, trials=self.trials
        )
        if self.mean_lap_s is None:
            return told
        return told + _(", {seconds:.2f} s a lap on average").format(seconds=self.mean_lap_s)


@dataclass(frozen=True)
class Round:
    """How far the lessons are.

    Attributes:
        number: counted from 1.
        most: rounds.
        rows: pictures with the teacher's answers.
        student: how it drives now.
    """

    number: int
    most: int
    rows: int
    student: Driving

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The round that ``dataclasses.asdict`` made values of."""
        return cls(**{**values, "student": Driving(**values["student"])})

    def __str__(self) -> str:
        return _("Round {number} of at most {most}, {rows:,} pictures: {driving}").format(
            number=self.number, most=self.most, rows=self.rows, driving=self.student
        )


@dataclass(frozen=True)
class LessonsReport:
    """What came of the lessons.

    Attributes:
        teacher: name of the model that taught.
        student: name of the model that came of it.
        teacher_driving: how the one drives.
        student_driving: how the other drives, under the same conditions.
    """

    teacher: str
    student: str
    teacher_driving: Driving
    student_driving: Driving

    @property
    def lap_difference(self) -> float | None:
        """By which share the student's mean lap is longer; None where one of the two completes none."""
        teacher, student = self.teacher_driving.mean_lap_s, self.student_driving.mean_lap_s
        return None if teacher is None or student is None else student / teacher - 1.0

    def as_json(self) -> dict[str, Any]:
        """All values, for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The report that :meth:`as_json` gave."""
        driving = {key: Driving(**values[key]) for key in ("teacher_driving", "student_driving")}
        return cls(**{**values, **driving})

    def sentences(self) -> list[str]:
        """What to say of it."""
        told = [f"{self.teacher}: {self.teacher_driving}", f"{self.student}: {self.student_driving}"]
        if self.lap_difference is not None:
            told.append(
                _("The difference of their laps is {percent:+.1f} %.").format(
                    percent=100 * self.lap_difference
                )
            )
        return told
