"""The pages before the console, where people sign in: plain HTML, since nothing of it may be seen before that."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from openracer.api.gate import COOKIE, secret_of
from openracer.api.patience import Patience
from openracer.console.assets import asset
from openracer.console.layout import FAVICON
from openracer.console.visitor import theme_of
from openracer.language import current_language
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.passwords import SHORTEST
from openracer.service.people import People
from openracer.service.sessions import LIFETIME_S

_MOST_FAILURES = 10
_MOST_FAILURES_OF_AN_ADDRESS = 100
"""A whole class may come from one address."""
_WINDOW_S = 300.0

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


@dataclass(frozen=True)
class _Field:
    name: str
    title: str
    kind: str
    autocomplete: str
    value: str = ""


def door(people: People) -> APIRouter:
    """The routes of signing in and out, and of invitations."""
    router = APIRouter(include_in_schema=False)
    of_names = Patience(_MOST_FAILURES, _WINDOW_S)
    of_addresses = Patience(_MOST_FAILURES_OF_AN_ADDRESS, _WINDOW_S)

    @router.get("/sign-in")
    def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 (the parameter's name in addresses)
        return _sign_in_page(request, next)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=1000)],
        next: str = "/",  # noqa: A002
    ) -> Response:
        address = request.client.host if request.client else ""
        key = name.strip().casefold()
        wait_s = max(of_names.wait_s(key), of_addresses.wait_s(address))
        if wait_s > 0.0:
            problem = _("Too many attempts. Try again in {minutes} minutes.").format(
                minutes=int(wait_s // 60) + 1
            )
            return _sign_in_page(request, next, name, problem, 429)
        person = await asyncio.to_thread(people.accounts.check_password, name, password)
        if person is None:
            of_names.failed(key)
            of_addresses.failed(address)
            return _sign_in_page(request, next, name, _("Name or password are wrong."), 401)
        of_names.succeeded(key)
        return _welcome(request, people, person, next)

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        people.sessions.end(secret_of(request.headers))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @router.get("/invitation/{secret}")
    def invite(request: Request, secret: str) -> Response:
        return _invitation_page(request, people, secret)

    @router.post("/invitation/{secret}")
    def accept(
        request: Request,
        secret: str,
        password: Annotated[str, Form(max_length=1000)],
        name: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        try:
            person = people.invitations.accept(secret, name, password)
        except ValueError as error:
            return _invitation_page(request, people, secret, name, str(error))
        return _welcome(request, people, person, "/")

    return router


def _welcome(request: Request, people: People, person: Person, target: str) -> Response:
    """Sign somebody in and lead on; only to an address of ours."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    answer = RedirectResponse(target if is_ours else "/", 303)
    answer.set_cookie(
        COOKIE,
        people.sessions.begin(person),
        max_age=int(LIFETIME_S),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _sign_in_page(
    request: Request, target: str, name: str = "", problem: str = "", status: int = 200
) -> Response:
    fields = (
        _Field("name", _("Name"), "text", "username", name),
        _Field("password", _("Password"), "password", "current-password"),
    )
    action = f"/sign-in?next={quote(target, safe='')}"
    return _page(request, _("Sign in"), "", problem, action, fields, _("Sign in"), status)


def _invitation_page(
    request: Request, people: People, secret: str, name: str = "", problem: str = ""
) -> Response:
    try:
        invitation = people.invitations.find(secret)
    except ValueError as error:
        return _page(request, _("Invitation"), "", str(error), "", (), "", 404)
    password = _Field("password", _("Choose a password"), "password", "new-password")
    fields: tuple[_Field, ...] = (password,)
    lead = _("At least {count} characters.").format(count=SHORTEST)
    if invitation.person is None:
        fields = (_Field("name", _("Your name, for signing in"), "text", "username", name), password)
    else:
        person = people.accounts.person(invitation.person)
        lead = _("You sign in as {name}.").format(name=person.name) + " " + lead
    action = f"/invitation/{quote(secret, safe='')}"
    status = 422 if problem else 200
    return _page(request, _("Welcome"), lead, problem, action, fields, _("Begin"), status)


def _page(
    request: Request,
    title: str,
    lead: str,
    problem: str,
    action: str,
    fields: Sequence[_Field],
    button: str,
    status: int,
) -> Response:
    text = _templates.get_template("door.html").render(
        language=current_language(), title=title, lead=lead, problem=problem, action=action, fields=fields,
        button=button, theme=theme_of(request.cookies), favicon=FAVICON, base_style=asset("console.css"),
        style=asset("door.css"),
    )  # fmt: skip
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})
