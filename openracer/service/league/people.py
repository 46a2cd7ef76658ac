"""Racers as everybody sees them, and the one question of who may manage something."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.service.account_tables import PersonRow
from openracer.service.accounts import Person, Role


class NotYoursError(PermissionError):
    """A person may not do that; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Racer:
    """What everybody sees of a person.

    Attributes:
        id: number of the person.
        alias: chosen name.
        country: two letters of ISO 3166-1, or empty.
        avatar: one of :data:`openracer.service.accounts.AVATARS`.
    """

    id: int
    alias: str
    country: str
    avatar: str


def racers(session: Session, numbers: Iterable[int] | None = None) -> dict[int, Racer]:
    """Racers by their numbers: the given ones, or everybody."""
    query = select(PersonRow.id, PersonRow.alias, PersonRow.country, PersonRow.avatar)
    if numbers is not None:
        query = query.where(PersonRow.id.in_(set(numbers)))
    return {row.id: Racer(*row) for row in session.execute(query)}


def may_manage(person: Person | None, organiser: int) -> bool:
    """Whether somebody may change what an organiser has made."""
    if person is None or not person.may(Role.ORGANISER):
        return False
    return person.id == organiser or person.may(Role.ADMINISTRATOR)


def require_manager(person: Person, organiser: int) -> None:
    """Refuse whoever may not.

    Raises:
        NotYoursError: that is the person.
    """
    if not may_manage(person, organiser):
        raise NotYoursError(_("only its organiser and administrators may do that"))


def require_organiser(person: Person) -> None:
    """Refuse whoever may not make races and seasons.

    Raises:
        NotYoursError: that is the person.
    """
    if not person.may(Role.ORGANISER):
        raise NotYoursError(_("only organisers and administrators can do that"))
