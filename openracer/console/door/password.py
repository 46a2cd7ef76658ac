"""Signing in with name and password, and out."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from openracer.api.gate import COOKIE, secret_of
from openracer.api.patience import Patience
from openracer.console.door.page import address_of, sign_in_page, wait_words, welcome
from openracer.language import gettext as _
from openracer.service.people import People

_MOST_FAILURES = 10
_WINDOW_S = 300.0


def add_passwords(router: APIRouter, people: People, of_addresses: Patience) -> None:
    """Add the routes.

    Args:
        router: to which.
        people: who may come in.
        of_addresses: with the failures of each address.
    """
    of_names = Patience(_MOST_FAILURES, _WINDOW_S)

    @router.get("/sign-in")
    def ask(request: Request, next: str = "/", out: bool = False) -> Response:  # noqa: A002 (as in addresses)
        return sign_in_page(request, people, next, has_left=out)

    @router.post("/sign-in")
    async def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=1000)],
        next: str = "/",  # noqa: A002
    ) -> Response:
        address, key = address_of(request), name.strip().casefold()
        wait_s = max(of_names.wait_s(key), of_addresses.wait_s(address))
        if wait_s > 0.0:
            return sign_in_page(request, people, next, name, wait_words(wait_s), 429)
        person = await asyncio.to_thread(people.accounts.check_password, name, password)
        if person is None:
            of_names.failed(key)
            of_addresses.failed(address)
            return sign_in_page(request, people, next, name, _("Name or password are wrong."), 401)
        of_names.succeeded(key)
        return welcome(request, people, person, next)

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        people.sessions.end(secret_of(request.headers))
        answer = RedirectResponse("/sign-in?out=true", 303)
        answer.delete_cookie(COOKIE)
        return answer
