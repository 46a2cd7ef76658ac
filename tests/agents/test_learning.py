"""Agents learn to steer towards what they see, with both networks, collectors and kinds of action."""

import numpy as np
import pytest

from openracer.agents.collectors import EpisodesCollector, StepsCollector
from openracer.agents.inference import GreedyDriver
from openracer.agents.ppo import PpoSettings
from openracer.agents.rollout import Rollout
from openracer.simulation.sensors import Sensor, buffers_for

CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)


def greedy_reward(agent, environment) -> float:
    """Mean reward of a step, 1 at best, driving greedily."""
    driver = GreedyDriver(agent.policy, agent.threads)
    cars = np.arange(environment.cars)
    seen = buffers_for([CAMERA], len(cars))
    rewards = []
    for _ in range(10):
        environment.observe(cars, seen)
        rewards.append(environment.step(cars, driver.act(seen))[0])
    return float(np.mean(rewards))


@pytest.mark.parametrize(("space", "expected"), [("discrete", 0.98), ("continuous", 0.8)])
def test_a_small_network_learns_from_steps(
    bar_environment, three_actions, rectangle, agent_for, space, expected
):
    action_space = three_actions if space == "discrete" else rectangle
    settings = PpoSettings(batch_size=64, epochs=2, learning_rate=5e-4, discount=0.9)
    agent = agent_for("fast", action_space, settings)
    collector = StepsCollector(bar_environment(32, 0), steps=16)
    rollout = Rollout(collector.capacity, 32, action_space, agent.policy.n_outputs, 3, [CAMERA])
    assert greedy_reward(agent, bar_environment(64, 1)) < 0.75
    for _ in range(12):
        collector.collect(agent.act, rollout)
        agent.update(rollout)
    assert greedy_reward(agent, bar_environment(64, 1)) > expected


def test_the_aws_network_learns_from_complete_episodes(bar_environment, three_actions, agent_for):
    agent = agent_for("aws", three_actions, PpoSettings(epochs=3, discount=0.9))
    collector = EpisodesCollector(bar_environment(20, 0), episodes=20)
    rollout = Rollout(collector.capacity, 20, three_actions, agent.policy.n_outputs, 3, [CAMERA])
    for _ in range(12):
        collector.collect(agent.act, rollout)
        agent.update(rollout)
    assert greedy_reward(agent, bar_environment(64, 1)) > 0.98
