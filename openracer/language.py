"""The words on the screen, in the reader's language (gettext catalogues, one language per request)."""

import gettext as _gettext
import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ko")
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_current: ContextVar[str | None] = ContextVar("openracer_language", default=None)
_readers: list[Callable[[], str | None]] = []


def language_of(tag: str) -> str:
    """The supported language that a locale name or HTTP language tag asks for.

    Args:
        tag: for example ``ko_KR.UTF-8``, ``ko-KR`` or ``C``.

    Returns:
        One of :data:`LANGUAGES`; English where the tag names no other that we have.
    """
    prefix = tag.replace("-", "_").split("_")[0].lower()
    return prefix if prefix in LANGUAGES else "en"


def current_language() -> str:
    """The language chosen for this request, else that of whoever reads now, else the environment's.

    Of the environment, the first that is set of OPENRACER_LANGUAGE, LC_ALL, LC_MESSAGES and LANG counts.
    """
    chosen = _current.get()
    if chosen is not None:
        return chosen
    for reader in _readers:
        if (found := reader()) is not None:
            return found
    for variable in ("OPENRACER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return language_of(value)
    return "en"


def set_language(tag: str) -> None:
    """Choose the language of the current request (of this thread or task)."""
    _current.set(language_of(tag))


def ask_for_language(reader: Callable[[], str | None]) -> None:
    """Let a user interface tell whose page it is working on, where no request is being answered.

    Args:
        reader: gives one of :data:`LANGUAGES`, or None where it does not know.
    """
    if reader not in _readers:
        _readers.append(reader)


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("openracer", _LOCALE_FOLDER, [language], fallback=True)


def gettext(message: str) -> str:
    """The message in the current language; English messages are their own keys."""
    return _catalogue(current_language()).gettext(message)
