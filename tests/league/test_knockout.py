"""Knock-out finals: the best racer wins, the two best meet last, and byes go to the best seeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.league.knockout import run_knockout


def seeds(count: int) -> list[str]:
    return [f"racer {number}" for number in range(count)]


@given(st.integers(2, 40))
def test_when_the_better_seed_always_wins_the_two_best_meet_last(count: int) -> None:
    rounds = run_knockout(seeds(count), lambda first, _second: first)
    (final,) = rounds[-1]
    assert (final.first, final.second, final.winner) == ("racer 0", "racer 1", "racer 0")


@given(st.integers(2, 40), st.randoms())
def test_all_but_the_winner_lose_exactly_one_duel(count: int, dice: object) -> None:
    rounds = run_knockout(seeds(count), lambda *two: dice.choice(two))  # type: ignore[attr-defined]
    duels = [duel for held in rounds for duel in held if duel.second is not None]
    losers = [name for duel in duels for name in (duel.first, duel.second) if name != duel.winner]
    assert sorted([*losers, rounds[-1][0].winner]) == sorted(seeds(count))


@given(st.integers(2, 40))
def test_the_best_seeds_have_the_byes_and_only_in_the_first_round(count: int) -> None:
    rounds = run_knockout(seeds(count), lambda first, _second: first)
    byes = {duel.first for duel in rounds[0] if duel.second is None}
    assert byes == set(seeds(len(byes)))
    assert all(duel.second is not None for held in rounds[1:] for duel in held)


def test_one_racer_needs_no_final_and_none_is_seeded_twice() -> None:
    assert run_knockout(["a"], min) == ()
    assert run_knockout([], min) == ()
    with pytest.raises(ValueError, match="seeded twice"):
        run_knockout(["a", "b", "a"], min)
