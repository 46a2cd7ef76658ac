"""The database of the console: SQLite in the data folder, brought up to date by migrations when it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from openracer.language import gettext as _

FILE_NAME = "console.sqlite"
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
    """The database in a folder, made if it is not there.

    Args:
        folder: of the console.

    Raises:
        DatabaseProblemError: it is damaged, the disk is full, or the folder is not writable.
    """

    def __init__(self, folder: Path):
        self.path = folder / FILE_NAME
        self._engine = _engine(self.path)

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
                    file=self.path, reason=_reason(str(error.orig))
                )
            ) from error


def _reason(told: str) -> str:
    if "disk is full" in told or "disk I/O" in told:
        return _("the disk is full; free some space and try again")
    if "malformed" in told or "not a database" in told:
        return _("it is damaged; move the file away, and the console makes a new one")
    return told


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE_S})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # Readers and the one writer do not wait for each other.
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()

    return engine
