"""Cores are used by threads that run the same compiled kernel and take turns at the cars until none is left."""

import os
import weakref
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from openracer.tracks.compiled import kernel

Kernel = Callable[..., None]

_TAKEN, _SHARE, _AT_WORK = range(3)
"""What a kernel's ``turns`` (3,) hold: how many cars are taken, how many are taken at once, how many threads are in the
kernel and may not have finished theirs."""

LARGEST_SHARE = 4
"""So many cars are taken at once where there are many: neighbours in memory stay with one core, and no thread is
waited for longer than for their frames."""


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@intrinsic
def _add(_context: Any, turns: Any, _place: Any, _amount: Any) -> Any:
    """Add to an entry of ``turns`` and return what it was before, in one step that no other thread can come between."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        array = context.make_array(kind)(context, builder, arguments[0])
        entry = cgutils.get_item_pointer(context, builder, kind, array, [arguments[1]], wraparound=False)
        return builder.atomic_rmw("add", entry, arguments[2], "acq_rel")

    return types.int64(turns, types.int64, types.int64), generate


@kernel()
def next_car(turns: NDArray[np.int64], count: int, k: int, last: int) -> tuple[int, int]:
    """The next of ``range(count)`` for the calling thread, while other threads take others.

    Args:
        turns: of :func:`all_turns`.
        count: how many cars there are.
        k: the car that the thread has finished; 0 before its first.
        last: as returned with it; 0 before the first.

    Returns:
        The car, ``count`` or more if none is left; where the share of cars ends that the thread has taken.
    """
    if k + 1 < last:
        return k + 1, last
    if last == 0:
        _add(turns, _AT_WORK, 1)
    # Towards the end one by one: then no thread waits for longer than for one car of another.
    share = turns[_SHARE] if count - turns[_TAKEN] > 2 * turns[_SHARE] * turns[_AT_WORK] else 1
    first = _add(turns, _TAKEN, share)
    if first >= count:
        _add(turns, _AT_WORK, -1)
    return first, min(first + share, count)


_SPINS = 2000
"""So often it is looked whether the others have finished too before sleeping: longer than a frame takes."""


@kernel()
def _await_others(turns: NDArray[np.int64]) -> int:
    """How many threads have not left the kernel after a short wait; what they wrote is seen from now on."""
    for _ in range(_SPINS):
        if _add(turns, _AT_WORK, 0) <= 0:
            return 0
    return _add(turns, _AT_WORK, 0)


@kernel()
def _threads_at_work(turns: NDArray[np.int64]) -> int:
    """How many threads have not left the kernel; what the others wrote is seen from now on."""
    return _add(turns, _AT_WORK, 0)


def all_turns(count: int, workers: int = 1) -> NDArray[np.int64]:
    """The first argument of a kernel at whose call none of the cars is taken yet."""
    return np.array([0, max(1, min(LARGEST_SHARE, count // (4 * workers))), 0])


class _Job(NamedTuple):
    """One call of a kernel that several threads make."""

    kernel: Kernel
    turns: NDArray[np.int64]
    cars: int
    arguments: tuple[Any, ...]
    ended: "SimpleQueue[BaseException | None]"

    def help(self) -> None:
        """Take part, and tell if nobody else is at work after that."""
        if self.turns[_TAKEN] >= self.cars:  # woken too late
            return
        try:
            self.kernel(self.turns, *self.arguments)
        except BaseException as error:
            self.ended.put(error)
        if _threads_at_work(self.turns) == 0:
            self.ended.put(None)


class _Helper:
    """A thread that sleeps until it is woken for a job."""

    def __init__(self, name: str) -> None:
        self._job: _Job | None = None
        self._alarm = Lock()  # the thread waits for it; to release it is to wake the thread
        self._alarm.acquire()
        Thread(target=self._work, name=name, daemon=True).start()

    def wake(self, job: _Job | None) -> None:
        """Have the job done; None ends the thread."""
        self._job = job
        if self._alarm.locked():  # else it is about to wake and will find the new job
            self._alarm.release()

    def _work(self) -> None:
        while True:
            self._alarm.acquire()
            job = self._job
            if job is None:
                break
            job.help()


class Threads:
    """Runs kernels ``kernel(turns, *arguments)`` that ask :func:`next_car` for their cars until none is left.

    The caller's thread works, too; the others sleep between two calls, so that nothing spins against PyTorch's own
    threads. Who wakes late, or shares its core with another process, takes fewer cars. Kernels must release the GIL
    (Numba's ``nogil``).

    Args:
        workers: threads to use, the caller's included; by default all cores of this process.
    """

    def __init__(self, workers: int | None = None):
        self.workers = workers or available_cores()
        self._helpers: list[_Helper] = []
        weakref.finalize(self, _dismiss, self._helpers)

    def run(self, kernel: Kernel, count: int, least: int, *arguments: Any) -> None:
        """Run the kernel for all of ``range(count)`` and return when every car is finished.

        Args:
            kernel: what to run.
            count: number of cars.
            least: so many cars take longer than it takes to wake a thread for them.
            arguments: of the kernel, after ``turns``.
        """
        helpers = max(0, min(self.workers, count // least) - 1)
        turns = all_turns(count, helpers + 1)
        if helpers == 0:
            kernel(turns, *arguments)
            return
        job = _Job(kernel, turns, count, arguments, SimpleQueue())
        while len(self._helpers) < helpers:
            self._helpers.append(_Helper(f"cars-{len(self._helpers) + 1}"))
        for helper in self._helpers[:helpers]:
            helper.wake(job)
        kernel(turns, *arguments)
        if _await_others(turns) > 0:
            error = job.ended.get()
            if error is not None:
                raise error

    def close(self) -> None:
        """End the threads."""
        _dismiss(self._helpers)


def _dismiss(helpers: list[_Helper]) -> None:
    while helpers:
        helpers.pop().wake(None)
