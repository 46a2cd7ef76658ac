"""The secrets of one browser on its way to the school and back.

All come from one that only the browser keeps, in a cookie; the console remembers nothing, so nobody can fill its
memory with attempts, and an answer counts only in the browser that has asked.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Self

from openracer.service.passwords import new_secret


@dataclass(frozen=True)
class Attempt:
    """One attempt to sign in; ``secret`` is what the browser keeps."""

    secret: str

    @classmethod
    def begin(cls) -> Self:
        """A new one."""
        return cls(new_secret())

    @property
    def state(self) -> str:
        """Comes back with the answer: it is one to a question of this browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Is in the token: it was made for this attempt."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Shows the school that whoever brings its code is who asked for it (RFC 7636)."""
        return self._derived("verifier")

    def is_answer(self, state: str) -> bool:
        """Whether an answer with this state is one to this attempt."""
        return hmac.compare_digest(state.encode("utf-8", "surrogatepass"), self.state.encode())

    def _derived(self, purpose: str) -> str:
        secret = self.secret.encode("utf-8", "surrogatepass")
        return base64url(hmac.digest(secret, purpose.encode(), "sha256"))


def challenge(verifier: str) -> str:
    """What the school is told of a verifier before: its SHA-256 (RFC 7636, section 4.2)."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def base64url(data: bytes) -> str:
    """Bytes as text for addresses, without padding (RFC 7636, appendix A)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
