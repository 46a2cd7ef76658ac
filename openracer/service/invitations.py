"""Links with which people come in: to become somebody here, or to choose a password of their own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select, update

from openracer.language import gettext as _
from openracer.service.account_tables import InvitationRow
from openracer.service.accounts import Accounts, Person, Role
from openracer.service.database import Database
from openracer.service.passwords import fingerprint, new_secret

MOST_USES = 1000
LONGEST_DAYS = 365


@dataclass(frozen=True)
class Invitation:
    """A link that works.

    Attributes:
        id: number by which it can be revoked.
        role: of whoever comes in by it.
        person: number of the one whose password it sets; None if it makes somebody new.
        expires: until when it works, UTC.
        left: how often it still works.
    """

    id: int
    role: Role
    person: int | None
    expires: datetime
    left: int


class InvitationError(ValueError):
    """A link does not work, or no longer; the text is one sentence."""


class Invitations:
    """Invitations in a database.

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

    def make(self, role: Role, uses: int = 1, days: int = 14) -> str:
        """Make a link for new people.

        Args:
            role: theirs.
            uses: how many may come in by it, 1 to 1000.
            days: how long it works, 1 to 365.

        Returns:
            The secret of the link, which nobody can be told again.

        Raises:
            ValueError: a number is out of its range.
        """
        if not 1 <= uses <= MOST_USES:
            raise ValueError(
                _("the number of uses is {count}; it must be from 1 to {limit}").format(
                    count=uses, limit=MOST_USES
                )
            )
        if not 1 <= days <= LONGEST_DAYS:
            raise ValueError(
                _("the number of days is {count}; it must be from 1 to {limit}").format(
                    count=days, limit=LONGEST_DAYS
                )
            )
        return self._add(role, None, uses, days)

    def make_for(self, person: Person, days: int = 14) -> str:
        """Make a link with which a person chooses a password, once; links made before for the same end."""
        with self._database.session() as session:
            session.execute(delete(InvitationRow).where(InvitationRow.person == person.id))
        return self._add(person.role, person.id, 1, days)

    def _add(self, role: Role, person: int | None, uses: int, days: int) -> str:
        secret, now = new_secret(), self._clock()
        with self._database.session() as session:
            session.add(
                InvitationRow(
                    key=fingerprint(secret),
                    role=role,
                    person=person,
                    created=now,
                    expires=now + 86_400.0 * days,
                    left=uses,
                )
            )
        return secret

    def open(self) -> list[Invitation]:
        """All that work, the earliest first."""
        query = select(InvitationRow).where(InvitationRow.left > 0, InvitationRow.expires >= self._clock())
        with self._database.session() as session:
            return [_invitation(row) for row in session.scalars(query.order_by(InvitationRow.id))]

    def revoke(self, number: int) -> None:
        """Make a link useless."""
        with self._database.session() as session:
            session.execute(delete(InvitationRow).where(InvitationRow.id == number))

    def find(self, secret: str) -> Invitation:
        """The invitation of a link.

        Raises:
            InvitationError: it does not work, or no longer.
        """
        with self._database.session() as session:
            row = session.scalar(select(InvitationRow).where(InvitationRow.key == fingerprint(secret)))
        if row is None or row.left < 1 or row.expires < self._clock():
            raise InvitationError(_("this link does not work any more; ask for a new one"))
        return _invitation(row)

    def accept(self, secret: str, name: str, password: str) -> Person:
        """Become somebody, or choose a password.

        Args:
            secret: of the link.
            name: to sign in with; of no account where the link is for somebody who is known.
            password: for signing in.

        Raises:
            InvitationError: the link does not work.
            ValueError: name or password are not usable, or the name is taken.
        """
        invitation = self.find(secret)
        # Used up first: of two who come at once by a link for one, only one is let in.
        if not self._use(invitation.id, -1):
            raise InvitationError(_("this link does not work any more; ask for a new one"))
        try:
            if invitation.person is None:
                return self._accounts.add(name, invitation.role, password)
            self._accounts.set_password(invitation.person, password)
            return self._accounts.person(invitation.person)
        except (ValueError, OSError, LookupError):
            self._use(invitation.id, +1)
            raise

    def _use(self, number: int, change: int) -> bool:
        with self._database.session() as session:
            done = session.execute(
                update(InvitationRow)
                .where(InvitationRow.id == number, InvitationRow.left + change >= 0)
                .values(left=InvitationRow.left + change)
            )
            return bool(done.rowcount)  # type: ignore[attr-defined]


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(row.id, Role(row.role), row.person, datetime.fromtimestamp(row.expires, UTC), row.left)
