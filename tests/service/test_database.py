"""The console's database: migrations make what the code expects; a damaged or full one is one sentence."""

import pytest
from sqlalchemy import create_engine, inspect

from openracer.service.accounts import LOCAL
from openracer.service.database import Base, Database, DatabaseProblemError
from openracer.service.store import JobKind, JobStore


def test_the_migrations_make_the_tables_that_the_code_describes(tmp_path):
    database = Database(tmp_path)
    database.upgrade()
    database.upgrade()  # nothing is left to do
    made = inspect(create_engine(f"sqlite:///{database.path}"))
    for table in Base.metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in made.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}


def test_a_damaged_file_is_one_sentence(tmp_path):
    database = Database(tmp_path)
    database.path.write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseProblemError, match="move the file away, and the console makes a new one"):
        database.upgrade()


def test_without_room_nothing_that_was_written_is_lost(tmp_path):
    """A limit on pages stands for a full disk."""
    database = Database(tmp_path)
    database.upgrade()
    store = JobStore(database)
    job = store.add(JobKind.TRAINING, LOCAL.id, "car", {})
    with database.session() as session:
        connection = session.connection()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(Exception, match="full"):
            connection.exec_driver_sql(
                "INSERT INTO jobs SELECT 99, 'x', kind, model, state, created, started, ended, "
                "printf('%.*c', 100000, 'r'), language, request, result, attempt, pid, process_started, person "
                "FROM jobs"
            )
    assert store.jobs() == [job]
