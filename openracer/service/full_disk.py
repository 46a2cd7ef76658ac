"""Writing down how something ended, although the disk is full just now."""

import time
from collections.abc import Callable
from typing import Any

from openracer.service.database import DatabaseProblemError

_RETRY_S = 2.0
_PATIENCE_S = 600.0
"""How long to wait for room before giving up."""


def insist(write: Callable[[], Any]) -> None:
    """Write to the database; where that is not possible, again as soon as there is room.

    Raises:
        DatabaseProblemError: there was none for long.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            write()
        except DatabaseProblemError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)
        else:
            return
