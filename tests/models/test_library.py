"""The user's models: created, found, listed, cloned and deleted, whole or not at all."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from openracer import locations
from openracer.atomic import WriteError
from openracer.formats.checkpoints_index import CheckpointName, CheckpointsIndex, IndexEntry
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import (
    ModelExistsError,
    ModelNotFoundError,
    clone_model,
    create_model,
    delete_model,
    list_models,
    open_model,
)
from openracer.models.sentences import DescriptionError


def make(name: str, **values: Any) -> ModelFolder:
    return create_model(TrainingDescription.from_values({"name": name} | values))


def trained(name: str, **values: Any) -> ModelFolder:
    folder = make(name, **values)
    for iteration in range(3):
        weights = {"w": torch.full((2,), float(iteration))}
        folder.checkpoints.save(CheckpointName(iteration, 100 * iteration), weights)
    best, last = IndexEntry(CheckpointName(1, 100), 80.0, 1.0), IndexEntry(CheckpointName(2, 200), None, 2.0)
    folder.checkpoints.publish(CheckpointsIndex(best, last))
    return folder


def test_a_new_model_has_deepracers_files_and_its_description() -> None:
    folder = make("first", track="Bowtie_track", reverse=True)
    files = {str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file()}
    assert files == {
        "reward_function.py",
        "training_params.yaml",
        "ip/hyperparameters.json",
        "model/model_metadata.json",
        "openracer/description.yaml",
    }
    assert folder.traces_folder.is_dir()
    assert folder.path == locations.models_folder() / "first"
    assert open_model("first").description().track == "Bowtie_track"
    assert open_model(folder.path).name == "first"


def test_models_are_listed_by_name() -> None:
    assert list_models() == []
    make("b")
    make("a")
    (locations.models_folder() / ".creating-c" / "openracer").mkdir(parents=True)
    (locations.models_folder() / ".creating-c" / "openracer" / "description.yaml").write_text("")
    (locations.models_folder() / "other").mkdir()
    assert [model.name for model in list_models()] == ["a", "b"]


def test_a_missing_model_is_said_with_names_that_are_close(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"^there is no model 'first'; openracer train makes one$"):
        open_model("first")
    make("first-car")
    with pytest.raises(ModelNotFoundError, match=r"^there is no model 'first'; did you mean first-car\?$"):
        open_model("first")
    with pytest.raises(ModelNotFoundError, match="openracer model list shows them all"):
        open_model("zzz")
    with pytest.raises(
        ModelNotFoundError, match=r"is no model of OpenRacer: it has no openracer/description\.yaml"
    ):
        open_model(tmp_path)


def test_a_taken_name_is_refused() -> None:
    make("first")
    with pytest.raises(ModelExistsError, match=r"^there is a model 'first' already; choose another name"):
        make("first")


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    sync = os.fsync

    def full(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match=r"models/first: the disk is full"):
        make("first")
    assert list(locations.models_folder().iterdir()) == []


def test_a_deleted_model_is_gone() -> None:
    make("first")
    delete_model("first")
    assert list(locations.models_folder().iterdir()) == []
    with pytest.raises(ModelNotFoundError):
        delete_model("first")


def test_a_model_that_is_a_link_is_deleted_without_what_it_leads_to(tmp_path: Path) -> None:
    elsewhere = make("first").path.rename(tmp_path / "elsewhere")
    (locations.models_folder() / "first").symlink_to(elsewhere)
    delete_model("first")
    assert list(locations.models_folder().iterdir()) == []
    assert ModelFolder(elsewhere).description().name == "first"


@pytest.mark.parametrize("part", ["openracer/events.jsonl", "training-simtrace", "model/evil.safetensors"])
def test_a_model_with_links_inside_is_refused(part: str, tmp_path: Path) -> None:
    folder = make("stranger")
    link = folder.path / part
    if link.is_dir():
        link.rmdir()
    link.symlink_to(tmp_path / "precious")
    for use in (open_model, delete_model, lambda name: clone_model(name, "copy")):
        with pytest.raises(ValueError, match=f"{part} is a link"):
            use("stranger")
    assert folder.path.is_dir()


def test_the_current_folder_can_be_named_by_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make("first")
    monkeypatch.chdir(folder.traces_folder)
    assert open_model("..").name == "first"
    monkeypatch.chdir(folder.path)
    delete_model(".")
    assert not folder.path.exists()


@pytest.mark.parametrize(("checkpoint", "weight"), [("best", 1.0), ("last", 2.0), (0, 0.0)])
def test_a_clone_starts_from_the_weights_of_its_source(checkpoint: str | int, weight: float) -> None:
    trained("source")
    clone = clone_model(
        "source", "copy", {"track": "Oval_track", "hyperparameters": {"lr": 1e-4}}, checkpoint
    )
    assert [str(name) for name in clone.checkpoints.names()] == ["0_Step-0"]
    name = clone.checkpoints.find("best")
    assert clone.checkpoints.load(name, {"w": (2,)})["w"].tolist() == [weight, weight]
    before, after = open_model("source").description(), clone.description()
    assert (after.name, after.track, after.hyperparameters.lr) == ("copy", "Oval_track", 1e-4)
    assert after.reward_source == before.reward_source
    assert after.actions == before.actions


def test_a_clone_may_have_other_bounds_and_another_reward() -> None:
    trained("source")
    actions = [{"steering_angle": 3 * number, "speed": 3.5} for number in range(10)]
    clone = clone_model("source", "copy", {"action_space": actions, "reward": "race_fast"})
    assert clone.description().actions[9].speed == 3.5  # type: ignore[index]
    assert "reward_function" in clone.reward_file.read_text()


NOT_POSSIBLE: list[tuple[dict[str, Any], str]] = [
    (
        {"neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"},
        "a clone keeps the network of its source: neural_network is 'DEEP_CONVOLUTIONAL_NETWORK_SHALLOW'; "
        "it must be 'FAST_CONVOLUTIONAL_NETWORK'",
    ),
    (
        {"action_space": [{"steering_angle": 1, "speed": 1}, {"steering_angle": 2, "speed": 1}]},
        "a clone keeps the number of actions of its source: action_space has 2; it must have 10",
    ),
    (
        {"action_space": {"steering_angle": {"low": -1, "high": 1}, "speed": {"low": 1, "high": 2}}},
        "a clone keeps the kind of actions of its source: action_space is continuous; it must be discrete",
    ),
    ({"hyperparameters": {"batch_size": 7}}, "batch_size is 7; it must be one of"),
]


@pytest.mark.parametrize(("changes", "sentence"), NOT_POSSIBLE)
def test_what_cannot_change_is_said_and_nothing_is_made(changes: dict[str, Any], sentence: str) -> None:
    trained("source")
    with pytest.raises(DescriptionError) as caught:
        clone_model("source", "copy", changes)
    assert str(caught.value).startswith(sentence)
    assert [model.name for model in list_models()] == ["source"]


def test_an_untrained_model_cannot_be_cloned() -> None:
    make("source")
    with pytest.raises(FileNotFoundError, match="has no checkpoint; train the model first"):
        clone_model("source", "copy")
    assert len(list(locations.models_folder().iterdir())) == 1


def test_a_clone_needs_a_proper_name() -> None:
    trained("source")
    with pytest.raises(ValueError, match="contains a space"):
        clone_model("source", "my copy")
