"""A season of three races with thirty racers under a test clock, against an independent recomputation."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from openracer.league.circuit import Division, finalists, promoted, run_season, standings
from openracer.league.knockout import run_knockout
from openracer.league.race import Race
from openracer.league.ranking import Lap, Submission, leaderboard

DAY = timedelta(days=1)
WORTH = {1: 25, 2: 18, 3: 15, 4: 12, 5: 10, 6: 8, 7: 6, 8: 4, 9: 2, 10: 1}


def season(races: list[Race], seed: int) -> list[Submission]:
    """Thirty racers of different quality, one to three submissions each to every race."""
    dice, made = Random(seed), []
    for race in races:
        for person in range(30):
            for _attempt in range(dice.randint(1, 3)):
                completed = dice.choice((1, 3, 3, 3, 3))
                laps = tuple(Lap(dice.randrange(80, 95) * 100 + 50 * person) for _lap in range(completed))
                when = race.opens + timedelta(hours=dice.randrange(700))
                made.append(Submission(len(made), race.name, f"racer {person:02}", when, laps))
    return made


def slow_season(
    races: list[Race], made: list[Submission]
) -> tuple[dict[str, dict[str, int]], set[str], list[str]]:
    """Points by division, who is Pro in the end, and who won a race, by counting."""
    table: dict[str, dict[str, int]] = {"open": {}, "pro": {}}
    pro: set[str] = set()
    winners: list[str] = []
    for race in races:
        time: dict[str, int] = {}
        for entry in made:
            if entry.race == race.name and entry.laps is not None and len(entry.laps) == 3:
                total = sum(lap.time_ms for lap in entry.laps)
                time[entry.person] = min(total, time.get(entry.person, total))
        groups = {"open": [p for p in time if p not in pro], "pro": [p for p in time if p in pro]}
        ranks = {p: 1 + sum(time[q] < time[p] for q in group) for group in groups.values() for p in group}
        for name, group in groups.items():
            for person in group:
                table[name][person] = table[name].get(person, 0) + WORTH.get(ranks[person], 0)
        winners += [p for p in groups["pro"] or groups["open"] if ranks[p] == 1]
        tenth = (len(groups["open"]) + 9) // 10
        pro |= {p for p in groups["open"] if ranks[p] <= tenth}
    return table, pro, winners


@pytest.mark.parametrize("seed", range(8))
def test_a_season_equals_its_independent_recomputation(month: Callable[..., Race], seed: int) -> None:
    races = [month(number) for number in range(3)]
    made = season(races, seed)
    outcomes = run_season(races, made, races[-1].closes)
    table, pro, winners = slow_season(races, made)
    for division in Division:
        places = standings(outcomes, division)
        assert {place.person: place.points for place in places} == table[division.value]
        assert [place.points for place in places] == sorted((p.points for p in places), reverse=True)
    assert {person for outcome in outcomes for person in outcome.promoted} == pro
    field = finalists(outcomes, 8)
    assert len(field) == 8 and set(winners) <= set(field)
    rounds = run_knockout(field, min)
    assert [len(duels) for duels in rounds] == [4, 2, 1]
    assert rounds[-1][0].winner == min(field)


def test_nobody_is_promoted_before_the_race_is_closed_and_every_submission_evaluated(
    month: Callable[..., Race],
) -> None:
    races = [month(0), month(1)]
    made = season(races, 1)
    before = run_season(races, made, races[0].closes - DAY)
    assert [outcome.promoted for outcome in before] == [(), ()]
    assert standings(before, Division.OPEN) == ()
    first = next(number for number, entry in enumerate(made) if entry.race == races[0].name)
    waiting = [*made[:first], replace(made[first], laps=None), *made[first + 1 :]]
    assert not run_season(races, waiting, races[0].closes)[0].decided
    assert run_season(races, made, races[0].closes)[0].promoted


def test_who_shares_the_last_rank_of_the_tenth_goes_up_too(month: Callable[..., Race]) -> None:
    race = month(ranking="best")
    times = [8000, 8100, 8100, 8100, *range(9000, 9800, 100)]
    made = [Submission(n, race.name, f"racer {n}", race.opens, (Lap(time),)) for n, time in enumerate(times)]
    assert promoted(leaderboard(race, made)) == ("racer 0", "racer 1", "racer 2", "racer 3")
    assert promoted(()) == ()


def test_of_equal_points_the_better_finish_is_first(month: Callable[..., Race]) -> None:
    """A win and a ninth place are 27 points; so are a third and a fourth (15 + 12)."""
    races = [month(number, ranking="best") for number in range(2)]
    order = [["a", "x", "b"], ["k", "l", "m", "b", "n", "o", "p", "q", "a"]]
    made = [
        Submission(100 * number + place, race.name, person, race.opens, (Lap(8000 + place),))
        for number, (race, people) in enumerate(zip(races, order, strict=True))
        for place, person in enumerate(people)
    ]
    outcomes = [
        replace(outcome, boards={Division.OPEN: leaderboard(outcome.race, made), Division.PRO: ()})
        for outcome in run_season(races, made, races[-1].closes)
    ]
    first, second = [place for place in standings(outcomes, Division.OPEN) if place.person in "ab"]
    assert (first.person, first.points, second.person, second.points) == ("a", 27, "b", 27)


def test_races_of_a_season_may_not_overlap(month: Callable[..., Race]) -> None:
    with pytest.raises(ValueError, match="opens before"):
        run_season([month(1), month(0)], [], month(0).opens)
