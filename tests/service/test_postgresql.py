"""PostgreSQL instead of SQLite: the same migrations, the same queue, the same people, from several processes."""

import getpass
import os
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import torch
from sqlalchemy import create_engine, inspect

from openracer.formats.checkpoints_index import CheckpointName
from openracer.league.race import Race, RefusedSubmissionError
from openracer.league.ranking import Lap
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.service.accounts import LOCAL, Accounts, NameTakenError, Role
from openracer.service.database import ENVIRONMENT, Base, Database, DatabaseProblemError
from openracer.service.identity import acting_for
from openracer.service.jobs import JobQueue, JobState
from openracer.service.league import League
from openracer.service.league.races import Format
from openracer.service.people import People
from openracer.service.processes import ProcessIdentity
from openracer.service.quotas import Limits, Rules
from openracer.service.store import JobKind, JobStore
from tests.processes import wait_for


def _program(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, reversed(versions))]))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of its own, which only this test can reach; gives its folder of sockets."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("NO TEST OF POSTGRESQL RUNS: it is not installed; `make postgresql` does")
    folder = tmp_path_factory.mktemp("postgresql")
    user = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = {"user": 65534, "group": 65534, "extra_groups": []}
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path.is_relative_to(folder.parents[1]):
                path.chmod(0o755)
        os.chown(folder, 65534, 65534)
    data = folder / "data"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    arguments = ["-D", str(data), "-A", "trust", "-U", "tests", "--no-sync", "-E", "UTF8"]
    subprocess.run(
        [initdb, *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL, env=environment, **user
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [postgres, "-D", str(data), "-k", str(folder), "-h", "", "-F"],
            cwd="/", stdout=log, stderr=log, env=environment, **user,
        )  # fmt: skip
    try:
        wait_for(lambda: "ready to accept" in (folder / "log").read_text(), "the start of PostgreSQL")
        yield folder
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def url(server, request, monkeypatch):
    """The address of an empty database."""
    name = f"db{abs(hash(request.node.name))}"
    admin = create_engine(f"postgresql+psycopg://tests@/postgres?host={server}", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    address = f"postgresql://tests@/{name}?host={server}"
    monkeypatch.setenv(ENVIRONMENT, address)
    return address


def test_the_migrations_make_the_tables_that_the_code_describes(url, tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    database.upgrade()
    made = inspect(database._engine)
    for table in Base.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
    assert not database.path.exists()
    database.close()


def test_people_sessions_invitations_and_limits(url, tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    people = People.of(database)
    assert people.accounts.person(LOCAL.id) == LOCAL
    mina = people.accounts.add("Mina", Role.ADMINISTRATOR, "correct horse")
    assert people.accounts.check_password("mina", "correct horse") == mina
    with pytest.raises(NameTakenError):
        people.accounts.add("MINA")
    assert people.sessions.person(people.sessions.begin(mina)) == mina
    jun = people.invitations.accept(people.invitations.make(Role.RACER), "jun", "battery staple")
    assert [person.alias for person in people.accounts.people()] == ["jun", "Mina"]
    people.quotas.set_rules(Rules(person=Limits(1.0, 2, 3.0)))
    assert people.quotas.limits(jun) == Limits(1.0, 2, 3.0)
    people.accounts.disable(jun.id)
    database.close()


def test_of_many_who_want_the_same_job_one_gets_it_and_its_time_is_counted_once(url, tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    person = Accounts(database).add("mina")
    store = JobStore(database)
    for _round in range(5):
        job = store.add(JobKind.TRAINING, person.id, "car", {"größe": "큰"})
        began: list[int | None] = []
        claimed: list[bool] = []
        ended: list[bool] = []

        def work(job=job, began=began, claimed=claimed, ended=ended):
            began.append(store.begin(job))
            claimed.append(store.claim(job.id, 1, ProcessIdentity.current()))
            ended.append(store.end(job.id, 1, JobState.FINISHED))

        threads = [threading.Thread(target=work) for _thread in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(filter(None, began)) == [1] and ended.count(True) == 1 and claimed.count(True) <= 1
        assert store.job(job.id).request == {"größe": "큰"}
    with database.session() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM usage").scalar() == 5
    database.close()


def test_a_race_takes_as_many_submissions_as_it_says_and_counts_each_once(url, tmp_path, data_folder):
    database = Database(tmp_path)
    database.upgrade()
    league, accounts = League.of(database), Accounts(database)
    organiser, mina = accounts.add("organiser", Role.ORGANISER), accounts.add("mina")
    with acting_for(mina):
        folder = create_model(TrainingDescription.from_values({"name": "car", "preset": "fast"}))
        folder.checkpoints.save(CheckpointName(1, 1), {"policy.bias": torch.zeros(1)})
    opens = datetime.now(UTC)
    rules = Race(
        name="봄", track="reinvent_base", ranking="best", submissions_per_person=3,
        opens=opens, closes=opens + timedelta(days=1),
    )  # fmt: skip
    race = league.races.create(organiser, rules, is_private=True)
    assert league.membership.join(mina, league.membership.make_code(organiser, race.id).code) == race.id
    told: list[int | None] = []

    def submit(number):
        try:
            with acting_for(mina):
                told.append(league.submissions.submit(mina, race.id, "car", key=str(number % 4)).number)
        except RefusedSubmissionError:
            told.append(None)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = league.submissions.submissions(race.id)
    assert [entry.nth for entry in made] == [3, 2, 1]
    assert set(filter(None, told)) == {entry.number for entry in made}
    jobs = JobStore(database).jobs(kinds=(JobKind.SUBMISSION,))
    for job in jobs:
        number = league.submissions.of_job(job.id).number
        assert [league.submissions.finish(number, [Lap(9000)], 9.0, job.id) for _twice in range(2)] == [
            True,
            False,
        ]
    (row,) = league.boards.leaderboard(race.id, mina)
    assert (row.submissions, row.time_s) == (3, 9.0)
    season = league.seasons.create(organiser, "2027")
    league.races.create(organiser, rules.model_copy(update={"name": "live"}), Format.LIVE, season=season.id)
    league.advance()
    league.races.delete(organiser, race.id)
    database.close()


def test_a_training_runs_from_the_queue(url, create, processes_end):
    queue = JobQueue()
    queue.start()
    create(iterations=1)
    job = queue.submit_training("tiny")
    ended = wait_for(lambda: None if queue.job(job.id).state.is_active else queue.job(job.id), "the end")
    queue.close()
    queue.database.close()
    assert (ended.state, ended.reason) == (JobState.FINISHED, "")


def test_what_cannot_be_used_is_one_sentence_without_the_password(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "mysql://me@host/name")
    with pytest.raises(ValueError, match="must begin with postgresql://"):
        Database(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, f"postgresql://{getpass.getuser()}:hidden@127.0.0.1:9/name")
    with pytest.raises(DatabaseProblemError, match="cannot be used") as caught:
        Database(tmp_path).upgrade()
    assert "hidden" not in str(caught.value)
