"""A small school with an OpenID provider of its own, which signs really, and can be made to lie."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT = "openracer tests"
SECRET = "between us: +%"
KEYS = tuple(RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True) for _ in range(2))


class School:
    """An OpenID provider on this machine at which one person is signed in.

    Attributes:
        issuer: its address.
        person: the claims of whoever comes.
        in_token: names of those that the ID token has; the others are told by the user info endpoint.
        token_changes: claims of the ID token that are not as they should be; None leaves one out.
        header: of the ID token.
        key: with which it signs.
        published: its public keys.
        refuses: the error with which it answers, if any.
        asked: how often each address was asked for.
    """

    def __init__(self) -> None:
        self.person: dict[str, Any] = {
            "sub": "4711", "preferred_username": "mina", "email": "mina@hill.example", "email_verified": True,
            "groups": ["pupils"],
        }  # fmt: skip
        self.in_token: tuple[str, ...] = ("preferred_username", "email", "email_verified", "groups")
        self.token_changes: dict[str, Any] = {}
        self.header: dict[str, str] = {"alg": "RS256"}
        self.metadata_changes: dict[str, Any] = {}
        self.refuses = ""
        self.asked: dict[str, int] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self.key: RSAKey | OctKey = KEYS[0]
        self.published = KeySet([self.key])
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish that alone."""
        self.key = KEYS[1]
        self.published = KeySet([self.key])

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def metadata(self) -> dict[str, Any]:
        """What the provider says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=hill",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/leave",
        } | self.metadata_changes

    def authorise(self, query: dict[str, str]) -> str:
        """Where a browser that asks to sign in is sent back to."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT, query
        assert query["tenant"] == "hill" and "openid" in query["scope"].split(), query
        assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43, query
        answer = {"state": query["state"], "iss": self.issuer}
        if self.refuses:
            return f"{query['redirect_uri']}?{urlencode(answer | {'error': self.refuses})}"
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode(answer | {'code': code})}"

    def tokens(self, authorization: str, form: dict[str, str]) -> dict[str, Any] | None:
        """The answer to a client that brings a code; None if it is not who it says, or the code is not its own."""
        kind, _space, value = authorization.partition(" ")
        name, _colon, secret = base64.b64decode(value).decode().partition(":")
        if (kind, unquote_plus(name), unquote_plus(secret)) != ("Basic", CLIENT, SECRET):
            return None
        query = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            query is None
            or query["code_challenge"] != challenge
            or query["redirect_uri"] != form["redirect_uri"]
        ):
            return None
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.person["sub"], "iat": int(time.time()),
            "exp": int(time.time()) + 300, "nonce": query["nonce"],
        }  # fmt: skip
        claims |= {name: self.person[name] for name in self.in_token if name in self.person}
        claims |= self.token_changes
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": str(self.key.kid)} | self.header
        token = jwt.encode(header, claims, self.key, algorithms=["RS256", "HS256", "ES256"])
        return {"id_token": token, "access_token": "access", "token_type": "Bearer"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        school = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                school.asked[parts.path] = school.asked.get(parts.path, 0) + 1
                if parts.path == "/authorize":
                    self.send_response(303)
                    self.send_header("Location", school.authorise(dict(parse_qsl(parts.query))))
                    self.end_headers()
                elif parts.path == "/me" and self.headers["Authorization"] == "Bearer access":
                    self._send(school.person)
                elif parts.path in ("/keys", "/.well-known/openid-configuration"):
                    self._send(school.published.as_dict() if parts.path == "/keys" else school.metadata())
                else:
                    self._send({"error": "there is no such thing"}, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                told = school.tokens(self.headers.get("Authorization", ""), form)
                self._send(told or {"error": "invalid_grant"}, 200 if told else 400)

            def _send(self, told: object, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler
