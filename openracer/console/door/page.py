"""What the pages before the console look like: plain HTML, since nothing of it may be seen before signing in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from openracer.api.gate import COOKIE
from openracer.console.assets import asset
from openracer.console.layout import FAVICON
from openracer.console.visitor import theme_of
from openracer.language import current_language
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.people import People
from openracer.service.sessions import LIFETIME_S

_templates = Environment(loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), autoescape=True)


OPENID = "/sign-in/openid"
"""Where signing in with a school's account begins."""


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for: its name, title, and how browsers are to fill it."""

    name: str
    title: str
    kind: str
    autocomplete: str
    value: str = ""


@dataclass(frozen=True)
class Questions:
    """What a page asks for, where that is sent, and the words on the button."""

    action: str
    fields: Sequence[Field]
    button: str


@dataclass(frozen=True)
class Way:
    """A way on from a page that leads elsewhere: its words and address."""

    title: str
    address: str


def door_page(
    request: Request,
    title: str,
    *,
    lead: str = "",
    problem: str = "",
    questions: Questions | None = None,
    ways: Sequence[Way] = (),
    status: int = 200,
) -> Response:
    """A page.

    Args:
        request: that it answers.
        title: of the page.
        lead: what to know first.
        problem: what has gone wrong.
        questions: what it asks for.
        ways: shown before them.
        status: of the answer.
    """
    text = _templates.get_template("door.html").render(
        language=current_language(), title=title, lead=lead, problem=problem, questions=questions, ways=ways,
        either=_("or with a name and password"),
        theme=theme_of(request.cookies), favicon=FAVICON, base_style=asset("console.css"), style=asset("door.css"),
    )  # fmt: skip
    return HTMLResponse(text, status, {"Cache-Control": "no-store"})


def welcome(request: Request, people: People, person: Person, target: str) -> Response:
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


def sign_in_page(
    request: Request,
    people: People,
    target: str,
    name: str = "",
    problem: str = "",
    status: int = 200,
    *,
    has_left: bool = False,
) -> Response:
    """The page that asks who is there.

    Args:
        request: that it answers.
        people: who may come in.
        target: address to go on to.
        name: that has been given already.
        problem: what has gone wrong.
        status: of the answer.
        has_left: whether somebody has just signed out.
    """
    fields = (
        Field("name", _("Name"), "text", "username", name),
        Field("password", _("Password"), "password", "current-password"),
    )
    query = f"?next={quote(target, safe='')}"
    ways, leaving = [], None
    if (provider := people.openid) is not None:
        school = provider.settings.name
        ways.append(Way(_("Sign in with {school}").format(school=school), f"{OPENID}{query}"))
        if has_left:
            leaving = provider.sign_out_address()
    lead = ""
    if leaving is not None:
        lead = _("You are signed out here; at {school} you may still be signed in.").format(school=school)
        ways.append(Way(_("Sign out of {school}, too").format(school=school), leaving))
    questions = Questions(f"/sign-in{query}", fields, _("Sign in"))
    return door_page(
        request, _("Sign in"), lead=lead, problem=problem, questions=questions, ways=ways, status=status
    )


def address_of(request: Request) -> str:
    """The address from which a request comes."""
    return request.client.host if request.client else ""


def wait_words(wait_s: float) -> str:
    """What somebody is told who has to wait, s."""
    return _("Too many attempts. Try again in {minutes} minutes.").format(minutes=int(wait_s // 60) + 1)
