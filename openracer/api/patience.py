"""How often something may go wrong before it has to wait: passwords cannot be guessed one after the other."""

import threading
import time
from collections import deque
from collections.abc import Callable


class Patience:
    """Counts failures for each key in a window of time.

    Args:
        most: failures in the window before waiting begins.
        window_s: its length, s.
        clock: seconds.
    """

    _MOST_KEYS = 10_000

    def __init__(self, most: int, window_s: float, clock: Callable[[], float] = time.monotonic):
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, key: str) -> float:
        """How long a key has to wait, s; 0 if it may try."""
        with self._lock:
            failures = self._recent(key)
            return failures[0] + self._window_s - self._clock() if len(failures) >= self._most else 0.0

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            if len(self._failures) >= self._MOST_KEYS and key not in self._failures:
                self._failures = {known: self._recent(known) for known in self._failures}
                self._failures = {known: found for known, found in self._failures.items() if found}
            self._failures.setdefault(key, deque(maxlen=self._most)).append(self._clock())

    def succeeded(self, key: str) -> None:
        """Forget a key's failures."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= self._clock() - self._window_s:
            failures.popleft()
        return failures
