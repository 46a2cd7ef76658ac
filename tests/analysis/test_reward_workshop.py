"""A log replayed through a reward function: the logged rewards come back, and bad rewards are named."""

from pathlib import Path

import numpy as np
import pytest

from openracer import analysis
from openracer.analysis.diagnosis import Weight
from openracer.analysis.reward_workshop import judge, replay_rewards
from openracer.analysis.study import Study
from openracer.rewards.errors import RewardFunctionError

CENTRE_LINE = """
def reward_function(params):
    distance, width = params["distance_from_center"], params["track_width"]
    for share, reward in ((0.1, 1.0), (0.25, 0.5), (0.5, 0.1)):
        if distance <= share * width:
            return reward
    return 1e-3
"""


@pytest.fixture(scope="module")
def study(real_data: Path) -> Study:
    recording = analysis.load(real_data / "logs" / "console-v4")
    return Study(recording, recording.track())


def test_the_function_that_was_trained_with_gives_the_rewards_that_were_logged(study: Study) -> None:
    # This training used AWS's default reward function; our road lies within 4 mm of AWS's, which some rows feel.
    rewards = replay_rewards(study.placed, study.track, CENTRE_LINE)
    logged = study.placed["reward"].to_numpy(float)
    assert np.isclose(rewards, logged).mean() > 0.96


def test_the_parameters_are_those_of_the_log(study: Study) -> None:
    steps = study.placed[study.placed["episode_status"] != "prepare"].iloc[:3000]
    columns = {"heading": "yaw", "sim_time": "tstamp"}
    for name in ("x", "y", "heading", "progress", "speed", "steering_angle", "steps", "sim_time"):
        source = f"def reward_function(params):\n    return float(params['{name}'])\n"
        assert np.allclose(
            replay_rewards(steps, study.track, source), steps[columns.get(name, name)], atol=1e-6
        ), name
    nearest = "def reward_function(p):\n    return float(p['closest_waypoints'][1])\n"
    following = replay_rewards(steps, study.track, nearest)
    away = (following - steps["closest_waypoint"].to_numpy()) % (len(study.track.centre) - 1)
    assert (away <= 1).mean() > 0.99


@pytest.mark.parametrize(
    ("body", "code", "weight"),
    [
        ("1.0", "crawling", Weight.WARNING),
        ("1.0", "lap-rank", Weight.WARNING),
        ("-1.0", "lap-rank", Weight.GOOD),
        ("abs(params['steering_angle'])", "zigzag", Weight.WARNING),
    ],
)
def test_rewards_that_teach_badly_are_named(study: Study, body: str, code: str, weight: Weight) -> None:
    source = f"def reward_function(params):\n    return {body}\n"
    found = {f.code: f.weight for f in judge(study.placed, replay_rewards(study.placed, study.track, source))}
    assert found[code] is weight


def test_a_function_that_fails_is_told(study: Study) -> None:
    with pytest.raises(RewardFunctionError):
        replay_rewards(
            study.placed, study.track, "def reward_function(params):\n    return params['no such key']\n"
        )
