"""Limits: they hold, they begin anew, and what was used is told with AWS's price for it."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from openracer.models.library import ask_before_creating, delete_model
from openracer.service.account_tables import UsageRow
from openracer.service.accounts import LOCAL, Accounts
from openracer.service.class_list import add_class, read_class
from openracer.service.class_overview import Standing, _standing, class_overview
from openracer.service.identity import acting_for, current_person
from openracer.service.jobs import JobQueue, JobState
from openracer.service.prices import price_usd
from openracer.service.quotas import FIRST_DAYS, Limits, Period, QuotaError, Quotas, Rules
from openracer.service.store import JobKind, JobStore
from openracer.service.usage_statement import usage_statement

DAY_S = 86_400.0
MARCH_20 = datetime(2026, 3, 20, tzinfo=UTC).timestamp()


@pytest.fixture
def queue():
    """A queue that only takes note."""
    queue = JobQueue()
    yield queue
    ask_before_creating(lambda: None)
    queue.close()


@pytest.fixture
def mina(queue):
    return Accounts(queue.database).add("mina")


@pytest.fixture
def at(queue):
    """``at(moment)`` are the quotas at a moment."""
    return lambda moment: Quotas(queue.database, lambda: moment)


def use(queue, person, hours, ended):
    with queue.database.session() as session:
        session.add(UsageRow(person=person.id, kind="training", ended=ended, seconds=3600.0 * hours))


def test_compute_hours_of_a_month_are_used_up_and_come_back_with_the_next(queue, mina, at):
    use(queue, mina, 9.0, MARCH_20 - 25 * DAY_S)  # in February
    use(queue, mina, 9.9, MARCH_20 - DAY_S)
    at(MARCH_20).check_job(mina)
    use(queue, mina, 0.2, MARCH_20 - 60.0)
    with pytest.raises(QuotaError, match="your 10 compute hours are used up"):
        at(MARCH_20).check_job(mina)
    at(MARCH_20 + 13 * DAY_S).check_job(mina)  # in April
    at(MARCH_20).set_limits(mina, Limits(compute_hours=12.0))
    at(MARCH_20).check_job(mina)
    assert at(MARCH_20).limits(mina) == Limits(12.0, 50, 5.0)
    assert at(MARCH_20).own_limits(mina) == Limits(compute_hours=12.0)


def test_the_free_tiers_30_days_begin_with_the_first_job_and_end(queue, mina, at):
    at(MARCH_20).set_rules(Rules(period=Period.FIRST_30_DAYS))
    assert at(MARCH_20).first_used(mina) is None
    at(MARCH_20).check_job(mina)
    at(MARCH_20 + 29 * DAY_S).check_job(mina)
    assert at(MARCH_20).first_used(mina) == MARCH_20
    with pytest.raises(QuotaError, match="the 30 days that began with your first job are over"):
        at(MARCH_20 + (FIRST_DAYS + 1) * DAY_S).check_job(mina)


def test_all_together_have_limits_too_and_the_local_person_none(queue, mina, at):
    jun = Accounts(queue.database).add("jun")
    at(MARCH_20).set_rules(Rules(everybody=Limits(compute_hours=5.0)))
    use(queue, jun, 6.0, MARCH_20 - DAY_S)
    with pytest.raises(QuotaError, match="5 compute hours of all people together"):
        at(MARCH_20).check_job(mina)
    at(MARCH_20).check_job(LOCAL)
    with pytest.raises(ValueError, match="it must be from 0 to 1000000"):
        Limits(models=-1)


def test_no_more_models_and_no_more_storage_than_allowed(queue, mina, create):
    queue.quotas.set_rules(Rules(person=Limits(10.0, 2, 5.0)))
    ask_before_creating(lambda: queue.quotas.check_model(current_person()))
    with acting_for(mina):
        create("one")
        create("two")
        with pytest.raises(QuotaError, match="you have 2 models, as many as you may"):
            create("three")
        assert queue.quotas.usage(mina).models == 2
        queue.quotas.set_rules(Rules(everybody=Limits(models=3)))
        create("three")
        with pytest.raises(QuotaError, match="all people together have 3 models, as many as they may"):
            create("four")
        delete_model("three")
        queue.quotas.set_rules(Rules(person=Limits(10.0, 2, 5.0)))
        queue.submit_training("one")
        queue.quotas.set_rules(Rules(person=Limits(10.0, 50, 1e-6)))
        with pytest.raises(QuotaError, match="GB of storage are full"):
            queue.submit_training("two")
        with pytest.raises(QuotaError, match="GB of storage are full"):
            create("three")
    for name in ("a", "b", "c"):
        create(name)  # the local person's


def test_a_running_job_counts_and_is_stopped_with_the_reason_when_the_hours_are_used_up(queue, mina, create):
    with acting_for(mina):
        create()
        job = queue.submit_training("tiny")
    store = JobStore(queue.database)
    attempt = store.begin(job)
    queue.quotas.set_limits(mina, Limits(compute_hours=0.0))
    queue._stop_what_is_used_up()
    assert store.job(job.id).state is JobState.STOPPING
    store.end(job.id, attempt, JobState.STOPPED)
    ended = store.job(job.id)
    assert (ended.state, ended.reason) == (JobState.STOPPED, "your 0 compute hours are used up")


def test_every_attempt_of_a_job_is_counted_once_even_if_its_model_is_deleted(queue, mina):
    store = JobStore(queue.database)
    job = store.add(JobKind.TRAINING, mina.id, "car", {})
    for _restart in range(2):
        attempt = store.begin(job)
        job = store.job(job.id)
        assert store.put_back(job) and not store.put_back(job)
        job = store.job(job.id)
    attempt = store.begin(job)
    assert store.end(job.id, attempt, JobState.FINISHED)
    assert not store.end(job.id, attempt, JobState.FAILED, "again")
    store.forget(mina.id, "car")
    with queue.database.session() as session:
        assert session.query(UsageRow).filter(UsageRow.person == mina.id).count() == 3


@pytest.mark.parametrize(
    ("hours", "early", "gb", "in_first_days", "usd"),
    [
        (8.0, 8.0, 4.0, True, 0.0),
        (12.0, 12.0, 6.0, True, 7.023),
        (12.0, 0.0, 6.0, False, 42.138),
        (3.0, 1.0, 0.0, False, 7.0),
    ],
)
def test_prices_are_those_of_aws_with_the_free_tier_taken_off(hours, early, gb, in_first_days, usd):
    assert price_usd(hours, early, gb, in_first_days) == pytest.approx(usd)


def test_the_statement_takes_off_what_was_within_the_first_30_days(queue, mina, at):
    first = MARCH_20 - 25 * DAY_S
    at(first).check_job(mina)
    use(queue, mina, 4.0, MARCH_20 - DAY_S)
    use(queue, mina, 2.0, MARCH_20 + 8 * DAY_S)
    now = MARCH_20 + 9 * DAY_S
    statement = usage_statement(at(now), mina, now)
    assert statement.usage.compute_s == 6 * 3600.0
    assert statement.price_usd == pytest.approx(2.0 * 3.50, abs=0.01)


def test_a_class_is_read_from_a_file_and_what_is_wrong_has_its_line(queue):
    accounts = Accounts(queue.database)
    entries = read_class(
        "\ufeffName,alias,role\nmina@school.example,번개,racer\nKim Jun,,\nteacher,,organiser\n"
    )
    new = add_class(accounts, entries)
    assert [(person.name, person.alias, person.role) for person in new] == [
        ("mina@school.example", "번개", "racer"), ("kim jun", "kim jun", "racer"), ("teacher", "teacher", "organiser"),
    ]  # fmt: skip
    assert add_class(accounts, entries) == []
    with pytest.raises(ValueError, match="somebody uses the alias '번개' already"):
        add_class(accounts, read_class("name,alias\nfirst,\nsecond,번개\n"))
    assert len(accounts.people()) == 3, "all or none"
    for text, told in (
        ("", "the first line must name the columns"),
        ("name,colour\na,b\n", "the first line must name the columns"),
        ("name\n", "there is nobody in the file"),
        ("name\nmina\nMINA\n", "line 3: 'mina' is in line 2 too"),
        ("name,role\nmina,king\n", "line 2: the role is 'king'"),
        ('name,alias\n"",x\n', "line 2: the name is ''"),
    ):
        with pytest.raises(ValueError, match=told):
            read_class(text)


def test_the_class_at_a_glance_has_those_who_need_help_first(queue, create, train_here):
    accounts = Accounts(queue.database)
    store = JobStore(queue.database)
    stuck, new, trains = (accounts.add(name) for name in ("stuck", "new", "trains"))
    for person in (stuck, trains):
        with acting_for(person):
            create()
            job = queue.submit_training("tiny")
        if person is stuck:
            store.end(job.id, store.begin(job), JobState.FAILED, "line 2: KeyError")
    found = class_overview(accounts, queue.quotas, queue)
    assert [(progress.person, progress.standing) for progress in found] == [
        (stuck, Standing.STUCK), (new, Standing.NEW), (trains, Standing.TRAINS),
    ]  # fmt: skip
    assert found[0].trouble == "line 2: KeyError" and found[1].models == 0


@pytest.mark.parametrize(
    ("jobs", "has_lapped", "minutes", "standing"),
    [
        ([], False, 0, Standing.NEW),
        ([("training", "running")], False, 1, Standing.TRAINS),
        ([("training", "queued"), ("training", "failed")], False, 30, Standing.TRAINS),
        ([("training", "finished")], False, 5, Standing.ON_THE_WAY),
        ([("training", "finished")], False, 25, Standing.STUCK),
        ([("training", "failed"), ("training", "finished")], True, 5, Standing.STUCK),
        ([("evaluation", "running"), ("training", "finished")], True, 25, Standing.LAPPED),
    ],
)
def test_who_is_stuck_trains_or_has_lapped(jobs, has_lapped, minutes, standing):
    found = [SimpleNamespace(kind=JobKind(kind), state=JobState(state)) for kind, state in jobs]
    assert _standing(found, has_lapped, 60.0 * minutes) is standing
