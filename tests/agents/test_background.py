"""Work beside the caller: in its order, met again when it must be done, its errors not lost."""

import threading

import pytest

from openracer.agents.background import Background


def test_a_task_runs_beside_the_caller_until_both_meet():
    background, may_end, done = Background("test"), threading.Event(), []

    def task():
        assert may_end.wait(10)
        done.append(threading.current_thread().name)

    background.start(task)
    assert done == []  # the caller goes on meanwhile
    may_end.set()
    background.settle()
    assert done == ["test_0"]


def test_the_next_task_begins_when_the_one_before_is_done():
    background, order = Background("test"), []
    for number in range(20):
        background.start(lambda number=number: order.append(number))
    background.settle()
    assert order == list(range(20))


def test_an_error_is_raised_once_to_the_caller_and_the_thread_goes_on():
    background, done = Background("test"), []
    background.start(lambda: [][0])
    with pytest.raises(IndexError):
        background.start(lambda: done.append("never begun"))
    background.settle()
    background.start(lambda: done.append("begun"))
    background.settle()
    assert done == ["begun"]
