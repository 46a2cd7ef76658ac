"""A model is submitted when its training has ended, once, or it is told why not."""

import pytest

from openracer.service.database import JobRow
from openracer.service.processes import ProcessIdentity
from openracer.service.store import JobKind, JobState, JobStore


@pytest.fixture
def race(league, organiser, rules):
    return league.races.create(organiser, rules())


@pytest.fixture
def train(database):
    """``train(person, race, state)`` is a training that has ended so, and should be followed by a submission."""

    def train(person, race, state=JobState.FINISHED, model="car"):
        store = JobStore(database)
        job = store.add(JobKind.TRAINING, person.id, model, {"race": race})
        attempt = store.begin(job)
        store.claim(job.id, attempt, ProcessIdentity.current())
        store.end(job.id, attempt, state, result={"reason": "minutes"})
        return lambda: store.job(job.id)

    return train


@pytest.mark.parametrize("state", [JobState.FINISHED, JobState.STOPPED])
def test_a_trained_model_is_submitted_once(league, person, race, train, state):
    mina = person("mina")
    job = train(mina, race.id, state)
    league.advance()
    league.advance()
    (made,) = league.submissions.submissions(race.id, mina)
    assert made.model == "car"
    assert job().result == {"reason": "minutes", "submission": made.number, "race": race.id}


def test_killed_between_submitting_and_writing_it_down_it_is_submitted_once(
    league, person, race, train, database
):
    mina = person("mina")
    job = train(mina, race.id)
    league.advance()
    with database.session() as session:
        session.query(JobRow).filter_by(id=job().id).update({"request": {"race": race.id}})
    league.advance()
    assert len(league.submissions.submissions(race.id, mina)) == 1


def test_a_training_that_goes_on_or_failed_submits_nothing(league, person, race, train, database):
    mina = person("mina")
    train(mina, race.id, JobState.FAILED)
    JobStore(database).add(JobKind.TRAINING, mina.id, "car", {"race": race.id})
    league.advance()
    assert league.submissions.submissions(race.id, mina) == []


def test_it_is_told_why_a_model_was_not_submitted(league, person, race, train, clock):
    mina = person("mina")
    gone, closed = train(mina, 99), train(mina, race.id)
    clock.now = race.rules.closes
    league.advance()
    assert gone().result["not_submitted"] == "there is no race 99"
    assert "is closed" in closed().result["not_submitted"]
