"""``openracer race``: the table, the JSON, and what is refused."""

import json

import pytest


@pytest.fixture
def two_models(untrained_model):
    for name in ("one", "other"):
        untrained_model(name)


QUICK = ("--laps", "1", "--resets", "1", "--off-track-penalty", "0.5", "--collision-penalty", "0.5")


def test_a_race_is_a_table_a_folder_of_traces_and_a_video(openracer, two_models, tmp_path):
    result = openracer("race", "one", "other@last", "--trials", "2", *QUICK, "-o", str(tmp_path / "race.mp4"))
    assert result.code == 0
    assert "Race 2 of 2" in result.out and "other@last" in result.out
    assert "Mean places:" in result.out
    assert (tmp_path / "race.mp4").stat().st_size > 10_000


def test_json_has_every_car_of_every_race(openracer, two_models):
    result = openracer("race", "one", "other", "one", "--trials", "2", *QUICK, "--json")
    told = json.loads(result.out)
    assert told["names"] == ["one", "other", "one (2)"]
    assert len(told["results"]) == 6
    assert {car["place"] for car in told["results"]} <= {1, 2, 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("one", "nobody"), "there is no model 'nobody'"),
        (("one",), "a race is of 2 to 8 models, but 1 are given"),
        (("one",) * 9, "a race is of 2 to 8 models, but 9 are given"),
        (("one", "other@77"), "has no checkpoint of iteration 77"),
        (("one", "other", "--track", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_raced_is_refused_in_one_sentence(openracer, two_models, arguments, message):
    result = openracer("race", *arguments)
    assert result.code == 2
    assert message in result.err and len(result.err.strip().splitlines()) == 1
