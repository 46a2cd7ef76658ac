"""From laps to a leaderboard. Times are whole milliseconds, so that equal times are equal on every machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from openracer.league.race import Race


@dataclass(frozen=True, slots=True)
class Lap:
    """A completed lap.

    Attributes:
        time_ms: with every penalty waited out in it.
        resets: how often the car was put back in it.
    """

    time_ms: int
    resets: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """A model entered into a race.

    Attributes:
        number: unique, in the order of arrival.
        race: name of the race.
        person: id of the racer.
        submitted: when it was taken.
        laps: those completed, in their order; None until it is evaluated.
    """

    number: int
    race: str
    person: str
    submitted: datetime
    laps: tuple[Lap, ...] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a submission is ranked by.

    Attributes:
        total_ms: of the laps that count.
        laps: how many those are.
        resets: in them.
    """

    total_ms: int
    laps: int
    resets: int

    @property
    def time_s(self) -> float:
        """Mean lap time of an average, the lap's of a best lap, s. Of a total see ``total_ms``."""
        return self.total_ms / self.laps / 1000.0


@dataclass(frozen=True, slots=True)
class Place:
    """A racer's line on a leaderboard.

    Attributes:
        rank: from 1; equal times share one, and the next rank is left out.
        person: id of the racer.
        best: the submission that counts.
        result: of it.
        gap_ms: to the first, over all laps that count.
        submissions: how many the racer made that are evaluated.
    """

    rank: int
    person: str
    best: Submission
    result: Result
    gap_ms: int
    submissions: int


def result_of(race: Race, laps: Sequence[Lap]) -> Result | None:
    """What laps are worth in a race.

    Returns:
        None where too few laps in a row were completed before the drive was over.
    """
    allowed: list[Lap] = []
    resets = 0
    for lap in laps[: race.laps]:
        resets += lap.resets
        if race.max_resets is not None and resets > race.max_resets:
            break
        allowed.append(lap)
    count = race.counted_laps
    windows = [allowed[first : first + count] for first in range(len(allowed) - count + 1)]
    results = [
        Result(sum(lap.time_ms for lap in window), count, sum(lap.resets for lap in window))
        for window in windows
    ]
    return min(results, key=lambda result: result.total_ms, default=None)


def leaderboard(race: Race, submissions: Iterable[Submission]) -> tuple[Place, ...]:
    """Who is where. Each racer's best result counts, the earliest of equal ones.

    Args:
        race: whose rules hold.
        submissions: of this race and others; those of others and those not evaluated yet are passed over.

    Returns:
        Racers with a valid result, fastest first; of equal ones whoever submitted first is listed first.
    """
    made: dict[str, int] = {}
    best: dict[str, tuple[Result, Submission]] = {}
    for submission in sorted(submissions, key=lambda submission: submission.number):
        if submission.race != race.name or submission.laps is None:
            continue
        made[submission.person] = made.get(submission.person, 0) + 1
        result = result_of(race, submission.laps)
        standing = best.get(submission.person)
        if result is not None and (standing is None or result.total_ms < standing[0].total_ms):
            best[submission.person] = (result, submission)
    order = sorted(best.items(), key=lambda item: (item[1][0].total_ms, item[1][1].number))
    places: list[Place] = []
    for position, (person, (result, submission)) in enumerate(order, start=1):
        tied = bool(places) and places[-1].result.total_ms == result.total_ms
        rank = places[-1].rank if tied else position
        gap = result.total_ms - order[0][1][0].total_ms
        places.append(Place(rank, person, submission, result, gap, made[person]))
    return tuple(places)
