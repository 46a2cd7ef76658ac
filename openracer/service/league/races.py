"""The races of an installation: made, changed and found; each has a track that nobody can put another one before."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from openracer.language import gettext as _
from openracer.league.objects import objects_of
from openracer.league.race import Phase, Race
from openracer.service.accounts import Person
from openracer.service.database import Database
from openracer.service.league.membership import Membership
from openracer.service.league.moments import moment
from openracer.service.league.people import require_manager, require_organiser
from openracer.service.league.tables import (
    CodeRow,
    LiveRow,
    MemberRow,
    RaceRow,
    SeasonRow,
    SubmissionRow,
)
from openracer.tracks import catalogue, npy
from openracer.tracks.track import Track

_DRIVEN = (
    "track", "reverse", "race_type", "objects", "laps", "ranking", "consecutive_laps", "max_resets",
    "off_track_penalty_s", "collision_penalty_s",
)  # fmt: skip
"""What cannot be changed once somebody has submitted: results would be of different races."""


class Format(StrEnum):
    """How a race is driven."""

    CLASSIC = "classic"
    """Each submission by itself, whenever it comes."""
    LIVE = "live"
    """One after the other before everybody's eyes, as the organiser launches them."""


class RaceNotFoundError(FileNotFoundError):
    """There is no such race, or not for this person."""


class RaceConflictError(ValueError):
    """What is asked for does not go together with the race as it stands."""


@dataclass(frozen=True)
class HeldRace:
    """A race of this installation.

    Attributes:
        id: number, which stays.
        rules: where and how it is driven, what ranks, when it is open.
        format: classic or live.
        is_private: whether only those see and enter it who have joined with a code.
        organiser: number of the person who made it.
        season: number of the season to which it belongs, if any.
        created: when it was made, UTC.
        submissions: how many there are.
        racers: from how many people.
        phase: where it stands now.
        has_own_track: whether its track is one that its organiser had imported or drawn.
        home: the data folder within which its submissions drive: it has the race's own track, if there is one.
    """

    id: int
    rules: Race
    format: Format
    is_private: bool
    organiser: int
    season: int | None
    created: datetime
    submissions: int
    racers: int
    phase: Phase
    has_own_track: bool
    home: Path

    def track(self) -> Track:
        """The track in the direction of the race, whatever the viewer has imported under its name."""
        name = self.rules.track
        if self.has_own_track:
            track = npy.load(_track_file(self.home, name), name, name.replace("_", " "), "")
        else:
            track = catalogue.built_in(name)
        return track.reverse() if self.rules.reverse else track


class Races:
    """The races in a database.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        membership: of private races.
        folder: of the league's files.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, membership: Membership, folder: Path, clock: Callable[[], float]):
        self._folder = folder
        self._database = database
        self._membership = membership
        self._clock = clock

    def create(
        self,
        person: Person,
        rules: Race,
        race_format: Format = Format.CLASSIC,
        is_private: bool = False,
        season: int | None = None,
    ) -> HeldRace:
        """Make a race.

        Args:
            person: its organiser.
            rules: of it; an imported track of the organiser's is copied.
            race_format: classic or live.
            is_private: whether it is for those with a code only.
            season: to which it belongs.

        Raises:
            NotYoursError: the person is no organiser.
            UnknownTrackError: there is no such track.
            RaceConflictError: there is a race of that name, or it overlaps another one of its season.
        """
        require_organiser(person)
        rules = rules.model_copy(update={"track": catalogue.find(rules.track).name})
        row = RaceRow(
            name=rules.name, format=race_format, organiser=person.id, season=season, is_private=is_private,
            created=self._clock(), opens=rules.opens.timestamp(), closes=rules.closes.timestamp(),
            rules=_other_rules(rules), seed=secrets.randbelow(2**31), version=0,
        )  # fmt: skip
        with self._database.session() as session:
            self._check(session, rules, None, season)
            if season is not None:
                require_manager(person, session.get_one(SeasonRow, season).organiser)
            session.add(row)
            session.flush()
            if race_format is Format.LIVE:
                session.add(LiveRow(race=row.id))
            _keep_track(self._home(row.id), rules.track)
        return self.race(row.id, person)

    def edit(self, person: Person, number: int, rules: Race, is_private: bool) -> HeldRace:
        """Change a race; once somebody has submitted, only what changes no result.

        Raises:
            RaceNotFoundError: there is no such race.
            NotYoursError: the person may not.
            RaceConflictError: results would be of different races, or see :meth:`create`.
        """
        held = self.race(number, person)
        require_manager(person, held.organiser)
        same_track = rules.track == held.rules.track
        if not same_track:
            rules = rules.model_copy(update={"track": catalogue.find(rules.track).name})
        with self._database.session() as session:
            if held.submissions and any(
                getattr(rules, name) != getattr(held.rules, name) for name in _DRIVEN
            ):
                raise RaceConflictError(
                    _(
                        "somebody has submitted to {race} already; what is driven and what ranks cannot be changed"
                    ).format(race=held.rules.name)
                )
            self._check(session, rules, number, held.season)
            row = session.get_one(RaceRow, number)
            row.name, row.opens, row.closes = rules.name, rules.opens.timestamp(), rules.closes.timestamp()
            row.rules, row.is_private, row.version = _other_rules(rules), is_private, row.version + 1
            if not same_track:
                _keep_track(self._home(number), rules.track)
        return self.race(number, person)

    def delete(self, person: Person, number: int) -> None:
        """Delete a race with everything that was submitted to it.

        Raises:
            RaceNotFoundError: there is no such race.
            NotYoursError: the person may not.
            RaceConflictError: it counts for a season.
        """
        held = self.race(number, person)
        require_manager(person, held.organiser)
        if held.season is not None and held.submissions:
            raise RaceConflictError(
                _("{race} counts for its season; it cannot be deleted any more").format(race=held.rules.name)
            )
        entries = select(SubmissionRow.folder).where(SubmissionRow.race == number)
        with self._database.session() as session:
            doomed = [submission_folder(self._folder, name) for name in session.scalars(entries)]
            for table in (LiveRow, SubmissionRow, MemberRow, CodeRow):
                session.execute(delete(table).where(table.race == number))
            session.execute(delete(RaceRow).where(RaceRow.id == number))
        for folder in (*doomed, self._home(number)):
            shutil.rmtree(folder, ignore_errors=True)

    def race(self, number: int, person: Person | None) -> HeldRace:
        """A race, if a person may see it.

        Raises:
            RaceNotFoundError: there is none, or it is private and the person has not joined.
        """
        with self._database.session() as session:
            row = session.get(RaceRow, number)
            if row is None or not self._membership.may_see(session, row, person):
                raise RaceNotFoundError(_("there is no race {number}").format(number=number))
            return self.of_row(row, *_counts(session, number).get(number, (0, 0)))

    def races(self, person: Person | None, phase: Phase | None = None) -> list[HeldRace]:
        """The races that a person may see: those that close last come first.

        Args:
            person: who looks.
            phase: only those that stand there now.
        """
        with self._database.session() as session:
            rows = [
                row
                for row in session.scalars(select(RaceRow).order_by(RaceRow.closes.desc(), RaceRow.id.desc()))
                if self._membership.may_see(session, row, person)
            ]
            counts = _counts(session)
        held = [self.of_row(row, *counts.get(row.id, (0, 0))) for row in rows]
        return [race for race in held if phase is None or race.phase is phase]

    def of_season(self, season: int) -> list[HeldRace]:
        """The races of a season in the order in which they are held."""
        query = select(RaceRow).where(RaceRow.season == season).order_by(RaceRow.opens)
        with self._database.session() as session:
            counts = _counts(session)
            return [self.of_row(row, *counts.get(row.id, (0, 0))) for row in session.scalars(query)]

    def _check(self, session: Session, rules: Race, number: int | None, season: int | None) -> None:
        objects_of(rules)  # raises if a setting of boxes or bot cars is wrong
        same_name = select(RaceRow.id).where(func.lower(RaceRow.name) == rules.name.lower())
        if any(found != number for found in session.scalars(same_name)):
            raise RaceConflictError(_("there is a race {race!r} already").format(race=rules.name))
        if season is None:
            return
        others = select(RaceRow).where(RaceRow.season == season, RaceRow.id != (number or 0))
        for other in session.scalars(others):
            if rules.opens.timestamp() < other.closes and other.opens < rules.closes.timestamp():
                raise RaceConflictError(
                    _(
                        "{race} would be open together with {other}; the races of a season follow each other"
                    ).format(race=rules.name, other=other.name)
                )

    def _home(self, number: int) -> Path:
        return self._folder / "races" / str(number)

    def of_row(self, row: RaceRow, submissions: int = 0, racers: int = 0) -> HeldRace:
        """The race of a row, for those who have read it."""
        rules = rules_of(row)
        return HeldRace(
            id=row.id,
            rules=rules,
            format=Format(row.format),
            is_private=row.is_private,
            organiser=row.organiser,
            season=row.season,
            created=moment(row.created),
            submissions=submissions,
            racers=racers,
            phase=rules.phase(moment(self._clock())),
            has_own_track=_track_file(self._home(row.id), rules.track).is_file(),
            home=self._home(row.id),
        )


def rules_of(row: RaceRow) -> Race:
    """The rules of a race's row."""
    moments = {name: moment(getattr(row, name)) for name in ("opens", "closes")}
    return Race(name=row.name, **moments, **row.rules)


def submission_folder(league: Path, name: str) -> Path:
    """Where the files of a submission are, below the league's folder."""
    return league / "submissions" / name


def _other_rules(rules: Race) -> dict[str, Any]:
    return rules.model_dump(mode="json", exclude={"name", "opens", "closes"})


def _track_file(home: Path, name: str) -> Path:
    return home / "tracks" / f"{name}.npy"


def _keep_track(home: Path, name: str) -> None:
    """Copy an organiser's own track into the race; a built-in one stays itself, whatever was imported over it."""
    folder = home / "tracks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if not catalogue.is_built_in(name):
        npy.save(catalogue.find(name), folder / f"{name}.npy")


def _counts(session: Session, number: int | None = None) -> dict[int, tuple[int, int]]:
    """Number of submissions and of racers, by race."""
    query = select(
        SubmissionRow.race, func.count(), func.count(func.distinct(SubmissionRow.person))
    ).group_by(SubmissionRow.race)
    if number is not None:
        query = query.where(SubmissionRow.race == number)
    return {race: (made, people) for race, made, people in session.execute(query)}
