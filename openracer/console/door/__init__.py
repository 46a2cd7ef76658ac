"""The pages before the console, where people sign in: by a password, an invitation or a school's account."""

from fastapi import APIRouter

from openracer.api.patience import Patience
from openracer.console.door.invitation import add_invitations
from openracer.console.door.openid import add_openid
from openracer.console.door.password import add_passwords
from openracer.service.people import People

_MOST_FAILURES_OF_AN_ADDRESS = 100
"""A whole class may come from one address."""
WINDOW_S = 300.0


def door(people: People) -> APIRouter:
    """The routes of signing in and out, and of invitations."""
    router = APIRouter(include_in_schema=False)
    of_addresses = Patience(_MOST_FAILURES_OF_AN_ADDRESS, WINDOW_S)
    add_passwords(router, people, of_addresses)
    add_invitations(router, people)
    if people.openid is not None:
        add_openid(router, people, people.openid, of_addresses)
    return router
