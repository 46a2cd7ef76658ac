"""Who may talk to a console: its own pages and whoever has its token; no web page from elsewhere.

A page on the internet can make a browser send requests to 127.0.0.1, and with DNS rebinding even under a name of its
own. So a request must be addressed to a name of this console (Host), and must not come from a page of another site
(Origin). The API needs a token besides, and so do the pages where other machines can reach the console; where many
people use it, both need to know who asks.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import socket
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openracer.api.gate import COOKIE, PERSON, Gate, Watch, needed_role
from openracer.language import gettext as _
from openracer.service.identity import set_current_person

LOGIN_PARAMETER = "token"
LARGEST_BODY = 20_000_000
"""Bytes of a request: the largest is a track to import."""

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_REFUSED_SOCKET = 1008  # RFC 6455: the message violates the server's policy
_HEADERS = (
    (
        b"content-security-policy",
        # No page may lay ours under the visitor's clicks, and what gets into ours cannot send forms elsewhere.
        b"frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


@dataclass(frozen=True)
class Access:
    """Who may talk to a console.

    Attributes:
        token: for the API.
        host: the address that the console listens on.
        port: likewise.
        names: under which other machines call it, beside its own.
        gate: knows the people where many use it; the token then opens nothing.
    """

    token: str
    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    gate: Gate | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the console."""
        return is_loopback(self.host)

    @property
    def session(self) -> str:
        """What the cookie of a visitor who has logged in holds; the token cannot be told from it."""
        return hashlib.sha256(f"session {self.token}".encode()).hexdigest()

    def login_url(self, host: str | None = None) -> str:
        """The address to open in a browser.

        Args:
            host: a name under which the console can be reached; None is one that works on this machine.
        """
        name = host or (self.host if not _is_any(self.host) else "127.0.0.1")
        url = f"http://{f'[{name}]' if ':' in name else name}:{self.port}/"
        return (
            url
            if self.is_local or self.gate is not None
            else f"{url}?{urlencode({LOGIN_PARAMETER: self.token})}"
        )

    def allows_host(self, header: str) -> bool:
        """Whether a Host header names this console.

        One that other machines can reach is called by whatever address or name its machine has; names of other
        machines, which an attacker could have pointed here, are refused.
        """
        name = _host_name(header)
        if name in _LOCAL_NAMES or name == self.host.lower() or name in self.names:
            return True
        return not self.is_local and (_is_address(name) or name in _own_names())


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    return host in _LOCAL_NAMES or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


class AccessMiddleware:
    """Refuses what :class:`Access` does not allow, before anything else sees it.

    Args:
        app: what answers the others.
        access: the rules.
    """

    def __init__(self, app: ASGIApp, access: Access):
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (refusal := self._refusal(scope, headers)) is not None:
            await _refuse(scope, send, *refusal)
            return
        if (gate := self._access.gate) is not None:
            await self._answer_somebody(gate, scope, headers, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif self._logs_in(scope):
            await self._log_in(scope, send)
        else:
            await self._app(scope, _limited(receive), _with_headers(send))

    async def _answer_somebody(
        self, gate: Gate, scope: Scope, headers: Headers, receive: Receive, send: Send
    ) -> None:
        """Answer a request on behalf of the one who asks, if that person may."""
        needed = needed_role(scope["path"])
        person = await asyncio.to_thread(gate.person, headers, _is_api(scope))
        if needed is not None and person is None:
            if scope["type"] == "http" and scope["method"] == "GET" and not _is_api(scope):
                await _send_to_sign_in(scope, send)
            else:
                await _refuse(scope, send, 401, _("sign in first; the API needs a token of yours"))
            return
        if needed is not None and person is not None and not person.may(needed):
            await _refuse(scope, send, 403, _("this is for somebody with more rights than yours"))
            return
        if _changes_something(scope) and "origin" not in headers:
            # Every browser tells where a form or script comes from; _refusal has compared it.
            await _refuse(scope, send, 403, _("requests from pages of other sites are refused"))
            return
        scope[PERSON] = person
        set_current_person(person)
        if scope["type"] == "websocket":
            await self._app(scope, _while_signed_in(receive, gate.watch(headers)), send)
        else:
            await self._app(scope, _limited(receive), _with_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Status and sentence of what speaks against a request, whoever asks."""
        if not self._access.allows_host(headers.get("host", "")):
            return 421, _("this console does not answer to that name; open it at its own address")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            return 403, _("requests from pages of other sites are refused")
        if headers.get("sec-fetch-site") == "cross-site" and scope.get("method", "GET") not in (
            "GET",
            "HEAD",
        ):
            return 403, _("requests from pages of other sites are refused")
        if int(length if (length := headers.get("content-length", "0")).isdecimal() else 0) > LARGEST_BODY:
            return 413, _("the request is larger than {limit} MB").format(limit=LARGEST_BODY // 1_000_000)
        if self._access.gate is not None:
            return None
        if _is_api(scope):
            if not _has_token(headers, self._access.token):
                return 401, _(
                    "the API needs the console's token: send it as 'Authorization: Bearer TOKEN'; it is in the "
                    "file console/token of the data folder"
                )
        elif not self._access.is_local and not self._logs_in(scope) and not self._has_session(headers):
            return 401, _(
                "this console can be reached from other machines and asks for its token: open the address with "
                "?token=… that was printed at its start"
            )
        return None

    def _logs_in(self, scope: Scope) -> bool:
        """Whether the right token is in a page's address."""
        if _is_api(scope) or scope.get("method") != "GET":
            return False
        given = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"))).get(LOGIN_PARAMETER)
        return given is not None and _same(given, self._access.token)

    async def _log_in(self, scope: Scope, send: Send) -> None:
        """Remember the visitor, and take the token out of the address."""
        parameters = parse_qsl(scope["query_string"].decode("latin-1"))
        kept = urlencode([(name, value) for name, value in parameters if name != LOGIN_PARAMETER])
        target = "/" + quote(scope["path"].lstrip("/"))  # two slashes would be another machine's address
        cookie = f"{COOKIE}={self._access.session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"
        headers = [
            (b"location", (f"{target}?{kept}" if kept else target).encode()),
            (b"set-cookie", cookie.encode()),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": [*headers, *_HEADERS]})
        await send({"type": "http.response.body", "body": b""})

    def _has_session(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return COOKIE in cookies and _same(cookies[COOKIE].value, self._access.session)


def _changes_something(scope: Scope) -> bool:
    """Whether it is a request with which a browser could act for a visitor by the cookie alone."""
    return scope["type"] == "websocket" or (scope["method"] not in ("GET", "HEAD") and not _is_api(scope))


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_HEADERS]
        await send(message)

    return send_with_headers


def _while_signed_in(receive: Receive, watch: Watch) -> Receive:
    """Ends a web socket when the session of the one who opened it has ended."""

    async def take() -> Message:
        message = await receive()
        if await asyncio.to_thread(watch.is_over):
            return {"type": "websocket.disconnect", "code": _REFUSED_SOCKET}
        return message

    return take


async def _send_to_sign_in(scope: Scope, send: Send) -> None:
    query = scope.get("query_string", b"").decode("latin-1")
    target = quote(scope["path"]) + (f"?{query}" if query else "")
    location = f"/sign-in?{urlencode({'next': target})}".encode()
    headers = [(b"location", location), *_HEADERS]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _is_api(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/api/") or scope["path"] == "/api"


def _has_token(headers: Headers, token: str) -> bool:
    kind, _space, given = headers.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and _same(given.strip(), token)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _host_name(header: str) -> str:
    """The name in a Host header without its port, in lower case; of an IPv6 address without brackets."""
    header = header.strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0] if header.count(":") <= 1 else header


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_any(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, f"{name.partition('.')[0]}.local"}


def _limited(receive: Receive) -> Receive:
    """Takes no more of a body than :data:`LARGEST_BODY`; the rest of one that did not say its size is cut off."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            return {"type": "http.disconnect"}
        return message

    return take


async def _refuse(scope: Scope, send: Send, status: int, message: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _REFUSED_SOCKET, "reason": ""})
        return
    as_json = _is_api(scope)
    body = json.dumps({"detail": message}, ensure_ascii=False) if as_json else message + "\n"
    kind = b"application/json" if as_json else b"text/plain; charset=utf-8"
    extra = [(b"www-authenticate", b"Bearer")] if status == 401 and as_json else []
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body.encode())).encode()),
        *extra,
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
