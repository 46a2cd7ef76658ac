"""Races of one month each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openracer.league.race import Race

START = datetime(2027, 3, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def month() -> Callable[..., Race]:
    """A race in the n-th month, from 0."""

    def make(number: int = 0, **settings: Any) -> Race:
        opens = START + number * MONTH
        values = {"name": f"race {number}", "track": "reinvent_base", "opens": opens, "closes": opens + MONTH}
        return Race(**{**values, **settings})

    return make
