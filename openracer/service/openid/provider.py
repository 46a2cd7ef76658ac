"""The school's OpenID provider, as the console talks with it."""

import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx

from openracer.language import gettext as _
from openracer.service.openid.attempt import Attempt, challenge
from openracer.service.openid.id_token import IdTokenError, checked_claims
from openracer.service.openid.identity import OpenIdError, OpenIdIdentity
from openracer.service.openid.settings import OpenIdSettings, is_safe

_logger = logging.getLogger(__name__)

_DISCOVERY = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_TIMEOUT_S = 10.0
_FRESH_S = 3600.0
"""So long what the provider says of itself is believed without asking again."""


class Provider:
    """A school's provider.

    Args:
        settings: of the administrator.
        secret: of this console as its client; None for one without.
        clock: seconds of the epoch.

    Attributes:
        settings: likewise.
    """

    def __init__(self, settings: OpenIdSettings, secret: str | None, clock: Callable[[], float] = time.time):
        self.settings = settings
        self._secret = secret
        self._clock = clock
        self._client = httpx.Client(timeout=_TIMEOUT_S, headers={"Accept": "application/json"})
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, Any] = {}
        self._asked = 0.0

    def address(self, attempt: Attempt, back: str) -> str:
        """Where to send a browser that wants to sign in.

        Args:
            attempt: of the browser.
            back: the address here to which it returns; the provider has to know it.

        Raises:
            OpenIdError: the provider does not answer as it should.
        """
        scopes = "openid profile email"
        if "groups" in self._known().get("scopes_supported", ()):
            scopes += " groups"
        parameters = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        if self.settings.prompt is not None:
            parameters["prompt"] = self.settings.prompt
        return _with_query(self._known()["authorization_endpoint"], parameters)

    def sign_out_address(self) -> str | None:
        """Where one signs out at the school, too; None if it tells of no such place."""
        address = self._metadata.get("end_session_endpoint")
        if not isinstance(address, str) or not is_safe(address):
            return None
        return _with_query(address, {"client_id": self.settings.client_id})

    def identity(self, attempt: Attempt, code: str, back: str) -> OpenIdIdentity:
        """Who has come back with a code.

        Args:
            attempt: of the browser.
            code: in its address.
            back: as for :meth:`address`.

        Raises:
            OpenIdError: the provider does not answer, or its answer is not to be trusted.
        """
        answer = self._exchange(attempt, code, back)
        try:
            claims = self._claims(str(answer.get("id_token")), attempt.nonce)
        except IdTokenError as error:
            raise self._distrust(error) from None
        more = self._user_info(str(answer.get("access_token")), claims["sub"])
        told = more | claims
        return OpenIdIdentity(
            issuer=self.settings.issuer,
            subject=claims["sub"],
            name=_text(told.get("preferred_username")) or _text(told.get("name")),
            # An address counts only with the word of where it stands.
            mail=_verified_mail(claims) or _verified_mail(more),
            groups=_texts(told.get(self.settings.groups_claim)),
        )

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token; one that the known keys have not signed may be signed by newer ones."""
        for fresh in (False, True):
            try:
                return checked_claims(
                    token, self._public_keys(fresh), issuer=self.settings.issuer,
                    client=self.settings.client_id, nonce=nonce, now=self._clock(),
                )  # fmt: skip
            except IdTokenError:
                if fresh:
                    raise
        raise AssertionError

    def _exchange(self, attempt: Attempt, code: str, back: str) -> dict[str, Any]:
        """The tokens for a code (RFC 6749, section 4.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
            "client_id": self.settings.client_id,
        }
        auth = None
        if self._secret is not None:
            methods = self._known().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in methods:
                # Encoded before they are joined (RFC 6749, section 2.3.1).
                auth = httpx.BasicAuth(quote_plus(self.settings.client_id), quote_plus(self._secret))
            else:
                form["client_secret"] = self._secret
        return self._asked_for("POST", self._known()["token_endpoint"], data=form, auth=auth)

    def _user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        """What the provider tells of somebody beside the token; only of the one in the token."""
        address = self._known().get("userinfo_endpoint")
        if not isinstance(address, str) or not is_safe(address):
            return {}
        found = self._asked_for("GET", address, headers={"Authorization": f"Bearer {access_token}"})
        return found if found.get("sub") == subject else {}

    def _known(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0)."""
        if self._metadata and self._clock() < self._asked + _FRESH_S:
            return self._metadata
        found = self._asked_for("GET", self.settings.issuer.removesuffix("/") + _DISCOVERY)
        if found.get("issuer") != self.settings.issuer:
            raise self._distrust(f"it calls itself {str(found.get('issuer'))[:200]!r}")
        for name in _NEEDED:
            if not isinstance(found.get(name), str) or not is_safe(found[name]):
                raise self._distrust(f"its {name} is missing or not safe")
        self._metadata, self._asked = found, self._clock()
        return found

    def _public_keys(self, fresh: bool) -> dict[str, Any]:
        address = self._known()["jwks_uri"]
        if fresh or not self._keys:
            self._keys = self._asked_for("GET", address)
        return self._keys

    def _asked_for(self, method: str, address: str, **request: Any) -> dict[str, Any]:
        """The JSON object that the provider answers with."""
        try:
            answer = self._client.request(method, address, **request)
        except httpx.HTTPError as error:
            _logger.warning("%s: %s", address, error)
            raise OpenIdError(
                _("{school} does not answer; try again in a moment").format(school=self.settings.name)
            ) from None
        try:
            found = answer.json() if answer.is_success else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self._distrust(f"{address}: {answer.status_code} {answer.text[:200]!r}")
        return found

    def _distrust(self, why: object) -> OpenIdError:
        """The error for an answer that is not as it should be; the log has why."""
        _logger.warning("OpenID provider %s: %s", self.settings.issuer, why)
        return OpenIdError(
            _(
                "the answer of {school} was not as it should be; try again, and tell the administrator if that "
                "does not help"
            ).format(school=self.settings.name)
        )


def _with_query(address: str, parameters: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _verified_mail(claims: dict[str, Any]) -> str:
    # Some providers write true as text.
    return _text(claims.get("email")) if claims.get("email_verified") in (True, "true") else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> frozenset[str]:
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(filter(None, map(_text, values)))
