"""Trainings and evaluations with another model on the road: who it is, what is seen of it, and that it goes on."""

import shutil

import numpy as np
import pytest
import torch

from openracer.formats.simtrace import read_simtrace
from openracer.models.checkpoints import load_tensors
from openracer.models.description import TrainingDescription, merge
from openracer.models.evaluations import read_evaluations
from openracer.models.library import ModelNotFoundError, change_stop_conditions, clone_model, create_model
from openracer.models.opponents import opponent_of
from openracer.runs import training
from openracer.runs.evaluation import evaluate
from openracer.runs.live import LiveReader
from openracer.runs.request import EvaluationRequest
from openracer.simulation.bodies import CAR


@pytest.fixture
def duelling(tiny_training):
    """A model that is to be trained against an opponent."""

    def make(opponent, **changes):
        values = {"race_type": "head_to_model", "opponent": opponent, "refresh_opponent": 2}
        return create_model(TrainingDescription.from_values(merge(tiny_training, values | changes)))

    return make


def rival_weights(folder):
    (state,) = sorted(folder.own_folder.glob("state-*.safetensors"))[-1:]
    return {
        name.removeprefix("rival."): tensor
        for name, tensor in load_tensors(state).items()
        if name.startswith("rival.")
    }


def policy_weights(folder, iteration):
    tensors = folder.checkpoints.load(folder.checkpoints.find(iteration))
    return {
        name.removeprefix("policy."): tensor for name, tensor in tensors.items() if name.startswith("policy.")
    }


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_an_opponent_self_is_renewed_every_so_many_iterations_and_kept_over_an_interruption(
    duelling, train_here
):
    folder = duelling("self", stop={"minutes": None, "iterations": 3})
    train_here(folder)
    assert equal(rival_weights(folder), policy_weights(folder, 2))
    change_stop_conditions(folder, {"iterations": 5})
    train_here(folder)
    assert equal(rival_weights(folder), policy_weights(folder, 4))
    assert not equal(rival_weights(folder), policy_weights(folder, 5))


def test_a_resumed_training_meets_the_opponent_that_it_had(duelling, train_here, monkeypatch):
    folder = duelling("self", refresh_opponent=100)
    train_here(folder)
    before = rival_weights(folder)
    assert equal(before, policy_weights(folder, 0))
    change_stop_conditions(folder, {"iterations": 3})
    train_here(folder)
    assert equal(rival_weights(folder), before)


def test_another_model_stays_as_it_was_even_when_it_is_deleted(
    duelling, train_here, untrained_model, data_folder
):
    other = untrained_model("other", sensor="stereo", vehicle="v4")
    folder = duelling("other")
    shutil.rmtree(other.path)
    events = train_here(folder)
    assert events[-1]["reason"] == "iterations"
    assert opponent_of(folder).description().vehicle == "v4"
    clone = clone_model("tiny", "clone")
    assert opponent_of(clone).checkpoints.names() == opponent_of(folder).checkpoints.names()
    assert evaluate(clone, EvaluationRequest(trials=1)).trials


def test_an_opponent_that_does_not_exist_is_refused_and_nothing_is_made(
    duelling, untrained_model, data_folder
):
    with pytest.raises(ModelNotFoundError, match="there is no model 'nobody'"):
        duelling("nobody")
    assert not list((data_folder / "models").glob("*"))
    folder = untrained_model("one")
    for request in (
        EvaluationRequest(race_type="head_to_model", opponent="nobody"),
        EvaluationRequest(race_type="head_to_model", opponent="../one"),
    ):
        with pytest.raises((ModelNotFoundError, ValueError)):
            evaluate(folder, request)


def test_an_evaluation_has_the_opponent_in_its_traces_live_view_and_camera(untrained_model):
    one, other = untrained_model("one"), untrained_model("other", seed=3)
    alone = evaluate(one, EvaluationRequest(trials=2))
    result = evaluate(one, EvaluationRequest(trials=2, race_type="head_to_model", opponent=other.name))
    assert len(result.trials) == 2
    written = read_evaluations(one)[-1]
    assert (written.settings["race_type"], written.settings["opponent"]) == ("head_to_model", "other")
    for trial, drive in enumerate(written.drives()):
        assert drive.kind == CAR and drive.objects.shape == (drive.steps, 1, 3)
        x, y, _yaw = drive.objects[0, 0]
        gap = np.hypot(x - drive.x[0], y - drive.y[0])
        assert gap == pytest.approx(0.75, abs=0.45)
        # In every other trial the opponent starts ahead.
        is_ahead = (x - drive.x[0]) * np.cos(drive.yaw[0]) + (y - drive.y[0]) * np.sin(drive.yaw[0]) > 0
        assert is_ahead == (trial == 1)
    poses = LiveReader(one.path, "evaluation").latest()
    assert poses.kind == CAR and poses.objects.shape == (2, 1, 3) and len(poses.x) == 2
    rows = read_simtrace(written.path / "evaluation-simtrace" / "0-iteration.csv")
    assert set(rows["episode"]) == {0, 1}
    assert [trial.steps for trial in alone.trials] != []


def test_training_rows_are_of_the_learning_cars_alone(duelling, train_here, monkeypatch):
    seen = []
    build = training.build_environment

    def watch(*arguments, **more):
        environment = build(*arguments, **more)
        seen.append(environment)
        return environment

    monkeypatch.setattr(training, "build_environment", watch)
    folder = duelling("self", privileged_critic=True)
    train_here(folder)
    driving = seen[0]
    assert (driving.cars, driving.simulator.cars, driving.simulator.worlds) == (4, 8, 4)
    assert driving.simulator.record.steps[4:].min() > 0  # the opponents drive, too
    description = folder.description()
    assert driving.privileged_size > TrainingDescription.from_values({"name": "x"}).around + 22
    assert description.around == 1
