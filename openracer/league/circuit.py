"""The virtual circuit: a season of races in two divisions, with promotion, points and the field of the final."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from openracer.league.race import Phase, Race
from openracer.league.ranking import Place, Submission, leaderboard

POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)
"""For the first ten of a division in a race (FIA Formula One Sporting Regulations)."""

_PROMOTED_ONE_IN = 10
"""The best tenth of Open goes up at the end of a month, as in the AWS DeepRacer League."""


class Division(StrEnum):
    """Everybody starts in Open."""

    OPEN = "open"
    PRO = "pro"


@dataclass(frozen=True, slots=True)
class RaceOutcome:
    """A race of the season.

    Attributes:
        race: its rules.
        boards: leaderboard of each division.
        promoted: who goes from Open to Pro; empty until the race is decided.
        decided: it is closed and every submission is evaluated.
    """

    race: Race
    boards: Mapping[Division, tuple[Place, ...]]
    promoted: tuple[str, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class SeasonPlace:
    """A racer's line in the standings of a division.

    Attributes:
        rank: from 1; racers equal in everything share one.
        person: id of the racer.
        points: over the decided races.
        finishes: ranks in them, best first, which decide between equal points.
    """

    rank: int
    person: str
    points: int
    finishes: tuple[int, ...]


def promoted(board: Sequence[Place]) -> tuple[str, ...]:
    """The best tenth of a leaderboard, rounded up, and whoever shares the last rank of it."""
    places = -(-len(board) // _PROMOTED_ONE_IN)
    return tuple(place.person for place in board if place.rank <= places)


def run_season(
    races: Sequence[Race], submissions: Iterable[Submission], now: datetime
) -> tuple[RaceOutcome, ...]:
    """How a season stands, worked out from its submissions alone.

    Args:
        races: in the order in which they are held.
        submissions: those taken, in any order.
        now: when it is asked.

    Raises:
        ValueError: a race opens before the one before it has closed.
    """
    for before, after in pairwise(races):
        if after.opens < before.closes:
            raise ValueError(f"{after.name} opens before {before.name} closes; divisions would be undecided")
    taken, pro, outcomes = tuple(submissions), set[str](), list[RaceOutcome]()
    undecided = False
    for race in races:
        own = [submission for submission in taken if submission.race == race.name]
        boards = {
            Division.OPEN: leaderboard(race, [entry for entry in own if entry.person not in pro]),
            Division.PRO: leaderboard(race, [entry for entry in own if entry.person in pro]),
        }
        undecided |= race.phase(now) is not Phase.CLOSED or any(entry.laps is None for entry in own)
        risen = () if undecided else promoted(boards[Division.OPEN])
        pro.update(risen)
        outcomes.append(RaceOutcome(race, boards, risen, not undecided))
    return tuple(outcomes)


def standings(outcomes: Iterable[RaceOutcome], division: Division) -> tuple[SeasonPlace, ...]:
    """Points of a division over the decided races; of equal points the better finishes are first."""
    finishes: dict[str, list[int]] = {}
    for outcome in outcomes:
        for place in outcome.boards[division] if outcome.decided else ():
            finishes.setdefault(place.person, []).append(place.rank)
    worth = {person: (-sum(map(points, ranks)), tuple(sorted(ranks))) for person, ranks in finishes.items()}
    order = sorted(worth.items(), key=lambda item: (_countback(item[1]), item[0]))
    places: list[SeasonPlace] = []
    for position, (person, (negative, ranks)) in enumerate(order, start=1):
        tied = bool(places) and (places[-1].points, places[-1].finishes) == (-negative, ranks)
        places.append(SeasonPlace(places[-1].rank if tied else position, person, -negative, ranks))
    return tuple(places)


def points(rank: int) -> int:
    """Points for a rank in a race, from 1."""
    return POINTS[rank - 1] if rank <= len(POINTS) else 0


def finalists(outcomes: Sequence[RaceOutcome], size: int) -> tuple[str, ...]:
    """The field of the final, best seed first.

    The winners of each race, of Pro where anybody of Pro has a result, come first in the order of the races; then
    the standings of Pro and those of Open, until the field is full.
    """
    winners = [
        place.person
        for outcome in outcomes
        if outcome.decided
        for place in outcome.boards[Division.PRO] or outcome.boards[Division.OPEN]
        if place.rank == 1
    ]
    rest = [
        place.person for division in (Division.PRO, Division.OPEN) for place in standings(outcomes, division)
    ]
    return tuple(dict.fromkeys(winners + rest))[:size]


def _countback(worth: tuple[int, tuple[int, ...]]) -> tuple[int, list[int]]:
    """Order of points, then of finishes; with equal finishes so far, one more finish is better."""
    negative, ranks = worth
    last = max(ranks) + 1_000_000
    return negative, [*ranks, last]
