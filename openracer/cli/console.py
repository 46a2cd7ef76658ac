"""``openracer console``: everything from a browser."""

import contextlib
import gc
import socket
import threading
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    import uvicorn

    from openracer.api.gate import Gate
    from openracer.api.security import Access
    from openracer.service.confinement.layers import Layer
    from openracer.service.openid.provider import Provider
    from openracer.service.people import People

_POLL_S = 0.05
_GRACE_S = 3


def console(
    port: Annotated[int, typer.Option(help=_("Port to listen on."), min=1, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help=_("Address to listen on; 0.0.0.0 lets other machines in, who need the token."))
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help=_("Open the browser."))] = True,
    multi_user: Annotated[
        bool, typer.Option("--multi-user", help=_("People sign in; each has models of their own."))
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option(help=_("Name under which others open it, as racing.school.example."))
    ] = None,
    openid: Annotated[
        Path | None,
        typer.Option(
            envvar="OPENRACER_OPENID",
            help=_("YAML file: people may sign in with a school's accounts (OpenID Connect)."),
        ),
    ] = None,
    unconfined: Annotated[
        bool,
        typer.Option(
            "--run-other-peoples-code-unconfined",
            help=_(
                "Let people in although this system cannot confine their code: it can then do all that you can."
            ),
        ),
    ] = False,
) -> None:
    """Start the console; jobs go on when it ends."""
    import uvicorn

    from openracer import service
    from openracer.api.security import Access
    from openracer.console.app import create_app
    from openracer.service.jobs import JobQueue
    from openracer.service.league import League, set_current_league
    from openracer.service.league.steward import Steward
    from openracer.service.people import People
    from openracer.service.token import make_token

    if openid is not None and not multi_user:
        raise ValueError(_("--openid is for a console where people sign in: add --multi-user"))
    provider = None if openid is None else _school(openid)
    layers = _confinement(unconfined) if multi_user else ()
    listener = _listen(host, port)
    queue = JobQueue(layers=layers)
    league = League.of(queue.database)
    steward = Steward(league)
    try:
        people = People.of(queue.database, provider)
        service.set_current_people(people)
        set_current_league(league)
        names = tuple(known.strip().lower() for known in name or ())
        if multi_user:
            access = Access("", host, port, names, _let_people_in(people, layers))
        else:
            access = Access(make_token(), host, port, names)
        queue.start()
        steward.start()
        service.set_current_queue(queue)
        settings = uvicorn.Config(
            create_app(access), log_level="warning", timeout_graceful_shutdown=_GRACE_S, server_header=False
        )
        server = uvicorn.Server(settings)
        # What is there now stays: looking through it again and again for garbage would hold all pages up.
        gc.collect()
        gc.freeze()
        threading.Thread(target=_welcome, args=(server, access, browser), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has ended in peace and passes Ctrl-C on
            server.run([listener])
        if count := len(queue.everybodys_jobs(active=True)):
            message = _("Jobs that go on without the console: {count}. It finds them again when it starts.")
            typer.echo(message.format(count=count))
    finally:
        steward.close()
        queue.close()


def _confinement(unconfined: bool) -> "tuple[Layer, ...]":
    """The layers around other people's code, having said which there are.

    Raises:
        NotConfinedError: one is missing, and nobody has said that this is meant.
    """
    from openracer.service.confinement.layers import available, require, statement

    layers = available()
    typer.echo(_("Other people's code is confined by:"))
    for line in statement(layers):
        typer.echo(line)
    if unconfined:
        typer.echo(_("What is missing is missed: you said that other people's code may run unconfined."))
    else:
        require(layers)
    return layers


def _school(path: Path) -> "Provider":
    """The school with whose accounts people sign in.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not usable; one sentence.
    """
    from openracer.service.openid.provider import Provider
    from openracer.service.openid.settings import read_settings

    return Provider(*read_settings(path))


def _let_people_in(people: "People", layers: "tuple[Layer, ...]") -> "Gate":
    """Have everything done for somebody from here on.

    Raises:
        ValueError: there is nobody yet who could invite others.
    """
    from openracer import launching
    from openracer.api.gate import Gate
    from openracer.models.library import ask_before_creating
    from openracer.service.accounts import Role
    from openracer.service.confinement.door import Door
    from openracer.service.identity import current_person, share
    from openracer.service.warm_kernels import warm_kernels

    if not any(person.role is Role.ADMINISTRATOR for person in people.accounts.people()):
        raise ValueError(
            _(
                "nobody can let others in yet; make an administrator with: openracer people add NAME --role "
                "administrator"
            )
        )
    typer.echo(_("Compiling what trainings need; the first time this takes a minute."))
    warm_kernels()
    share(True)
    if layers:
        launching.confine_with(lambda: Door(layers, current_person().id))
    ask_before_creating(lambda: people.quotas.check_model(current_person()))
    return Gate(people.sessions)


def _listen(host: str, port: int) -> socket.socket:
    """A socket on the address, before anything slow begins.

    Raises:
        ValueError: the address is taken or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ValueError(
            _("cannot listen on {host}, port {port}: {reason}; choose another with --port or --host").format(
                host=host, port=port, reason=(error.strerror or str(error)).lower()
            )
        ) from None
    return listener


def _welcome(server: "uvicorn.Server", access: "Access", browser: bool) -> None:
    """Say where the console is, once it answers."""
    while not server.started:
        time.sleep(_POLL_S)
    url = access.login_url()
    typer.echo(_("The console is at {url}; Ctrl-C ends it, jobs go on.").format(url=url))
    if not access.is_local and access.gate is None:
        typer.echo(
            _(
                "Everybody who can reach this machine and has this address can use the console, run code of their "
                "own as a reward function and delete your models. Others open {url}"
            ).format(url=access.login_url(socket.gethostname()))
        )
    if browser:
        webbrowser.open(url)
