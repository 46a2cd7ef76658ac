"""The console's database, brought up to date by migrations: SQLite in the data folder, or PostgreSQL by its URL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from openracer.language import gettext as _

FILE_NAME = "console.sqlite"
ENVIRONMENT = "OPENRACER_DATABASE"
"""Variable with the URL of a PostgreSQL database; it may hold a password, so it is no option of a command."""

_PATIENCE_S = 20.0
_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseProblemError(OSError):
    """The database cannot be read or written; the text is one sentence."""


class Base(DeclarativeBase):
    """All tables."""


class JobRow(Base):
    """One job; ``number`` is its place in the order of submission.

    Attributes:
        person: who asked for it, and owns the model.
        attempt: how often a process was started for it; a process of an earlier attempt has no say any more.
        pid: of the process that watches over it, None until that process has said so.
        process_started: when that process began, seconds of the epoch: numbers of processes are used again.
    """

    __tablename__ = "jobs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    person: Mapped[int] = mapped_column(default=1, index=True)
    model: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(index=True)
    created: Mapped[float]
    started: Mapped[float | None]
    ended: Mapped[float | None]
    reason: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    request: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    attempt: Mapped[int] = mapped_column(default=0)
    pid: Mapped[int | None]
    process_started: Mapped[float | None]


class Database:
    """The database that OPENRACER_DATABASE names, else that in a folder, made if it is not there.

    Args:
        folder: of the console.

    Attributes:
        path: of the file, where it is one.

    Raises:
        DatabaseProblemError: it is damaged or cannot be reached, the disk is full, or the folder is not writable.
        ValueError: the variable names no PostgreSQL.
    """

    def __init__(self, folder: Path):
        self.path = folder / FILE_NAME
        url = os.environ.get(ENVIRONMENT)
        self._engine = _sqlite(self.path) if url is None else _postgresql(url)
        self._name = str(self.path) if url is None else self._engine.url.render_as_string(hide_password=True)

    def upgrade(self) -> None:
        """Bring the tables up to date; only the console does it, before anything else uses them."""
        # Alembic takes long to import, and the processes that watch over jobs do not need it.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, undone if it raises.

        Raises:
            DatabaseProblemError: it cannot be read or written.
        """
        with self._told(), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise DatabaseProblemError(
                _("the console's database {file} cannot be used: {reason}").format(
                    file=self._name, reason=_reason(str(error.orig))
                )
            ) from error


def _reason(told: str) -> str:
    if "disk is full" in told or "disk I/O" in told:
        return _("the disk is full; free some space and try again")
    if "malformed" in told or "not a database" in told:
        return _("it is damaged; move the file away, and the console makes a new one")
    return " ".join(told.split())


def _postgresql(url: str) -> Engine:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError(
            _("{variable} must begin with postgresql://, as postgresql://user:password@host/name").format(
                variable=ENVIRONMENT
            )
        )
    try:
        return create_engine(f"postgresql+psycopg://{rest}", pool_pre_ping=True)
    except ModuleNotFoundError:
        raise ValueError(_("PostgreSQL needs another package: pip install 'openracer[postgresql]'")) from None


def _sqlite(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE_S})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # Readers and the one writer do not wait for each other.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine
