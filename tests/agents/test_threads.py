"""Work is shared between threads, in order, and errors come through."""

import threading

import pytest
import torch

from openracer.agents.threads import TorchThreads


@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(count):
    assert TorchThreads(count).map(lambda item: item * item, list(range(20))) == [n * n for n in range(20)]


def test_two_items_run_at_the_same_time():
    both = threading.Barrier(2, timeout=10)
    TorchThreads(2).map(lambda _: both.wait(), [0, 1])


def test_every_thread_runs_pytorch_on_one_core():
    both = threading.Barrier(2, timeout=10)

    def n_threads(_: int) -> int:
        both.wait()
        return torch.get_num_threads()

    assert TorchThreads(2).map(n_threads, [0, 1]) == [1, 1]


@pytest.mark.parametrize("bad", [0, 1, 5])
def test_an_exception_is_raised_to_the_caller(bad):
    def function(item: int) -> float:
        return 1 / (item - bad)

    with pytest.raises(ZeroDivisionError):
        TorchThreads(2).map(function, list(range(6)))
