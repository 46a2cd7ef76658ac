"""Leaderboards as they are shown and as a spreadsheet gets them."""

import csv
import io
from dataclasses import replace

import pytest

from openracer.console.league.board import board_csv, board_html, lines
from openracer.console.league.words import ranking_words, rule_facts
from openracer.league.race import Ranking

FORMULA = '=HYPERLINK("http://evil.example")'


def test_a_line_has_its_times_in_words_and_the_first_no_gap(row):
    first, second = lines([row(), row(2, "Jun", 12.001, 2.001)])
    assert (first.rank, first.alias, first.time, first.gap, first.country) == (
        1,
        "민아",
        "00:10.000",
        "",
        "KR",
    )
    assert (second.time, second.gap, second.country) == ("00:12.001", "+2.001", "")


def test_names_of_racers_stay_text_and_the_own_line_is_marked(row):
    html = board_html([row(alias="<script>x</script>"), row(2, "Jun")], race=7, own=3)
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert html.count("is-own") == 1 and 'href="/races/7/entries/41"' in html and 'href="/racers/3"' in html


def test_a_public_leaderboard_leads_nowhere_inside(row):
    assert "href" not in board_html([row()]) and "Nobody has a result yet." in board_html([])


def test_a_spreadsheet_gets_the_numbers_and_no_formula_of_a_racer(row):
    text = board_csv([row(), row(2, FORMULA, 12.001, 2.001)]).decode("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(text))
    assert head[:4] == ["rank", "racer", "country", "time_s"]
    assert first == ["1", "민아", "KR", "10.000", "0.000", "3", "1", "2026-03-01T00:00:00+00:00"]
    assert second[1] == f"'{FORMULA}" and second[3:5] == ["12.001", "2.001"]


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
def test_the_ranking_is_told_in_words(held, change, words):
    rules = held.rules.model_copy(update=change)
    assert ranking_words(rules) == words
    assert ("Ranked by", words) in rule_facts(replace(held, rules=rules))
