"""Somebody at a school, as its answer tells; and the error of whoever cannot be signed in."""

from dataclasses import dataclass


class OpenIdError(ValueError):
    """Somebody could not be signed in; the text is one sentence for that person."""


@dataclass(frozen=True)
class OpenIdIdentity:
    """Somebody at the school.

    Attributes:
        issuer: the school; with the subject it is who somebody is, for ever.
        subject: the number or name of the person there that never becomes another's.
        name: what the person is called there, or empty; it may become another's.
        mail: a mail address that the school has verified, or empty; likewise.
        groups: of which the person is a member.
    """

    issuer: str
    subject: str
    name: str
    mail: str
    groups: frozenset[str]
