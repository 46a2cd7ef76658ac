"""On whose behalf code runs: the person of the current request, and with that whose data folder is used.

Where nobody signs in, everything is the local person's, and the data folder is as it always was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from openracer import locations
from openracer.language import gettext as _
from openracer.service.accounts import LOCAL, Person

_current: ContextVar[Person | None] = ContextVar("openracer_person", default=None)
_readers: list[Callable[[], Person | None]] = []
_shared = False


class NobodyError(PermissionError):
    """Code that works for a person does not know for whom; the text is one sentence."""


def share(shared: bool) -> None:
    """Say whether people sign in here: where nobody is known, nobody's data are then touched."""
    global _shared
    _shared = shared


def is_shared() -> bool:
    """Whether people sign in here."""
    return _shared


def current_person() -> Person:
    """The person of this request, else of whoever reads now, else the local one.

    Raises:
        NobodyError: people sign in here, and nobody is known to have.
    """
    return _chosen() or LOCAL


def set_current_person(person: Person | None) -> None:
    """Choose the person on whose behalf this thread or task goes on; None lets the readers tell."""
    _current.set(person)


@contextmanager
def acting_for(person: Person) -> Iterator[None]:
    """Go on in this block on a person's behalf."""
    token = _current.set(person)
    try:
        yield
    finally:
        _current.reset(token)


def ask_for_person(reader: Callable[[], Person | None]) -> None:
    """Let a user interface tell whose page it is working on, where no request is being answered."""
    if reader not in _readers:
        _readers.append(reader)


def home_of(number: int) -> Path:
    """The folder that holds everything of the person with a number."""
    return locations.home_folder(_folder_name(number))


def _chosen() -> Person | None:
    if (chosen := _current.get()) is not None:
        return chosen
    found = next((found for reader in _readers if (found := reader()) is not None), None)
    if found is None and _shared:
        raise NobodyError(_("you are signed out; sign in again"))
    return found


def _folder_name(number: int) -> str | None:
    return None if number == LOCAL.id else str(number)


locations.ask_for_home(lambda: None if (person := _chosen()) is None else _folder_name(person.id))
