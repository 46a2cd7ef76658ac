"""A duel of a final: two models in one world, twice, so that each begins from both places of the grid."""

from dataclasses import dataclass

from openracer.league.race import Race
from openracer.models.folder import ModelFolder
from openracer.runs.race import Entrant, race_models
from openracer.runs.race_request import RaceRequest
from openracer.runs.request import MOST_RESETS

_HOLDINGS = 2


@dataclass(frozen=True)
class DuelResult:
    """What came of a duel.

    Attributes:
        winner: 0 or 1.
        places: of both, in each holding.
        times_s: of the laps that both completed, in each holding, s.
    """

    winner: int
    places: tuple[tuple[int, ...], tuple[int, ...]]
    times_s: tuple[tuple[float, ...], tuple[float, ...]]


def hold_duel(first: ModelFolder, second: ModelFolder, race: Race, seed: int) -> DuelResult:
    """Let two models drive against each other; of equals the first, which is the better seed, wins.

    Args:
        first: whose last checkpoint drives; no reward function is loaded.
        second: likewise.
        race: for its track, laps, resets and penalties.
        seed: the same one gives the same duel.

    Raises:
        FileNotFoundError: there is no checkpoint.
        ValueError: there is no such track, or a file of a model is damaged.
    """
    names = ("first", "second")
    request = RaceRequest(
        names,
        race.track,
        race.reverse,
        race.laps,
        _HOLDINGS,
        MOST_RESETS if race.max_resets is None else race.max_resets,
        race.off_track_penalty_s,
        race.collision_penalty_s,
        seed,
    )
    folders = zip((first, second), names, strict=True)
    results = race_models([Entrant(folder, "last", name) for folder, name in folders], request).record.results
    own = [[result for result in results if result.car == car] for car in range(2)]
    places = [tuple(result.place for result in held) for held in own]
    times = [tuple(result.time_s for result in held) for held in own]
    driven = [sum(result.distance_laps for result in held) for held in own]
    worth = [(sum(places[car]), -driven[car], sum(times[car]), car) for car in range(2)]
    return DuelResult(min(worth)[-1], (places[0], places[1]), (times[0], times[1]))
