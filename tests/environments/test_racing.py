"""Many cars in one environment: the order of a step, rewards of their own, episodes told in the order they end."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from openracer.environments.action_space import ContinuousActionSpace, DiscreteActionSpace
from openracer.environments.racing import RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.models.episodes import EpisodeRecorder
from openracer.rewards.errors import RewardFunctionError
from openracer.rewards.loading import HEARTBEAT_SIZE, RewardFunctions, load_reward
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status
from openracer.tracks.catalogue import find

ACTIONS = DiscreteActionSpace([-30, -10, 0, 10, 30, 0], [1, 2, 3, 2, 1, 1])
SLOW = ContinuousActionSpace((-30.0, 30.0), (1.0, 1.6))

AWS_REWARD = Path(__file__).with_name("aws_reward_function.py").read_text()


class Listener:
    """A reward function that keeps what it is told."""

    def __init__(self):
        self.heard = []

    def __call__(self, params):
        self.heard.append(params)
        return params["x"] + 10 * params["speed"] + 100 * params["steering_angle"]


def constant(params):
    return 1.0


def environment(simulator, rewards, space=ACTIONS, advance=0.05, recorders=()):
    if callable(rewards) and not isinstance(rewards, RewardFunctions):
        rewards = RewardFunctions("", [rewards] * simulator.cars, np.zeros(HEARTBEAT_SIZE))
    return RacingEnvironment(simulator, rewards, space, RoundRobinStarts(advance), recorders)


def test_a_rows_reward_is_of_its_state_and_its_action(simulator):
    listener = Listener()
    racing = environment(simulator(1), listener)
    record, car = racing.simulator.record, np.array([0])
    rng = np.random.default_rng(0)
    places, rewards, actions = [], [], rng.integers(0, 5, 12)
    for action in actions:
        reward, _ = racing.drive(car, np.array([action]))
        rewards.append(reward[0])
        places.append(record.x[0])
    # Row 1 prepares: the function is not asked and the reward is 0, whatever the action.
    assert rewards[0] == 0.0
    assert [params["steps"] for params in listener.heard] == list(range(2, 13))
    commands = zip(*ACTIONS.to_commands(actions), strict=True)
    expected = [
        x + 10 * speed + 100 * steering for x, (steering, speed) in zip(places, commands, strict=True)
    ]
    assert rewards[1:] == expected[1:]
    # The car stands for two rows: the first action that acts is row 2's, and row 3 shows it.
    assert places[0] == places[1] != places[2]


def test_a_rows_state_and_picture_are_those_before_its_action_acts(simulator):
    def drive(last):
        racing = environment(simulator(1), constant)
        car, frame = np.array([0]), np.empty((1, 120, 160), np.uint8)
        for action in (2, 2, 3, 2, 3, last):
            racing.observe(car, {"FRONT_FACING_CAMERA": frame})
            racing.drive(car, np.array([action]))
        row = [column[0] for column in racing.simulator.record]
        after = np.empty_like(frame)
        racing.observe(car, {"FRONT_FACING_CAMERA": after})
        return row, frame, after

    (row, frame, after), (other_row, other_frame, other_after) = drive(0), drive(4)
    assert row == other_row
    assert (frame == other_frame).all()
    assert (after != other_after).any()


def test_the_action_of_the_first_row_never_acts(simulator):
    def drive(first):
        racing = environment(simulator(1), constant)
        for action in (first, 2, 2):
            racing.drive(np.array([0]), np.array([action]))
        return racing.simulator.record.x[0], racing.simulator.record.y[0]

    assert drive(0) == drive(4)


def drive_and_write_down(racing, steps, rng):
    """Random actions and random starts: actions (T, N), the starts of every car's episodes, rewards (T, N)."""
    count = racing.cars
    starts = [[fraction] for fraction in rng.random(count)]
    racing.start(racing.all_cars, np.array(starts)[:, 0])
    actions, rewards = rng.integers(0, len(ACTIONS.speed), (steps, count)), np.empty((steps, count))
    for step in range(steps):
        rewards[step], done = racing.drive(racing.all_cars, actions[step])
        ended = np.flatnonzero(done)
        fractions = rng.random(len(ended))
        racing.start(ended, fractions)
        for car, fraction in zip(ended, fractions, strict=True):
            starts[car].append(fraction)
    return actions, starts, rewards


def test_a_reward_with_a_memory_is_the_same_among_64_cars_as_alone(simulator):
    steps = 120
    racing = environment(simulator(64), load_reward(AWS_REWARD, 64))
    actions, starts, rewards = drive_and_write_down(racing, steps, np.random.default_rng(1))
    assert racing.episodes > 64

    one = simulator(1)
    for car in range(64):
        one.episode.clock[:] = 0.0
        alone = environment(one, load_reward(AWS_REWARD, 1))
        places = iter(starts[car])
        alone.start(alone.all_cars, np.array([next(places)]))
        for step in range(steps):
            reward, done = alone.drive(alone.all_cars, actions[step, car : car + 1])
            assert reward[0] == rewards[step, car], (car, step)
            if done[0]:
                alone.start(alone.all_cars, np.array([next(places)]))
        assert next(places, None) is None


def test_a_reward_function_written_for_aws_runs_unmodified(simulator):
    """The oracle is arithmetic over the rows that the recorder wrote, without ``params``."""
    racing_cars = 8
    recorder = EpisodeRecorder(np.full(racing_cars, 1.0))
    racing = environment(simulator(racing_cars), load_reward(AWS_REWARD, racing_cars), recorders=[recorder])
    drive_and_write_down(racing, 100, np.random.default_rng(2))
    track = find("reinvent_base")
    compared, last = 0, [0.0] * racing_cars
    for episode in recorder.finished:
        place = track.project(episode.rows[:, 1:3])
        road = track.centre[place.next] - track.centre[place.previous]
        directions = np.degrees(np.arctan2(road[:, 1], road[:, 0]))
        for row, direction in zip(episode.rows, directions, strict=True):
            steps, _x, _y, yaw, steer, _speed, _action, reward, _done, on_track, progress, *_ = row
            if steps == 1:
                assert reward == 0.0
                continue
            gained = progress - last[episode.car] if steps > 2 else 0.0
            last[episode.car] = progress
            expected = 1e-3
            if on_track:
                expected = max(1e-3, 1.0 + 5.0 * gained + 20.0 * progress / (steps * 100.0))
                expected *= 0.5 if abs((direction - yaw + 180) % 360 - 180) > 10 else 1.0
                expected *= 0.8 if abs(steer) > 20 else 1.0
            assert reward == pytest.approx(expected, rel=1e-9)
            compared += 1
    assert compared > 300


def test_every_cars_own_waypoints_survive_a_function_that_changes_them(simulator):
    def vandal(params):
        params["waypoints"].clear()
        params["closest_waypoints"][:] = [-1, -1]
        return 1.0

    racing = environment(simulator(2), vandal)
    for _ in range(3):
        rewards, _ = racing.drive(racing.all_cars, np.array([2, 2]))
    assert rewards.tolist() == [1.0, 1.0]


def test_ended_episodes_are_told_in_the_order_they_end(simulator):
    racing = environment(simulator(16), constant)
    rng = np.random.default_rng(4)
    told, rewards_of_rows = [], np.zeros(16)
    for _ in range(150):
        rewards, done = racing.step(racing.all_cars, rng.integers(0, 5, 16))
        rewards_of_rows += rewards
        now = racing.take_finished()
        assert [episode.car for episode in now] == np.flatnonzero(done).tolist()
        for episode in now:
            assert episode.reward == rewards_of_rows[episode.car] == episode.steps - 1
            assert episode.end_time - episode.start_time == pytest.approx(episode.steps / 15)
            assert (episode.status, episode.off_tracks, episode.lap_time) == (Status.OFF_TRACK, 1, None)
        rewards_of_rows[done] = 0.0
        told += now
    assert len(told) > 20
    assert [episode.number for episode in told] == list(range(len(told)))
    assert racing.take_finished() == []
    assert racing.episodes == len(told)
    assert racing.starts.next_start == 16 + len(told)


def test_a_completed_lap_tells_its_time(simulator, pursuit):
    racing = environment(simulator(3), constant, SLOW)
    racing.start(racing.all_cars, np.array([0.0, 0.3, 0.8]))
    cars = racing.all_cars
    while len(cars):
        _, done = racing.drive(cars, pursuit(racing, cars))
        cars = cars[~done]
    episodes = racing.take_finished()
    assert {episode.status for episode in episodes} == {Status.LAP_COMPLETE}
    assert sorted(episode.start_fraction for episode in episodes) == [0.0, 0.3, 0.8]
    for episode in episodes:
        assert episode.progress == pytest.approx(100, abs=0.1) and episode.progress >= 100
        assert episode.lap_time == pytest.approx(episode.steps / 15)
        assert episode.lap_time == pytest.approx(17.6 / 1.3, rel=0.15)


def test_each_of_several_laps_is_told_as_an_episode_of_its_own(pursuit):
    track = find("reinvent_base")
    sim = Simulator([track], 2, find_preset("v5"), EpisodeRules(laps=3), workers=1)
    recorder = EpisodeRecorder(np.full(2, track.length))
    racing = environment(sim, constant, SLOW, recorders=[recorder])
    racing.start(racing.all_cars, np.array([0.0, 0.5]))
    cars = racing.all_cars
    while len(cars):
        actions = pursuit(racing, cars)
        if sim.episode.laps[1] == 2:
            actions[cars == 1] = (1.0, 1.0)  # its third lap ends beside the track
        _, done = racing.drive(cars, actions)
        cars = cars[~done]
    told = racing.take_finished()
    first, second = ([episode for episode in told if episode.car == car] for car in (0, 1))
    assert [episode.status for episode in first] == [Status.LAP_COMPLETE] * 3
    assert [episode.lap_time is None for episode in second] == [False, False, True]
    assert (second[2].status, second[2].off_tracks, second[1].off_tracks) == (Status.OFF_TRACK, 1, 0)
    for laps in (first, second):
        assert laps[0].steps == laps[0].reward + 1  # the row that prepares earns nothing
        for before, after in pairwise(laps):
            assert after.start_time == pytest.approx(before.end_time)
            assert after.reward == after.steps
        assert laps[1].lap_time == pytest.approx(laps[1].end_time - laps[1].start_time)
        assert laps[1].lap_time < laps[0].lap_time  # it began flying
    traces = [trace for trace in recorder.finished if trace.car == 0]
    assert [trace.steps for trace in traces] == [episode.steps for episode in first]
    assert [int(trace.rows[0, 0]) for trace in traces] == [
        1,
        traces[0].steps + 1,
        sum(t.steps for t in traces[:2]) + 1,
    ]


def test_cars_that_do_not_drive_stand_still_in_time(simulator):
    racing = environment(simulator(3), constant)
    for _ in range(5):
        racing.drive(racing.all_cars, np.array([2, 2, 2]))
    before = [column[[0, 2]].tolist() for column in (*racing.simulator.record, *racing.simulator.state)]
    clock = racing.simulator.episode.clock.tolist()
    for _ in range(5):
        racing.drive(np.array([1]), np.array([2]))
    after = [column[[0, 2]].tolist() for column in (*racing.simulator.record, *racing.simulator.state)]
    assert after == before
    assert racing.simulator.episode.clock[[0, 2]].tolist() == [clock[0], clock[2]]
    assert racing.simulator.record.steps.tolist() == [5, 10, 5]


def test_a_given_up_episode_leaves_no_rows_in_the_next_one(simulator):
    recorder = EpisodeRecorder(np.full(2, 1.0))
    racing = environment(simulator(2), constant, recorders=[recorder])
    for _ in range(9):
        racing.step(racing.all_cars, np.array([2, 2]))
    racing.restart(np.array([1]))
    while len(recorder.finished) < 2:
        racing.step(racing.all_cars, np.array([4, 4]))
    for episode in recorder.finished:
        assert episode.rows[:, 0].tolist() == list(range(1, episode.steps + 1))


def test_a_failing_reward_tells_car_episode_step_and_params(simulator):
    source = (
        "def reward_function(params):\n"
        "    if params['steps'] == 9:\n"
        "        return float('nan')\n"
        "    return 1.0\n"
    )
    racing = environment(simulator(2), load_reward(source, 2))
    with pytest.raises(RewardFunctionError, match="returned nan; it must be a finite number") as caught:
        for _ in range(9):
            racing.step(racing.all_cars, np.array([2, 2]))
    error = caught.value
    assert (error.car, error.episode, error.step) == (0, 0, 9)
    assert error.params["steps"] == 9
