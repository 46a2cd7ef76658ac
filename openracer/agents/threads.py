"""Threads for learning: a few Python threads, each running PyTorch's operations on one core.

PyTorch's own way is to cut every single operation into one piece per core and to wait, spinning, for the slowest
piece. When another process takes a core for a while, every operation waits for it: an update of the small network
fell from 18,000 to 5,000 samples/s beside one busy process on two cores (to 2,500 with OMP_WAIT_POLICY=PASSIVE, which
sleeps instead of spinning), and the spinning threads take time from the simulator's. Cutting the *minibatch* instead
needs one meeting of the threads per minibatch: 19,500 samples/s alone and 11,000 beside the busy process, and
nothing ever spins. PyTorch releases Python's lock inside its operations, so Python threads suffice.
"""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import torch

from openracer.simulation.threads import available_cores

Item = TypeVar("Item")
Result = TypeVar("Result")


class TorchThreads:
    """Runs a function over items, one item a core at a time; PyTorch itself is set to one thread in this process.

    Args:
        count: number of threads, the caller's included; None is one per core that this process may use.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or available_cores()
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(max(1, self.count - 1), "torch", torch.set_num_threads, (1,))

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """``[function(item) for item in items]``, each thread taking the next item; an exception is raised here."""
        results: dict[int, Result] = {}
        numbers = itertools.count()

        def work() -> None:
            while (number := next(numbers)) < len(items):
                results[number] = function(items[number])

        helpers = [self._pool.submit(work) for _ in range(min(self.count, len(items)) - 1)]
        try:
            work()
        finally:
            wait(helpers)
        for helper in helpers:
            helper.result()
        return [results[number] for number in range(len(items))]
