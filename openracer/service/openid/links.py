"""Which person here somebody at a school is: found by the number there, never by a name or a mail address."""

import contextlib
import time
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.service.account_tables import OpenIdRow, PersonRow
from openracer.service.accounts import (
    LONGEST_NAME,
    Accounts,
    NameTakenError,
    Person,
    Role,
    new_person,
    person_of_row,
)
from openracer.service.database import Database
from openracer.service.openid.identity import OpenIdError, OpenIdIdentity

_MOST_NAMESAKES = 1000


class OpenIdLinks:
    """The links in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        accounts: in it.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, accounts: Accounts, clock: Callable[[], float] = time.time):
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def come_in(self, identity: OpenIdIdentity, role: Role, sets_role: bool) -> Person:
        """The person who somebody is here, made if there is none yet.

        Args:
            identity: at the school.
            role: of somebody new.
            sets_role: whether it is also that of a person whom the school has made before.

        Raises:
            OpenIdError: the person is shut out.
        """
        with self._database.session() as session:
            link = session.get(OpenIdRow, (identity.issuer, identity.subject))
            if link is None:
                return person_of_row(self._new(session, identity, role))
            person = person_of_row(session.get_one(PersonRow, link.person))
            follows = sets_role and link.made_person and person.role is not role
        if person.is_disabled:
            raise OpenIdError(_("this account is disabled; ask the administrator"))
        if follows:
            # Whoever is the last administrator stays so.
            with contextlib.suppress(ValueError):
                self._accounts.set_role(person.id, role)
        return self._accounts.person(person.id)

    def connect(self, person: Person, identity: OpenIdIdentity) -> None:
        """Let a person who is signed in sign in as somebody at the school from now on.

        Raises:
            OpenIdError: that is somebody else's account here.
        """
        with self._database.session() as session:
            link = session.get(OpenIdRow, (identity.issuer, identity.subject))
            if link is None:
                session.add(self._row(identity, person.id, made_person=False))
            elif link.person != person.id:
                raise OpenIdError(_("that account belongs to somebody else here already"))

    def disconnect(self, person: Person) -> None:
        """Forget who a person is at any school.

        Raises:
            OpenIdError: the person could not sign in any more.
        """
        with self._database.session() as session:
            if session.get_one(PersonRow, person.id).password is None:
                raise OpenIdError(_("without a password you could not sign in any more"))
            session.query(OpenIdRow).where(OpenIdRow.person == person.id).delete()

    def is_connected(self, person: Person, issuer: str) -> bool:
        """Whether a person can sign in with an account at a school."""
        query = select(OpenIdRow).where(OpenIdRow.person == person.id, OpenIdRow.issuer == issuer)
        with self._database.session() as session:
            return session.scalar(query.limit(1)) is not None

    def _new(self, session: Session, identity: OpenIdIdentity, role: Role) -> PersonRow:
        """A person for somebody who comes for the first time; with a number where the name is somebody's."""
        wanted = _usable(identity.mail) or _usable(identity.name) or "racer"
        for number in range(1, _MOST_NAMESAKES):
            with contextlib.suppress(NameTakenError):
                name = wanted if number == 1 else f"{wanted}-{number}"
                row = new_person(session, name, role, None, None, self._clock())
                session.add(self._row(identity, row.id, made_person=True))
                return row
        raise OpenIdError(_("too many people are called {name!r} here").format(name=wanted))

    def _row(self, identity: OpenIdIdentity, person: int, *, made_person: bool) -> OpenIdRow:
        return OpenIdRow(
            issuer=identity.issuer,
            subject=identity.subject,
            person=person,
            created=self._clock(),
            made_person=made_person,
        )


def _usable(text: str) -> str:
    """A text as a name with room for a number, without what cannot be seen."""
    seen = "".join(character for character in text if character.isprintable())
    return " ".join(seen.split())[: LONGEST_NAME - 5].strip()
