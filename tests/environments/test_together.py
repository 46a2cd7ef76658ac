"""Several learning cars in one PettingZoo environment."""

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test

from openracer.environments.together import RaceParallelEnv

RANGES = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 2}}
STRAIGHT = 4  # no steering, 1 m/s


@pytest.fixture
def environment():
    made = []

    def make(**options):
        made.append(RaceParallelEnv(**options))
        return made[-1]

    yield make
    for env in made:
        env.close()


@pytest.mark.parametrize("options", [{}, {"cars": 3, "action_space": RANGES}])
def test_pettingzoo_takes_it(environment, options):
    parallel_api_test(environment(**options), num_cycles=30)


def test_cars_see_each_other_and_are_gone_when_they_have_ended(environment):
    env = environment(reward=lambda _params: 1.0)
    observations, _infos = env.reset(options={"start": 0.2})
    assert list(observations) == ["car_0", "car_1"]
    left, straight = 0, STRAIGHT
    while len(env.agents) == 2:
        observations, rewards, terminations, truncations, infos = env.step({"car_0": left, "car_1": straight})
    assert terminations["car_0"] and not terminations["car_1"] and not any(truncations.values())
    assert infos["car_0"]["status"] in ("off_track", "crashed")
    assert env.agents == ["car_1"]
    assert rewards["car_1"] == 1.0
    observations, *_rest = env.step({"car_1": straight})
    assert list(observations) == ["car_1"]


def test_the_reward_function_of_each_car_is_told_of_the_other(environment):
    told = []

    def reward(params):
        told.append(params)
        return 1.0

    env = environment(cars=3, reward=reward)
    env.reset(seed=1)
    for _ in range(3):
        env.step(dict.fromkeys(env.agents, STRAIGHT))
    assert {len(params["objects_location"]) for params in told} == {2}


def test_a_seed_begins_at_the_start_line_again(environment):
    env = environment()
    first, _ = env.reset(seed=3)
    second, _ = env.reset()
    again, _ = env.reset(seed=9)
    assert not np.array_equal(first["car_0"], second["car_0"])
    assert np.array_equal(first["car_0"], again["car_0"])


@pytest.mark.parametrize("cars", [1, 9])
def test_too_few_or_too_many_cars_are_refused(cars):
    with pytest.raises(ValueError, match=f"there are {cars} cars; there must be 2 to 8"):
        RaceParallelEnv(cars=cars)


def test_a_picture_has_all_cars_side_by_side(environment):
    env = environment(render_mode="rgb_array")
    env.reset(seed=0)
    assert env.render().shape == (120, 320, 3)
