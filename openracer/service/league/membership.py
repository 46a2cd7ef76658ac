"""Who may see and enter a private race: its organiser, administrators, and whoever has joined with a code."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.database import Database
from openracer.service.league.moments import moment
from openracer.service.league.people import Racer, may_manage, racers, require_manager
from openracer.service.league.tables import CodeRow, MemberRow, RaceRow

LONGEST_DAYS = 365
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""None that is easily taken for another one."""
_LENGTH = 10


class CodeError(ValueError):
    """A code does not work, or no longer; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Code:
    """An invitation code of a race.

    Attributes:
        id: number by which it can be revoked.
        code: the code itself.
        expires: until when it works, UTC; None until it is revoked.
        works: whether it does now.
    """

    id: int
    code: str
    expires: datetime | None
    works: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has joined a private race.

    Attributes:
        racer: who.
        joined: when, UTC.
    """

    racer: Racer
    joined: datetime


class Membership:
    """Codes of private races and who has joined with them.

    Args:
        database: of the console.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float]):
        self._database = database
        self._clock = clock

    def may_see(self, session: Session, race: RaceRow, person: Person | None) -> bool:
        """Whether somebody may see and enter a race."""
        if not race.is_private or may_manage(person, race.organiser):
            return True
        return person is not None and session.get(MemberRow, (race.id, person.id)) is not None

    def make_code(self, person: Person, race: int, days: int | None = None) -> Code:
        """Make a code for a private race.

        Args:
            person: its organiser, or an administrator.
            race: its number.
            days: how long the code works, 1 to 365; None until it is revoked.

        Raises:
            NotYoursError: the person may not.
            ValueError: the number of days is out of its range.
        """
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise ValueError(
                _("the number of days is {count}; it must be from 1 to {limit}").format(
                    count=days, limit=LONGEST_DAYS
                )
            )
        now = self._clock()
        row = CodeRow(
            race=race,
            code="".join(secrets.choice(_LETTERS) for _letter in range(_LENGTH)),
            created=now,
            expires=None if days is None else now + 86_400.0 * days,
            revoked=None,
        )
        with self._database.session() as session:
            require_manager(person, _organiser(session, race))
            session.add(row)
        return self._code(row)

    def codes(self, person: Person, race: int) -> list[Code]:
        """All codes of a race, those included that work no more; the newest first.

        Raises:
            NotYoursError: the person may not see them.
        """
        query = select(CodeRow).where(CodeRow.race == race).order_by(CodeRow.id.desc())
        with self._database.session() as session:
            require_manager(person, _organiser(session, race))
            return [self._code(row) for row in session.scalars(query)]

    def revoke(self, person: Person, code: int) -> None:
        """Make a code useless; who has joined with it stays.

        Raises:
            NotYoursError: the person may not.
        """
        with self._database.session() as session:
            row = session.get(CodeRow, code)
            if row is not None:
                require_manager(person, _organiser(session, row.race))
                row.revoked = row.revoked or self._clock()

    def join(self, person: Person, code: str) -> int:
        """Join the race of a code; whoever is in it stays in it.

        Returns:
            Number of the race.

        Raises:
            CodeError: the code does not work.
        """
        wanted = code.strip().upper()
        with self._database.session() as session:
            row = session.scalar(select(CodeRow).where(CodeRow.code == wanted))
            if row is None or not self._code(row).works:
                raise CodeError(_("this code does not work any more; ask the race's organiser for a new one"))
            session.merge(MemberRow(race=row.race, person=person.id, joined=self._clock()))
            return row.race

    def members(self, person: Person, race: int) -> list[Member]:
        """Who has joined a private race, the earliest first.

        Raises:
            NotYoursError: the person may not see it.
        """
        query = select(MemberRow).where(MemberRow.race == race).order_by(MemberRow.joined)
        with self._database.session() as session:
            require_manager(person, _organiser(session, race))
            rows = list(session.scalars(query))
            known = racers(session, (row.person for row in rows))
        return [Member(known[row.person], moment(row.joined)) for row in rows]

    def expel(self, person: Person, race: int, member: int) -> None:
        """Take somebody out of a private race; what was submitted stays.

        Raises:
            NotYoursError: the person may not.
        """
        with self._database.session() as session:
            require_manager(person, _organiser(session, race))
            session.execute(delete(MemberRow).where(MemberRow.race == race, MemberRow.person == member))

    def _code(self, row: CodeRow) -> Code:
        now = self._clock()
        works = row.revoked is None and (row.expires is None or now < row.expires)
        expires = moment(row.expires)
        return Code(row.id, row.code, expires, works)


def _organiser(session: Session, race: int) -> int:
    return session.get_one(RaceRow, race).organiser
