"""People: their names, aliases, roles and passwords. A console without signing in has one, the local person."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.service.account_tables import PersonRow, SessionRow, TokenRow
from openracer.service.database import Database
from openracer.service.passwords import hash_password, is_password

LONGEST_NAME = 60
LONGEST_ALIAS = 30
AVATARS = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "pink")
"""Colours of the helmet that stands for a person."""


class Role(StrEnum):
    """What a person may do; each may do what those after it may."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    RACER = "racer"

    def may(self, needed: "Role") -> bool:
        """Whether this role is at least another one."""
        order = tuple(Role)
        return order.index(self) <= order.index(needed)


@dataclass(frozen=True)
class Person:
    """Somebody who uses this installation.

    Attributes:
        id: number, which stays.
        name: for signing in.
        alias: what everybody sees.
        role: what the person may do.
        country: two letters of ISO 3166-1, or empty.
        avatar: one of :data:`AVATARS`.
        is_disabled: whether the person is shut out.
    """

    id: int
    name: str
    alias: str
    role: Role
    country: str = ""
    avatar: str = AVATARS[0]
    is_disabled: bool = False

    def may(self, needed: Role) -> bool:
        """Whether the person's role is at least another one."""
        return self.role.may(needed)


LOCAL = Person(1, "me", "me", Role.ADMINISTRATOR)
"""Who uses a console without signing in."""


class PersonNotFoundError(ValueError):
    """There is no such person; the text is one sentence."""


class NameTakenError(ValueError):
    """Somebody has that name or alias already."""


class Accounts:
    """The people in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time):
        self._database = database
        self._clock = clock

    def people(self) -> list[Person]:
        """Everybody who can sign in, or could before being shut out; by alias."""
        query = select(PersonRow).where(PersonRow.id != LOCAL.id).order_by(func.lower(PersonRow.alias))
        with self._database.session() as session:
            return [person_of_row(row) for row in session.scalars(query)]

    def person(self, number: int) -> Person:
        """The person of a number.

        Raises:
            PersonNotFoundError: there is none.
        """
        with self._database.session() as session:
            row = session.get(PersonRow, number)
        if row is None:
            raise PersonNotFoundError(_("there is no person {number}").format(number=number))
        return person_of_row(row)

    def find(self, name: str) -> Person:
        """The person who signs in with a name.

        Raises:
            PersonNotFoundError: there is none.
        """
        with self._database.session() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.name == name.strip().casefold()))
        if row is None:
            raise PersonNotFoundError(_("there is nobody called {name!r}").format(name=name[:LONGEST_NAME]))
        return person_of_row(row)

    def add(
        self, name: str, role: Role = Role.RACER, password: str | None = None, alias: str | None = None
    ) -> Person:
        """Make a new person.

        Args:
            name: for signing in; capitals do not count.
            role: of the person.
            password: None lets the person sign in only after an invitation has set one.
            alias: what everybody sees; None is the name, with a number where somebody has it.

        Raises:
            NameTakenError: somebody has the name or the alias.
            ValueError: name, alias or password are not usable; one sentence.
        """
        hashed = None if password is None else hash_password(password)
        with self._database.session() as session:
            return person_of_row(new_person(session, name, role, hashed, alias, self._clock()))

    def add_all(self, new: Iterable[tuple[str, Role, str | None]]) -> list[Person]:
        """Make several people who have no passwords yet, all or none.

        Args:
            new: name, role and alias of each, as for :meth:`add`.

        Raises:
            NameTakenError: somebody has one of the names or aliases.
            ValueError: one of them is not usable; one sentence.
        """
        with self._database.session() as session:
            return [
                person_of_row(new_person(session, name, role, None, alias, self._clock()))
                for name, role, alias in new
            ]

    def change_profile(self, number: int, alias: str, country: str, avatar: str) -> Person:
        """Change what everybody sees of a person.

        Args:
            number: of the person.
            alias: new or old.
            country: two letters of ISO 3166-1, or empty.
            avatar: one of :data:`AVATARS`.

        Raises:
            NameTakenError: somebody else has the alias.
            PersonNotFoundError: there is no such person.
            ValueError: a value is not usable; one sentence.
        """
        alias, country = checked_alias(alias), country.strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValueError(
                _("country is {country!r}; it must be two letters of ISO 3166-1, such as KR").format(
                    country=country[:20]
                )
            )
        if avatar not in AVATARS:
            raise ValueError(
                _("avatar is {avatar!r}; it must be one of {names}").format(
                    avatar=avatar[:20], names=", ".join(AVATARS)
                )
            )
        with self._database.session() as session:
            same = select(PersonRow.id).where(
                func.lower(PersonRow.alias) == alias.lower(), PersonRow.id != number
            )
            if session.scalar(same) is not None:
                raise NameTakenError(_("somebody uses the alias {alias!r} already").format(alias=alias))
            row = _row(session.get(PersonRow, number), number)
            row.alias, row.country, row.avatar = alias, country, avatar
        return person_of_row(row)

    def set_role(self, number: int, role: Role) -> None:
        """Give a person another role, who then has to sign in again.

        Raises:
            PersonNotFoundError: there is no such person.
            ValueError: nobody would be left who can administrate.
        """
        with self._database.session() as session:
            row = _row(session.get(PersonRow, number), number)
            row.role = role
            session.flush()
            self._refuse_no_administrator(session.scalar(_ADMINISTRATORS))
            session.query(SessionRow).where(SessionRow.person == number).delete()

    def set_password(self, number: int, password: str) -> None:
        """Give a person a new password; whoever is signed in with the old one is signed out.

        Raises:
            PersonNotFoundError: there is no such person.
            ValueError: it is too short or too long.
        """
        hashed = hash_password(password)
        with self._database.session() as session:
            _row(session.get(PersonRow, number), number).password = hashed
            session.query(SessionRow).where(SessionRow.person == number).delete()

    def has_password(self, number: int) -> bool:
        """Whether a person can sign in with a password.

        Raises:
            PersonNotFoundError: there is no such person.
        """
        with self._database.session() as session:
            return _row(session.get(PersonRow, number), number).password is not None

    def disable(self, number: int) -> None:
        """Shut a person out: signed out everywhere, tokens gone; what the person owns stays.

        Raises:
            PersonNotFoundError: there is no such person.
            ValueError: nobody would be left who can administrate.
        """
        with self._database.session() as session:
            _row(session.get(PersonRow, number), number).disabled = self._clock()
            session.flush()
            self._refuse_no_administrator(session.scalar(_ADMINISTRATORS))
            session.query(SessionRow).where(SessionRow.person == number).delete()
            session.query(TokenRow).where(TokenRow.person == number).delete()

    def enable(self, number: int) -> None:
        """Let a person in again.

        Raises:
            PersonNotFoundError: there is no such person.
        """
        with self._database.session() as session:
            _row(session.get(PersonRow, number), number).disabled = None

    def check_password(self, name: str, password: str) -> Person | None:
        """The person whose name and password these are, unless shut out; else None, after as long a time."""
        with self._database.session() as session:
            row = session.scalar(select(PersonRow).where(PersonRow.name == name.strip().casefold()))
        hashed = row.password if row is not None and row.disabled is None else None
        return person_of_row(row) if is_password(password, hashed) and row is not None else None

    @staticmethod
    def _refuse_no_administrator(count: int | None) -> None:
        if not count:
            raise ValueError(_("there must be an administrator; make somebody else one first"))


_ADMINISTRATORS = select(func.count(PersonRow.id)).where(
    PersonRow.id != LOCAL.id, PersonRow.role == Role.ADMINISTRATOR, PersonRow.disabled.is_(None)
)


def new_person(
    session: Session, name: str, role: Role, hashed: str | None, alias: str | None, now: float
) -> PersonRow:
    """Add a person in a transaction; arguments and errors as those of :meth:`Accounts.add`.

    Args:
        session: the transaction.
        name: for signing in.
        role: of the person.
        hashed: argon2 hash of the password, or None.
        alias: what everybody sees; None is made of the name.
        now: seconds of the epoch.
    """
    given, name = name, checked_name(name)
    if session.scalar(select(PersonRow.id).where(PersonRow.name == name)) is not None:
        raise NameTakenError(_("there is somebody called {name!r} already").format(name=name))
    taken = set(session.scalars(select(func.lower(PersonRow.alias))))
    chosen = _free(" ".join(given.split()), taken) if alias is None else checked_alias(alias)
    if chosen.lower() in taken:
        raise NameTakenError(_("somebody uses the alias {alias!r} already").format(alias=chosen))
    row = PersonRow(
        name=name, alias=chosen, role=role, country="", avatar=AVATARS[len(taken) % len(AVATARS)],
        password=hashed, created=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def checked_name(name: str) -> str:
    """A name for signing in as it is kept.

    Raises:
        ValueError: it is empty, too long or holds what cannot be seen.
    """
    return _checked(name, LONGEST_NAME, _("the name")).casefold()


def checked_alias(alias: str) -> str:
    """An alias as it is kept.

    Raises:
        ValueError: it is empty, too long or holds what cannot be seen.
    """
    return _checked(alias, LONGEST_ALIAS, _("the alias"))


def _checked(text: str, longest: int, what: str) -> str:
    text = " ".join(text.split())
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise ValueError(
            _("{what} is {text!r}; it must have from 1 to {longest} characters that can be seen").format(
                what=what, text=text[:longest], longest=longest
            )
        )
    return text


def _free(name: str, taken: set[str]) -> str:
    """The beginning of a name as an alias, with the first number that makes it free."""
    wanted = name.partition("@")[0][:LONGEST_ALIAS] or name[:LONGEST_ALIAS]
    number, free = 1, wanted
    while free.lower() in taken:
        number += 1
        free = f"{wanted[: LONGEST_ALIAS - 5]}-{number}"
    return free


def _row(row: PersonRow | None, number: int) -> PersonRow:
    if row is None:
        raise PersonNotFoundError(_("there is no person {number}").format(number=number))
    return row


def person_of_row(row: PersonRow) -> Person:
    """The person that a row tells of."""
    return Person(
        id=row.id,
        name=row.name,
        alias=row.alias,
        role=Role(row.role),
        country=row.country,
        avatar=row.avatar or AVATARS[0],
        is_disabled=row.disabled is not None,
    )
