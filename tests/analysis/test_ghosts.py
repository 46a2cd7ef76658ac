"""Ghosts: whole laps on the same track in the same direction, of whichever model."""

import json

import pytest

from openracer.analysis.ghosts import Ghost, find_ghosts
from openracer.formats.metrics import EvaluationTrial, write_evaluation_metrics
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model


def trial(number, milliseconds, status="Lap complete"):
    progress = 100 if status == "Lap complete" else 40
    return EvaluationTrial(progress, milliseconds, 0, milliseconds, status, 0, 0, 0, 0, 0, number)


@pytest.fixture
def evaluated():
    def write(model, stamp, trials, track="reinvent_base", reverse=False):
        folder = create_model(TrainingDescription.from_values({"name": model}))
        path = folder.path / f"evaluation-{stamp}"
        path.mkdir()
        (path / "evaluation.json").write_text(json.dumps({"track": track, "reverse": reverse}))
        metrics = folder.path / "metrics" / "evaluation" / f"evaluation-{stamp}.json"
        write_evaluation_metrics(metrics, trials)
        return folder

    return write


def test_the_quickest_comes_first_and_only_whole_laps_count(evaluated):
    evaluated("slow", "20260101000000", [trial(1, 20_000), trial(2, 19_000)])
    evaluated("quick", "20260102000000", [trial(1, 9_000, "Off track"), trial(2, 12_500)])
    evaluated("never", "20260103000000", [trial(1, 5_000, "Off track")])
    assert find_ghosts("reinvent_base", False) == [
        Ghost("quick", "20260102000000", 12.5),
        Ghost("slow", "20260101000000", 19.0),
    ]


def test_another_track_or_direction_is_no_ghost(evaluated):
    evaluated("elsewhere", "20260101000000", [trial(1, 9_000)], track="oval")
    evaluated("backwards", "20260101000000", [trial(1, 9_000)], reverse=True)
    assert find_ghosts("reinvent_base", False) == []


def test_a_damaged_model_does_not_hide_the_others(evaluated):
    broken = evaluated("broken", "20260101000000", [trial(1, 9_000)])
    (broken.path / "evaluation-20260101000000" / "evaluation.json").write_text("{")
    evaluated("whole", "20260101000000", [trial(1, 11_000)])
    assert [ghost.model for ghost in find_ghosts("reinvent_base", False)] == ["whole"]
