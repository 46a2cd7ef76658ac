"""One function at a time in a thread of its own, beside the caller, who meets it again when it must be done."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Background:
    """A thread that does what it is given, one thing after the other; while it has nothing to do, it sleeps.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, name)
        self._task: Future[None] | None = None

    def start(self, task: Callable[[], None]) -> None:
        """Begin a task, as soon as the one before is done.

        Raises:
            BaseException: what the one before raised.
        """
        self.settle()
        self._task = self._executor.submit(task)

    def settle(self) -> None:
        """Wait until nothing is being done.

        Raises:
            BaseException: what the task raised.
        """
        if self._task is not None:
            task, self._task = self._task, None
            task.result()
