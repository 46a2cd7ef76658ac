"""Moments as the database keeps them, seconds of the epoch, and as everything else has them, UTC."""

from datetime import UTC, datetime
from typing import overload


@overload
def moment(seconds: float) -> datetime: ...
@overload
def moment(seconds: None) -> None: ...
def moment(seconds: float | None) -> datetime | None:
    """The moment of some seconds of the epoch; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
