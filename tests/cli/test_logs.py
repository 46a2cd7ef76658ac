"""``openracer logs``: summary, comparison and report from the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path


def openracer(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-c",
        "from openracer.cli.main import main; main()",
        "logs",
        *map(str, arguments),
    ]
    environment = {**os.environ, "OPENRACER_LANGUAGE": "en", "COLUMNS": "120"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_summary_tells_laps_and_findings(real_data: Path) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    told = json.loads(openracer("summary", log, "--json").stdout)
    assert told["summary"]["laps"] == 18
    assert told["track"] == "reinvent_base"
    assert told["fastest_laps_s"][0] == min(told["fastest_laps_s"])
    assert {finding["code"] for finding in told["findings"]} >= {"reward-rank"}


def test_a_log_of_an_unknown_track_is_told_all_the_same(real_data: Path) -> None:
    answer = openracer("summary", real_data / "logs" / "droa-v6.tar.gz")
    assert answer.returncode == 0
    assert "--track" in answer.stderr
    assert "Episodes" in answer.stdout


def test_runs_are_compared(real_data: Path) -> None:
    logs = real_data / "logs" / "v5"
    rows = json.loads(
        openracer(
            "compare",
            logs / "time-trial-reinvent_base-3mps.log",
            logs / "sac-2022_reinvent_champ.tar.gz",
            "--json",
        ).stdout
    )
    assert [row["laps"] for row in rows] == [18, 0]
    assert rows[0]["chance_best"] > 0.9


def test_a_report_is_written(real_data: Path, tmp_path: Path) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    answer = openracer("report", log, "-o", tmp_path / "report.html", "--no-ideal")
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "report.html").stat().st_size < 10e6


def test_a_log_is_replayed_through_a_reward_function(real_data: Path, tmp_path: Path) -> None:
    log = real_data / "logs" / "v5" / "time-trial-reinvent_base-3mps.log"
    file = tmp_path / "reward.py"
    file.write_text("def reward_function(params):\n    return 2.0\n")
    told = json.loads(openracer("reward", log, file, "--json").stdout)
    assert told["steps"] == 2749
    assert len(told["episodes"]) == 20
    assert {finding["code"]: finding["weight"] for finding in told["findings"]}["lap-rank"] == "warning"
    file.write_text("def reward_function(params):\n    return params['nothing']\n")
    answer = openracer("reward", log, file)
    assert answer.returncode == 2
    assert "nothing" in answer.stderr


def test_what_holds_no_log_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(bytes(range(256)))
    answer = openracer("summary", tmp_path)
    assert answer.returncode == 2
    assert "holds no trace" in answer.stderr
    assert "Traceback" not in answer.stderr
