"""A training whose cars drive while it learns, as with a GPU, here on the processor: whole commits and clean ends."""

import math

import numpy as np
import pytest

from benchmarks.kills import problems_of
from openracer.agents.ppo import Ppo
from openracer.agents.rollout import Rollout
from openracer.agents.succession import Overlapping
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import create_model
from openracer.models.record import TrainingRecord
from openracer.models.run_state import load_state
from openracer.rewards.errors import RewardFunctionError
from openracer.runs import training


@pytest.fixture
def create(tiny_training, monkeypatch):
    """Models whose trainings overlap."""

    def build_overlapping(collector, learner, action_space, sensors):
        cars, outputs = collector.environment.cars, learner.policy.n_outputs
        rollouts = [
            Rollout(
                collector.capacity,
                cars,
                action_space,
                outputs,
                collector.environment.privileged_size,
                sensors,
            )
            for _ in range(2)
        ]
        return Overlapping(collector.collect, learner, (rollouts[0], rollouts[1]))

    monkeypatch.setattr(training, "build_succession", build_overlapping)

    def create(**changes):
        return create_model(TrainingDescription.from_values(merge(tiny_training, changes)))

    return create


def iterations(events):
    return [event for event in events if event["event"] == "iteration"]


@pytest.mark.parametrize("collector", ["steps", "episodes"])
def test_every_commit_is_whole_and_a_resumed_training_goes_on(collector, create, train_here):
    folder = create(collector=collector, stop={"iterations": 3})
    first = iterations(train_here(folder))
    assert [event["iteration"] for event in first] == [1, 2, 3]
    assert all(math.isfinite(event[key]) for event in first for key in ("entropy", "kl", "value_loss"))
    assert problems_of(folder) == []
    folder.write_description(folder.description().with_changes({"stop": {"iterations": 5}}))
    second = iterations(train_here(folder))
    assert [event["iteration"] for event in second] == [4, 5]
    assert second[0]["steps"] > first[-1]["steps"]
    assert load_state(folder).steps == second[-1]["steps"]
    assert problems_of(folder) == []


def test_the_rollout_that_waits_to_be_learned_counts_as_driven(create, train_here):
    events = iterations(train_here(create(stop={"iterations": 3})))
    assert [event["steps"] for event in events] == [512, 768, 1024]


def test_asked_to_stop_it_ends_with_a_whole_model(create, train_here):
    folder = create(stop={"iterations": 50})
    looks = iter([False, False, True])
    events = train_here(folder, lambda: next(looks))
    assert events[-1]["reason"] == "stopped"
    assert problems_of(folder) == []


FAILING = """CALLS = 0

def reward_function(params):
    global CALLS
    CALLS += 1
    return 1 / 0 if CALLS == 150 else 1.0
"""


def test_a_reward_that_fails_while_the_learner_learns_ends_it_and_keeps_the_last_commit(create, train_here):
    folder = create(reward="mine.py", reward_source=FAILING)
    with pytest.raises(RewardFunctionError, match="ZeroDivisionError"):
        train_here(folder)
    assert (
        load_state(folder).iteration == 1
    )  # 64 calls a car and rollout: the third fails, beside the second update
    TrainingRecord.open(folder, np.ones(4))
    assert problems_of(folder) == []


def test_an_error_of_the_learner_ends_the_driving(create, train_here, monkeypatch):
    folder = create(stop={"iterations": 50})
    successions = []
    build = training.build_succession

    def remember(*arguments):
        successions.append(build(*arguments))
        return successions[-1]

    monkeypatch.setattr(training, "build_succession", remember)

    def diverge(_learner, _rollout):
        raise FloatingPointError

    monkeypatch.setattr(Ppo, "update", diverge)
    with pytest.raises(FloatingPointError):
        train_here(folder)
    successions[0].settle()  # nothing is being driven any more
    TrainingRecord.open(folder, np.ones(4))
    assert problems_of(folder) == []
