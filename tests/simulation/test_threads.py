"""Threads that take turns at the cars: every car once, whoever is there, and no thread left behind."""

import gc
import threading
import time

import numpy as np
import pytest

from openracer.simulation.threads import Threads, next_car
from openracer.tracks.compiled import kernel


@kernel()
def count_visits(turns, visits, work):
    k, share_end = next_car(turns, len(visits), 0, 0)
    while k < len(visits):
        x = 1.0
        for _ in range(work):
            x /= 1.0000001
        visits[k] += 1 if x > 0.0 else 0
        k, share_end = next_car(turns, len(visits), k, share_end)


def helpers():
    return [thread for thread in threading.enumerate() if thread.name.startswith("cars-")]


def wait_until_none_is_left(but):
    deadline = time.monotonic() + 10.0
    while set(helpers()) - set(but) and time.monotonic() < deadline:
        time.sleep(0.001)
    return not set(helpers()) - set(but)


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 7, 64, 1000])
def test_every_car_is_visited_once_in_every_run(workers, count):
    threads, visits = Threads(workers), np.zeros(count, np.int64)
    for run in range(1, 60):
        # Now and then more work, so that helpers wake in the middle of a run and after its end.
        threads.run(count_visits, count, 1, visits, 200 if run % 3 else 0)
        assert (visits == run).all()
    threads.close()


def test_threads_end_when_closed_or_forgotten():
    before = helpers()
    for forget in (False, True):
        threads = Threads(3)
        threads.run(count_visits, 64, 1, np.zeros(64, np.int64), 0)
        assert len(set(helpers()) - set(before)) == 2
        if forget:
            del threads
            gc.collect()
        else:
            threads.close()
        assert wait_until_none_is_left(before)


def test_few_cars_wake_nobody():
    before, threads = helpers(), Threads(8)
    threads.run(count_visits, 7, 4, np.zeros(7, np.int64), 0)
    assert not set(helpers()) - set(before)
    threads.run(count_visits, 16, 4, np.zeros(16, np.int64), 0)
    assert len(set(helpers()) - set(before)) == 3
    threads.close()


def test_a_kernel_that_does_not_fit_its_arguments_is_reported():
    threads = Threads(2)
    with pytest.raises(Exception, match="count_visits"):
        threads.run(count_visits, 8, 1, "no array", None)
    visits = np.zeros(8, np.int64)
    threads.run(count_visits, 8, 1, visits, 0)
    assert visits.tolist() == [1] * 8
    threads.close()
