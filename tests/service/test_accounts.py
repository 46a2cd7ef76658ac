"""People: names that are unique, roles that include each other, passwords that only their owner knows."""

import pytest

from openracer import locations
from openracer.models.library import list_models
from openracer.service.accounts import LOCAL, Accounts, NameTakenError, PersonNotFoundError, Role
from openracer.service.database import Database
from openracer.service.identity import current_person, set_current_person
from openracer.service.jobs import JobNotFoundError, JobQueue


@pytest.fixture
def accounts(tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    return Accounts(database)


@pytest.fixture
def acting():
    """``acting(person)`` goes on as that person; the end of the test is nobody's."""
    yield set_current_person
    set_current_person(None)


def test_a_new_installation_has_the_local_person_who_may_do_everything_and_cannot_sign_in(accounts):
    assert accounts.person(LOCAL.id) == LOCAL == current_person()
    assert LOCAL.may(Role.ADMINISTRATOR) and accounts.people() == []
    assert accounts.check_password("me", "") is None


def test_roles_include_those_below():
    allowed = {(role, needed) for role in Role for needed in Role if role.may(needed)}
    racer, organiser, administrator = Role.RACER, Role.ORGANISER, Role.ADMINISTRATOR
    assert allowed == {
        (racer, racer), (organiser, racer), (organiser, organiser),
        (administrator, racer), (administrator, organiser), (administrator, administrator),
    }  # fmt: skip


def test_names_and_aliases_are_unique_whatever_their_capitals(accounts):
    first = accounts.add(" Min  Ji ", password="long enough")
    assert (first.name, first.alias, first.role) == ("min ji", "Min Ji", Role.RACER)
    with pytest.raises(NameTakenError, match="there is somebody called 'min ji' already"):
        accounts.add("MIN JI")
    with pytest.raises(NameTakenError, match="alias 'Min Ji'"):
        accounts.add("other", alias="Min Ji")
    assert accounts.add("kim@school.example").alias == "kim"
    assert accounts.add("kim@other.example").alias == "kim-2"
    with pytest.raises(ValueError, match="from 1 to 60 characters"):
        accounts.add("a\x00b")
    with pytest.raises(ValueError, match="from 8 to 200"):
        accounts.add("short", password="1234567")
    with pytest.raises(PersonNotFoundError, match="there is no person 99"):
        accounts.person(99)


def test_only_the_right_password_of_somebody_who_is_not_shut_out_counts(accounts):
    teacher = accounts.add("teacher", Role.ADMINISTRATOR, "correct horse")
    pupil = accounts.add("pupil", password="battery staple")
    assert accounts.check_password("Pupil ", "battery staple") == pupil
    for name, password in (("pupil", "correct horse"), ("pupil", ""), ("nobody", "battery staple")):
        assert accounts.check_password(name, password) is None
    accounts.disable(pupil.id)
    assert accounts.person(pupil.id).is_disabled
    assert accounts.check_password("pupil", "battery staple") is None
    accounts.enable(pupil.id)
    accounts.set_password(pupil.id, "another one")
    assert accounts.check_password("pupil", "another one") == pupil
    for leave_nobody in (
        lambda: accounts.disable(teacher.id),
        lambda: accounts.set_role(teacher.id, Role.RACER),
    ):
        with pytest.raises(ValueError, match="there must be an administrator"):
            leave_nobody()
    assert accounts.person(teacher.id) == teacher


def test_a_profile_is_checked(accounts):
    person = accounts.add("racer")
    changed = accounts.change_profile(person.id, "번개", "kr", "teal")
    assert (changed.alias, changed.country, changed.avatar) == ("번개", "KR", "teal")
    assert accounts.person(person.id) == changed
    for alias, country, avatar, told in (
        ("x" * 31, "", "red", "from 1 to 30"), ("a", "Korea", "red", "two letters"), ("a", "", "<svg>", "one of red"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=told):
            accounts.change_profile(person.id, alias, country, avatar)


def test_everybody_has_models_and_jobs_of_their_own(create, acting):
    queue = JobQueue()
    accounts = Accounts(queue.database)
    mina, jun = accounts.add("mina"), accounts.add("jun")
    homes = set()
    jobs = {}
    for person in (mina, jun, LOCAL):
        acting(person)
        homes.add(locations.data_folder())
        assert list_models() == []
        create()
        jobs[person.id] = queue.submit_training("tiny")
        assert [job.id for job in queue.jobs()] == [jobs[person.id].id]
    assert len(homes) == 3 and locations.data_folder() == locations.installation_folder()
    acting(mina)
    with pytest.raises(JobNotFoundError):
        queue.job(jobs[jun.id].id)
    with pytest.raises(JobNotFoundError):
        queue.stop(jobs[jun.id].id)
    queue.delete_model("tiny")
    acting(jun)
    assert [model.name for model in list_models()] == ["tiny"] and queue.place(jobs[jun.id].id) == 1
    assert len(queue.everybodys_jobs()) == 2
    queue.close()
