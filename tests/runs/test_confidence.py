"""Confidence intervals of evaluations, against published and simulated values."""

import numpy as np
import pytest

from openracer.runs.confidence import confidence, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "interval"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_the_share_of_laps_has_wilsons_interval(successes, trials, interval):
    assert wilson(successes, trials) == pytest.approx(interval, abs=5e-5)


def test_ten_trials_are_too_few():
    assert confidence([14.0] * 10) is None
    assert confidence([14.0] * 11) is not None


def test_the_mean_lap_lies_in_its_interval_19_times_of_20():
    random = np.random.default_rng(3)
    laps = random.normal(15.0, 0.5, (1000, 12))
    intervals = [confidence(row.tolist()).mean_lap_s for row in laps]
    assert 0.93 < np.mean([low <= 15.0 <= high for low, high in intervals]) < 0.97


def test_where_no_lap_was_completed_there_is_no_mean():
    sure = confidence([None] * 20)
    assert sure.mean_lap_s is None
    assert sure.completion_percent == (0.0, 16.1)
