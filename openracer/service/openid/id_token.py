"""What an ID token is worth: signed by the school, for this console, for this attempt, and still valid.

The checks are those of OpenID Connect Core 1.0, section 3.1.3.7.
"""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
"""Those with which only the school can sign: one with a shared secret, or none, would let others."""

_LEEWAY_S = 60
"""By which the clocks of console and school may differ."""
_LONGEST_SUBJECT = 255


class IdTokenError(ValueError):
    """A token does not say what it has to; the text is for the console's log."""


def checked_claims(
    token: str, keys: dict[str, Any], *, issuer: str, client: str, nonce: str, now: float
) -> dict[str, Any]:
    """The claims of a token.

    Args:
        token: as the school sent it.
        keys: the school's public keys, a JSON Web Key Set.
        issuer: the school.
        client: this console's name there.
        nonce: of the attempt.
        now: seconds of the epoch.

    Raises:
        IdTokenError: it is none that counts.
    """
    claims = _signed(token, keys)
    registry = jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise IdTokenError(str(error)) from None
    audience = claims["aud"]
    has_others = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if has_others else client) != client:
        raise IdTokenError("azp: the token was made for another client")
    if not isinstance(claims["nonce"], str) or not 1 <= len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise IdTokenError("nonce or sub are not what they have to be")
    return claims


def _signed(token: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed.

    Raises:
        IdTokenError: none has.
    """
    try:
        found = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise IdTokenError(f"signature: {error}") from None
    if not isinstance(found, dict):
        raise IdTokenError("it holds no claims")
    return found
