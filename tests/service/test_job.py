"""The watch over a job: user code cannot make a training look alive for ever, nor refuse to stop."""

import json
from datetime import UTC, datetime

import torch

from openracer.models.library import ORIGIN
from openracer.models.networks import build_camera_critic, build_policy
from openracer.runs import distillation
from openracer.runs.lessons import LessonsReport, Round
from openracer.service.job import Patience, _distil
from openracer.service.store import Job, JobKind, JobState


def test_a_training_without_a_sign_of_life_is_ended():
    now = [0.0]
    patience = Patience(lambda: now[0])
    for moment, pulse in ((1.0, "a"), (800.0, "a"), (801.0, "b"), (1700.0, "b")):
        now[0] = moment
        assert patience.lost(pulse) is None
    now[0] = 1702.0
    assert "no sign of life for 15 minutes" in patience.lost("b")


def test_a_training_that_does_not_stop_is_ended():
    now = [0.0]
    patience = Patience(lambda: now[0])
    assert not patience.has_asked
    patience.ask()
    now[0] = 599.0
    assert patience.has_asked and patience.lost("a") is None
    now[0] = 601.0
    assert "did not stop within 10 minutes" in patience.lost("b")


def test_a_distillation_tells_how_far_it_is_and_can_be_stopped(create, monkeypatch):
    """In this process, as it calls no user code."""
    monkeypatch.setattr(distillation, "STEPS", 8)
    monkeypatch.setattr(distillation, "CARS", 16)
    monkeypatch.setattr(distillation, "_TIME_LIMIT_S", 2.0)
    folder = create(privileged_critic=False)
    description = folder.description()
    tensors = {
        f"{prefix}.{key}": value
        for prefix, module in (
            ("policy", build_policy(description, torch.float32)),
            ("critic", build_camera_critic(description, torch.float32)),
        )
        for key, value in module.state_dict().items()
    }
    folder.checkpoints.save(ORIGIN, tensors)
    job = Job(
        "1", JobKind.DISTILLATION, 0, folder.name, JobState.RUNNING, datetime.now(UTC), None, None, "",
        {"checkpoint": "last"},
    )  # fmt: skip
    told = []
    state, reason, result = _distil(job, told.append, lambda: bool(told))
    assert (state, reason, result) == (JobState.STOPPED, "", {})
    assert Round.from_json(told[0]["round"]).rows == 128
    monkeypatch.setattr(distillation, "ROUNDS", 1)
    state, _reason, result = _distil(job, told.append, lambda: False)
    assert state is JobState.FINISHED
    assert LessonsReport.from_json(json.loads(json.dumps(result))).student == "tiny-aws"
