"""Submissions drive in processes of their own, and whoever is killed, none is lost and none counts twice."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import select

from benchmarks.circling import CIRCLE, circling_model, drawn_circle
from openracer.league.drive import drive_race
from openracer.league.race import Race
from openracer.league.record import read_record, verify
from openracer.service.accounts import Accounts, Role
from openracer.service.confinement.layers import NEEDED, available
from openracer.service.database import Database
from openracer.service.identity import acting_for
from openracer.service.jobs import JobQueue
from openracer.service.league import League
from openracer.service.league.submissions import SubmissionState
from openracer.service.league.tables import SubmissionRow
from openracer.service.store import JobKind, JobState, JobStore
from tests.processes import wait_for

KILLS = 5

CONSOLE = """
import time
from openracer.service.jobs import JobQueue
queue = JobQueue()
queue.start()
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def racers(data_folder):
    """A database with an organiser, and racers with models of different speed; the faster, the later."""
    database = Database(data_folder / "console")
    database.upgrade()
    accounts = Accounts(database)
    organiser = accounts.add("organiser", Role.ORGANISER)
    people = [accounts.add(f"racer {number}") for number in range(3)]
    with acting_for(organiser):
        drawn_circle()
        # Compiles the kernels: confined drives only read them, and one that is killed would begin again and again.
        now = datetime.now(UTC)
        rules = Race(
            name="warm", track=CIRCLE, laps=1, ranking="best", opens=now, closes=now + timedelta(days=1)
        )
        drive_race(circling_model("warm", 1.0), rules, 1)
    for number, person in enumerate(people):
        with acting_for(person):
            circling_model("car", 1.0 + 0.3 * number)
            # Another track under the race's name, which nobody shall drive on.
            drawn_circle(width=0.2)
    return database, organiser, people


def race_now(league, organiser):
    now = datetime.now(UTC)
    rules = Race(
        name="circle", track=CIRCLE, laps=1, ranking="best", opens=now, closes=now + timedelta(days=1)
    )
    with acting_for(organiser):
        return league.races.create(organiser, rules)


def submit(league, person, race, key=None):
    with acting_for(person):
        return league.submissions.submit(person, race.id, "car", key=key)


def wait_for_drives(league, race):
    """Wait until all submissions have ended, with patience for each."""
    for count in range(1, len(league.submissions.submissions(race.id)) + 1):
        wait_for(lambda count=count: ended(league, race) >= count, f"the end of drive {count}")
    assert {entry.reason for entry in league.submissions.submissions(race.id)} == {""}


def ended(league, race):
    ends = (SubmissionState.FINISHED, SubmissionState.FAILED)
    return sum(entry.state in ends for entry in league.submissions.submissions(race.id))


@pytest.mark.skipif(not set(NEEDED) <= set(available()), reason="this system cannot confine")
def test_submissions_drive_confined_on_the_races_own_track_and_their_records_hold(racers, processes_end):
    database, organiser, people = racers
    league = League.of(database)
    race = race_now(league, organiser)
    made = [submit(league, person, race) for person in people[:2]]
    queue = JobQueue(layers=available())
    queue.start()
    try:
        wait_for_drives(league, race)
    finally:
        queue.close()
    rows = league.boards.leaderboard(race.id, None)
    assert [(row.rank, row.racer.id, row.resets) for row in rows] == [
        (1, people[1].id, 0),
        (2, people[0].id, 0),
    ]
    for entry in made:
        record = read_record(league.submissions.submission(entry.number, None).record_file)
        assert verify(record).is_exact
        assert [lap.time_ms for lap in record.drive.laps] == [
            lap.time_ms for lap in league.submissions.submission(entry.number, None).laps
        ]


def test_consoles_and_drives_that_are_killed_lose_no_submission_and_count_none_twice(racers, processes_end):
    database, organiser, people = racers
    league = League.of(database)
    race = race_now(league, organiser)
    for number in range(KILLS):
        console = subprocess.Popen([sys.executable, "-c", CONSOLE], stdout=subprocess.PIPE, text=True)
        console.stdout.readline()
        person = people[number % len(people)]
        submit(league, person, race, key=str(number))
        assert submit(league, person, race, key=str(number)).nth == number // len(people) + 1
        doomed = [console.pid]
        if number % 2:  # the watch and the drive, too
            wait_for(lambda: descendants(database), "a drive")
            doomed += [process.pid for process in descendants(database)]
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        console.wait()
        console.stdout.close()
    queue = JobQueue()
    queue.start()
    try:
        wait_for_drives(league, race)
    finally:
        queue.close()
    made = league.submissions.submissions(race.id)
    assert len(made) == KILLS and {entry.state for entry in made} == {SubmissionState.FINISHED}
    with database.session() as session:
        assert len(set(session.scalars(select(SubmissionRow.job)))) == KILLS
    rows = league.boards.leaderboard(race.id, None)
    assert sum(row.submissions for row in rows) == KILLS
    assert [row.racer.id for row in rows] == [person.id for person in reversed(people)]


def descendants(database):
    """The processes that watch over drives, and the drives."""
    found = []
    for job in JobStore(database).jobs(states=(JobState.RUNNING,), kinds=(JobKind.SUBMISSION,)):
        if job.process is not None and job.process.is_alive():
            process = psutil.Process(job.process.pid)
            found += [*process.children(recursive=True), process]
    return found
