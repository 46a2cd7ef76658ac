"""A console on this or another machine, as commands with ``--server`` use it: its REST API over HTTP."""

import json
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit

import typer

from openracer.language import current_language
from openracer.language import gettext as _

if TYPE_CHECKING:
    import httpx

Server = Annotated[
    str | None,
    typer.Option(
        help=_(
            "Address of a console that does it, as it printed it; its token may be in OPENRACER_TOKEN instead."
        ),
        envvar="OPENRACER_SERVER",
        show_envvar=False,
    ),
]

_TIMEOUT_S = 60.0
_WAIT_S = 0.1
_ENDED = ("finished", "failed", "stopped")


class RemoteError(ValueError):
    """A console refused, or cannot be reached; the text is one sentence."""


class Console(ABC):
    """The API of a console, wherever it is."""

    @abstractmethod
    def send(self, method: str, path: str, values: Any = None) -> "httpx.Response":
        """The answer to a request.

        Raises:
            RemoteError: the console cannot be reached.
        """

    def get(self, path: str) -> Any:
        """What is at a path of the API.

        Raises:
            RemoteError: the console refused, or cannot be reached.
        """
        return self._request("GET", path)

    def post(self, path: str, values: Mapping[str, Any] | None = None) -> Any:
        """What came of a request; raises what :meth:`get` does."""
        return self._request("POST", path, values)

    def delete(self, path: str) -> None:
        """Delete what is at a path; raises what :meth:`get` does."""
        self._request("DELETE", path)

    def download(self, path: str) -> bytes:
        """The content of a file; raises what :meth:`get` does."""
        answer = self.send("GET", path)
        _check(answer)
        return answer.content

    def _request(self, method: str, path: str, values: Mapping[str, Any] | None = None) -> Any:
        answer = self.send(method, path, values)
        _check(answer)
        return answer.json() if answer.content else None


class RemoteConsole(Console):
    """The API of a console at an address.

    Args:
        url: of the console, for example ``http://127.0.0.1:8000``; with ``?token=…`` where it is not this user's own.

    Raises:
        RemoteError: the address is none, or nobody knows the token.
    """

    def __init__(self, url: str):
        # Takes a tenth of a second to import, which only this needs.
        import httpx

        from openracer.service.token import known_token

        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RemoteError(
                _("{url} is no address of a console; one looks like http://127.0.0.1:8000").format(url=url)
            )
        self.url = f"{parts.scheme}://{parts.netloc}"
        token = parse_qs(parts.query).get("token", [None])[0] or known_token()
        if token is None:
            raise RemoteError(
                _(
                    "the token of the console is missing: set OPENRACER_TOKEN, or give the address with ?token=…"
                )
            )
        self._client = httpx.Client(
            base_url=f"{self.url}/api",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": current_language()},
            timeout=_TIMEOUT_S,
        )

    def send(self, method: str, path: str, values: Any = None) -> "httpx.Response":
        """The answer to a request."""
        import httpx

        try:
            return self._client.request(method, path, json=values)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a text that goes on; raises what :meth:`get` does."""
        import httpx

        try:
            with self._client.stream("GET", path, timeout=None) as answer:
                if answer.is_error:
                    answer.read()
                    _check(answer)
                yield from answer.iter_lines()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _unreachable(self, error: Exception) -> RemoteError:
        reason = str(error) or type(error).__name__
        return RemoteError(
            _("the console at {url} does not answer: {reason}").format(url=self.url, reason=reason)
        )


def _check(answer: "httpx.Response") -> None:
    """Raise a RemoteError with the console's own sentence if it refused."""
    if answer.is_error:
        try:
            detail = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            detail = _("this is no console of OpenRacer (it answered with status {status})").format(
                status=answer.status_code
            )
        raise RemoteError(detail)


def model_path(name: str) -> str:
    """Where the API has a model."""
    return f"/models/{quote(name, safe='')}"


class RemoteTraining:
    """A training on a console, watched as one on this machine is; leaving it does not end it.

    Args:
        console: that trains.
        job_id: of the training.
    """

    def __init__(self, console: RemoteConsole, job_id: str):
        self._console = console
        self._path = f"/trainings/{job_id}"

    def ask_to_stop(self) -> None:
        """Let it finish its iteration, save and end."""
        self._console.post(f"{self._path}/stop")

    def kill(self) -> None:
        """Leave it alone; it is stopping."""

    def watch(self) -> Iterator[dict[str, Any] | None]:
        """Its events until it ends; None about ten times a second. The last one is ``finished`` or ``failed``.

        Raises:
            RemoteError: the console cannot be reached any more.
        """
        messages: queue.Queue[dict[str, Any] | RemoteError] = queue.Queue()
        threading.Thread(target=self._listen, args=(messages,), daemon=True).start()
        last: dict[str, Any] = {}
        while True:
            try:
                message = messages.get(timeout=_WAIT_S)
            except queue.Empty:
                yield None
                continue
            if isinstance(message, RemoteError):
                raise message
            if "event" in message:
                last = message
                if message["event"] not in ("finished", "failed"):
                    yield message
            else:
                yield last if last.get("event") in ("finished", "failed") else _end_of(message)
                return

    def _listen(self, messages: "queue.Queue[dict[str, Any] | RemoteError]") -> None:
        try:
            for line in self._console.lines(f"{self._path}/events"):
                if line.startswith("data: "):
                    messages.put(json.loads(line.removeprefix("data: ")))
            messages.put(RemoteError(_("the console at {url} has ended").format(url=self._console.url)))
        except RemoteError as error:
            messages.put(error)


def _end_of(job: Mapping[str, Any]) -> dict[str, Any]:
    """The last event of a training that ended without one, for example while it waited."""
    if job["state"] == "failed":
        return {"event": "failed", "message": job["reason"]}
    return {"event": "finished", "reason": "stopped", "iteration": 0, "seconds": 0.0}


def wait_for(console: RemoteConsole, path: str) -> dict[str, Any]:
    """A job of a console, once it has ended.

    Raises:
        RemoteError: it failed, or the console cannot be reached.
    """
    while True:
        job: dict[str, Any] = console.get(path)
        if job["state"] in _ENDED:
            break
        time.sleep(_WAIT_S)
    if job["state"] == "failed":
        raise RemoteError(job["reason"])
    return job
