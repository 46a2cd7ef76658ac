"""Who has signed in: sessions of browsers, and tokens of programs. Only the hash of either is kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, delete, select

from openracer.language import gettext as _
from openracer.service.account_tables import PersonRow, SessionRow, TokenRow
from openracer.service.accounts import Person, person_of_row
from openracer.service.database import Database
from openracer.service.passwords import fingerprint, new_secret

LIFETIME_S = 14 * 24 * 3600.0
"""After so long a browser has to sign in again."""
MOST_TOKENS = 20
LONGEST_TITLE = 60


@dataclass(frozen=True)
class Token:
    """A token for the API.

    Attributes:
        key: its hash, by which it can be revoked.
        title: what its owner calls it.
        created: when it was made, UTC.
    """

    key: str
    title: str
    created: datetime


class Sessions:
    """Sessions and tokens in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time):
        self._database = database
        self._clock = clock

    def begin(self, person: Person) -> str:
        """Sign a person in.

        Returns:
            The secret for the browser's cookie.
        """
        secret, now = new_secret(), self._clock()
        with self._database.session() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires < now))
            session.add(
                SessionRow(key=fingerprint(secret), person=person.id, created=now, expires=now + LIFETIME_S)
            )
        return secret

    def person(self, secret: str) -> Person | None:
        """Who has signed in with a browser whose cookie holds this; None if nobody, or no longer."""
        query = select(PersonRow).join(SessionRow, SessionRow.person == PersonRow.id)
        query = query.where(SessionRow.key == fingerprint(secret), SessionRow.expires >= self._clock())
        return self._first(query.where(PersonRow.disabled.is_(None)))

    def keep(self, secret: str, person: Person) -> None:
        """Let the browser that has just changed the password stay signed in."""
        now = self._clock()
        row = SessionRow(key=fingerprint(secret), person=person.id, created=now, expires=now + LIFETIME_S)
        with self._database.session() as session:
            session.merge(row)

    def end(self, secret: str) -> None:
        """Sign out."""
        with self._database.session() as session:
            session.execute(delete(SessionRow).where(SessionRow.key == fingerprint(secret)))

    def make_token(self, person: Person, title: str) -> str:
        """Make a token for the API.

        Returns:
            The token, which nobody can be told again.

        Raises:
            ValueError: the title is not usable, or there are too many.
        """
        title = " ".join(title.split())
        if not 1 <= len(title) <= LONGEST_TITLE or not title.isprintable():
            raise ValueError(
                _("a token needs a title of at most {longest} characters").format(longest=LONGEST_TITLE)
            )
        if len(self.tokens(person)) >= MOST_TOKENS:
            raise ValueError(
                _("there are {count} tokens already; revoke one first").format(count=MOST_TOKENS)
            )
        secret = new_secret()
        with self._database.session() as session:
            session.add(
                TokenRow(key=fingerprint(secret), person=person.id, title=title, created=self._clock())
            )
        return secret

    def tokens(self, person: Person) -> list[Token]:
        """A person's tokens, the earliest first."""
        query = select(TokenRow).where(TokenRow.person == person.id).order_by(TokenRow.created)
        with self._database.session() as session:
            return [
                Token(row.key, row.title, datetime.fromtimestamp(row.created, UTC))
                for row in session.scalars(query)
            ]

    def revoke(self, person: Person, key: str) -> None:
        """Make a token of a person useless."""
        with self._database.session() as session:
            session.execute(delete(TokenRow).where(TokenRow.person == person.id, TokenRow.key == key))

    def person_of_token(self, secret: str) -> Person | None:
        """Whose token this is; None if nobody's."""
        query = select(PersonRow).join(TokenRow, TokenRow.person == PersonRow.id)
        return self._first(query.where(TokenRow.key == fingerprint(secret), PersonRow.disabled.is_(None)))

    def _first(self, query: Select[PersonRow]) -> Person | None:
        with self._database.session() as session:
            row: PersonRow | None = session.scalar(query)
        return None if row is None else person_of_row(row)
