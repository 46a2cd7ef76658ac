"""Leaderboards, against a slow recomputation that is written another way."""

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openracer.league.race import Race, Ranking
from openracer.league.ranking import Lap, Result, Submission, leaderboard, result_of

LAPS = st.lists(st.builds(Lap, st.integers(1, 6), st.integers(0, 2)), max_size=7).map(tuple)
RULES = st.fixed_dictionaries(
    {
        "laps": st.integers(3, 5),
        "consecutive_laps": st.integers(1, 3),
        "ranking": st.sampled_from(Ranking),
        "max_resets": st.none() | st.integers(0, 4),
    }
)
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def slow_total(race: Race, laps: tuple[Lap, ...]) -> int | None:
    """The time that ranks, by trying every stretch of laps."""
    needed = {"best": 1, "average": race.consecutive_laps, "total": race.laps}[race.ranking.value]
    found = []
    for first in range(race.laps):
        end = first + needed
        driven = end <= min(len(laps), race.laps)
        if driven and (race.max_resets is None or sum(lap.resets for lap in laps[:end]) <= race.max_resets):
            found.append(sum(lap.time_ms for lap in laps[first:end]))
    return min(found) if found else None


def submissions(race: Race, entries: list[tuple[int, tuple[Lap, ...] | None]]) -> list[Submission]:
    return [
        Submission(number, race.name, f"racer {person}", race.opens, laps)
        for number, (person, laps) in enumerate(entries)
    ]


@quick
@given(RULES, LAPS)
def test_the_time_is_that_of_the_best_laps_in_a_row(
    month: Callable[..., Race], rules: dict[str, object], laps: tuple[Lap, ...]
) -> None:
    race = month(**rules)
    result = result_of(race, laps)
    assert (result and result.total_ms) == slow_total(race, laps)


@quick
@given(RULES, st.lists(st.tuples(st.integers(0, 5), st.none() | LAPS), max_size=15), st.randoms())
def test_rank_is_one_more_than_the_number_of_faster_racers(
    month: Callable[..., Race],
    rules: dict[str, object],
    entries: list[tuple[int, tuple[Lap, ...] | None]],
    shuffle: object,
) -> None:
    race = month(**rules)
    made = submissions(race, entries)
    best: dict[str, int] = {}
    for entry in made:
        total = None if entry.laps is None else slow_total(race, entry.laps)
        if total is not None:
            best[entry.person] = min(best.get(entry.person, total), total)
    arrived = list(made)
    shuffle.shuffle(arrived)  # type: ignore[attr-defined]
    board = leaderboard(race, arrived)
    assert {place.person: place.result.total_ms for place in board} == best
    for place in board:
        assert place.rank == 1 + sum(total < place.result.total_ms for total in best.values())
        assert place.gap_ms == place.result.total_ms - min(best.values())
        assert place.submissions == sum(e.person == place.person and e.laps is not None for e in made)
    assert [place.rank for place in board] == sorted(place.rank for place in board)


def test_of_equal_times_the_earlier_submission_counts_and_is_listed_first(month: Callable[..., Race]) -> None:
    race = month(ranking="best")
    made = submissions(race, [(2, (Lap(9000),)), (1, (Lap(8000),)), (2, (Lap(8000),)), (1, (Lap(8000),))])
    board = leaderboard(race, made)
    assert [(place.rank, place.person, place.best.number) for place in board] == [
        (1, "racer 1", 1),
        (1, "racer 2", 2),
    ]


def test_a_drive_that_never_completes_enough_laps_is_not_ranked(month: Callable[..., Race]) -> None:
    race = month(laps=3, ranking="total")
    assert result_of(race, (Lap(8000), Lap(8000))) is None
    assert result_of(race, (Lap(8000), Lap(8000), Lap(8500, 1))) == Result(24500, 3, 1)
    assert leaderboard(race, submissions(race, [(1, ()), (2, None)])) == ()


def test_submissions_to_another_race_do_not_count(month: Callable[..., Race]) -> None:
    made = submissions(month(1), [(1, (Lap(8000),) * 3)])
    assert leaderboard(month(0), made) == ()
    assert len(leaderboard(month(1), made)) == 1
