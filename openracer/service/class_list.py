"""A class as a CSV file: who is to have an account."""

import csv
import io
from dataclasses import dataclass

from openracer.language import gettext as _
from openracer.service.accounts import Accounts, Person, Role, checked_alias, checked_name

COLUMNS = ("name", "alias", "role")
MOST_LINES = 1000


@dataclass(frozen=True)
class Entry:
    """A line of the file.

    Attributes:
        name: for signing in.
        alias: what everybody sees; None leaves it to follow from the name.
        role: of the person.
    """

    name: str
    alias: str | None
    role: Role


def read_class(text: str) -> list[Entry]:
    """Read a class.

    Args:
        text: of a CSV file with a line of headings; ``name`` is needed, ``alias`` and ``role`` may be there.

    Raises:
        ValueError: something in it cannot be used; one sentence with the line's number.
    """
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    headings = [heading.strip().lower() for heading in lines.fieldnames or ()]
    if "name" not in headings or set(headings) - set(COLUMNS):
        known = ", ".join(COLUMNS)
        raise ValueError(
            _("the first line must name the columns: {columns}; name is needed").format(columns=known)
        )
    lines.fieldnames = headings
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for line in lines:
        number = lines.line_num
        try:
            if len(entries) >= MOST_LINES:
                raise ValueError(_("there are more than {limit} people").format(limit=MOST_LINES))
            entry = _entry(
                {key: (value or "").strip() for key, value in line.items() if isinstance(key, str)}
            )
            if entry.name in seen:
                raise ValueError(
                    _("{name!r} is in line {line} too").format(name=entry.name, line=seen[entry.name])
                )
        except ValueError as error:
            raise ValueError(_("line {line}: {reason}").format(line=number, reason=error)) from None
        seen[entry.name] = number
        entries.append(entry)
    if not entries:
        raise ValueError(_("there is nobody in the file"))
    return entries


def _entry(values: dict[str, str]) -> Entry:
    role = values.get("role") or Role.RACER
    if role not in tuple(Role):
        raise ValueError(
            _("the role is {role!r}; it must be one of {roles}").format(role=role, roles=", ".join(Role))
        )
    alias = values.get("alias")
    return Entry(checked_name(values["name"]), checked_alias(alias) if alias else None, Role(role))


def add_class(accounts: Accounts, entries: list[Entry]) -> list[Person]:
    """Make everybody an account who has none yet; all or none.

    Returns:
        Those who are new.

    Raises:
        NameTakenError: somebody else has an alias.
    """
    known = {person.name for person in accounts.people()}
    new = (entry for entry in entries if entry.name not in known)
    return accounts.add_all((entry.name, entry.role, entry.alias) for entry in new)
