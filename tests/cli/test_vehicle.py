"""``openracer vehicle``: presets on the screen, and a fit from the first log to the files."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from openracer.analysis.preset_files import read_preset
from openracer.cli.main import app
from openracer.simulation.presets import PRESETS

runner = CliRunner()


def test_all_presets_are_listed() -> None:
    listed = json.loads(runner.invoke(app, ["vehicle", "list", "--json"]).stdout)
    assert listed == {name: preset._asdict() for name, preset in PRESETS.items()}
    table = runner.invoke(app, ["vehicle", "list"]).stdout
    assert "mu_lateral" in table


def test_one_preset_is_shown() -> None:
    shown = json.loads(runner.invoke(app, ["vehicle", "show", "v4", "--json"]).stdout)
    assert shown["steering_lag_s"] == PRESETS["v4"].steering_lag_s


def test_an_unknown_preset_is_an_error() -> None:
    result = runner.invoke(app, ["vehicle", "show", "v9"])
    assert result.exit_code != 0
    assert "v4, v5, v6" in str(result.exception)


def test_a_fit_writes_preset_table_and_plot(real_data: Path, tmp_path: Path) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    output = tmp_path / "mine.yaml"
    command = ["vehicle", "identify", str(log), "-o", str(output), "--from", "v4", "--seconds", "3"]
    result = runner.invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0
    assert "mine, cm" in result.stdout
    preset, _gains = read_preset(output)
    assert preset != PRESETS["v4"]
    assert Image.open(tmp_path / "mine.png").size[0] > 500
    assert "constants:" in output.read_text()
    shown = json.loads(runner.invoke(app, ["vehicle", "show", str(output), "--json"]).stdout)
    assert shown["mu_lateral"] == pytest.approx(preset.mu_lateral)


def test_json_tells_errors_before_and_after(real_data: Path, tmp_path: Path) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    command = ["vehicle", "identify", str(log), "-o", str(tmp_path / "a.yaml"), "--seconds", "1", "--json"]
    result = json.loads(runner.invoke(app, command, catch_exceptions=False).stdout)
    assert result["based_on"] == "v5"
    assert result["test_errors"]["after"]["15"]["position_cm"] > 0.0
