"""``openracer league`` without a console: races, submissions, leaderboards, and records that are driven again."""

import json
from datetime import UTC, datetime

import pytest

from benchmarks.circling import CIRCLE, circling_model, drawn_circle
from openracer import locations
from openracer.league.drive import drive_race
from openracer.league.race import Race
from openracer.league.record import write_record
from openracer.service.accounts import LOCAL
from openracer.service.database import Database
from openracer.service.league import League
from openracer.service.store import JobKind, JobState, JobStore


@pytest.fixture
def race(openracer):
    """A race on an own track, made by the command."""
    drawn_circle()
    made = openracer(
        "league", "create", "Friday", "--track", CIRCLE, "--closes", "2990-01-01 18:00", "--laps", "1"
    )
    assert (made.code, made.out) == (0, "Friday is race 1.\n"), made.err


def drive_what_waits():
    """Let the submissions that wait drive in this process."""
    database = Database(locations.console_folder())
    league, store = League.of(database), JobStore(database)
    for job in store.jobs(states=(JobState.QUEUED,), kinds=(JobKind.SUBMISSION,)):
        made = league.submissions.of_job(job.id)
        attempt = store.begin(job)
        held = league.races.race(made.race, LOCAL)
        driven = drive_race(circling_model("again", 1.4), held.rules, league.submissions.seed(made))
        write_record(made.record_file, held.rules, driven)
        league.submissions.finish(made.number, driven.laps, driven.duration_s, job.id)
        store.end(job.id, attempt, JobState.FINISHED)
    database.close()


def test_from_a_race_to_its_leaderboard_and_a_record_that_holds(openracer, race, tmp_path):
    assert "Friday" in openracer("league", "list").out
    assert "Average of the best 1 laps in a row" in openracer("league", "show", "friday").out
    circling_model("quick", 1.4)
    assert openracer("league", "leaderboard", "1").out == "Nobody has a valid result yet.\n"
    told = openracer("league", "submit", "Friday", "quick")
    assert "quick is submission 1 to Friday." in told.out and "openracer console" in told.out
    drive_what_waits()
    (row,) = json.loads(openracer("league", "leaderboard", "Friday", "--json").out)
    assert (row["rank"], row["racer"]["alias"], row["submissions"]) == (1, "me", 1)
    assert "1" in openracer("league", "leaderboard", "Friday").out
    told = openracer("league", "verify", "1")
    assert (told.code, told.out) == (0, "It holds: every step is the same, bit for bit.\n")
    told = openracer("league", "verify", "1", "--model", "quick", "--json")
    assert json.loads(told.out)["is_exact"]


def test_a_record_that_does_not_hold_ends_with_exit_code_1(openracer, race, tmp_path):
    opens = datetime(2027, 1, 1, tzinfo=UTC)
    rules = Race(
        name="x", track=CIRCLE, laps=1, consecutive_laps=1, opens=opens, closes=opens.replace(year=2028)
    )
    driven = drive_race(circling_model("quick", 1.4), rules, 3)
    write_record(tmp_path / "record.npz", rules, driven)
    circling_model("slow", 1.0)
    told = openracer("league", "verify", tmp_path / "record.npz", "--model", "slow")
    assert told.code == 1 and "does NOT hold" in told.out


def test_seasons_and_private_races(openracer):
    assert openracer("league", "season", "2027").out == "2027 is season 1.\n"
    words = [
        "--track",
        "reinvent_base",
        "--opens",
        "2990-01-01",
        "--closes",
        "2990-02-01",
        "--season",
        "2027",
    ]
    assert "2027" not in openracer("league", "standings", "1").err
    made = openracer("league", "create", "January", *words, "--private")
    assert made.code == 0 and "Others join it with the code" in made.out
    code = openracer("league", "code", "January", "--days", "3").out.strip()
    assert openracer("league", "join", code).out == "You are in January (race 1).\n"
    assert openracer("league", "standings", "2027").out == "No race of this season is decided yet.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "nothing"], "there is no race 'nothing'"),
        (["show", "7"], "there is no race 7"),
        (["standings", "nothing"], "there is no season 'nothing'"),
        (["submit", "1", "car"], "there is no race 1"),
        (["join", "x"], "this code does not work any more; ask the race's organiser for a new one"),
        (
            ["create", "x", "--track", "reinvent_base", "--closes", "soon"],
            "'soon' is no moment; one looks like",
        ),
        (["create", "x", "--track", "nowhere", "--closes", "2990-01-01"], "there is no track 'nowhere'"),
        (["verify", "nothing.npz"], "there is no file nothing.npz"),
        (["verify", "5"], "there is no submission 5"),
    ],
)
def test_mistakes_are_one_sentence(openracer, words, sentence):
    told = openracer("league", *words)
    assert told.code == 2 and sentence in told.err and "Traceback" not in told.err
