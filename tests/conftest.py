"""Fixtures shared by all tests: where real data lies, and a user's data folder of its own for every test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from openracer import language
from tests.processes import kill_processes_in

if TYPE_CHECKING:
    from openracer.models.folder import ModelFolder

TrainHere = Callable[..., list[dict[str, Any]]]

REPOSITORY = Path(__file__).resolve().parent.parent

# The same examples every time, however slow the machine.
hypothesis.settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real tracks, logs and frames, named by OPENRACER_TEST_DATA."""
    folder = Path(os.environ.get("OPENRACER_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data are not at {folder}; set OPENRACER_TEST_DATA")
    return folder


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh user's data folder, so that no test sees or changes the developer's own."""
    folder = tmp_path / "openracer-home"
    monkeypatch.setenv("OPENRACER_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def language_of_a_test() -> Iterator[None]:
    """No test leaves its language to the next."""
    token = language._current.set(None)
    yield
    language._current.reset(token)


@pytest.fixture
def processes_end(tmp_path: Path) -> Iterator[None]:
    """A training that a failed test leaves in its folder does not go on beside the tests after it."""
    yield
    kill_processes_in(tmp_path)


@pytest.fixture
def tiny_training() -> dict[str, Any]:
    """Values of a training whose iterations take a tenth of a second."""
    return {
        "name": "tiny",
        "cars": 4,
        "steps_per_car": 64,
        "hyperparameters": {"num_episodes_between_training": 5},
        "evaluation": {"trials": 2},
        "stop": {"minutes": None, "iterations": 2},
    }


@pytest.fixture
def train_here() -> "TrainHere":
    """Trains in this process, without a supervisor; gives the events of this run."""
    import torch

    from openracer.models.events import EventLog, read_events
    from openracer.runs.control import ControlBlock
    from openracer.runs.training import Training

    def train(folder: "ModelFolder", abandoned: Callable[[], bool] = lambda: False) -> list[dict[str, Any]]:
        before = read_events(folder.events_file)[1]
        control = ControlBlock(folder.own_folder / "control", create=True)
        with EventLog(folder.events_file) as events:
            Training(folder, control, events, abandoned, torch.device("cpu")).run()
        return read_events(folder.events_file, before)[0]

    return train


@pytest.fixture
def untrained_model() -> "Callable[..., ModelFolder]":
    """Makes a model by name whose only checkpoint has random weights: it drives, but not for long."""
    import torch

    from openracer.formats.checkpoints_index import CheckpointName
    from openracer.models.description import TrainingDescription
    from openracer.models.library import create_model
    from openracer.models.networks import build_policy

    def make(name: str, **values: Any) -> "ModelFolder":
        description = TrainingDescription.from_values({"name": name, **values})
        torch.manual_seed(description.seed)
        weights = build_policy(description, torch.float32).state_dict()
        folder = create_model(description)
        folder.checkpoints.save(
            CheckpointName(0, 0), {f"policy.{key}": tensor for key, tensor in weights.items()}
        )
        return folder

    return make
