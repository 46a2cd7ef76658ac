"""Descriptions as files: a user's YAML, and the DeepRacer files there and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from openracer.models.description import TrainingDescription
from openracer.models.description_files import (
    load_description,
    read_deepracer_files,
    read_own_description,
    save_description,
    write_deepracer_files,
)

REWARD = "def reward_function(params):\n    return 2.0\n"
CHANGES: list[dict[str, Any]] = [
    {"preset": "aws"},
    {"preset": "fast", "vehicle": "v6", "reverse": True, "reward": "race_fast", "colour": "Purple"},
    {"action_space": {"steering_angle": {"low": -20, "high": 25}, "speed": {"low": 1, "high": 2}}},
    {
        "hyperparameters": {"exploration_type": "e-greedy", "beta_entropy_end": 0.001},
        "stop": {"until": "clean-laps"},
    },
]


@pytest.mark.parametrize("changes", CHANGES)
def test_our_own_file_says_everything(tmp_path: Path, changes: dict[str, Any]) -> None:
    description = TrainingDescription.from_values({"name": "a", "description": "Ein Auto — 자동차"} | changes)
    save_description(tmp_path / "description.yaml", description)
    write_deepracer_files(tmp_path, description)
    again = read_own_description(tmp_path / "description.yaml", tmp_path / "reward_function.py")
    assert again.model_dump() == TrainingDescription.from_values(again.model_dump()).model_dump()
    assert again.actions == description.actions
    assert again.model_dump(exclude={"action_space"}) == description.model_dump(exclude={"action_space"})


@pytest.mark.parametrize("changes", CHANGES)
def test_deepracer_files_say_what_aws_knows(tmp_path: Path, changes: dict[str, Any]) -> None:
    description = TrainingDescription.from_values({"name": "a"} | changes)
    write_deepracer_files(tmp_path, description)
    again = read_deepracer_files(tmp_path, "a", description.preset)
    assert again.metadata == description.metadata
    assert again.deepracer_hyperparameters == description.deepracer_hyperparameters
    assert again.reward_source == description.reward_source
    for name in (
        "track",
        "reverse",
        "race_type",
        "vehicle",
        "colour",
        "change_start_position",
        "round_robin_advance_dist",
    ):
        assert getattr(again, name) == getattr(description, name), name


def test_a_wrong_value_names_its_file(tmp_path: Path) -> None:
    write_deepracer_files(tmp_path, TrainingDescription.from_values({"name": "a", "preset": "aws"}))
    path = tmp_path / "ip" / "hyperparameters.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"batch_size": 100}))
    with pytest.raises(ValueError, match="batch_size") as caught:
        read_deepracer_files(tmp_path, "a")
    assert str(caught.value) == (
        "hyperparameters.json: batch_size is 100; it must be one of 32, 64, 128, 256, 512"
    )


def test_files_of_an_upload_lie_at_the_top(tmp_path: Path) -> None:
    description = TrainingDescription.from_values({"name": "a", "preset": "aws", "track": "Bowtie_track"})
    write_deepracer_files(tmp_path, description)
    (tmp_path / "ip" / "hyperparameters.json").rename(tmp_path / "hyperparameters.json")
    (tmp_path / "model" / "model_metadata.json").rename(tmp_path / "model_metadata.json")
    assert read_deepracer_files(tmp_path, "b").track == "Bowtie_track"


def test_a_users_file_may_leave_out_almost_everything(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text("name: first-car\nhyperparameters:\n  lr: 1e-4\nreward: race-fast\n")
    description = load_description(tmp_path / "my.yaml")
    assert description.hyperparameters.lr == 1e-4
    assert description.reward == "race-fast"
    assert description.preset == "fast"


def test_a_reward_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(REWARD)
    (tmp_path / "my.yaml").write_text("name: a\nreward: mine.py\n")
    description = load_description(tmp_path / "my.yaml")
    assert (description.reward, description.reward_source) == ("mine.py", REWARD)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", r"my\.yaml: line 2 is not YAML \(.*\)"),
        ("just text", r"my\.yaml must hold lines like 'key: value'"),
        ("name: my car", r"my\.yaml: the name 'my car' contains a space; .*"),
        ("name: a\nbatch: 3", r"my\.yaml: unknown key 'batch'.*"),
        ("name: a\nreward: missing.py", r"missing\.py: there is no such file; .*"),
        ("name: a\nreward: [1]", r"my\.yaml: reward is \[1\]; it must be text"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "my.yaml").write_text(text + "\n")
    with pytest.raises((ValueError, OSError), match=f"^{sentence}$"):
        load_description(tmp_path / "my.yaml")


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^there is no file .*my\.yaml$"):
        load_description(tmp_path / "my.yaml")
