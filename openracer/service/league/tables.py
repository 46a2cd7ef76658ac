"""Tables of the league: races and who may enter them, seasons, submissions and what came of them, duels."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from openracer.service.database import Base


class SeasonRow(Base):
    """A season. Times are seconds of the epoch, here and below.

    Attributes:
        final_size: how many qualify for the knock-out final; 0 for none.
        final_at: when it begins; None as soon as the last race is decided.
        champion: who has won it.
    """

    __tablename__ = "seasons"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(unique=True)
    organiser: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created: Mapped[float]
    final_size: Mapped[int]
    final_at: Mapped[float | None]
    champion: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class RaceRow(Base):
    """A race.

    Attributes:
        format: classic or live.
        rules: the fields of :class:`openracer.league.race.Race` that have no column of their own.
        seed: of every drive in it, so that nobody gets lucky by trying again.
        version: counts what has changed on the leaderboard.
    """

    __tablename__ = "races"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(unique=True)
    format: Mapped[str]
    organiser: Mapped[int] = mapped_column(ForeignKey("people.id"))
    season: Mapped[int | None] = mapped_column(ForeignKey("seasons.id"), index=True)
    is_private: Mapped[bool]
    created: Mapped[float]
    opens: Mapped[float] = mapped_column(index=True)
    closes: Mapped[float]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    seed: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)


class CodeRow(Base):
    """An invitation code of a private race, in clear: whoever has been given it may pass it on.

    Attributes:
        expires: until when it works; None until it is revoked.
        revoked: since when it does not work any more.
    """

    __tablename__ = "race_codes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    race: Mapped[int] = mapped_column(ForeignKey("races.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    created: Mapped[float]
    expires: Mapped[float | None]
    revoked: Mapped[float | None]


class MemberRow(Base):
    """Somebody who has joined a private race."""

    __tablename__ = "race_members"

    race: Mapped[int] = mapped_column(ForeignKey("races.id"), primary_key=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    joined: Mapped[float]


class SubmissionRow(Base):
    """A model entered into a race; what drives is a copy, which its owner cannot change any more.

    Attributes:
        key: by which a program that heard no answer can ask again without submitting twice.
        nth: counts the person's submissions to the race, from 1.
        folder: name of the folder with the copy and the record.
        model: what its owner calls it.
        job: that drives it; None while it waits in the queue of a live race.
        runs: how often it was put back into the queue of a live race.
        position: in that queue.
        ended: when its drive was over; what follows is then known.
        reason: why there is no result; empty if there was a drive.
        laps: pairs of time, ms, and resets.
        total_ms: of the laps that count; None without a valid result.
        shown_from: when the public begins to see it drive, in a live race.
        shown_until: when it has seen all; the result counts from then on.
    """

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("race", "person", "nth"), UniqueConstraint("person", "key"))

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    race: Mapped[int] = mapped_column(ForeignKey("races.id"), index=True)
    person: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    nth: Mapped[int]
    key: Mapped[str]
    folder: Mapped[str]
    model: Mapped[str]
    submitted: Mapped[float]
    job: Mapped[str | None] = mapped_column(unique=True)
    runs: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    ended: Mapped[float | None]
    reason: Mapped[str] = mapped_column(default="")
    laps: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    total_ms: Mapped[int | None]
    duration_s: Mapped[float | None]
    shown_from: Mapped[float | None]
    shown_until: Mapped[float | None]


class LiveRow(Base):
    """How a live race stands.

    Attributes:
        current: number of the submission that drives.
        auto_launch: whether the next one drives by itself when one is done.
        entries_open: whether submissions are taken.
        winner: who has been declared so.
    """

    __tablename__ = "live_races"

    race: Mapped[int] = mapped_column(ForeignKey("races.id"), primary_key=True)
    current: Mapped[int | None] = mapped_column(ForeignKey("submissions.number"))
    auto_launch: Mapped[bool] = mapped_column(default=False)
    entries_open: Mapped[bool] = mapped_column(default=True)
    winner: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class DuelRow(Base):
    """A meeting of two in a season's final.

    Attributes:
        round: from 0; the last one has one duel.
        place: in the round, from 0.
        first: submission of the better seed.
        second: of the other.
        job: that decides it.
        winner: submission of who goes on; None while it is not decided.
        told: what is told of the decision.
    """

    __tablename__ = "duels"

    season: Mapped[int] = mapped_column(ForeignKey("seasons.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(ForeignKey("submissions.number"))
    second: Mapped[int] = mapped_column(ForeignKey("submissions.number"))
    job: Mapped[str | None]
    winner: Mapped[int | None] = mapped_column(ForeignKey("submissions.number"))
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
