"""``openracer model`` as a user types it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from openracer.cli.model import app
from openracer.environments.racing import FinishedEpisode
from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.description import TrainingDescription
from openracer.models.episodes import WIDTH, EpisodeTrace
from openracer.models.evaluations import write_evaluation
from openracer.models.library import create_model, list_models, open_model
from openracer.models.record import TrainingRecord
from openracer.simulation.status import Status

LAP = FinishedEpisode(
    0, "reinvent_base", 0, 15, 14.0, 100.0, Status.LAP_COMPLETE, 12.5, 0.0, 12.5, 0.0, 0, 0, 0, 0, 0
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


@pytest.fixture
def trained() -> str:
    folder = create_model(TrainingDescription.from_values({"name": "first-car", "description": "my first"}))
    record = TrainingRecord.open(folder, np.full(1, 17.6))
    record.add_training_episodes([LAP])
    record.add_evaluation(CheckpointName(1, 1500), [LAP])
    record.prepare_commit(CheckpointName(1, 1500), {"w": torch.zeros(2)}, {}, {})()
    trace = EpisodeTrace(0, 17.6, np.zeros((15, WIDTH)))
    settings = {"track": "reinvent_base", "reverse": True}
    write_evaluation(folder, [(LAP, trace), (LAP, trace)], settings, False, datetime(2026, 1, 2, tzinfo=UTC))
    return folder.name


def test_without_models_the_list_says_how_to_make_one() -> None:
    assert "openracer train makes one" in run("list").output
    assert json.loads(run("list", "--json").output) == []


def test_the_list_shows_how_far_each_model_is(trained: str) -> None:
    output = run("list").output
    for word in (trained, "reinvent_base", "1,500", "100 %"):
        assert word in output
    (row,) = json.loads(run("list", "--json").output)
    assert (row["iterations"], row["episodes"], row["steps"]) == (1, 1, 1500)
    assert (row["best_checkpoint"], row["best_progress"]) == ("1_Step-1500", 100.0)


def test_a_broken_model_is_listed_with_its_problem(trained: str) -> None:
    open_model(trained).reward_file.unlink()
    output = run("list").output
    assert trained in output
    assert "there is no file" in output
    assert "there is no file" in json.loads(run("list", "--json").output)[0]["problem"]


def test_show_tells_settings_checkpoints_and_evaluations(trained: str) -> None:
    output = run("show", trained).output
    for word in ("my first", "batch_size", "1_Step-1500", "20260102000000", "00:12.500", "Lap complete"):
        assert word in output
    first, second = (line.split() for line in output.splitlines()[-2:])
    assert first[:3] == ["20260102000000", "reinvent_base", "(reverse)"]
    assert first[3:] == ["1", *second[1:]] and second[0] == "2"
    report = json.loads(run("show", trained, "--json").output)
    assert report["checkpoints"] == ["1_Step-1500"]
    assert report["description"]["track"] == "reinvent_base"
    assert report["evaluations"][0]["trials"][0]["completion_percentage"] == 100


def test_square_brackets_are_shown_as_they_are() -> None:
    create_model(TrainingDescription.from_values({"name": "odd", "description": "[/b] [red]my"}))
    output = run("show", "odd").output
    assert "[/b] [red]my" in output


def test_clone_changes_what_it_is_told_to(trained: str, tmp_path: Path) -> None:
    config = tmp_path / "changes.yaml"
    config.write_text("reverse: true\nhyperparameters:\n  lr: 0.0001\n")
    options = ("--reward", "race_fast", "--track", "RE:invent 2018", "--config", str(config))
    result = run("clone", trained, "second-car", *options)
    assert result.exit_code == 0, result.output
    description = open_model("second-car").description()
    assert (description.track, description.reverse) == ("reinvent_base", True)
    assert description.hyperparameters.lr == 0.0001
    assert description.reward == "race_fast"


def test_a_users_mistake_is_an_error_of_one_sentence(trained: str) -> None:
    for arguments in (
        ("show", "frist-car"),
        ("clone", trained, "my car"),
        ("clone", trained, "x", "--track", "nowhere"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, ValueError | OSError), arguments
        assert len(str(result.exception).splitlines()) == 1
    assert [model.name for model in list_models()] == [trained]


def test_delete_asks_first(trained: str) -> None:
    assert CliRunner().invoke(app, ["delete", trained], input="n\n").exit_code == 1
    assert [model.name for model in list_models()] == [trained]
    assert run("delete", trained, "--yes").exit_code == 0
    assert list_models() == []


def test_what_cannot_go_to_aws_is_offered_a_student(trained: str, tmp_path: Path) -> None:
    result = run("export", trained, "--to", "drfc", "-o", str(tmp_path / "out"))
    assert "--distil" in str(result.exception)
    result = run("export", trained, "--distil")
    assert "--to aws and --to drfc only" in str(result.exception)
    assert list(tmp_path.glob("out*")) == []
