"""The outlook of a training: the condition that comes first counts."""

import pytest

from openracer.analysis.outlook import Outlook, outlook
from openracer.models.settings import StopConditions


def stop(minutes=None, iterations=None):
    return StopConditions(minutes=minutes, iterations=iterations, until=None)


def test_minutes_count_down():
    assert outlook(stop(minutes=2.0), 30.0, 5) == Outlook(0.25, 90.0)


def test_iterations_take_as_long_as_those_before():
    assert outlook(stop(iterations=10), 30.0, 5) == Outlook(0.5, 30.0)


def test_the_nearer_condition_counts():
    both = outlook(stop(minutes=10.0, iterations=10), 60.0, 9)
    assert both.share == pytest.approx(0.9)
    assert both.seconds_left == pytest.approx(60.0 / 9)


def test_before_the_first_iteration_nothing_is_known_of_its_length():
    assert outlook(stop(iterations=10), 0.0, 0) == Outlook(0.0, None)


def test_an_overdue_training_has_nothing_left():
    assert outlook(stop(minutes=1.0), 90.0, 5) == Outlook(1.0, 0.0)


def test_without_conditions_there_is_no_outlook():
    assert outlook(stop(), 90.0, 5) == Outlook(None, None)
