"""The thread of a console that does what is due in the league by the clock."""

import logging
import threading

from openracer.service.database import DatabaseProblemError
from openracer.service.league.league import League

_POLL_S = 0.5

_logger = logging.getLogger(__name__)


class Steward:
    """Advances a league twice a second.

    Args:
        league: of the console.
    """

    def __init__(self, league: League):
        self._league = league
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="league", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; what is due waits for the next one."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(_POLL_S):
            try:
                self._league.advance()
            except (DatabaseProblemError, OSError) as error:  # a full disk may have room again
                _logger.warning("%s", error)
            except Exception:
                _logger.exception("the league")
