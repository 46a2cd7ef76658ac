"""How much each person, and all together, may use: compute hours, models, storage; and what has been used.

Limits count for a calendar month, or, as AWS DeepRacer's free tier, for the 30 days that begin with a person's first
job.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from openracer.language import gettext as _
from openracer.models.folder import DESCRIPTION_FILE
from openracer.service.account_tables import PersonRow, SettingRow, UsageRow
from openracer.service.accounts import LOCAL, Person
from openracer.service.database import Database, JobRow
from openracer.service.identity import home_of
from openracer.service.storage import size_of
from openracer.service.store import OF_MODELS, UNDER_WAY

GB = 1e9
FIRST_DAYS = 30
_KEY = "quotas"
_DAY_S = 86_400.0


class QuotaError(ValueError):
    """Something is used up; the text is one sentence."""


class Period(StrEnum):
    """For how long compute hours are given."""

    MONTH = "month"
    FIRST_30_DAYS = "first-30-days"


@dataclass(frozen=True)
class Limits:
    """What may be used; None is without limit.

    Attributes:
        compute_hours: of trainings and evaluations, in a period.
        models: at the same time.
        storage_gb: at the same time, in 10⁹ bytes.
    """

    compute_hours: float | None = None
    models: int | None = None
    storage_gb: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not 0 <= value <= 1e6:
                raise ValueError(
                    _("{name} is {value}; it must be from 0 to 1000000, or empty for no limit").format(
                        name=field.name, value=value
                    )
                )


@dataclass(frozen=True)
class Rules:
    """What counts for an installation.

    Attributes:
        period: of compute hours.
        person: limits of each person who has none of their own.
        everybody: limits of all together.
    """

    period: Period = Period.MONTH
    person: Limits = Limits(10.0, 50, 5.0)
    everybody: Limits = Limits()


@dataclass(frozen=True)
class Usage:
    """What has been used.

    Attributes:
        compute_s: seconds of jobs in this period, running ones included.
        models: that are there.
        storage: bytes.
    """

    compute_s: float
    models: int
    storage: int


class Quotas:
    """Limits and use, in a database and in people's folders.

    Every method may raise :class:`openracer.service.database.DatabaseProblemError`.

    Args:
        database: of the console.
        clock: seconds of the epoch.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.time):
        self._database = database
        self._clock = clock

    def rules(self) -> Rules:
        """Those of this installation."""
        with self._database.session() as session:
            row = session.get(SettingRow, _KEY)
        if row is None:
            return Rules()
        values: Mapping[str, Any] = json.loads(row.value)
        return Rules(Period(values["period"]), Limits(**values["person"]), Limits(**values["everybody"]))

    def set_rules(self, rules: Rules) -> None:
        """Have other ones."""
        with self._database.session() as session:
            session.merge(SettingRow(key=_KEY, value=json.dumps(asdict(rules))))

    def limits(self, person: Person) -> Limits:
        """A person's limits: own ones, else everyone's."""
        given, own = self.rules().person, self.own_limits(person)
        return Limits(
            given.compute_hours if own.compute_hours is None else own.compute_hours,
            given.models if own.models is None else own.models,
            given.storage_gb if own.storage_gb is None else own.storage_gb,
        )

    def own_limits(self, person: Person) -> Limits:
        """The limits that a person alone has; None where they are everyone's."""
        with self._database.session() as session:
            row = session.get_one(PersonRow, person.id)
        return Limits(row.compute_hours, row.models, row.storage_gb)

    def set_limits(self, person: Person, limits: Limits) -> None:
        """Give a person limits of their own; None is as everyone's."""
        with self._database.session() as session:
            row = session.get_one(PersonRow, person.id)
            row.compute_hours, row.models, row.storage_gb = (
                limits.compute_hours, limits.models, limits.storage_gb,
            )  # fmt: skip

    def usage(self, person: Person) -> Usage:
        """What a person has used."""
        home = home_of(person.id)
        return Usage(self._compute_s(person, self.since(person)), _models([home]), size_of(home))

    def since(self, person: Person | None) -> float:
        """When the current period of compute hours began, seconds of the epoch."""
        if person is not None and self.rules().period is Period.FIRST_30_DAYS:
            return self.first_used(person) or self._clock()
        today = datetime.fromtimestamp(self._clock(), UTC)
        return datetime(today.year, today.month, 1, tzinfo=UTC).timestamp()

    def first_used(self, person: Person) -> float | None:
        """When a person asked for the first job; None if never."""
        with self._database.session() as session:
            return session.get_one(PersonRow, person.id).first_used

    def compute_s_between(self, person: Person, begin: float, end: float) -> float:
        """Seconds of ended jobs of a person in a time, seconds of the epoch."""
        query = select(func.sum(UsageRow.seconds)).where(
            UsageRow.person == person.id, UsageRow.ended >= begin, UsageRow.ended < end
        )
        with self._database.session() as session:
            return float(session.scalar(query) or 0.0)

    def check_job(self, person: Person) -> None:
        """Refuse a job that there is nothing left for, and note a person's first one.

        Raises:
            QuotaError: compute hours or storage are used up.
        """
        if person.id == LOCAL.id:
            return
        if (reason := self.used_up(person)) is not None:
            raise QuotaError(reason)
        self._check_storage(person)
        with self._database.session() as session:
            row = session.get_one(PersonRow, person.id)
            row.first_used = row.first_used or self._clock()

    def check_model(self, person: Person) -> None:
        """Refuse another model.

        Raises:
            QuotaError: there are as many as may be, or storage is used up.
        """
        if person.id == LOCAL.id:
            return
        limit = self.limits(person).models
        if limit is not None and self.usage(person).models >= limit:
            raise QuotaError(
                _("you have {count} models, as many as you may; delete one first").format(count=limit)
            )
        everybody = self.rules().everybody.models
        if everybody is not None and _models(home_of(person.id).parent.glob("*")) >= everybody:
            raise QuotaError(
                _("all people together have {count} models, as many as they may").format(count=everybody)
            )
        self._check_storage(person)

    def used_up(self, person: Person) -> str | None:
        """Why a person's jobs have to end: a sentence; None if they may go on."""
        rules, limits = self.rules(), self.limits(person)
        if rules.period is Period.FIRST_30_DAYS:
            first = self.first_used(person)
            if first is not None and self._clock() > first + FIRST_DAYS * _DAY_S:
                return _("the {days} days that began with your first job are over").format(days=FIRST_DAYS)
        if _exceeds(self._compute_s(person, self.since(person)) / 3600.0, limits.compute_hours):
            return _("your {hours:g} compute hours are used up").format(hours=limits.compute_hours)
        if rules.everybody.compute_hours is not None and _exceeds(
            self._compute_s(None, self.since(None)) / 3600.0, rules.everybody.compute_hours
        ):
            return _("the {hours:g} compute hours of all people together are used up this month").format(
                hours=rules.everybody.compute_hours
            )
        return None

    def _check_storage(self, person: Person) -> None:
        if (reason := self.storage_full(person)) is not None:
            raise QuotaError(reason)

    def storage_full(self, person: Person) -> str | None:
        """Why a person cannot write more: a sentence; None if there is room."""
        limit = self.limits(person).storage_gb
        if _exceeds(size_of(home_of(person.id)) / GB, limit):
            return _("your {limit:g} GB of storage are full; delete models and empty the trash").format(
                limit=limit
            )
        everybody = self.rules().everybody.storage_gb
        if everybody is not None and _exceeds(size_of(home_of(person.id).parent) / GB, everybody):
            return _("the {limit:g} GB of storage of all people together are full").format(limit=everybody)
        return None

    def _compute_s(self, person: Person | None, since: float) -> float:
        """Seconds of jobs since a moment, running ones included; of all people where none is given."""
        now = self._clock()
        ended = select(func.sum(UsageRow.seconds)).where(UsageRow.ended >= since)
        running = select(JobRow.started).where(
            JobRow.state.in_(UNDER_WAY), JobRow.started.is_not(None), JobRow.kind.in_(OF_MODELS)
        )
        if person is not None:
            ended, running = (
                ended.where(UsageRow.person == person.id),
                running.where(JobRow.person == person.id),
            )
        with self._database.session() as session:
            past = float(session.scalar(ended) or 0.0)
            return past + sum(now - max(began or now, since) for began in session.scalars(running))


def _models(homes: Iterable[Path]) -> int:
    """How many models are in some people's folders."""
    pattern = f"models/[!.]*/{DESCRIPTION_FILE.as_posix()}"
    return sum(1 for home in homes for _file in home.glob(pattern))


def _exceeds(used: float, limit: float | None) -> bool:
    return limit is not None and used >= limit
