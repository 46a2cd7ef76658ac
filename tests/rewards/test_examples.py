"""The examples reward what they say."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openracer.rewards import examples
from openracer.rewards.loading import load_reward

LENGTH = 20.0


def situation(**values: Any) -> dict[str, Any]:
    return {
        "all_wheels_on_track": True,
        "is_offtrack": False,
        "distance_from_center": 0.0,
        "track_width": 1.0,
        "track_length": LENGTH,
        "steering_angle": 0.0,
        "speed": 1.0,
        "steps": 2.0,
        "progress": 0.0,
        "sim_time": 0.0,
        **values,
    }


def ask(name: str, *situations: dict[str, Any]) -> list[float]:
    """One car's rewards, one after the other."""
    rewards = load_reward(examples.source(name), 1)
    return [float(rewards([params], [0], [0])[0]) for params in situations]  # type: ignore[list-item]


def a_lap(speed: float, metres: float = LENGTH) -> list[dict[str, Any]]:
    """Rows of an episode at constant speed, m/s, over some distance, m."""
    rows = int(metres / speed * 15.0) + 1
    return [
        situation(
            steps=2.0 + row, sim_time=row / 15.0, progress=min(row / 15.0 * speed / LENGTH * 100.0, 100.0)
        )
        for row in range(rows + 1)
    ]


@pytest.mark.parametrize("name", examples.names())
def test_every_example_describes_itself_in_one_sentence(name: str) -> None:
    description = examples.description(name)
    assert description.endswith(".")
    assert description.count(". ") == 0
    assert len(description) < 120


def test_the_default_is_the_first() -> None:
    assert examples.names()[0] == examples.DEFAULT == "follow_the_centre_line"


def test_every_file_in_the_folder_is_listed() -> None:
    import pathlib

    files = {path.stem for path in pathlib.Path(examples.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == set(examples.names())


def test_names_may_be_written_with_hyphens_and_capitals() -> None:
    assert examples.source("Race-Fast") == examples.source("race_fast")


def test_an_unknown_example_is_answered_with_the_nearest_or_with_all() -> None:
    with pytest.raises(ValueError, match="race_fst; did you mean race_fast"):
        examples.source("race_fst")
    with pytest.raises(ValueError, match="choose one of follow_the_centre_line, "):
        examples.source("qqq")


@pytest.mark.parametrize(
    ("distance", "reward"),
    [(0.0, 1.0), (0.1, 1.0), (0.11, 0.5), (0.25, 0.5), (0.26, 0.1), (0.5, 0.1), (0.51, 0.001)],
)
def test_follow_the_centre_line(distance: float, reward: float) -> None:
    assert ask("follow_the_centre_line", situation(distance_from_center=distance)) == [reward]


@given(scale=st.floats(0.1, 10.0), distance=st.floats(0.0, 1.0))
@settings(max_examples=30)
def test_following_the_centre_line_does_not_depend_on_the_roads_width(scale: float, distance: float) -> None:
    narrow = situation(distance_from_center=distance)
    wide = situation(distance_from_center=distance * scale, track_width=scale)
    near_an_edge = any(abs(distance - edge) < 1e-9 for edge in (0.1, 0.25, 0.5))
    assert near_an_edge or ask("follow_the_centre_line", narrow) == ask("follow_the_centre_line", wide)


def test_stay_inside_the_borders() -> None:
    inside, near, outside = (
        situation(distance_from_center=0.4),
        situation(distance_from_center=0.47),
        situation(distance_from_center=0.4, all_wheels_on_track=False),
    )
    assert ask("stay_inside_the_borders", inside, near, outside) == [1.0, 0.001, 0.001]


def test_prevent_zigzag_takes_a_fifth_for_steering_hard_to_either_side() -> None:
    angles = (0.0, 15.0, -15.0, 16.0, -16.0)
    rewards = ask("prevent_zigzag", *(situation(steering_angle=angle) for angle in angles))
    assert rewards == [1.0, 1.0, 1.0, 0.8, 0.8]


def test_constant() -> None:
    assert ask("constant", situation(), situation(all_wheels_on_track=False, is_offtrack=True)) == [1.0, 1.0]


def test_race_fast_pays_more_for_the_same_lap_in_less_time() -> None:
    totals = [sum(ask("race_fast", *a_lap(speed))) for speed in (0.5, 1.0, 2.0, 3.0, 4.0)]
    assert totals == sorted(totals)
    assert totals[-1] > 1.5 * totals[0]


def test_race_fast_pays_a_slow_full_lap_better_than_a_wild_dash() -> None:
    assert sum(ask("race_fast", *a_lap(1.0))) > 2.0 * sum(ask("race_fast", *a_lap(4.0, metres=5.0)))


def test_race_fast_measures_speed_and_does_not_believe_commands() -> None:
    crawling = [situation(steps=2.0 + row, sim_time=row / 15.0, speed=4.0) for row in range(5)]
    assert sum(ask("race_fast", *crawling)) == 0.0


def test_race_fast_pays_nothing_for_a_jump_to_another_part_of_the_track() -> None:
    jump = [situation(progress=10.0), situation(steps=3.0, sim_time=1 / 15, progress=60.0)]
    assert max(ask("race_fast", *jump)) <= 5.0 + 0.25 * 5.0**2


def test_race_fast_starts_afresh_with_every_episode() -> None:
    first, again = a_lap(2.0), a_lap(2.0)
    for params in again:
        params["sim_time"] += 60.0
    assert ask("race_fast", *first, *again)[len(first) :] == pytest.approx(ask("race_fast", *first))


def test_race_fast_pays_for_crossing_the_line_as_for_any_other_step() -> None:
    rows = [
        situation(steps=10.0 + row, sim_time=row / 15.0, progress=p)
        for row, p in enumerate((98.0, 99.0, 100.0))
    ]
    rows += [
        situation(steps=13.0 + row, sim_time=(3 + row) / 15.0, progress=p) for row, p in enumerate((1.0, 2.0))
    ]
    first, *others = ask("race_fast", *rows)
    assert first == 0.0
    assert others == pytest.approx([others[0]] * 4)


def test_race_fast_is_careful_at_the_border() -> None:
    start, clean = situation(), situation(steps=3.0, sim_time=1 / 15, progress=0.5)
    careless = {**clean, "all_wheels_on_track": False}
    gone = {**careless, "is_offtrack": True}
    [_, full], [_, some], [_, none] = (ask("race_fast", start, after) for after in (clean, careless, gone))
    assert full > some > none == 0.0


@given(
    rows=st.lists(
        st.tuples(st.floats(-50.0, 100.0), st.integers(1, 500), st.floats(0.0, 1e4), st.booleans()),
        min_size=1,
    )
)
@settings(max_examples=100)
def test_race_fast_never_punishes_and_never_explodes(rows: list[tuple[float, int, float, bool]]) -> None:
    situations = [
        situation(progress=progress, steps=float(steps), sim_time=sim_time, all_wheels_on_track=inside)
        for progress, steps, sim_time, inside in rows
    ]
    assert all(0.0 <= reward <= 12.0 for reward in ask("race_fast", *situations))
