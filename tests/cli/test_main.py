"""The command itself: help for everything, a user's mistakes in one sentence, quick to start."""

import subprocess
import sys

import click
import pytest
import typer

from openracer import __version__
from openracer.cli import main

MISTAKES = {
    "unknown track": (("train", "--track", "reinvent_bose"), ("reinvent_bose", "reinvent_base")),
    "unknown race": (("train", "--race", "boat_race"), ("boat_race", "time_trial")),
    "unknown preset": (("train", "--preset", "slow"), ("slow", "fast")),
    "unknown vehicle": (("train", "--vehicle", "v9"), ("v9", "v5")),
    "name with a space": (("train", "--name", "my car"), ("'my car'", "space")),
    "no name": (("train", "--name", ""), ("name",)),
    "name with a path": (("train", "--name", "../car"), ("../car",)),
    "minutes 0": (("train", "--minutes", "0"), ("minutes is 0", "from 0.1 to 1440")),
    "minutes nan": (("train", "--minutes", "nan"), ("minutes",)),
    "iterations 0": (("train", "--iterations", "0"), ("iterations is 0", "from 1 to 1000000")),
    "unknown end": (("train", "--until", "tired"), ("tired", "clean-laps")),
    "seed -1": (("train", "--seed", "-1"), ("seed is -1", "from 0")),
    "unknown example": (("train", "--reward", "follow_the_centerline"), ("follow_the_centre_line",)),
    "missing reward": (("train", "--reward", "nowhere/mine.py"), ("nowhere/mine.py", "no such file")),
    "missing config": (("train", "--config", "nowhere.yaml"), ("no file nowhere.yaml",)),
    "resume nothing": (("train", "--resume", "nobody"), ("'nobody'", "openracer train makes one")),
    "evaluate nothing": (("evaluate", "nobody"), ("'nobody'", "openracer train makes one")),
    "show nothing": (("model", "show", "nobody"), ("'nobody'",)),
    "show no track": (("track", "show", "nowhere"), ("nowhere",)),
    "validate nothing": (("reward", "validate", "nowhere.py"), ("nowhere.py",)),
}

CONFIGS = {
    "out of range": (
        "hyperparameters: {batch_size: 100}",
        "mine.yaml: batch_size is 100; it must be one of 32, 64, ",
    ),
    "of AWS": (
        "preset: aws\nhyperparameters: {num_epochs: 2}",
        "mine.yaml: num_epochs is 2; it must be from 3 to 10",
    ),
    "unknown key": (
        "hyperparameters: {batchsize: 64}",
        "mine.yaml: unknown key 'batchsize'; did you mean 'batch_size'?",
    ),
    "misplaced key": ("lr: 0.001", "mine.yaml: unknown key 'lr' here; it belongs to hyperparameters"),
    "malformed": ("cars: [1, 2", "mine.yaml: line 2 is not YAML"),
    "no mapping": ("- cars", "mine.yaml must hold lines like 'key: value'"),
    "wrong kind": ("cars: many", "mine.yaml: cars is 'many'; it must be a whole number"),
    "wrong group": ("evaluation: often", "mine.yaml: evaluation is 'often'; it must be a group of settings"),
    "bounds": (
        "action_space: {steering_angle: {low: 9, high: 9}, speed: {low: 1, high: 2}}",
        "low of steering_angle is 9; it must be less than high",
    ),
    "reward file": ("reward: nowhere.py", "nowhere.py: there is no such file"),
    "two readers": ("race_type: [time_trial", "mine.yaml: line 2 is not YAML"),
}


def check_sentence(outcome):
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("Error: ")
    assert len(outcome.err.splitlines()) == 1
    assert "Traceback" not in outcome.err and "[Errno" not in outcome.err


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_leaves_nothing_behind(mistake, openracer, data_folder):
    words, expected = MISTAKES[mistake]
    outcome = openracer(*words)
    check_sentence(outcome)
    for word in expected:
        assert word in outcome.err
    assert not data_folder.exists()


@pytest.mark.parametrize("mistake", CONFIGS)
def test_a_mistake_in_a_configuration_is_one_sentence_that_names_the_file(
    mistake, openracer, data_folder, tmp_path
):
    content, expected = CONFIGS[mistake]
    config = tmp_path / "mine.yaml"
    config.write_text(content + "\n")
    outcome = openracer("train", "--config", config, "--iterations", "1")
    check_sentence(outcome)
    assert expected in outcome.err
    assert not data_folder.exists()


def test_an_option_is_not_blamed_on_the_configuration(openracer, tmp_path):
    config = tmp_path / "mine.yaml"
    config.write_text("cars: 4\n")
    outcome = openracer("train", "--config", config, "--minutes", "0")
    check_sentence(outcome)
    assert "mine.yaml" not in outcome.err


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def reward_function(params):\n    return 1 +\n", "mine.py, line 2: this is not valid Python"),
        (
            "import os\ndef reward_function(params):\n    return 1.0\n",
            "mine.py, line 1: os cannot be imported",
        ),
        ("def reward(params):\n    return 1.0\n", "mine.py: there is no reward_function(params)"),
        (
            "def reward_function(a, b):\n    return 1.0\n",
            "mine.py, line 1: reward_function must take exactly one",
        ),
        ("def reward_function(params):\n    return params['sped']\n", "mine.py, line 2: KeyError: 'sped'"),
        (
            "def reward_function(params):\n    return None\n",
            "reward_function returned None; it must return a number",
        ),
    ],
)
def test_a_reward_that_cannot_be_used_is_refused_before_the_training(
    code, expected, openracer, tmp_path, data_folder
):
    file = tmp_path / "mine.py"
    file.write_text(code)
    outcome = openracer("train", "--reward", file)
    check_sentence(outcome)
    assert expected in outcome.err
    assert not data_folder.exists()


def test_an_error_of_the_system_is_a_sentence_too(openracer, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OPENRACER_HOME", str(tmp_path / "file"))
    check_sentence(openracer("train"))


def test_for_a_developer_the_error_is_raised(openracer, monkeypatch):
    monkeypatch.setenv("OPENRACER_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["openracer", "evaluate", "nobody"])
    with pytest.raises(FileNotFoundError):
        main.main()


def test_version(openracer):
    outcome = openracer("--version")
    assert (outcome.code, outcome.out) == (0, f"openracer {__version__}\n")


def commands(command=None, path=()):
    """All commands with the words that lead to them."""
    command = typer.main.get_command(main.app) if command is None else command
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


@pytest.mark.parametrize(
    "path", [path for path, _ in commands()], ids=lambda path: " ".join(path) or "openracer"
)
def test_every_command_explains_itself_and_its_options(path, openracer):
    command = dict(commands())[path]
    outcome = openracer(*path, "--help")
    assert outcome.code == 0
    assert command.help and command.help.split()[0] in outcome.out
    for parameter in command.params:
        if parameter.name != "help":
            assert getattr(parameter, "help", None), f"{path}: {parameter.name} has no help"
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in outcome.out


def test_help_shows_a_flag_without_a_value():
    code = "from openracer.cli.main import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code, "evaluate", "--help"], capture_output=True, text=True, check=True
    )
    assert "--json" in run.stdout and "--trials" in run.stdout
    assert "bool" not in run.stdout.lower()


def test_the_commands_are_those_of_the_readme():
    assert {" ".join(path) for path, command in commands() if not hasattr(command, "commands")} >= {
        "train", "evaluate", "track list", "track show", "track import", "reward examples", "reward show",
        "reward validate", "model list", "model show", "model clone", "model delete",
    }  # fmt: skip


def test_starting_loads_nothing_heavy():
    """Help must answer at once: what takes long to import is imported by the commands that need it."""
    code = "import sys, openracer.cli.main; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "numba", "scipy", "pydantic", "av", "shapely", "pandas"} & set(loaded)


def test_watching_a_training_loads_no_pytorch():
    """The process that trains loads it; loading it here too would make every start a second longer."""
    modules = "openracer.cli.training_display, openracer.runs.supervisor, openracer.models.library"
    code = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "torch" not in loaded
