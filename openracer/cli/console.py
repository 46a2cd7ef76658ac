"""``openracer console``: everything from a browser."""

import contextlib
import socket
import threading
import time
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    import uvicorn

    from openracer.api.security import Access

_POLL_S = 0.05
_GRACE_S = 3


def console(
    port: Annotated[int, typer.Option(help=_("Port to listen on."), min=1, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(help=_("Address to listen on; 0.0.0.0 lets other machines in, who need the token."))
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help=_("Open the browser."))] = True,
) -> None:
    """Start the console; jobs go on when it ends."""
    import uvicorn

    from openracer import service
    from openracer.api.security import Access
    from openracer.console.app import create_app
    from openracer.service.jobs import JobQueue
    from openracer.service.token import make_token

    listener = _listen(host, port)
    queue = JobQueue()
    try:
        access = Access(make_token(), host, port)
        queue.start()
        service.set_current_queue(queue)
        settings = uvicorn.Config(
            create_app(access), log_level="warning", timeout_graceful_shutdown=_GRACE_S, server_header=False
        )
        server = uvicorn.Server(settings)
        threading.Thread(target=_welcome, args=(server, access, browser), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn has ended in peace and passes Ctrl-C on
            server.run([listener])
        if count := len(queue.everybodys_jobs(active=True)):
            message = _("Jobs that go on without the console: {count}. It finds them again when it starts.")
            typer.echo(message.format(count=count))
    finally:
        queue.close()


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
    if not access.is_local:
        typer.echo(
            _(
                "Everybody who can reach this machine and has this address can use the console, run code of their "
                "own as a reward function and delete your models. Others open {url}"
            ).format(url=access.login_url(socket.gethostname()))
        )
    if browser:
        webbrowser.open(url)
