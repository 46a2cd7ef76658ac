"""What a visitor has chosen: language and theme, kept in cookies of the browser."""

from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Literal

from nicegui import context
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from openracer import language
from openracer.api.gate import PERSON
from openracer.service.accounts import Person

LANGUAGE_COOKIE = "openracer_language"
THEME_COOKIE = "openracer_theme"
LANGUAGE_NAMES = {"en": "English", "ko": "한국어"}

Theme = Literal["light", "dark", "system"]


def preferred_language(cookies: Mapping[str, str], accept_language: str) -> str:
    """The language of a request.

    Args:
        cookies: of the request; a choice made in the console comes first.
        accept_language: header of that name, for example ``ko-KR,ko;q=0.9,en;q=0.8``.

    Returns:
        The first of the browser's languages that we have, by their weights; English where there is none.
    """
    if cookies.get(LANGUAGE_COOKIE) in language.LANGUAGES:
        return cookies[LANGUAGE_COOKIE]
    wanted = []
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        wanted.append((weight, tag.strip().lower().split("-")[0]))
    for weight, prefix in sorted(wanted, key=lambda entry: -entry[0]):
        if weight > 0.0 and prefix in language.LANGUAGES:
            return prefix
    return "en"


def theme_of(cookies: Mapping[str, str]) -> Theme:
    """The theme that the visitor chose; the system's where none was chosen."""
    chosen = cookies.get(THEME_COOKIE)
    return chosen if chosen in ("light", "dark") else "system"  # type: ignore[return-value]


class LanguageMiddleware:
    """Sets the language of every HTTP request before anything of it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            language.set_language(_language_of(HTTPConnection(scope)))
        await self._app(scope, receive, send)


def language_of_page() -> str | None:
    """The language of the page whose event or timer runs now; None outside of pages.

    What a page does later comes through its web socket, outside of the request that built it.
    """
    if not context.slot_stack:
        return None
    try:
        return _language_of(context.client.request)
    except RuntimeError:  # the script's own client, which no browser has asked for
        return None


def person_of_page() -> Person | None:
    """Who has signed in and asked for the page whose event or timer runs now; None outside of pages."""
    if not context.slot_stack:
        return None
    try:
        found: Person | None = context.client.request.scope.get(PERSON)
    except RuntimeError:
        return None
    return found


def _language_of(connection: HTTPConnection) -> str:
    # The raw header, because the parsed cookies of a request are cached in it only for HTTP scopes.
    cookies = SimpleCookie(connection.headers.get("cookie", ""))
    return preferred_language(
        {name: morsel.value for name, morsel in cookies.items()},
        connection.headers.get("accept-language", ""),
    )
