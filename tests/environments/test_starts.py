"""Start places go round the lap, one step further for every episode."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openracer.environments.starts import RoundRobinStarts


def test_the_first_lap_of_starts_is_twenty_places_and_then_begins_again():
    starts = RoundRobinStarts(0.05).take(41)
    np.testing.assert_allclose(starts[:20], np.arange(20) / 20, atol=1e-12)
    np.testing.assert_allclose(starts[20:40], starts[:20], atol=1e-12)


def test_without_advance_every_episode_starts_at_the_line():
    assert RoundRobinStarts(0.0).take(5).tolist() == [0.0] * 5


@given(advance=st.floats(0, 1), first=st.integers(0, 10**6), counts=st.lists(st.integers(0, 30), max_size=8))
def test_places_depend_on_the_number_of_the_episode_alone(advance, first, counts):
    at_once = RoundRobinStarts(advance, first).take(sum(counts))
    one_by_one = RoundRobinStarts(advance, first)
    pieces = [one_by_one.take(count) for count in counts]
    assert np.concatenate([np.empty(0), *pieces]).tolist() == at_once.tolist()
    assert one_by_one.next_start == first + sum(counts)
    assert ((at_once >= 0) & (at_once < 1)).all()
