"""``openracer track``: tables, JSON, pictures, imports."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from openracer.cli.track import app


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("OPENRACER_LANGUAGE", "en")

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    angle = np.linspace(0.0, 2.0 * np.pi, 200)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    path = tmp_path / "circle.npy"
    np.save(path, np.concatenate([2.0 * direction, 1.5 * direction, 2.5 * direction], axis=1))
    return path


def test_list_shows_every_track_in_a_line(run) -> None:
    lines = run("list").splitlines()
    (line,) = [line for line in lines if "reinvent_base" in line]
    assert all(word in line for word in ("re:Invent 2018", "17.71 m", "0.76 m", "built-in", "↺ ↻"))
    assert any("Straight_track" in line and "straight" in line and "→ ←" in line for line in lines)


def test_world_names_stay_whole_in_a_small_terminal_and_rows_where_no_terminal_reads(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [fact["name"] for fact in json.loads(run("list", "--json"))]
    monkeypatch.setenv("COLUMNS", "80")
    small = run("list")
    assert all(len(line) <= 80 for line in small.splitlines())
    assert all(f" {name} " in small for name in names)
    monkeypatch.delenv("COLUMNS")
    assert len(run("list").splitlines()) == 1 + len(names)


def test_list_as_json_has_figures_in_si_units(run) -> None:
    facts = {fact["name"]: fact for fact in json.loads(run("list", "--json"))}
    fact = facts["reinvent_base"]
    assert fact["length_m"] == pytest.approx(17.71, abs=0.01)
    assert fact["width_m"] == pytest.approx(0.762, abs=0.005)
    assert fact["directions"] == ["counter-clockwise", "clockwise"]
    assert fact["source"] == "built-in"
    assert facts["Straight_track"]["tightest_radius_m"] is None
    assert 0.0 < fact["difficulty"] < 100.0


def test_show_draws_a_picture(run, tmp_path: Path) -> None:
    png = tmp_path / "track.png"
    output = run("show", "re:invent 2018", "--png", str(png))
    assert "re:Invent 2018" in output
    assert "119" in output
    assert Image.open(png).size == (1200, 800)


def test_show_reversed_says_the_other_direction(run) -> None:
    assert json.loads(run("show", "reinvent_base", "--json"))["direction"] == "counter-clockwise"
    reversed_facts = json.loads(run("show", "reinvent_base", "--reverse", "--json"))
    assert reversed_facts["direction"] == "clockwise"
    assert reversed_facts["directions"] == ["counter-clockwise", "clockwise"]


def test_import_adds_the_track_to_the_list(run, circle: Path) -> None:
    output = run("import", str(circle), "--name", "ring", "--title", "The [bold] Ring")
    assert "The [bold] Ring" in output
    facts = {fact["name"]: fact for fact in json.loads(run("list", "--json"))}
    assert (facts["ring"]["title"], facts["ring"]["source"]) == ("The [bold] Ring", "imported")
    assert "The [bold] Ring" in run("list")


def test_mistakes_are_told_as_plain_errors(tmp_path: Path, circle: Path) -> None:
    mistakes = {
        ("show", "no_such_track"): "there is no track",
        ("import", str(tmp_path / "absent.npy")): "no such track file",
        ("import", str(circle), "--name", "a b"): "cannot name a track",
        ("show", "reinvent_base", "--png", str(circle / "where.png")): "circle.npy is not a folder",
    }
    for words, message in mistakes.items():
        result = CliRunner().invoke(app, words)
        assert isinstance(result.exception, ValueError | OSError), words
        assert message in str(result.exception)
