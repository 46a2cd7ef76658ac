"""A race: where and how it is driven, what ranks, and when and from whom submissions are taken."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from openracer.language import gettext as _

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class Ranking(StrEnum):
    """Which time of a drive ranks."""

    BEST_LAP = "best"
    AVERAGE_LAP = "average"
    TOTAL_TIME = "total"


class Phase(StrEnum):
    """Where a race stands."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


class RefusedSubmissionError(ValueError):
    """A race does not take a submission."""


class Race(BaseModel):
    """A race as its organiser set it up.

    Penalties are waited out on the track while the lap's clock runs, as in AWS DeepRacer, so they are part of
    the lap times and are never added again.

    Attributes:
        name: unique among the races of an installation.
        track: name of the track, as the server knows it.
        reverse: drive it the other way round.
        race_type: what is on the track beside the car.
        objects: settings of boxes or bot cars that differ from the usual ones, by the names of
            :class:`openracer.models.description.ObjectSettings`.
        laps: that each submission drives, one after the other without a stop.
        ranking: which time ranks.
        consecutive_laps: how many laps in a row the average is of; only for ranking by average.
        max_resets: with one reset more the drive is over; None for no limit.
        off_track_penalty_s: wait after leaving the track, s.
        collision_penalty_s: wait after hitting something, s.
        submissions_per_person: None for any number.
        opens: from then on submissions are taken.
        closes: from then on none is.
        rules: text for racers.
        prizes: text for racers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    track: str
    reverse: bool = False
    race_type: Literal["time_trial", "object_avoidance", "head_to_bot"] = "time_trial"
    objects: dict[str, Any] = Field(default_factory=dict)
    laps: int = Field(default=3, ge=1, le=20)
    ranking: Ranking = Ranking.AVERAGE_LAP
    consecutive_laps: int = Field(default=3, ge=1, le=20)
    max_resets: int | None = Field(default=None, ge=0)
    off_track_penalty_s: float = Field(default=5.0, ge=0.0, le=60.0)
    collision_penalty_s: float = Field(default=5.0, ge=0.0, le=60.0)
    submissions_per_person: int | None = Field(default=None, ge=1)
    opens: AwareDatetime
    closes: AwareDatetime
    rules: str = Field(default="", max_length=10_000)
    prizes: str = Field(default="", max_length=10_000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError(_("The name of a race must have letters, and only such as can be shown."))
        if self.opens.year < _FIRST_YEAR or self.closes.year > _LAST_YEAR:
            raise ValueError(
                _("A race must open after the year {first} and close before {last}.").format(
                    first=_FIRST_YEAR - 1, last=_LAST_YEAR + 1
                )
            )
        if self.closes <= self.opens:
            raise ValueError(_("A race must close after it opens."))
        if self.ranking is Ranking.AVERAGE_LAP and self.consecutive_laps > self.laps:
            raise ValueError(
                _("The average is of {consecutive} laps in a row, but only {laps} are driven.").format(
                    consecutive=self.consecutive_laps, laps=self.laps
                )
            )
        return self

    @property
    def counted_laps(self) -> int:
        """How many laps in a row a result is made of."""
        return {
            Ranking.BEST_LAP: 1,
            Ranking.AVERAGE_LAP: self.consecutive_laps,
            Ranking.TOTAL_TIME: self.laps,
        }[self.ranking]

    def phase(self, now: datetime) -> Phase:
        """Where the race stands at some time."""
        if now < self.opens:
            return Phase.UPCOMING
        return Phase.OPEN if now < self.closes else Phase.CLOSED

    def check_submission(self, now: datetime, earlier: int) -> None:
        """Raise :class:`RefusedSubmissionError` if the race takes no submission.

        Args:
            now: when it comes.
            earlier: how many the same person has submitted.
        """
        phase = self.phase(now)
        if phase is Phase.UPCOMING:
            raise RefusedSubmissionError(_("{race} is not open yet.").format(race=self.name))
        if phase is Phase.CLOSED:
            raise RefusedSubmissionError(_("{race} is closed.").format(race=self.name))
        if self.submissions_per_person is not None and earlier >= self.submissions_per_person:
            raise RefusedSubmissionError(
                _("{race} takes {limit} submissions from each racer, and you have made them.").format(
                    race=self.name, limit=self.submissions_per_person
                )
            )
