"""Lines of a leaderboard as the league's service gives them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openracer.league.race import Phase, Race
from openracer.service.league.boards import BoardRow
from openracer.service.league.people import Racer
from openracer.service.league.races import Format, HeldRace

OPENS, CLOSES = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def race() -> Race:
    """A race of three laps whose average ranks."""
    return Race(name="March", track="reinvent_base", opens=OPENS, closes=CLOSES)


@pytest.fixture
def held(race: Race, data_folder: Path) -> HeldRace:
    """The same as an installation holds it."""
    return HeldRace(
        id=1, rules=race, format=Format.CLASSIC, is_private=False, organiser=2, season=None, created=OPENS,
        submissions=3, racers=2, phase=Phase.OPEN, has_own_track=False, home=data_folder,
    )  # fmt: skip


@pytest.fixture
def row() -> Callable[..., BoardRow]:
    """``row(rank, alias, time_s, gap_s)`` is a line of a leaderboard."""

    def make(rank: int = 1, alias: str = "민아", time_s: float = 10.0, gap_s: float = 0.0) -> BoardRow:
        racer = Racer(rank + 1, alias, "KR" if rank == 1 else "", "teal")
        return BoardRow(rank, racer, time_s, gap_s, 3, rank, 40 + rank, OPENS)

    return make
