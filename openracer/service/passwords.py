"""Passwords as argon2 hashes, and secrets of which only the hash is kept."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from openracer.language import gettext as _

SHORTEST, LONGEST = 8, 200
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The argon2 hash of a new password.

    Raises:
        ValueError: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(
            _("the password has {length} characters; it must have from {shortest} to {longest}").format(
                length=len(password), shortest=SHORTEST, longest=LONGEST
            )
        )
    return _hasher.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password of a hash; takes as long where there is none, so that nobody learns who is known."""
    try:
        matches = _hasher.verify(hashed or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return matches and hashed is not None


def new_secret() -> str:
    """Something that nobody can guess, fit for an address or a cookie."""
    return secrets.token_urlsafe(24)


def fingerprint(secret: str) -> str:
    """What is kept of a secret; it has so many bits that a plain hash cannot be turned back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
