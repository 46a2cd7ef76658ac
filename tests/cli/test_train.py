"""``openracer train`` as a user runs it: stopped, resumed, left alone, failing, and without room on the disk."""

import json
import os
import resource
import signal
import subprocess
import sys

import pytest
import torch
import yaml

from benchmarks.kills import problems_of
from openracer.formats.model_metadata import ActionRanges
from openracer.models.events import read_events
from openracer.models.library import list_models, open_model
from openracer.models.lock import ModelInUseError, ModelLock
from openracer.models.run_state import load_state
from tests.processes import DEADLINE_S, wait_for

COMMAND = [sys.executable, "-c", "from openracer.cli.main import main; main()"]
pytestmark = pytest.mark.usefixtures("processes_end")


@pytest.fixture
def config(tiny_training, tmp_path):
    """A file with the tiny training, without name and end."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        yaml.safe_dump({key: tiny_training[key] for key in tiny_training.keys() - {"name", "stop"}})
    )
    return path


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts the command in a process group of its own, as a shell does."""
    monkeypatch.setenv("OPENRACER_LANGUAGE", "en")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "random.py").write_text("raise RuntimeError('not this one')\n")

    def start(*words, **settings):
        return subprocess.Popen(
            [*COMMAND[:1], "-P", *COMMAND[1:], *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=tmp_path / "elsewhere",
            **settings,
        )

    return start


def told_iterations(name):
    models = [model for model in list_models() if model.name == name]
    events = read_events(models[0].events_file)[0] if models else []
    return [event["iteration"] for event in events if event["event"] == "iteration"]


def is_free(folder):
    try:
        ModelLock(folder).close()
    except ModelInUseError:
        return False
    return True


def test_ctrl_c_finishes_the_iteration_and_resuming_survives_the_death_of_the_command(start, config):
    command = start("train", "--name", "car", "--config", config, "--minutes", "5")
    wait_for(lambda: told_iterations("car"), "the first iteration")
    os.killpg(command.pid, signal.SIGINT)
    out, err = command.communicate(timeout=DEADLINE_S)
    assert (command.returncode, err) == (0, "")
    assert "Stopped and saved; openracer train --resume car goes on." in out
    assert "Training car on re:Invent 2018 (17.7 m), reward follow_the_centre_line, preset fast" in out
    folder = open_model("car")
    assert problems_of(folder) == []
    saved = load_state(folder).iteration
    assert told_iterations("car") == list(range(1, saved + 1))

    command = start("train", "--resume", "car", "--json")
    wait_for(lambda: max(told_iterations("car")) > saved, "an iteration after resuming")
    refused = subprocess.run(
        [*COMMAND, "train", "--resume", "car"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert refused.stderr == (
        "Error: model car is being trained by another process; wait for it or stop it first\n"
    )
    command.kill()
    out, _ = command.communicate()
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events][:2] == ["preparing", "started"]
    assert events[1]["iteration"] == saved
    wait_for(lambda: is_free(folder), "the worker's end")
    assert read_events(folder.events_file)[0][-1]["reason"] == "stopped"
    assert problems_of(folder) == []
    assert load_state(folder).iteration > saved


def test_a_reward_that_fails_in_the_training_is_told_with_its_place_and_the_model_kept(
    openracer, config, tmp_path
):
    reward = tmp_path / "mine.py"
    reward.write_text(
        "CALLS = 0\n\n\n"
        "def reward_function(params):\n"
        "    global CALLS\n"
        "    CALLS += 1\n"
        "    return 1.0 / (100 - CALLS)\n"
    )
    outcome = openracer("train", "--name", "car", "--config", config, "--reward", reward, "--iterations", "9")
    assert outcome.code == 2
    lines = outcome.err.splitlines()
    assert lines[0].startswith("Error: The reward function failed in episode ")
    assert lines[0].endswith("ZeroDivisionError: float division by zero")
    for word in (
        "reward_function.py, line 7",
        "Traceback",
        "1.0 / (100 - CALLS)",
        "params:",
        "  waypoints: [(",
    ):
        assert word in outcome.err
    assert "openracer/runs" not in outcome.err  # the traceback is the user's, not ours
    assert "The model is kept as it was saved last." in outcome.err
    folder = open_model("car")
    assert str(folder.path) in outcome.err
    assert load_state(folder).iteration == 1
    assert (folder.reward_file.read_text(), folder.description().reward) == (reward.read_text(), "mine.py")


def test_all_iterations_done_it_says_where_the_model_is(openracer, config, monkeypatch):
    options = (
        "--track",
        "RE:INVENT 2018",
        "--reverse",
        "--seed",
        "4",
        "--description",
        "mine",
        "--vehicle",
        "v6",
    )
    outcome = openracer("train", "--config", config, "--iterations", "2", *options)
    assert (outcome.code, outcome.err) == (0, "")
    (folder,) = list_models()
    assert folder.name == "model-1"
    lines = outcome.out.splitlines()
    assert lines[-2:] == ["All iterations are done.", f"Model folder: {folder.path}"]
    description = folder.description()
    assert (description.track, description.reverse, description.seed) == ("reinvent_base", True, 4)
    assert (description.vehicle, description.description, description.cars) == ("v6", "mine", 4)
    assert (description.stop.iterations, description.stop.minutes) == (2, 10.0)
    assert yaml.safe_load((folder.path / "training_params.yaml").read_text())["WORLD_NAME"] == "reinvent_base"

    # Only the end can change when it is resumed; everything else is said to belong to a clone.
    for option in (("--seed", "3"), ("--reward", "constant"), ("--config", config), ("--race", "time_trial")):
        refused = openracer("train", "--resume", folder.name, *option)
        assert refused.code == 2
        assert f"but {option[0]} is given; use openracer model clone" in refused.err
        assert len(refused.err.splitlines()) == 1
    refused = openracer("train", "--resume", folder.name, "--iterations", "0")
    assert (refused.code, "iterations is 0" in refused.err) == (2, True)
    assert folder.description() == description

    nothing_left = openracer("train", "--resume", "model-1")
    assert nothing_left.code == 0
    assert "2 iterations already. To train more: openracer train --resume model-1 --iterations 12" in (
        nothing_left.out
    )

    taken = openracer("train", "--name", "model-1")
    assert taken.code == 2
    assert (
        "there is a model 'model-1' already; choose another name, or delete it with openracer model"
        in taken.err
    )


def test_replacing_keeps_the_old_model_if_the_new_one_is_a_mistake(openracer, config, monkeypatch):
    started = []
    monkeypatch.setattr(
        "openracer.runs.supervisor.TrainingProcess", lambda folder, device: started.append((folder, device))
    )
    monkeypatch.setattr("openracer.cli.training_display.show_training", lambda *_: 0)
    assert openracer("train", "--name", "car", "--config", config, "--seed", "1").code == 0
    assert openracer("train", "--name", "car", "--replace", "--track", "nowhere").code == 2
    assert open_model("car").description().seed == 1
    with ModelLock(open_model("car")):
        assert openracer("train", "--name", "car", "--replace", "--seed", "2").code == 2
    assert open_model("car").description().seed == 1
    assert openracer("train", "--name", "car", "--replace", "--seed", "2").code == 0
    assert (open_model("car").description().seed, len(list_models()), len(started)) == (2, 1, 2)


def test_a_device_that_is_not_there_leaves_no_model_behind(openracer, config):
    unknown = openracer("train", "--config", config, "--device", "gpu")
    assert (unknown.code, "device is gpu; it must be auto, cpu, cuda or mps" in unknown.err) == (2, True)
    if not torch.cuda.is_available():
        absent = openracer("train", "--config", config, "--device", "cuda")
        assert (absent.code, "device is cuda, but PyTorch" in absent.err) == (2, True)
    assert list_models() == []


def test_without_room_it_is_one_sentence_and_nothing_half_written_stays(start, config):
    """A limit on the size of files stands for a full disk: all files find room but the weights of a large network."""
    values = yaml.safe_load(config.read_text()) | {"neural_network": "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW"}
    config.write_text(yaml.safe_dump(values))
    limit = 3_500_000
    command = start(
        "train", "--name", "car", "--config", config, "--iterations", "2",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    _, err = command.communicate(timeout=DEADLINE_S)
    folder = open_model("car")
    weights = folder.path / "model" / "0_Step-0.safetensors"
    assert command.returncode == 2
    assert err.splitlines()[0] == f"Error: cannot write {weights}: file too large"
    assert "Traceback" not in err
    assert not list(folder.path.rglob("*.safetensors")) and not list(folder.path.rglob(".*.tmp"))


def test_deepracers_own_files_describe_the_training(openracer, config, tmp_path):
    """hyperparameters.json as DeepRacer-for-Cloud has it, with the keys that only AWS knows."""
    hyperparameters, metadata = tmp_path / "hyperparameters.json", tmp_path / "model_metadata.json"
    values = {
        "batch_size": 64,
        "num_epochs": 3,
        "stack_size": 1,
        "term_cond_max_episodes": 1000,
        "lr": 0.0002,
    }
    hyperparameters.write_text(json.dumps(values))
    ranges = {"steering_angle": {"low": -20.0, "high": 20.0}, "speed": {"low": 1.0, "high": 2.0}}
    metadata.write_text(
        json.dumps({"action_space": ranges, "sensor": ["FRONT_FACING_CAMERA"], "version": "4"})
    )
    files = ("--hyperparameters", hyperparameters, "--metadata", metadata, "--config", config)
    trained = openracer("train", "--name", "mine", "--iterations", 1, *files)
    description = open_model("mine").description()
    assert trained.code == 0
    assert description.hyperparameters.num_epochs == 3
    assert description.hyperparameters.lr == 0.0002
    assert description.vehicle == "v4"
    assert description.actions == ActionRanges(-20.0, 20.0, 1.0, 2.0)

    hyperparameters.write_text(json.dumps(values | {"batch_size": 100}))
    refused = openracer("train", "--name", "other", *files)
    assert refused.code == 2
    assert "hyperparameters.json: batch_size is 100" in refused.err
