"""The benchmark of boxes and bots: layouts in which all can be overtaken, and what counts as overtaken."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import obstacles, throughput


@given(st.floats(13.4, 80.0), st.integers(0, 2**32 - 1))
def test_bots_stand_apart_and_within_reach(length, seed):
    layout = obstacles.bot_layout(length, np.random.default_rng(seed))
    places = [bot["fraction"] * length for bot in layout]
    assert len(places) == 4
    assert all(gap >= obstacles.GAP_M - 1e-9 for gap in np.diff([0.0, *places]))
    assert places[-1] <= 0.6 * length + 1e-9
    assert {bot["lane"] for bot in layout} <= {1, -1}


def test_layouts_depend_on_their_seed_alone():
    first, again, other = (obstacles.bot_layout(17.7, np.random.default_rng((1, n))) for n in (0, 0, 1))
    assert first == again != other


def test_a_track_that_is_too_short_for_the_bots_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        obstacles.bot_layout(13.0, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("seconds", "progress", "count"), [(10.0, 100.0, 2), (20.0, 100.0, 1), (10.0, 40.0, 1)]
)
def test_a_bot_is_overtaken_when_it_ends_behind_the_car(seconds, progress, count):
    # On a lap of 20 m the bots begin at 2 m and 14 m and drive half a metre a second.
    layout = [{"fraction": 0.1, "lane": 1}, {"fraction": 0.7, "lane": -1}]
    episode = SimpleNamespace(start_time=3.0, end_time=3.0 + seconds, progress=progress)
    assert obstacles.overtaken(episode, layout, 20.0) == count


def test_what_is_compared_with_itself_has_a_share_of_a_hundred_percent(monkeypatch):
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "STEPS", 2)
    (row,) = throughput.measure({"empty": {}})
    assert (row["setting"], row["share_percent"]) == ("empty", 100.0)
    assert row["camera_steps_per_cpu_s"] > 0
