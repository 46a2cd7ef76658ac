"""Who is asking, where many people use one console, and what each may open."""

import time
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

from openracer.service.accounts import Person, Role
from openracer.service.sessions import Sessions

COOKIE = "openracer_session"
PERSON = "openracer.person"
"""Key of a request's scope under which the person is found."""

PUBLIC = (
    "/sign-in",
    "/sign-in/openid",
    "/sign-in/openid/back",
    "/invitation/",
    "/board/",
    "/static/",
    "/favicon.ico",
)
"""Beginnings of addresses that everybody may open."""

NEEDED = {"/people": Role.ADMINISTRATOR, "/class": Role.ORGANISER, "/races/create": Role.ORGANISER}
"""Beginnings of addresses for some only; all others are for everybody who has signed in."""

_TRUST_S = 3.0


def needed_role(path: str) -> Role | None:
    """The role that an address needs; None if it is public."""
    if any(path == public or (public.endswith("/") and path.startswith(public)) for public in PUBLIC):
        return None
    for prefix, role in NEEDED.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return role
    return Role.RACER


class Gate:
    """Knows people by the cookie of their browser, or by the token of their program.

    Args:
        sessions: in the console's database.
    """

    def __init__(self, sessions: Sessions):
        self.sessions = sessions

    def person(self, headers: Headers, is_api: bool) -> Person | None:
        """Who asks; the API takes tokens only, so that no page can use it with the visitor's cookie."""
        if is_api:
            kind, _space, token = headers.get("authorization", "").partition(" ")
            return self.sessions.person_of_token(token.strip()) if kind.lower() == "bearer" else None
        secret = secret_of(headers)
        return self.sessions.person(secret) if secret else None

    def watch(self, headers: Headers) -> "Watch":
        """Whether the one who opened a connection that stays open is still signed in."""
        return Watch(self.sessions, secret_of(headers))


class Watch:
    """Asks every few seconds whether a session goes on."""

    def __init__(self, sessions: Sessions, secret: str):
        self._sessions = sessions
        self._secret = secret
        self._asked = time.monotonic()

    def is_over(self) -> bool:
        """Whether the session has ended."""
        if time.monotonic() < self._asked + _TRUST_S:
            return False
        self._asked = time.monotonic()
        return self._sessions.person(self._secret) is None


def secret_of(headers: Headers) -> str:
    """What the cookie of a browser holds; empty if it has none."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""
