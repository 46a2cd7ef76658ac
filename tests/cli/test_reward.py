"""``openracer reward`` lists, shows and checks reward functions."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openracer.cli.reward import app
from openracer.rewards import examples

GOOD = "def reward_function(params):\n    return 1.0\n"
BAD = "import os\n\ndef reward_function(params):\n    reward = 1.0\n    return 1 / 0\n"


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def saved(folder: Path, code: str) -> str:
    file = folder / "mine.py"
    file.write_text(code)
    return str(file)


def test_examples_are_listed_with_their_descriptions(runner: CliRunner) -> None:
    result = runner.invoke(app, ["examples"])
    assert result.exit_code == 0
    for name in examples.names():
        assert name in result.stdout
    assert "follow_the_centre_line (default)" in result.stdout


def test_examples_as_json(runner: CliRunner) -> None:
    rows = json.loads(runner.invoke(app, ["examples", "--json"]).stdout)
    assert [row["name"] for row in rows] == list(examples.names())
    assert [row["name"] for row in rows if row["default"]] == ["follow_the_centre_line"]
    assert all(row["description"].endswith(".") for row in rows)


@pytest.mark.parametrize("name", examples.names())
def test_what_is_shown_can_be_saved_and_used(runner: CliRunner, name: str) -> None:
    assert runner.invoke(app, ["show", name]).stdout == examples.source(name)


def test_an_unknown_example_is_a_users_mistake(runner: CliRunner) -> None:
    result = runner.invoke(app, ["show", "constnt"])
    assert isinstance(result.exception, ValueError)
    assert "did you mean constant?" in str(result.exception)


def test_a_good_reward_function_passes(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(app, ["validate", saved(tmp_path, GOOD)])
    assert result.exit_code == 0
    assert "mine.py: this reward function can be used" in result.stdout


def test_a_problem_is_shown_in_its_place_and_ends_with_code_2(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(app, ["validate", saved(tmp_path, BAD.replace("import os\n", ""))])
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0].endswith(
        "mine.py, line 4: TEST_FAILURE: ZeroDivisionError: division by zero (tried with the car at the start)"
    )
    assert lines[1:4] == [
        "       3 |     reward = 1.0",
        "  >    4 |     return 1 / 0",
        "         |     ^^^^^^^^^^^^",
    ]


def test_a_problem_without_a_line_has_no_excerpt(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(app, ["validate", saved(tmp_path, "x = 1\n")])
    assert result.exit_code == 2
    assert "SIGNATURE: there is no reward_function(params)" in result.stdout
    assert "^" not in result.stdout


def test_problems_as_json(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(app, ["validate", saved(tmp_path, BAD), "--json"])
    assert result.exit_code == 2
    report = json.loads(result.stdout)
    assert report["usable"] is False
    [problem] = report["problems"]
    assert (problem["kind"], problem["line"]) == ("IMPORT_ERROR", 1)
    good = runner.invoke(app, ["validate", saved(tmp_path, GOOD), "--json"])
    assert json.loads(good.stdout) == {"file": str(tmp_path / "mine.py"), "usable": True, "problems": []}


def test_the_function_is_tried_on_the_track_asked_for(runner: CliRunner, tmp_path: Path) -> None:
    file = saved(tmp_path, GOOD)
    assert runner.invoke(app, ["validate", file, "--track", "re:Invent 2018"]).exit_code == 0
    unknown = runner.invoke(app, ["validate", file, "--track", "reinvent_bas"])
    assert isinstance(unknown.exception, ValueError)
    assert "reinvent_base" in str(unknown.exception)


def test_a_missing_file_is_a_users_mistake(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(app, ["validate", str(tmp_path / "none.py")])
    assert isinstance(result.exception, FileNotFoundError)
    assert "none.py: there is no such file" in str(result.exception)
