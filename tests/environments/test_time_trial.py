"""Time trial keeps Gymnasium's contract, alone and vectorised, and other people's algorithms train on it."""

import itertools

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import openracer
from openracer.environments.time_trial import DEFAULT_ACTIONS
from openracer.formats.model_metadata import Action, ActionRanges

NAME = "openracer/TimeTrial-v0"
RANGES = ActionRanges(-30.0, 30.0, 1.0, 4.0)
SPACES = pytest.mark.parametrize("space", [DEFAULT_ACTIONS, RANGES], ids=["discrete", "continuous"])


def copies(count, **settings):
    """As many environments of one car, vectorised by Gymnasium itself."""
    make = [lambda: gymnasium.make(NAME, disable_env_checker=True, **settings).unwrapped] * count
    return SyncVectorEnv(make, autoreset_mode=AutoresetMode.SAME_STEP)


def test_importing_the_package_registers_the_environment():
    assert openracer.__version__
    assert gymnasium.spec(NAME).max_episode_steps is None


@SPACES
@pytest.mark.filterwarnings("error::UserWarning")
def test_gymnasiums_checker_is_content(space):
    made = gymnasium.make(NAME, action_space=space, render_mode="rgb_array")
    made.reset(seed=1)
    for _ in range(3):  # through the passive checker that make() puts around it
        made.step(made.action_space.sample())
    check_env(made.unwrapped)
    made.close()


@SPACES
def test_stable_baselines_checker_is_content(space):
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    made = gymnasium.make(NAME, action_space=space).unwrapped
    checker.check_env(made)
    made.close()


@SPACES
def test_the_vector_environment_is_many_single_ones(space):
    """Gymnasium's own vectorisation of N environments is the oracle, step by step until many episodes have ended."""
    settings = {"action_space": space, "round_robin_advance": 0.0}
    many = gymnasium.make_vec(NAME, num_envs=5, **settings)
    singles = copies(5, **settings)
    assert type(many.unwrapped).__name__ == "TimeTrialVectorEnv"
    assert many.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    for attribute in ("observation_space", "action_space", "single_observation_space", "single_action_space"):
        assert getattr(many, attribute) == getattr(singles, attribute)
    many.action_space.seed(2)
    assert data_equivalence(many.reset(seed=3), singles.reset(seed=3))
    ended = 0
    for _ in range(120):
        actions = many.action_space.sample()
        seen, expected = many.step(actions), singles.step(actions)
        for part, wanted in zip(seen, expected, strict=True):
            assert data_equivalence(part, wanted)
        assert seen[0] in many.observation_space
        ended += seen[2].sum()
    assert ended > 10
    many.close()
    singles.close()


def test_starts_go_round_in_the_order_in_which_cars_need_one():
    many = gymnasium.make_vec(NAME, num_envs=4)
    one = gymnasium.make(NAME)
    numbers = itertools.count()
    pictures = np.stack([one.reset(options={"start": next(numbers) * 0.05})[0] for _ in range(4)])
    assert (many.reset(seed=0)[0] == pictures).all()
    many.action_space.seed(0)
    ended = 0
    while ended < 12:
        frames, _, terminated, _, info = many.step(many.action_space.sample())
        for car in np.flatnonzero(terminated):
            start = next(numbers) * 0.05 % 1.0
            assert (frames[car] == one.reset(options={"start": start})[0]).all()
            assert info["final_info"]["status"][car] == "off_track"
            ended += 1
    many.close()
    one.close()


@pytest.mark.parametrize("count", [1, 3])
def test_a_seed_gives_the_same_drive_again(count):
    def drive():
        made.action_space.seed(7)
        told = [made.reset(seed=7)[0].copy()]
        for _ in range(60):
            frames, rewards, terminated, _, _ = made.step(made.action_space.sample())
            told += [frames.copy(), rewards.copy(), terminated.copy()]
        return told

    made = gymnasium.make_vec(NAME, num_envs=count)
    assert data_equivalence(drive(), drive())
    made.close()


def test_an_episode_tells_how_it_ended():
    made = gymnasium.make(NAME, action_space=[Action(30.0, 4.0), Action(0.0, 1.0)])
    made.reset(seed=0)
    terminated, steps = False, 0
    while not terminated:
        _, reward, terminated, truncated, info = made.step(0)
        steps += 1
        assert type(reward) is float and not truncated
    assert info["status"] == "off_track"
    assert 0 < info["progress"] < 100
    assert "lap_time" not in info
    made.close()


def test_a_completed_lap_tells_its_time(pursuit):
    made = gymnasium.make(NAME, action_space=ActionRanges(-30.0, 30.0, 1.0, 1.6))
    made.reset(seed=0)
    racing = made.unwrapped._racing
    terminated, steps = False, 0
    while not terminated:
        *_, terminated, _, info = made.step(pursuit(racing, racing.all_cars)[0])
        steps += 1
    assert info["status"] == "lap_complete"
    assert info["lap_time"] == pytest.approx(steps / 15)
    made.close()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            [Action(-20.0, 1.5), Action(20.0, 2.0)],
            [{"steering_angle": -20, "speed": 1.5}, {"steering_angle": 20, "speed": 2, "index": 1}],
        ),
        (
            ActionRanges(-30.0, 30.0, 1.0, 2.5),
            {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 2.5}},
        ),
    ],
    ids=["discrete", "continuous"],
)
def test_an_action_space_may_be_as_in_a_model_metadata_json(ours, theirs):
    frames = []
    for space in (ours, theirs):
        made = gymnasium.make(NAME, action_space=space)
        made.reset(seed=1)
        made.action_space.seed(1)
        frames.append([made.step(made.action_space.sample())[0] for _ in range(4)][-1])
        made.close()
    assert np.array_equal(*frames)


def test_the_picture_for_people_is_the_cars_own():
    made = gymnasium.make(NAME, render_mode="rgb_array")
    frame, _ = made.reset(seed=0)
    assert (made.render() == np.repeat(frame, 3, axis=2)).all()
    made.close()


def test_a_reward_may_be_an_example_a_file_or_a_function(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def reward_function(params):\n    return 5 * params['speed']\n")
    for reward, expected in (
        ("constant", 1.0),
        (file, 10.0),
        (str(file), 10.0),
        (lambda params: params["steering_angle"] + 90, 120.0),
    ):
        made = gymnasium.make(NAME, reward=reward)
        made.reset(seed=0)
        rewards = [made.step(9)[1] for _ in range(3)]  # action 9: 30 degrees, 2 m/s
        assert rewards == [0.0, expected, expected], reward
        made.close()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"track": "reinvent_bse"}, "reinvent_base"),
        ({"vehicle": "v7"}, "v5"),
        ({"reward": "constnt"}, "constant"),
        ({"reward": "nowhere.py"}, "no such file"),
        ({"action_space": [Action(0.0, 1.0)]}, "at least two"),
        (
            {"action_space": [(0.0, 1.0), (10.0, 1.0)]},
            "action 0 is .*; it must have a steering_angle and a speed",
        ),
        ({"action_space": [{"speed": 1.0}, {"speed": 2.0}]}, "action 0 has no steering_angle"),
        ({"action_space": "many"}, "it must be a list of actions, or ranges"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_helps(settings, message):
    with pytest.raises((ValueError, OSError), match=message) as caught:
        gymnasium.make(NAME, **settings)
    assert len(str(caught.value).splitlines()) == 1


def test_stable_baselines_trains_on_it_unchanged():
    sb3 = pytest.importorskip("stable_baselines3")
    torch.set_num_threads(1)  # PyTorch's own threads spin against other processes'
    made = gymnasium.make(NAME)
    model = sb3.PPO("CnnPolicy", made, n_steps=64, batch_size=32, n_epochs=1, seed=0, device="cpu")
    before = [parameter.detach().clone() for parameter in model.policy.parameters()]
    model.learn(192)
    assert model.num_timesteps == 192
    assert any((old != new).any() for old, new in zip(before, model.policy.parameters(), strict=True))
    assert len(model.ep_info_buffer) > 0
    made.close()
