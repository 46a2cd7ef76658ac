"""A duel: the better model wins, from whichever place of the grid, and no reward function is run."""

import pytest

from benchmarks.circling import CIRCLE, circling_model, drawn_circle
from openracer.league.duel import hold_duel


@pytest.fixture
def race(month):
    drawn_circle(width=2.4)
    return month(track=CIRCLE, laps=1, consecutive_laps=1)


def test_the_quicker_wins_whichever_is_named_first_and_the_same_seed_gives_the_same_duel(race):
    quick, slow = circling_model("quick", 1.6), circling_model("slow", 0.8)
    told = hold_duel(quick, slow, race, 3)
    assert told.winner == 0 and told == hold_duel(quick, slow, race, 3)
    assert [sum(places) for places in told.places] == [2, 4]
    assert hold_duel(slow, quick, race, 3).winner == 1
