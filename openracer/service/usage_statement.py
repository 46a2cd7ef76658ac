"""What a person has used in the current period, with the limits and AWS's price for it."""

import time
from dataclasses import dataclass

from openracer.service.accounts import Person
from openracer.service.prices import price_usd
from openracer.service.quotas import FIRST_DAYS, GB, Limits, Period, Quotas, Usage

_DAY_S = 86_400.0


@dataclass(frozen=True)
class UsageStatement:
    """A period of a person.

    Attributes:
        usage: what has been used.
        limits: what may be.
        period: how compute hours are counted.
        since: when it began, seconds of the epoch.
        price_usd: at AWS's prices, the free tier taken off.
    """

    usage: Usage
    limits: Limits
    period: Period
    since: float
    price_usd: float


def usage_statement(quotas: Quotas, person: Person, now: float | None = None) -> UsageStatement:
    """The statement of a person.

    Args:
        quotas: of the installation.
        person: whose.
        now: seconds of the epoch; None is now.
    """
    now = time.time() if now is None else now
    usage, since = quotas.usage(person), quotas.since(person)
    first = quotas.first_used(person)
    last_free = None if first is None else first + FIRST_DAYS * _DAY_S
    in_first_days = last_free is None or now <= last_free
    free_s = usage.compute_s if in_first_days else quotas.compute_s_between(person, since, last_free or since)
    return UsageStatement(
        usage,
        quotas.limits(person),
        quotas.rules().period,
        since,
        price_usd(usage.compute_s / 3600.0, free_s / 3600.0, usage.storage / GB, in_first_days),
    )
