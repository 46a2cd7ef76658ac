"""Collecting and learning in turns or at once: what drives, what is learned, and how it ends."""

import threading

import numpy as np
import pytest
import torch

from openracer.agents.collectors import StepsCollector
from openracer.agents.inference import GreedyDriver, evaluate, tensors_of
from openracer.agents.ppo import PpoSettings
from openracer.agents.rollout import Rollout
from openracer.agents.succession import Alternating, Overlapping
from openracer.simulation.sensors import Sensor, buffers_for

CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)
CARS, STEPS = 32, 16


@pytest.fixture
def training(bar_environment, three_actions, agent_for):
    """An agent and the order in which it collects and learns."""

    def make(kind, seed=0, watch=lambda collect: collect):
        settings = PpoSettings(batch_size=64, epochs=2, learning_rate=5e-4, discount=0.9)
        agent = agent_for("fast", three_actions, settings, seed)
        collector = StepsCollector(bar_environment(CARS, 0), steps=STEPS)
        rollouts = [Rollout(collector.capacity, CARS, three_actions, 3, 3, [CAMERA]) for _ in range(2)]
        collect = watch(collector.collect)
        if kind == "alternating":
            return agent, Alternating(collect, agent, rollouts[0])
        return agent, Overlapping(collect, agent, (rollouts[0], rollouts[1]))

    return make


def outputs_of(agent, rollout):
    """What the policy as it is now says of the frames of a rollout."""
    seen = tensors_of(rollout.see(slice(rollout.size)))
    return evaluate(agent.policy, seen, agent.threads).numpy()


def test_in_turns_the_newest_weights_drive(training):
    agent, succession = training("alternating")
    for _ in range(2):
        rollout = succession.take()
        np.testing.assert_allclose(outputs_of(agent, rollout), rollout.outputs[: rollout.size], atol=0.02)
        agent.update(rollout)


def test_at_once_weights_drive_that_are_one_update_old(training):
    agent, succession = training("overlapping")
    agent.update(succession.take())
    for _ in range(3):
        before = agent.weights()
        rollout = succession.take()  # driven while the update before was made
        agent.update(rollout)
        drove = torch.from_numpy(rollout.outputs[: rollout.size])
        new = outputs_of(agent, rollout)
        agent.load_weights(before)
        # What is handed out next was begun with these weights, before the update of this round.
        next_rollout = succession.take()
        np.testing.assert_allclose(
            outputs_of(agent, next_rollout), next_rollout.outputs[: next_rollout.size], atol=0.02
        )
        assert np.abs(new - drove.numpy()).max() > 0.02


def test_the_cars_drive_while_the_learner_learns(training):
    learning, driving, log = threading.Event(), threading.Event(), []

    def watch(collect):
        def collect_after_the_update_began(act, rollout):
            if log:
                driving.set()
                assert learning.wait(10)
            log.append(threading.current_thread().name)
            collect(act, rollout)

        return collect_after_the_update_began

    agent, succession = training("overlapping", watch=watch)
    rollout = succession.take()
    assert driving.wait(10)
    kept = rollout.seen[CAMERA.name].copy()
    learning.set()
    agent.update(rollout)
    succession.settle()
    assert log == ["collect_0", "collect_0"]
    assert np.array_equal(rollout.seen[CAMERA.name], kept)  # what is learned from is not written to
    assert agent.steps == 2 * CARS * STEPS


@pytest.mark.parametrize("kind", ["alternating", "overlapping"])
def test_either_learns_to_steer(training, bar_environment, kind):
    agent, succession = training(kind)
    for _ in range(14):
        reports = agent.update(succession.take())
        assert all(np.isfinite((r.surrogate, r.divergence, r.entropy, r.value_loss)).all() for r in reports)
    succession.stop()
    environment, driver = bar_environment(64, 1), GreedyDriver(agent.policy, agent.threads)
    seen, rewards = buffers_for([CAMERA], 64), []
    for _ in range(10):
        environment.observe(np.arange(64), seen)
        rewards.append(environment.step(np.arange(64), driver.act(seen))[0])
    assert np.mean(rewards) > 0.98


def test_at_once_the_same_seed_gives_the_same_weights_whichever_thread_is_quicker(training):
    def weights(seed, first):
        def watch(collect):
            def collect_late(act, rollout):
                if first == "learner":
                    done.wait(0.05)
                collect(act, rollout)

            return collect_late

        done = threading.Event()
        agent, succession = training("overlapping", seed, watch)
        for _ in range(3):
            agent.update(succession.take())
        succession.settle()
        return agent.state_tensors()

    one, other, third = weights(7, "learner"), weights(7, "collector"), weights(8, "collector")
    assert [name for name in one if not torch.equal(one[name], other[name])] == []
    assert not torch.equal(one["policy.head.weight"], third["policy.head.weight"])


@pytest.mark.parametrize("meet", ["take", "settle"])
def test_an_error_while_driving_reaches_the_learner(training, meet):
    calls = []

    def watch(collect):
        def fail_the_second_time(act, rollout):
            calls.append(1)
            if len(calls) == 2:
                raise ZeroDivisionError
            collect(act, rollout)

        return fail_the_second_time

    agent, succession = training("overlapping", watch=watch)
    agent.update(succession.take())
    with pytest.raises(ZeroDivisionError):
        getattr(succession, meet)()
    succession.stop()


def test_stopped_it_drives_no_further_step(training):
    stopping, acts = threading.Event(), []

    def watch(collect):
        def collect_and_count(act, rollout):
            def count(seen):
                acts.append(1)
                if len(acts) > STEPS:  # the second rollout
                    assert stopping.wait(10)
                return act(seen)

            collect(count, rollout)

        return collect_and_count

    agent, succession = training("overlapping", watch=watch)
    agent.update(succession.take())
    threading.Timer(0.05, stopping.set).start()
    succession.stop()
    assert len(acts) <= STEPS + 2
