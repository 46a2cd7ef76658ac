"""A model that AWS has no network for teaches a student that AWS has, without its reward function being called."""

import pytest
import torch

from openracer.formats.errors import FormatError
from openracer.models.description import TrainingDescription
from openracer.models.exporting import export_model, why_not_to_aws
from openracer.models.importing import import_model
from openracer.models.library import ORIGIN, create_model_with, list_models, open_model
from openracer.models.networks import build_policy
from openracer.runs import distillation
from openracer.runs.assembly import build_critic, build_soft_critics
from openracer.runs.distillation import DistillationStoppedError, distil, student_description
from openracer.runs.lessons import Driving, LessonsReport

FORBIDDEN = "def reward_function(params):\n    raise RuntimeError('called')\n"


@pytest.fixture
def short_lessons(monkeypatch):
    """Two rounds of few cars, which is enough to see whether anything is learned."""
    for name, value in (("ROUNDS", 2), ("CARS", 4), ("STEPS", 48), ("TRIALS", 2), ("_TIME_LIMIT_S", 3.0)):
        monkeypatch.setattr(distillation, name, value)


@pytest.fixture
def teacher():
    def make(**values):
        """A model with random weights that choose: the head's are large."""
        torch.manual_seed(1)
        description = TrainingDescription.from_values(
            {"name": "teacher", "track": "Straight_track", "reward_source": FORBIDDEN, **values}
        )
        policy = build_policy(description, torch.float32)
        is_sac = description.algorithm == "sac"
        critic = (build_soft_critics if is_sac else build_critic)(description, torch.float32)
        policy.head.weight.data.mul_(30)
        tensors = {f"policy.{key}": value for key, value in policy.state_dict().items()}
        tensors |= {f"critic.{key}": value for key, value in critic.state_dict().items()}
        return create_model_with(description, lambda folder: folder.checkpoints.save(ORIGIN, tensors))

    return make


@pytest.mark.parametrize("algorithm", ["clipped_ppo", "sac"])
def test_a_student_goes_to_aws_and_back(teacher, short_lessons, tmp_path, algorithm):
    folder = teacher(algorithm=algorithm)
    with pytest.raises(FormatError, match="--distil"):
        export_model(folder, "drfc", tmp_path / "refused")
    told = []
    report = distil(folder, tell=told.append)
    assert [(progress.number, progress.most, progress.rows) for progress in told] == [
        (1, 2, 192),
        (2, 2, 384),
    ]
    student = open_model(report.student)
    description = student.description()
    assert why_not_to_aws(description) is None
    assert description.algorithm == "clipped_ppo"
    assert description.actions == folder.description().actions
    assert description.hyperparameters.discount_factor == folder.description().hyperparameters.discount_factor
    assert description.reward_source == FORBIDDEN
    export_model(student, "aws", tmp_path / "out")
    back, found = import_model(tmp_path / "out", "back")
    assert any("policy and critic" in sentence for sentence in found.found)
    ours, theirs = student.checkpoints.load(ORIGIN), back.checkpoints.load(ORIGIN)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_lessons_that_are_stopped_leave_nothing(teacher, short_lessons):
    folder = teacher()
    with pytest.raises(DistillationStoppedError):
        distil(folder, stop_wanted=lambda: True)
    assert [model.name for model in list_models()] == ["teacher"]


def test_what_aws_does_not_allow_is_kept_for_deepracer_for_cloud():
    description = TrainingDescription.from_values({"name": "quick", "preset": "race"})
    assert len(description.actions) == 40
    aim = student_description(description)
    assert len(aim.actions) == 40
    assert aim.hyperparameters.num_epochs == 10
    assert why_not_to_aws(aim) is None


def test_a_report_comes_back_from_json_and_tells_the_difference():
    report = LessonsReport("a", "a-aws", Driving(6, 6, 100.0, 10.0), Driving(6, 5, 97.0, 10.5))
    assert LessonsReport.from_json(report.as_json()) == report
    assert any("+5.0 %" in sentence for sentence in report.sentences())
    nothing = LessonsReport("a", "b", Driving(6, 0, 12.0, None), Driving(6, 0, 9.0, None))
    assert nothing.lap_difference is None
    assert len(nothing.sentences()) == 2
