"""A submission's drive: its reward function is never run, and it drives as an evaluation of the same rules does."""

import hashlib

import numpy as np
import pytest

from openracer.league import drive
from openracer.league.drive import drive_race
from openracer.models.description import TrainingDescription, merge
from openracer.models.library import create_model
from openracer.runs import evaluation
from openracer.runs.evaluation import evaluate
from openracer.runs.request import EvaluationRequest
from tests.driving import on_the_centre_line

RANGES = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 1.6}}


@pytest.fixture
def trained(tiny_training, train_here):
    """A model of one iteration, which cannot drive yet."""
    values = merge(tiny_training, {"stop": {"iterations": 1}, "action_space": RANGES})
    folder = create_model(TrainingDescription.from_values(values))
    train_here(folder)
    return folder


@pytest.fixture
def good_driver(monkeypatch):
    """Lets the centre line drive instead of the policy; for continuous actions."""
    drive_well = on_the_centre_line(evaluation.drive_trials)
    monkeypatch.setattr(evaluation, "drive_trials", drive_well)
    monkeypatch.setattr(drive, "drive_trials", drive_well)


def test_laps_are_those_of_an_evaluation_of_the_same_seed_and_nothing_is_written(trained, month, good_driver):
    race = month(laps=2, consecutive_laps=2)
    before = {path: path.stat().st_mtime_ns for path in trained.path.rglob("*")}
    driven = drive_race(trained, race, seed=7)
    assert {path: path.stat().st_mtime_ns for path in trained.path.rglob("*")} == before
    asked = EvaluationRequest(track=race.track, reverse=False, trials=1, laps=2, max_resets=10_000, seed=7)
    expected = [round(trial.time_s * 1000) for trial in evaluate(trained, asked).trials]
    assert len(expected) == 2
    assert [lap.time_ms for lap in driven.laps] == pytest.approx(expected, abs=1)


def test_the_submitted_reward_function_is_never_run(trained, month, tmp_path):
    marker = tmp_path / "it ran"
    spy = f"open({str(marker)!r}, 'w')\n\n\ndef reward_function(params):\n    raise SystemExit\n"
    (reward,) = trained.path.glob("reward_function.py")
    reward.write_text(spy)
    drives = [drive_race(trained, month(max_resets=0), seed=3) for _again in range(2)]
    assert not marker.exists()
    assert drives[0].laps == drives[1].laps == ()
    one, other = (driven.trace[0] for driven in drives)
    assert len(one.rows) > 0 and np.array_equal(one.rows, other.rows)
    (weights,) = {driven.weights_sha256 for driven in drives}
    files = trained.path.rglob("*.safetensors")
    assert weights in {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
