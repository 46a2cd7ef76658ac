"""A training in this process: its events, its ends, what it writes, and that it is repeatable."""

import dataclasses
import errno
import math
import os

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from benchmarks.kills import problems_of
from openracer.agents.ppo import Ppo
from openracer.atomic import WriteError
from openracer.formats.coach_csv import read_coach_csv
from openracer.formats.metrics import read_training_metrics
from openracer.formats.model_metadata import read_model_metadata
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import change_stop_conditions, clone_model, create_model
from openracer.models.record import TrainingRecord
from openracer.models.run_state import load_state
from openracer.rewards.errors import RewardFunctionError
from openracer.runs import training
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest

RANGES = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 3}}
AWS = {
    "preset": "aws",
    "cars": 5,
    "hyperparameters": {"num_episodes_between_training": 5, "num_epochs": 3},
    "evaluation": {"trials": 1},
    "stop": {"minutes": 5, "iterations": 1},
}


@pytest.fixture
def create(tiny_training):
    def create(**changes):
        return create_model(TrainingDescription.from_values(merge(tiny_training, changes)))

    return create


class Clock:
    """Some time passes whenever somebody looks at it."""

    def __init__(self, tick=1.0):
        self.now = 0.0
        self.tick = tick

    def __call__(self):
        self.now += self.tick
        return self.now


def ends(events):
    return [event["reason"] for event in events if event["event"] == "finished"]


def iterations(events):
    return [event for event in events if event["event"] == "iteration"]


def test_events_tell_the_training_in_its_order(create, train_here):
    folder = create(stop={"iterations": 3})
    events = train_here(folder)
    assert [event["event"] for event in events] == ["preparing", "started", *["iteration"] * 3, "finished"]
    assert ends(events) == ["iterations"]
    times = [event["time"] for event in events]
    assert times == sorted(times)
    rounds = iterations(events)
    assert [event["iteration"] for event in rounds] == [1, 2, 3]
    assert [event["steps"] for event in rounds] == [256, 512, 768]
    assert all(
        math.isfinite(event[key]) for event in rounds for key in ("entropy", "kl", "surrogate", "value_loss")
    )
    seconds = [event["seconds"] for event in rounds]
    assert seconds == sorted(seconds)
    assert {len(event["evaluation"]) for event in rounds} <= {0, 2}


def test_what_is_written_agrees_with_the_events_and_with_itself(create, train_here):
    folder = create(stop={"iterations": 3})
    rounds = iterations(train_here(folder))
    assert problems_of(folder) == []
    rows = read_training_metrics(folder.metrics_file).episodes
    assert len([row for row in rows if row.phase == "training"]) == rounds[-1]["episodes"]
    assert len([row for row in rows if row.phase == "evaluation"]) == sum(
        len(e["evaluation"]) for e in rounds
    )
    coach = read_coach_csv(folder.coach_file)
    assert [coach["Training Iter"].count(event["iteration"]) for event in rounds] == np.diff(
        [0, *(event["episodes"] for event in rounds)]
    ).tolist()
    names = [str(name) for name in folder.checkpoints.names()]
    assert names == ["0_Step-0", "1_Step-256", "2_Step-512", "3_Step-768"]


def test_it_stops_after_its_minutes_of_training(create, train_here, monkeypatch):
    monkeypatch.setattr(training, "monotonic", Clock())
    events = train_here(create(stop={"minutes": 0.5, "iterations": None}))
    assert ends(events) == ["minutes"]
    seconds = [event["seconds"] for event in iterations(events)]
    assert seconds[-1] >= 30 > seconds[-2]


def test_it_stops_when_every_trial_of_two_evaluations_in_a_row_completes_its_lap(
    create, train_here, monkeypatch
):
    results = iter([(None, 12.0), (14.0, 14.0), (12.0, None), (13.0, 13.0), (13.0, 12.0)])
    drive_trials = training.drive_trials

    def lucky(environment, act, starts):
        episodes = drive_trials(environment, act, starts)
        return [
            dataclasses.replace(e, lap_time=time) for e, time in zip(episodes, next(results), strict=True)
        ]

    monkeypatch.setattr(training, "drive_trials", lucky)
    clock = Clock()
    monkeypatch.setattr(training, "monotonic", clock)
    folder = create(stop={"iterations": 50, "until": "clean-laps"}, evaluation={"max_share": 0.5})
    events = train_here(folder)
    assert ends(events) == ["clean-laps"]
    assert [trial["lap_time"] for trial in iterations(events)[-1]["evaluation"]] == [13.0, 12.0]
    assert iterations(events)[-1]["best_lap"] == 12.0


def test_wanted_to_stop_or_left_alone_it_finishes_the_iteration(create, train_here):
    folder = create(stop={"iterations": 50})
    looks = iter([False, False, True])
    events = train_here(folder, lambda: next(looks))
    assert ends(events) == ["stopped"]
    assert len(iterations(events)) == 2
    assert problems_of(folder) == []


def test_evaluations_take_at_most_a_fifth_of_the_time(create, train_here, monkeypatch):
    clock = Clock(tick=0.0)
    drive_trials, update, starts_seen = training.drive_trials, Ppo.update, []

    def drive_slowly(environment, act, starts):
        clock.now += 30.0
        starts_seen.append(starts.tolist())
        return drive_trials(environment, act, starts)

    def update_slowly(learner, rollout):
        clock.now += 10.0
        return update(learner, rollout)

    monkeypatch.setattr(training, "drive_trials", drive_slowly)
    monkeypatch.setattr(Ppo, "update", update_slowly)
    monkeypatch.setattr(training, "monotonic", clock)
    events = train_here(create(stop={"iterations": 40}, steps_per_car=8, evaluation={"trials": 5}))
    # The first is due at once; another when the 30 s of each so far are a fifth of all time, at 150, 300 and 450 s.
    evaluated = [event["iteration"] for event in iterations(events) if event["evaluation"]]
    assert evaluated == [1, 13, 25, 37]
    assert starts_seen == [[0.0, 0.2, 0.4, 0.6, 0.8]] * 4


def written(folder):
    """Checkpoints and traces, byte for byte."""
    files = [*folder.checkpoints_folder.glob("*.safetensors"), *folder.traces_folder.glob("*.csv")]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"collector": "episodes", "action_space": RANGES, "privileged_critic": False},
        {
            "hyperparameters": {
                "exploration_type": "e-greedy",
                "epsilon_steps": 300,
                "beta_entropy_end": 0.001,
            }
        },
    ],
    ids=["steps", "episodes-continuous", "e-greedy"],
)
def test_the_same_seed_gives_the_same_training_bit_for_bit(
    changes, create, train_here, tmp_path, monkeypatch
):
    trained = []
    for home, seed in (("a", 5), ("b", 5), ("c", 6)):
        monkeypatch.setenv("OPENRACER_HOME", str(tmp_path / home))
        folder = create(seed=seed, **changes)
        train_here(folder)
        trained.append(written(folder))
    assert len(trained[0]) >= 4
    assert trained[0] == trained[1]
    same = [name for name in trained[0] if trained[0][name] == trained[2].get(name)]
    assert same == []


def test_resumed_it_goes_on_where_it_was(create, train_here):
    folder = create()
    before = iterations(train_here(folder))
    folder.write_description(folder.description().with_changes({"stop": {"iterations": 4}}))
    events = train_here(folder)
    after = iterations(events)
    started = next(event for event in events if event["event"] == "started")
    assert (started["iteration"], started["steps"]) == (2, before[-1]["steps"])
    assert [event["iteration"] for event in after] == [3, 4]
    assert after[0]["episodes"] > before[-1]["episodes"]
    assert after[0]["seconds"] > before[-1]["seconds"]
    state = load_state(folder)
    assert state.tensors["steps"] == after[-1]["steps"]
    assert problems_of(folder) == []
    assert ends(train_here(folder)) == ["iterations"]


def without(tensors, name):
    return {key: tensor for key, tensor in tensors.items() if key != name}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _tensors: {}, "policy.trunk.convolutions.0.weight is missing"),
        (lambda tensors: tensors | {"generator": torch.zeros(3)}, "random generator or the number of steps"),
        (lambda tensors: tensors | {"steps": torch.zeros(3)}, "random generator or the number of steps"),
        (lambda tensors: tensors | {"adam.policy.0.step": torch.zeros(2)}, "optimiser's memory does not fit"),
        (lambda tensors: without(tensors, "adam.critic.1.exp_avg"), "optimiser's memory does not fit"),
        (lambda tensors: without(tensors, "pending_traces.cars"), "episodes of the last trace file"),
        (
            lambda tensors: tensors | {"pending_traces.lengths": tensors["pending_traces.lengths"] + 1},
            "episodes of the last trace file",
        ),
    ],
    ids=["empty", "generator", "steps", "adam shape", "adam lacks", "episodes lack", "episodes disagree"],
)
def test_a_foreign_state_is_one_sentence(change, reason, create, train_here):
    folder = create()
    train_here(folder)
    (path,) = folder.own_folder.glob("state-*.safetensors")
    assert "pending_traces.cars" in load_file(path)
    save_file(change(load_file(path)), path)
    with pytest.raises(ValueError, match=reason) as caught:
        train_here(folder)
    assert str(caught.value).startswith("the saved state of tiny cannot be used: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_state_cut_short_is_one_sentence(create, train_here):
    folder = create()
    train_here(folder)
    (path,) = folder.own_folder.glob("state-*.safetensors")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"state-\d+\.safetensors is damaged"):
        train_here(folder)


def test_a_clone_starts_from_its_sources_weights(create, train_here):
    source = create()
    train_here(source)
    changes = {
        "stop": {"iterations": 1},
        "hyperparameters": {"lr": 1e-8},
        "track": "reinvent_base",
        "reverse": True,
    }
    clone = clone_model(source.path, "clone", changes, "last")
    train_here(clone)
    original = load_file(source.checkpoints.path(source.checkpoints.names()[-1]))
    first, last = (load_file(clone.checkpoints.path(name)) for name in clone.checkpoints.names())
    for name, weights in original.items():
        assert torch.equal(first[name], weights)
        if name.startswith("policy."):
            torch.testing.assert_close(last[name], weights, atol=1e-6, rtol=0)
    assert problems_of(clone) == []


FAILING = """CALLS = 0

def reward_function(params):
    global CALLS
    CALLS += 1
    if CALLS == 100:
        return {returned}
    return 1.0
"""


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("float('nan')", "reward_function returned nan; it must be a finite number"),
        ("None", "reward_function returned None; it must return a number"),
    ],
)
def test_a_failing_reward_stops_it_and_keeps_the_model_so_far(returned, reason, create, train_here):
    folder = create(reward="mine.py", reward_source=FAILING.format(returned=returned))
    with pytest.raises(RewardFunctionError) as caught:
        train_here(folder)
    message = str(caught.value)
    assert (
        f"The reward function failed in episode {caught.value.episode}, step {caught.value.step}" in message
    )
    assert reason in message
    assert f"'steps': {float(caught.value.step)}" in str(caught.value.params)
    assert "closest_waypoints: [" in message
    if returned == "1 / 0":
        assert 'File "reward_function.py", line 7, in reward_function' in message
    state = load_state(folder)
    assert state.iteration == 1  # 64 calls a car and iteration
    TrainingRecord.open(folder, np.ones(4))
    assert problems_of(folder) == []


def test_a_full_disk_is_one_sentence_and_keeps_the_model_so_far(create, train_here, monkeypatch):
    folder = create(stop={"iterations": 5})
    real, left = os.fsync, iter(range(60))

    def nearly_full(descriptor):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", nearly_full)
        with pytest.raises(WriteError, match="the disk is full; free some space and try again") as caught:
            train_here(folder)
    assert len(str(caught.value).splitlines()) == 1
    assert 0 < load_state(folder).iteration < 5
    assert ends(train_here(folder)) == ["iterations"]
    assert problems_of(folder) == []


@pytest.mark.parametrize(
    "changes", [{}, {"action_space": RANGES}, AWS], ids=["fast", "fast-continuous", "aws"]
)
def test_deepracer_utils_sees_the_same_episodes_progress_and_rewards(changes, create, train_here):
    logs = pytest.importorskip("deepracer.logs")
    folder = create(**changes)
    train_here(folder)
    log = logs.DeepRacerLog(str(folder.path))
    log.load()
    frame = log.dataframe()
    files = sorted(folder.traces_folder.iterdir(), key=lambda path: int(path.name.split("-")[0]))
    ours = [read_simtrace(path) for path in files]
    rewards = np.concatenate([trace["reward"] for trace in ours])
    episodes = np.concatenate([trace["episode"] for trace in ours])
    progress = np.concatenate([trace["progress"] for trace in ours])
    assert len(frame) == len(rewards)
    theirs = frame.sort_values(["unique_episode", "steps"])
    assert theirs["unique_episode"].tolist() == episodes.tolist()
    np.testing.assert_allclose(theirs["reward"], rewards, rtol=1e-12)
    np.testing.assert_allclose(theirs["progress"], progress, rtol=1e-12)
    assert sorted(frame["iteration"].unique()) == list(range(len(files)))
    # Every episode that ended is there.
    assert len(set(episodes.tolist())) == load_state(folder).episodes
    rows = [row for row in read_training_metrics(folder.metrics_file).episodes if row.phase == "training"]
    sums = theirs.groupby("unique_episode")["reward"].sum()
    assert [round(total) for total in sums] == [row.reward_score for row in rows[: len(sums)]]
    assert log.hyperparameters()["num_episodes_between_training"] == 5
    space = log.action_space()
    assert space == RANGES if "action_space" in changes else len(space) == 10


def test_the_learning_rate_falls_to_its_end_with_the_iterations(create, train_here, monkeypatch):
    shares = []
    monkeypatch.setattr(Ppo, "fade", lambda _self, share: shares.append(share))
    train_here(create(stop={"iterations": 4}, hyperparameters={"lr": 0.001, "lr_end": 0.0002}))
    assert shares == pytest.approx([1.0, 0.8, 0.6, 0.4])


def test_the_learners_csv_tells_the_share_of_random_actions(create, train_here):
    exploration = {"exploration_type": "e-greedy", "e_greedy_value": 0.2, "epsilon_steps": 512}
    folder = create(stop={"iterations": 3}, hyperparameters=exploration)
    train_here(folder)
    shares = sorted({round(share, 9) for share in read_coach_csv(folder.coach_file)["Epsilon"]})
    assert shares in ([0.2], [0.2, 0.6])  # after 256 steps half way from 1 to 0.2; at its end from 512 on


@pytest.mark.parametrize(
    ("sensor", "network"),
    [
        ("stereo,sector_lidar", "FAST_CONVOLUTIONAL_NETWORK"),
        ("lidar,camera", "DEEP_CONVOLUTIONAL_NETWORK_DEEP"),
    ],
)
def test_other_sensors_and_networks_train_evaluate_and_are_told(create, train_here, sensor, network):
    folder = create(sensor=sensor, neural_network=network)
    events = train_here(folder)
    assert ends(events) == ["iterations"]
    metadata = read_model_metadata(folder.checkpoints_folder / "model_metadata.json")
    assert (set(metadata.sensors), metadata.neural_network) == (set(folder.description().sensor), network)
    result = evaluate(folder, EvaluationRequest(checkpoint="last", trials=2))
    assert len(result.trials) == 2


def test_sac_trains_resumes_with_an_empty_memory_and_is_evaluated(create, train_here):
    folder = create(algorithm="sac", action_space=RANGES, hyperparameters={"updates_per_step": 0.01})
    assert ends(train_here(folder)) == ["iterations"]
    assert '"sac_alpha"' in (folder.path / "ip" / "hyperparameters.json").read_text()
    steps = folder.checkpoints.names()[-1].steps
    change_stop_conditions(folder, {"iterations": 9})
    events = train_here(folder)
    started = next(event for event in events if event["event"] == "started")
    assert (started["refills"], started["steps"]) == (True, steps)
    result = evaluate(folder, EvaluationRequest(checkpoint="last", trials=1))
    assert result.is_continuous and len(result.trials) == 1
