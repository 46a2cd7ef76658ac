"""Object avoidance and head-to-bot as Gymnasium environments."""

import gymnasium
import numpy as np
import pytest

import openracer  # noqa: F401 (registers the environments)


@pytest.mark.parametrize(("race", "objects"), [("ObjectAvoidance", 6), ("HeadToBot", 4)])
def test_a_race_tells_its_reward_function_of_what_is_on_the_road(race, objects):
    told = []

    def reward(params):
        told.append(params)
        return 1.0

    env = gymnasium.make(f"openracer/{race}-v0", reward=reward)
    env.reset(seed=1)
    for _ in range(5):
        env.step(4)
    env.close()
    for name in ("location", "distance", "distance_from_center", "left_of_center", "heading", "speed"):
        assert len(told[-1][f"objects_{name}"]) == objects
    behind, ahead = told[-1]["closest_objects"]
    assert (behind, ahead) == (objects - 1, 0)  # all are ahead of the start
    assert set(told[-1]["objects_speed"]) == ({0.0} if race == "ObjectAvoidance" else {0.5})


def test_a_crash_into_a_box_ends_an_episode():
    env = gymnasium.make_vec("openracer/ObjectAvoidance-v0", num_envs=16)
    env.reset(seed=0)
    ends = set()
    for _ in range(100):
        # Straight on and then slightly left.
        *_, info = env.step(np.full(16, 4))
        ends |= set(np.asarray(info["final_info"]["status"]).tolist()) if "final_info" in info else set()
    env.close()
    assert "crashed" in ends


def test_boxes_and_bots_at_once_are_refused():
    with pytest.raises(ValueError, match="one of them must be 0"):
        gymnasium.make("openracer/TimeTrial-v0", boxes=1, bots=1)
