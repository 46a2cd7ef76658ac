"""Coming in by an invitation: becoming somebody here, or choosing a password."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from openracer.console.door.page import Field, Questions, door_page, welcome
from openracer.language import gettext as _
from openracer.service.passwords import SHORTEST
from openracer.service.people import People


def add_invitations(router: APIRouter, people: People) -> None:
    """Add the routes."""

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
        return welcome(request, people, person, "/")


def _invitation_page(
    request: Request, people: People, secret: str, name: str = "", problem: str = ""
) -> Response:
    try:
        invitation = people.invitations.find(secret)
    except ValueError as error:
        return door_page(request, _("Invitation"), problem=str(error), status=404)
    password = Field("password", _("Choose a password"), "password", "new-password")
    fields: tuple[Field, ...] = (password,)
    lead = _("At least {count} characters.").format(count=SHORTEST)
    if invitation.person is None:
        fields = (Field("name", _("Your name, for signing in"), "text", "username", name), password)
    else:
        person = people.accounts.person(invitation.person)
        lead = _("You sign in as {name}.").format(name=person.name) + " " + lead
    questions = Questions(f"/invitation/{quote(secret, safe='')}", fields, _("Begin"))
    status = 422 if problem else 200
    return door_page(request, _("Welcome"), lead=lead, problem=problem, questions=questions, status=status)
