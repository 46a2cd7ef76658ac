"""Leaderboards as they are shown and as a spreadsheet gets them."""

import csv
import io
from datetime import UTC, datetime

import pytest

from openracer.console.league.board import board_csv, lines
from openracer.console.league.words import flag, ranking_words, rule_facts
from openracer.league.race import Race, Ranking
from openracer.league.ranking import Lap, Submission, leaderboard
from openracer.service.accounts import Person, Role

OPENS, CLOSES = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def race():
    return Race(name="March", track="reinvent_base", opens=OPENS, closes=CLOSES)


@pytest.fixture
def people():
    return {
        "2": Person(2, "mina", "민아", Role.RACER, "KR", "teal"),
        "3": Person(3, "jun", '=HYPERLINK("http://evil.example")', Role.RACER),
    }


@pytest.fixture
def places(race):
    laps = {"2": (10_000, 10_500, 9_500), "3": (12_000, 12_000, 12_003), "9": (20_000, 20_000, 20_000)}
    return leaderboard(
        race,
        [
            Submission(number, race.name, person, OPENS, tuple(Lap(time, 1) for time in times))
            for number, (person, times) in enumerate(laps.items(), start=1)
        ],
    )


def test_an_average_is_shown_for_one_lap_and_so_is_its_gap(race, places, people):
    first, second, third = lines(race, places, people)
    assert (first.rank, first.alias, first.time, first.gap, first.resets) == (1, "민아", "00:10.000", "", 3)
    assert (second.time, second.gap) == ("00:12.001", "+2.001")
    assert (first.flag, second.flag, third.alias) == ("🇰🇷", "", "–")


def test_a_total_is_shown_whole(race, people, places):
    total = race.model_copy(update={"ranking": Ranking.TOTAL_TIME})
    assert [line.time for line in lines(total, places, people)] == ["00:30.000", "00:36.003", "01:00.000"]


def test_a_spreadsheet_gets_the_numbers_and_no_formula_of_a_racer(race, places, people):
    text = board_csv(race, places, people).decode("utf-8-sig")
    head, first, second, _third = csv.reader(io.StringIO(text))
    assert head[:4] == ["rank", "racer", "country", "time_s"]
    assert first == ["1", "민아", "KR", "10.000", "0.000", "3", "1", "2026-03-01T00:00:00+00:00"]
    assert second[1].startswith("'=")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Average of the best 3 laps in a row"),
        ({"consecutive_laps": 1}, "Best lap"),
        ({"ranking": Ranking.BEST_LAP}, "Best lap"),
        ({"ranking": Ranking.TOTAL_TIME}, "Total time of 3 laps"),
        ({"ranking": Ranking.TOTAL_TIME, "laps": 1, "consecutive_laps": 1}, "Time of one lap"),
    ],
)
def test_the_ranking_is_told_in_words(race, change, words):
    assert ranking_words(race.model_copy(update=change)) == words
    assert ("Ranked by", words) in rule_facts(race.model_copy(update=change))


def test_a_flag_needs_two_letters():
    assert (flag("FR"), flag("")) == ("🇫🇷", "")
