"""Submissions are taken while a race is open, as many as it says, once each, and drive as they were then."""

import shutil
import threading

import pytest

from openracer import locations
from openracer.league.race import RefusedSubmissionError
from openracer.league.ranking import Lap
from openracer.models.library import ModelNotFoundError
from openracer.service.identity import acting_for, home_of
from openracer.service.league import submissions
from openracer.service.league.races import RaceNotFoundError
from openracer.service.league.submissions import SubmissionState, entry_of
from openracer.service.store import JobStore
from tests.service.league.conftest import DAY, START, give_model


def test_what_is_submitted_stays_as_it_was(league, organiser, person, rules, submit):
    mina, race = person("mina"), league.races.create(organiser, rules())
    made = submit(mina, race)
    assert (made.state, made.nth, made.model) == (SubmissionState.WAITING, 1, "car")
    shutil.rmtree(home_of(mina.id))
    entry = entry_of(made)
    assert entry.description().reward_source == "def reward_function(params):\n    return 0.0\n"
    assert len(entry.checkpoints.names()) == 1
    assert league.submissions.submission(made.number, mina) == made


def test_before_the_opening_after_the_close_and_beyond_the_limit_none_is_taken(
    league, organiser, person, rules, submit, clock, drive
):
    mina = person("mina")
    race = league.races.create(organiser, rules(submissions_per_person=2))
    for moment, message in ((START - DAY, "not open yet"), (START + 30 * DAY, "is closed")):
        clock.now = moment
        with pytest.raises(RefusedSubmissionError, match=message):
            submit(mina, race)
    clock.now = START
    submit(mina, race), submit(mina, race)
    with pytest.raises(RefusedSubmissionError, match="takes 2 submissions"):
        submit(mina, race)
    assert [made.nth for made in league.submissions.submissions(race.id)] == [2, 1]
    left = list((locations.league_folder() / "submissions").iterdir())
    assert len(left) == 2


def test_asked_again_with_the_same_key_it_is_the_same_submission(league, organiser, person, rules, submit):
    mina, jun = person("mina"), person("jun")
    race = league.races.create(organiser, rules())
    first = submit(mina, race, "a")
    assert submit(mina, race, "a") == first
    assert submit(jun, race, "a").number != first.number
    assert submit(mina, race, "b").nth == 2


def test_of_many_at_the_same_moment_no_more_than_allowed_are_taken(league, organiser, person, rules, submit):
    mina = person("mina")
    race = league.races.create(organiser, rules(submissions_per_person=3))
    told = []

    def work():
        try:
            told.append(submit(mina, race).nth)
        except RefusedSubmissionError:
            told.append(None)

    threads = [threading.Thread(target=work) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(filter(None, told)) == [1, 2, 3] and told.count(None) == 5


def test_nobody_fills_the_queue_alone(league, organiser, person, rules, submit, drive, monkeypatch):
    monkeypatch.setattr(submissions, "MOST_WAITING", 2)
    mina, jun = person("mina"), person("jun")
    race = league.races.create(organiser, rules())
    submit(mina, race), submit(mina, race)
    with pytest.raises(RefusedSubmissionError, match="2 of your submissions wait"):
        submit(mina, race)
    submit(jun, race)
    drive()
    submit(mina, race)


def test_a_result_is_written_down_once_and_only_by_the_job_that_drives(
    league, organiser, person, rules, submit
):
    race = league.races.create(organiser, rules(ranking="best"))
    made = submit(person("mina"), race)
    (job,) = {job.id for job in jobs_of(league)}
    assert not league.submissions.finish(made.number, [Lap(1000)], 1.0, "another job")
    assert league.submissions.finish(made.number, [Lap(9000), Lap(8000)], 17.0, job)
    assert not league.submissions.finish(made.number, [Lap(7000)], 7.0, job)
    assert not league.submissions.fail(made.number, "no", job)
    (known,) = league.submissions.submissions(race.id)
    assert (known.state, known.result.total_ms) == (SubmissionState.FINISHED, 8000)


def jobs_of(league):
    from openracer.service.store import JobKind

    return JobStore(league.races._database).jobs(kinds=(JobKind.SUBMISSION,))


def test_only_the_own_models_can_be_submitted(league, organiser, person, rules):
    mina, jun = person("mina"), person("jun")
    give_model(jun, "secret")
    race = league.races.create(organiser, rules())
    for name in ("secret", "../../people/3/models/car", "nothing"):
        with acting_for(mina), pytest.raises(ModelNotFoundError):
            league.submissions.submit(mina, race.id, name)


def test_a_private_race_takes_those_only_who_have_joined(league, organiser, person, rules, submit, clock):
    mina, jun = person("mina"), person("jun")
    race = league.races.create(organiser, rules(), is_private=True)
    for somebody in (mina, None):
        with pytest.raises(RaceNotFoundError):
            league.races.race(race.id, somebody)
    with pytest.raises(RaceNotFoundError):
        submit(mina, race)
    code = league.membership.make_code(organiser, race.id, days=7)
    assert league.membership.join(mina, f" {code.code.lower()} ") == race.id
    submit(mina, race)
    assert [member.racer.alias for member in league.membership.members(organiser, race.id)] == ["mina"]
    clock.now += 8 * DAY
    with pytest.raises(ValueError, match="does not work any more"):
        league.membership.join(jun, code.code)
    lasting = league.membership.make_code(organiser, race.id)
    league.membership.revoke(organiser, lasting.id)
    with pytest.raises(ValueError, match="does not work any more"):
        league.membership.join(jun, lasting.code)
    assert [found.works for found in league.membership.codes(organiser, race.id)] == [False, False]
    submit(mina, race)
    league.membership.expel(organiser, race.id, mina.id)
    with pytest.raises(RaceNotFoundError):
        submit(mina, race)
