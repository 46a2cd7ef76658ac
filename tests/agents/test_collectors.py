"""Collectors fill a rollout with the right transitions of the right cars."""

import numpy as np
import pytest

from openracer.agents.collectors import EpisodesCollector, StepsCollector
from openracer.agents.rollout import Rollout
from openracer.simulation.sensors import Sensor

CAMERA = "FRONT_FACING_CAMERA"


class Recorder:
    """Acts by car and step, so that a row's action can be checked, and remembers how many frames it saw."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, seen):
        frames = seen[CAMERA]
        self.batches.append(len(frames))
        actions = 10 * frames[:, 0, 0].astype(np.int64) + frames[:, 0, 1]
        return actions, np.repeat(actions[:, None], 3, axis=1).astype(np.float32)


def rollout_for(collector, action_space):
    return Rollout(
        collector.capacity, collector.environment.cars, action_space, 3, 2, [Sensor(CAMERA, (4, 4), np.uint8)]
    )


def held(rollout):
    """Car, step of the episode and number of the car's episode of every transition."""
    return rollout.seen[CAMERA][: rollout.size, 0, :3].astype(int)


def check_rows(rollout):
    """Every quantity of a row belongs to the same car and step."""
    car, step, _ = held(rollout).T
    size = rollout.size
    assert np.array_equal(rollout.privileged[:size], np.stack((car, step), axis=1))
    assert np.array_equal(rollout.actions[:size], 10 * car + step)
    assert np.array_equal(rollout.outputs[:size, 0], 10 * car + step)
    assert np.array_equal(rollout.rewards[:size], 100.0 * car + step)


def test_steps_collector_gives_every_car_the_same_number_of_steps(scripted_environment, three_actions):
    collector = StepsCollector(scripted_environment([[3], [5], [100]]), steps=7)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    assert rollout.size == 21
    check_rows(rollout)
    car, step, _ = held(rollout).reshape(7, 3, 3).transpose(2, 1, 0)
    assert np.array_equal(car, [[0] * 7, [1] * 7, [2] * 7])
    assert step.tolist() == [[0, 1, 2, 0, 1, 2, 0], [0, 1, 2, 3, 4, 0, 1], [0, 1, 2, 3, 4, 5, 6]]
    assert rollout.dones[:21].reshape(7, 3).T.nonzero()[1].tolist() == [2, 5, 4]


def test_steps_collector_keeps_the_observation_after_the_cut(scripted_environment, three_actions):
    collector = StepsCollector(scripted_environment([[3], [5]]), steps=4)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    assert (rollout.n_cut, rollout.n_trajectories) == (2, 2)
    assert rollout.seen[CAMERA][8:10, 0, 1].tolist() == [1, 4]
    assert rollout.privileged[8:10].tolist() == [[0, 1], [1, 4]]


def test_episodes_go_on_in_the_next_collection(scripted_environment, three_actions):
    collector = StepsCollector(scripted_environment([[6]]), steps=4)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    collector.collect(Recorder(), rollout)
    assert held(rollout)[:, 1].tolist() == [4, 5, 0, 1]
    assert rollout.dones[:4].tolist() == [False, True, False, False]


def test_steps_collector_lets_the_simulator_write_into_the_rollout(scripted_environment, three_actions):
    environment = scripted_environment([[3], [5]])
    written = []
    observe = environment.observe
    environment.observe = lambda cars, out: (written.append(out[CAMERA]), observe(cars, out))
    collector = StepsCollector(environment, steps=4)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    assert all(np.shares_memory(out, rollout.seen[CAMERA]) for out in written)


@pytest.mark.parametrize("episodes", [1, 3, 4, 10])
def test_episodes_collector_holds_exactly_n_complete_episodes(scripted_environment, three_actions, episodes):
    environment = scripted_environment([[2], [9], [4, 1]])
    collector = EpisodesCollector(environment, episodes)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    check_rows(rollout)
    size = rollout.size
    assert rollout.dones[:size].sum() == rollout.n_trajectories == episodes
    assert rollout.n_cut == 0
    for number in range(episodes):
        mine = rollout.trajectory[:size] == number
        assert set(held(rollout)[mine, 0]) == {number % 3}
        assert np.array_equal(held(rollout)[mine, 1], np.arange(mine.sum()))
        assert rollout.dones[:size][mine].tolist() == [False] * (mine.sum() - 1) + [True]


def test_short_episodes_are_not_favoured(scripted_environment, three_actions):
    environment = scripted_environment([[1], [50]])
    collector = EpisodesCollector(environment, episodes=6)
    collector.collect(Recorder(), rollout_for(collector, three_actions))
    assert environment.episode.tolist() == [3, 3]


def test_cars_that_drove_their_share_stand_still_and_cost_no_inference(scripted_environment, three_actions):
    environment = scripted_environment([[2], [9], [4]])
    recorder = Recorder()
    collector = EpisodesCollector(environment, episodes=3)
    rollout = rollout_for(collector, three_actions)
    collector.collect(recorder, rollout)
    assert environment.n_driven.tolist() == [2, 9, 4]
    assert recorder.batches == [3, 3, 2, 2, 1, 1, 1, 1, 1]
    assert environment.restarted == []


def test_more_cars_than_episodes_leaves_the_rest_standing(scripted_environment, three_actions):
    environment = scripted_environment([[2], [3], [4]])
    collector = EpisodesCollector(environment, episodes=2)
    collector.collect(Recorder(), rollout_for(collector, three_actions))
    assert environment.n_driven.tolist() == [2, 3, 0]


def test_episodes_beyond_the_limit_are_ignored_in_the_order_of_their_numbers(
    scripted_environment, three_actions
):
    environment = scripted_environment([[8], [8], [8], [2]])
    collector = EpisodesCollector(environment, episodes=4, limit=12)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    # 8 steps do not exceed 12, 16 do: the third episode is ignored, and so is the short fourth one.
    assert (rollout.size, rollout.n_trajectories) == (16, 2)
    check_rows(rollout)
    assert sorted(set(held(rollout)[:, 0])) == [0, 1]
    assert rollout.dones[: rollout.size].sum() == 2


def test_a_car_stopped_within_an_ignored_episode_begins_anew(scripted_environment, three_actions):
    environment = scripted_environment([[20], [20], [20]])
    collector = EpisodesCollector(environment, episodes=3, limit=15)
    rollout = rollout_for(collector, three_actions)
    collector.collect(Recorder(), rollout)
    assert rollout.n_trajectories == 1
    assert environment.restarted == [1, 2]
    assert environment.n_driven[2] <= environment.n_driven[1] < 20
    collector.collect(Recorder(), rollout)
    assert held(rollout)[0].tolist() == [0, 0, 1]


def test_an_episode_that_never_ends_is_an_error(scripted_environment, three_actions):
    collector = EpisodesCollector(scripted_environment([[10**9]]), episodes=1, limit=20)
    with pytest.raises(ValueError, match="1 episodes do not end within 80 steps"):
        collector.collect(Recorder(), rollout_for(collector, three_actions))
