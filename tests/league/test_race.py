"""A race takes submissions while it is open, from whom it is for, as many as it says."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import ValidationError

from openracer.league.race import Phase, Race, RefusedSubmissionError

SECOND = timedelta(seconds=1)


def test_it_is_open_from_its_opening_until_just_before_its_close(month: Callable[..., Race]) -> None:
    race = month()
    assert race.phase(race.opens - SECOND) is Phase.UPCOMING
    assert race.phase(race.opens) is Phase.OPEN
    assert race.phase(race.closes - SECOND) is Phase.OPEN
    assert race.phase(race.closes) is Phase.CLOSED


def test_submissions_before_the_opening_and_from_the_close_on_are_refused(month: Callable[..., Race]) -> None:
    race = month()
    race.check_submission(race.opens, earlier=10_000)
    with pytest.raises(RefusedSubmissionError, match="not open yet"):
        race.check_submission(race.opens - SECOND, earlier=0)
    with pytest.raises(RefusedSubmissionError, match="closed"):
        race.check_submission(race.closes, earlier=0)


def test_the_limit_of_submissions_holds(month: Callable[..., Race]) -> None:
    race = month(submissions_per_person=2)
    race.check_submission(race.opens, earlier=1)
    with pytest.raises(RefusedSubmissionError, match="takes 2 submissions"):
        race.check_submission(race.opens, earlier=2)


def test_what_contradicts_itself_is_refused(month: Callable[..., Race]) -> None:
    with pytest.raises(ValidationError, match="must close after it opens"):
        month(closes=month().opens)
    with pytest.raises(ValidationError, match="average is of 3 laps in a row, but only 2"):
        month(laps=2)
    with pytest.raises(ValidationError, match="timezone"):
        month(opens=month().opens.replace(tzinfo=None))
