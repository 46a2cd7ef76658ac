"""Agents learn to steer towards what they see, with both networks, collectors and kinds of action."""

import numpy as np
import pytest

from openracer.agents.collectors import EpisodesCollector, StepsCollector
from openracer.agents.inference import GreedyDriver
from openracer.agents.ppo import PpoSettings
from openracer.agents.rollout import Rollout

FRAME_SHAPE = (64, 64)


def greedy_reward(agent, environment) -> float:
    """Mean reward of a step, 1 at best, driving greedily."""
    driver = GreedyDriver(agent.policy, agent.threads)
    cars = np.arange(environment.cars)
    frames = np.empty((len(cars), *FRAME_SHAPE), np.uint8)
    rewards = []
    for _ in range(10):
        environment.observe(cars, frames)
        rewards.append(environment.step(cars, driver.act(frames))[0])
    return float(np.mean(rewards))


@pytest.mark.parametrize(("space", "expected"), [("discrete", 0.98), ("continuous", 0.8)])
def test_a_small_network_learns_from_steps(
    bar_environment, three_actions, rectangle, agent_for, space, expected
):
    action_space = three_actions if space == "discrete" else rectangle
    settings = PpoSettings(batch_size=64, epochs=2, learning_rate=5e-4, discount=0.9)
    agent = agent_for("fast", action_space, settings)
    collector = StepsCollector(bar_environment(32, 0), steps=16)
    rollout = Rollout(collector.capacity, 32, action_space, agent.policy.n_outputs, 3, FRAME_SHAPE)
    assert greedy_reward(agent, bar_environment(64, 1)) < 0.75
    for _ in range(12):
        collector.collect(agent.act, rollout)
        agent.update(rollout)
    assert greedy_reward(agent, bar_environment(64, 1)) > expected


def test_the_aws_network_learns_from_complete_episodes(bar_environment, three_actions, agent_for):
    agent = agent_for("aws", three_actions, PpoSettings(epochs=3, discount=0.9))
    collector = EpisodesCollector(bar_environment(20, 0), episodes=20)
    rollout = Rollout(collector.capacity, 20, three_actions, agent.policy.n_outputs, 3, FRAME_SHAPE)
    for _ in range(12):
        collector.collect(agent.act, rollout)
        agent.update(rollout)
    assert greedy_reward(agent, bar_environment(64, 1)) > 0.98
