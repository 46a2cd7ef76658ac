"""Cores are used by threads over slices of cars: each thread runs the same compiled kernel on its share."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Kernel = Callable[..., None]


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Slices:
    """Runs kernels ``kernel(first, last, *arguments)`` over slices of ``range(count)``.

    The caller's thread takes the first slice and idle threads sleep, so that nothing spins against PyTorch's own
    threads. Kernels must release the GIL (Numba's ``nogil``).

    Args:
        workers: threads to use, the caller's included; by default all cores of this process.
    """

    # A slice shorter than this takes less time than waking a thread.
    SHORTEST_SLICE = 4

    def __init__(self, workers: int | None = None):
        self.workers = workers or available_cores()
        self._pool = (
            ThreadPoolExecutor(max(1, self.workers - 1), thread_name_prefix="cars")
            if self.workers > 1
            else None
        )

    def run(self, kernel: Kernel, count: int, *arguments: Any) -> None:
        """Run the kernel over all of ``range(count)`` and return when every slice is done."""
        slices = max(1, min(self.workers, count // self.SHORTEST_SLICE))
        if self._pool is None or slices == 1:
            kernel(0, count, *arguments)
            return
        bounds = [count * i // slices for i in range(slices + 1)]
        others = [self._pool.submit(kernel, bounds[i], bounds[i + 1], *arguments) for i in range(1, slices)]
        kernel(bounds[0], bounds[1], *arguments)
        for other in others:
            other.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
