"""Tables of people: who they are, how they are known again, who was invited, and what everybody has used."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from openracer.service.database import Base


class PersonRow(Base):
    """One person. Times are seconds of the epoch.

    Attributes:
        name: for signing in, in lower case; nobody else sees it but administrators and organisers.
        alias: what everybody sees.
        password: its argon2 hash; None for somebody who cannot sign in with one.
        disabled: when the person was shut out; None if not.
        first_used: when the first job was asked for; a class's 30 days begin with it.
        compute_hours: own limit instead of the instance's; likewise the two below.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(unique=True)
    alias: Mapped[str]
    role: Mapped[str]
    country: Mapped[str] = mapped_column(default="")
    avatar: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    created: Mapped[float]
    disabled: Mapped[float | None]
    first_used: Mapped[float | None]
    compute_hours: Mapped[float | None]
    models: Mapped[int | None]
    storage_gb: Mapped[float | None]


class OpenIdRow(Base):
    """Who somebody is at a school: its address with the person's number there, which is never another's.

    Attributes:
        made_person: whether the person came to be by signing in with it; the school then decides the role.
    """

    __tablename__ = "openid"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created: Mapped[float]
    made_person: Mapped[bool]


class SessionRow(Base):
    """A browser in which somebody has signed in; ``key`` is the hash of what its cookie holds."""

    __tablename__ = "sessions"

    key: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created: Mapped[float]
    expires: Mapped[float]


class TokenRow(Base):
    """A token for the API; ``key`` is its hash, ``title`` what its owner calls it."""

    __tablename__ = "tokens"

    key: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    title: Mapped[str]
    created: Mapped[float]


class InvitationRow(Base):
    """A link with which somebody becomes a person here; ``key`` is the hash of what the link holds.

    Attributes:
        person: whose password it sets; None makes a new person of ``role``.
        left: how often it still works.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    person: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created: Mapped[float]
    expires: Mapped[float]
    left: Mapped[int]


class UsageRow(Base):
    """Time that a job has taken; it outlives the job, whose row goes with its model."""

    __tablename__ = "usage"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str]
    ended: Mapped[float] = mapped_column(index=True)
    seconds: Mapped[float]


class SettingRow(Base):
    """One setting of the instance, as JSON."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
