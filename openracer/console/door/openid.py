"""Signing in with a school's account: to the school, and back with its answer."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, unquote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from openracer.api.gate import PERSON
from openracer.api.patience import Patience
from openracer.console.door.page import OPENID, Way, address_of, door_page, sign_in_page, wait_words, welcome
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.openid.admission import check_admission, role_at
from openracer.service.openid.attempt import Attempt
from openracer.service.openid.identity import OpenIdError
from openracer.service.openid.provider import Provider
from openracer.service.openid.settings import OpenIdSettings
from openracer.service.people import People

COOKIE = "openracer_openid"
"""Holds what a browser wants and the secret of its attempt; only while it is at the school."""

_LIFETIME_S = 600
_SIGN_IN, _CONNECT = "sign-in", "connect"

_Text = Annotated[str, Query(max_length=4000)]
_MOST_AT_ONCE = 8


def add_openid(router: APIRouter, people: People, provider: Provider, of_addresses: Patience) -> None:
    """Add the routes.

    Args:
        router: to which.
        people: who may come in.
        provider: the school.
        of_addresses: with the failures of each address.
    """
    way = _Way(people, provider, of_addresses)
    # A school that does not answer must not take the threads with which other pages are made.
    limiter = CapacityLimiter(_MOST_AT_ONCE)

    @router.get("/sign-in/openid")
    async def begin(request: Request, next: str = "/") -> Response:  # noqa: A002 (as in addresses)
        return await to_thread.run_sync(way.begin, request, next, limiter=limiter)

    # A form could not lead to another site, since the pages' Content-Security-Policy forbids it.
    @router.post("/account/openid")
    async def connect(request: Request) -> Response:
        return await to_thread.run_sync(way.connect, request, limiter=limiter)

    @router.get("/sign-in/openid/back")
    async def come_back(
        request: Request, state: _Text = "", code: _Text = "", error: _Text = "", iss: _Text = ""
    ) -> Response:
        answer = _Answer(state, code, error, iss)
        return await to_thread.run_sync(way.come_back, request, answer, limiter=limiter)


@dataclass(frozen=True)
class _Answer:
    """What the school says in the address with which it sends a browser back."""

    state: str
    code: str
    error: str
    issuer: str


class _Way:
    """The way to a school and back."""

    def __init__(self, people: People, provider: Provider, of_addresses: Patience):
        self._people = people
        self._provider = provider
        self._of_addresses = of_addresses

    def begin(self, request: Request, target: str) -> Response:
        """Send a browser to the school."""
        if (wait_s := self._of_addresses.wait_s(address_of(request))) > 0.0:
            return self._problem(request, _SIGN_IN, target, wait_words(wait_s), 429)
        attempt = Attempt.begin()
        try:
            address = self._provider.address(attempt, _back(request))
        except OpenIdError as error:
            return self._problem(request, _SIGN_IN, target, str(error), 502)
        return _remember(request, RedirectResponse(address, 303), _SIGN_IN, attempt, target)

    def connect(self, request: Request) -> Response:
        """Tell a script where to send the browser of whoever is signed in."""
        attempt = Attempt.begin()
        try:
            address = self._provider.address(attempt, _back(request))
        except OpenIdError as error:
            return JSONResponse({"detail": str(error)}, 502)
        return _remember(request, JSONResponse({"address": address}), _CONNECT, attempt, "/account")

    def come_back(self, request: Request, told: _Answer) -> Response:
        """Do what a browser wants that comes back from the school."""
        wish, attempt, target = _remembered(request)
        address = address_of(request)
        if (wait_s := self._of_addresses.wait_s(address)) > 0.0:
            return self._problem(request, wish, target, wait_words(wait_s), 429)
        try:
            answer = self._answer(request, wish, attempt, target, told)
        except OpenIdError as error:
            self._of_addresses.failed(address)
            answer = self._problem(request, wish, target, str(error), 403)
        answer.delete_cookie(COOKIE, OPENID)
        return answer

    def _answer(self, request: Request, wish: str, attempt: Attempt, target: str, told: _Answer) -> Response:
        people, settings = self._people, self._provider.settings
        _check_answer(settings, attempt, told)
        identity = self._provider.identity(attempt, told.code, _back(request))
        if wish == _SIGN_IN:
            check_admission(settings, identity)
            role = role_at(settings, identity)
            person = people.openid_links.come_in(identity, role, sets_role=bool(settings.roles))
            return welcome(request, people, person, target)
        owner: Person | None = request.scope.get(PERSON)
        if owner is None:
            raise OpenIdError(_("you are signed out; sign in again"))
        people.openid_links.connect(owner, identity)
        return RedirectResponse("/account", 303)

    def _problem(self, request: Request, wish: str, target: str, problem: str, status: int) -> Response:
        if wish == _SIGN_IN:
            return sign_in_page(request, self._people, target, problem=problem, status=status)
        ways = (Way(_("Your account"), "/account"),)
        return door_page(request, _("Your account"), problem=problem, ways=ways, status=status)


def _check_answer(settings: OpenIdSettings, attempt: Attempt, told: _Answer) -> None:
    """Refuse what is no answer of the school to this browser.

    Raises:
        OpenIdError: it is none, or the school has refused.
    """
    is_of_the_school = told.issuer in ("", settings.issuer)  # RFC 9207
    if not attempt.is_answer(told.state) or not is_of_the_school:
        raise OpenIdError(_("this was begun in another window, or too long ago; try again"))
    if told.error or not told.code:
        raise OpenIdError(_("{school} has not signed you in; try again").format(school=settings.name))


def _back(request: Request) -> str:
    """The address to which the school sends browsers back; it has to know it."""
    return f"{str(request.base_url).rstrip('/')}{OPENID}/back"


def _remember(request: Request, answer: Response, wish: str, attempt: Attempt, target: str) -> Response:
    answer.set_cookie(
        COOKIE,
        f"{wish}.{attempt.secret}.{quote(target[:1000], safe='')}",
        max_age=_LIFETIME_S,
        path=OPENID,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _remembered(request: Request) -> tuple[str, Attempt, str]:
    """What the browser wants, its attempt, and where it wants to go; an attempt of nobody where it has none."""
    parts = request.cookies.get(COOKIE, "").split(".", 2)
    if len(parts) != 3:
        return _SIGN_IN, Attempt.begin(), "/"
    wish, secret, target = parts
    return wish, Attempt(secret), unquote(target)
