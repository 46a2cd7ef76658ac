"""The reward painted over the road is the function's own answer at each place, and user code cannot hurt."""

import numpy as np
import pytest

from openracer.analysis.reward_map import (
    BEYOND_BORDER_M,
    LANES,
    Situation,
    grid_of,
    grid_values,
    map_values,
    paint,
)
from openracer.rewards import examples
from openracer.rewards.problems import ProblemKind
from openracer.tracks import catalogue

HEAD = "def reward_function(params):\n"


@pytest.fixture(scope="module")
def grid():
    return grid_of(catalogue.find("reinvent_base"))


def test_cells_cover_the_road_and_a_little_beyond(grid):
    track = grid.track
    assert grid.corners.shape[1:] == (LANES + 1, 2)
    assert (grid.corners[0] == grid.corners[-1]).all()
    edges = track.project(grid.corners[:, 0])
    assert np.median(edges.offset_m) == pytest.approx(
        np.median(edges.width_m) / 2 + BEYOND_BORDER_M, abs=0.01
    )
    assert (track.project(grid.corners[:, -1]).offset_m < 0.0).all()
    assert len(grid_values(grid)) == len(grid.corners)


@pytest.mark.parametrize("name", ["reinvent_base", "Vegas_track", "Straight_track"])
def test_every_example_can_be_painted(name):
    grid = grid_of(catalogue.find(name))
    for example in examples.names():
        painted = paint(examples.source(example), grid, Situation())
        assert painted.problems == []
        assert np.isfinite(painted.rewards).all()


def test_the_picture_is_the_functions_answer_at_each_place(grid):
    source = HEAD + "    return params['distance_from_center'] + 10 * params['is_left_of_center']\n"
    painted = paint(source, grid, Situation())
    there = grid.track.project(grid.places.reshape(-1, 2))
    expected = np.abs(there.offset_m) + 10 * (there.offset_m > 0.0)
    assert painted.rewards.ravel() == pytest.approx(expected)


def test_the_chosen_speed_heading_and_steering_arrive(grid):
    source = (
        HEAD
        + "    a, b = (params['waypoints'][k] for k in params['closest_waypoints'])\n"
        + "    return params['speed'] * 1000 + params['steering_angle'] + 0 * (a[0] + b[0])\n"
    )
    painted = paint(source, grid, Situation(2.5, -12.0, 0.0))
    assert painted.rewards == pytest.approx(np.full_like(painted.rewards, 2488.0))
    turned = paint(HEAD + "    return params['heading']\n", grid, Situation(1.0, 0.0, 90.0))
    road = np.degrees(grid.headings)
    difference = (turned.rewards - road + 180.0) % 360.0 - 180.0
    assert difference == pytest.approx(np.full_like(difference, 90.0), abs=1e-6)


def test_a_function_that_compares_with_the_step_before_sees_the_chosen_speed(grid):
    painted = paint(examples.source("race_fast"), grid, Situation(2.0))
    straight = (
        np.abs(
            np.interp(
                np.linspace(0, 1, len(painted.rewards)),
                np.linspace(0, 1, len(grid.track.curvature)),
                grid.track.curvature,
            )
        )
        < 0.01
    )
    middle = painted.rewards[straight, LANES // 2]
    assert np.median(middle) == pytest.approx(2.0 + 0.25 * 2.0**2, rel=0.02)


def test_a_slow_function_is_painted_coarsely(grid):
    source = (
        "calls = 0\n"
        + HEAD
        + "    global calls\n    calls += 1\n"
        + "    while calls > 1000:\n        pass\n"
        + "    return params['x']\n"
    )
    painted = paint(source, grid, Situation(), time_limit_s=1.0)
    assert painted.is_coarse
    assert painted.problems == []
    assert np.isfinite(painted.rewards).all()
    assert painted.rewards == pytest.approx(grid.places[:, :, 0], abs=1.0)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        (HEAD + "    while True:\n        pass\n", ProblemKind.TIMEOUT, 2),
        (
            HEAD + "    if not params['all_wheels_on_track']:\n        return 1 / 0\n    return 1\n",
            ProblemKind.TEST_FAILURE,
            3,
        ),
        ("def reward_function(params)\n    return 1\n", ProblemKind.SYNTAX_ERROR, 1),
        ("import os\n" + HEAD + "    return 1\n", ProblemKind.IMPORT_ERROR, 1),
        (HEAD + "    return [0] * 10**12\n", ProblemKind.TEST_FAILURE, 2),
    ],
)
def test_a_function_that_fails_is_told_with_its_line(grid, source, kind, line):
    painted = paint(source, grid, Situation(), time_limit_s=1.0)
    [problem] = painted.problems
    assert problem.kind is kind
    assert problem.line in (line, line + 1)


def test_values_for_the_browser_leave_odd_cells_out_of_the_colours(grid):
    source = (
        HEAD
        + "    odd = params['closest_waypoints'][0] == 3 and params['is_left_of_center']\n"
        + "    return 1000.0 if odd else params['progress']\n"
    )
    painted = paint(source, grid, Situation())
    values = map_values(painted)
    assert painted.rewards.max() == 1000.0
    assert 0.0 <= values["low"] < values["high"] <= 100.0
    assert len(values["rewards"]) == len(painted.rewards)
