"""A league under a test clock, with people who have models, and a driver that does as it is told."""

from datetime import UTC, datetime, timedelta

import pytest
import torch

from openracer.formats.checkpoints_index import CheckpointName
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.service.accounts import Accounts, Role
from openracer.service.database import Database
from openracer.service.identity import acting_for
from openracer.service.league import League
from openracer.service.league.submissions import SubmissionNotFoundError
from openracer.service.processes import ProcessIdentity
from openracer.service.store import JobKind, JobState, JobStore

START = datetime(2027, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now.timestamp()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(data_folder):
    database = Database(data_folder / "console")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def league(database, clock):
    return League.of(database, clock)


@pytest.fixture
def person(database):
    """``person(name, role)`` makes somebody who has a model called "car"."""

    def person(name, role=Role.RACER):
        made = Accounts(database).add(name, role)
        give_model(made)
        return made

    return person


def give_model(person, name="car", weight=0.0):
    """Give a person a model with a checkpoint of one number."""
    with acting_for(person):
        folder = create_model(TrainingDescription.from_values({"name": name, "preset": "fast"}))
        folder.checkpoints.save(CheckpointName(1, 1), {"policy.bias": torch.full((1,), weight)})


@pytest.fixture
def organiser(person):
    return person("organiser", Role.ORGANISER)


@pytest.fixture
def rules():
    """``rules(number, **changes)`` are those of a race of 30 days, the first one open."""

    def rules(number=0, **changes):
        opens = START + 30 * number * DAY
        values = {
            "name": f"race {number}",
            "track": "reinvent_base",
            "opens": opens,
            "closes": opens + 30 * DAY,
        }
        return Race(**{**values, **changes})

    return rules


@pytest.fixture
def submit(league):
    """``submit(person, race)`` enters the person's model."""

    def submit(person, race, key=None):
        with acting_for(person):
            return league.submissions.submit(person, race.id, "car", key=key)

    return submit


@pytest.fixture
def drive(league, database):
    """``drive({submission: times_s})`` lets jobs that wait drive the given laps; others complete none."""

    def drive(times=None):
        store = JobStore(database)
        for job in reversed(store.jobs(states=(JobState.QUEUED,), kinds=(JobKind.SUBMISSION,))):
            attempt = store.begin(job)
            store.claim(job.id, attempt, ProcessIdentity.current())
            try:
                submission = league.submissions.of_job(job.id)
            except SubmissionNotFoundError:  # it was put back into the queue of a live race
                store.end(job.id, attempt, JobState.STOPPED)
                continue
            laps = [Lap(round(1000 * time)) for time in (times or {}).get(submission.number, ())]
            league.submissions.finish(submission.number, laps, 30.0, job.id)
            store.end(job.id, attempt, JobState.FINISHED)

    return drive
