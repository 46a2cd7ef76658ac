"""The words on the screen, in the reader's language (gettext catalogues, one language per request)."""

import gettext as _gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ko")
_LOCALE_FOLDER = Path(__file__).parent / "locale"
_current: ContextVar[str | None] = ContextVar("openracer_language", default=None)


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
    """The language chosen for this request, else the environment's.

    The first that is set of OPENRACER_LANGUAGE, LC_ALL, LC_MESSAGES and LANG counts.
    """
    chosen = _current.get()
    if chosen is not None:
        return chosen
    for variable in ("OPENRACER_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return language_of(value)
    return "en"


def set_language(tag: str) -> None:
    """Choose the language of the current request (of this thread or task)."""
    _current.set(language_of(tag))


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation("openracer", _LOCALE_FOLDER, [language], fallback=True)


def gettext(message: str) -> str:
    """The message in the current language; English messages are their own keys."""
    return _catalogue(current_language()).gettext(message)
