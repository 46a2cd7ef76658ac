"""What lies beside traces: the learner's log, its CSV and metrics, whole or damaged, alone or packed."""

import json
import math
import tarfile
from pathlib import Path

import pytest

from openracer.formats.coach_csv import EPISODE_COLUMNS
from openracer.formats.learning_records import read_learning_records

POLICY = (
    "Policy training> Surrogate loss=-0.0123, KL divergence=0.0045, Entropy={entropy}, training epoch={epoch}, "
    "learning_rate=0.0003"
)


def test_epochs_are_counted_over_iterations_whatever_stands_before_them(tmp_path: Path) -> None:
    lines = [f"algo-1-abc | 2022 INFO {POLICY}".format(entropy=2.5 - k / 10, epoch=k % 3) for k in range(7)]
    lines.insert(2, "Policy training> Surrogate loss=-0.01, KL diverg")
    lines.insert(3, POLICY.format(entropy="nan", epoch=5))
    (tmp_path / "x-sagemaker.log").write_text("\n".join(lines))
    epochs = read_learning_records(tmp_path).epochs
    assert [row["iteration"] for row in epochs] == [0, 0, 0, 0, 1, 1, 1, 2]
    assert [row["epoch"] for row in epochs] == [0, 1, 5, 2, 0, 1, 2, 0]
    assert math.isnan(epochs[2]["entropy"])
    assert epochs[-1] == {
        "iteration": 2, "epoch": 0, "surrogate_loss": -0.0123, "kl_divergence": 0.0045, "entropy": 1.9,
        "learning_rate": 0.0003,
    }  # fmt: skip


def test_an_older_log_tells_no_learning_rate(tmp_path: Path) -> None:
    line = POLICY.format(entropy=2.0, epoch=0).split(", learning_rate")[0]
    (tmp_path / "old.log").write_text(f"{line}\n")
    (row,) = read_learning_records(tmp_path).epochs
    assert row["entropy"] == 2.0
    assert math.isnan(row["learning_rate"])


def test_the_csv_of_a_coach_worker_has_whatever_columns_it_has(tmp_path: Path) -> None:
    names = [*EPISODE_COLUMNS, "Entropy/Mean", "Discounted Return/Mean"]
    rows = [
        [str(number), *["0.5"] * (len(names) - 3), "" if number % 2 else "1.9", "7"] for number in (1, 2, 3)
    ]
    text = "\n".join(",".join(row) for row in [names, *rows, ["4", "0.5"]])
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "worker_0.simple_rl_graph.main_level.main_level.agent_0.csv").write_text(text + "\n")
    archive = tmp_path / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "model")
    for place in (folder, archive):
        learner = read_learning_records(place).learner
        assert [row["Episode #"] for row in learner] == [1.0, 2.0, 3.0]
        assert [row["Entropy/Mean"] for row in learner] == [pytest.approx(math.nan, nan_ok=True), 1.9] * 1 + [
            pytest.approx(math.nan, nan_ok=True)
        ]
        assert learner[0]["Discounted Return/Mean"] == 7.0


@pytest.mark.parametrize(
    "content",
    ['{"metrics": 5}', '{"metrics": [5, null, {}]}', '{"metrics": [', "[" * 100_000, '{"metrics": {"a": 1}}'],
)
def test_metrics_that_are_none_are_passed_over(tmp_path: Path, content: str) -> None:
    (tmp_path / "metrics.json").write_text(content)
    good = {
        "metrics": [
            {"completion_percentage": 100, "trial": 1},
            {"completion_percentage": 7, "reward_score": 3},
        ]
    }
    (tmp_path / "other.json").write_text(json.dumps(good))
    records = read_learning_records(tmp_path)
    assert [row["file"] for row in records.trials] == ["other.json"]
    assert len(records.training) == 1
