"""``benchmarks.fidelity``: its list, and that our own evaluation follows itself."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import fidelity
from openracer.formats.simtrace import COLUMNS, write_simtrace
from openracer.simulation.presets import PRESETS


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["fidelity", *arguments])
        fidelity.main()
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("name", PRESETS)
def test_our_own_traces_are_replayed_with_errors_near_zero(drive, run, tmp_path: Path, name: str) -> None:
    trace = drive(PRESETS[name]).trace
    path = tmp_path / "evaluation-simtrace" / "0-iteration.csv"
    write_simtrace(path, {column: trace[column] for column in COLUMNS})
    (entry,) = json.loads(run("--logs", str(tmp_path), "--json"))
    assert entry["preset"] == name
    assert entry["log"].startswith(str(tmp_path))
    assert (
        {"1", "5", "15"} <= set(entry["position_cm"]) == set(entry["heading_deg"]) <= {"1", "5", "15", "30"}
    )
    for steps in entry["position_cm"]:
        assert entry["position_cm"][steps]["p90"] < 0.05
        assert entry["heading_deg"][steps]["p90"] < 0.05


def test_a_real_log_names_its_preset(real_data: Path, run) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    (entry,) = json.loads(run("--logs", str(log), "--json"))
    assert (entry["log"], entry["preset"]) == (str(log), "v5")
    assert 0.3 < entry["position_cm"]["1"]["median"] < 1.5
    (other,) = json.loads(run("--logs", str(log), "--preset", "v6", "--json"))
    assert other["position_cm"]["15"]["median"] > 1.5 * entry["position_cm"]["15"]["median"]
    table = run("--logs", str(log))
    assert "all together" in table
