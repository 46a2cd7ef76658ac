"""The racing benchmark: what it makes of laps, records and events, and that its pictures are drawn."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmarks import racing
from benchmarks.racing_pictures import clean_evaluations, curves_png, driven_png
from openracer.models.description import TrainingDescription, merge
from openracer.models.drives import Drive
from openracer.models.library import create_model
from openracer.tracks.catalogue import find


def lap(time):
    return {"lap_time": time}


EVENTS = [
    {"event": "started"},
    {"event": "iteration", "steps": 500_000, "evaluation": [lap(9.0), lap(None)]},
    {"event": "iteration", "steps": 800_000, "evaluation": []},
    {"event": "iteration", "steps": 1_500_000, "evaluation": [lap(9.0), lap(7.0)]},
]


def test_only_evaluations_without_an_incident_are_points_of_the_curve():
    assert clean_evaluations(EVENTS, 6.4) == pytest.approx(np.array([[1.5, 25.0]]))
    assert clean_evaluations(EVENTS[:2], 6.4).shape == (0, 2)


def test_the_percentages_are_above_the_minimum_time_laps():
    row = {"standing_s": 7.7, "best_flying_s": 6.3, "mean_flying_s": None}
    told = racing.with_limits(row, SimpleNamespace(lap_time_s=7.0), SimpleNamespace(lap_time_s=6.0))
    assert told["standing_above_percent"] == 10.0
    assert (told["best_flying_above_percent"], told["mean_flying_above_percent"]) == (5.0, None)


def test_records_are_those_of_time_trials(tmp_path):
    table = tmp_path / "records.csv"
    table.write_text(
        "track,race_type,best_lap_s\na,HEAD_TO_HEAD_RACING,9\na,TIME_TRIAL,8.5\nb,OBJECT_AVOIDANCE,7\n"
    )
    assert racing.league_records(table) == {"a": 8.5}
    assert racing.league_records(tmp_path / "none.csv") == {}


def test_a_model_that_cannot_drive_has_no_clean_trial(tiny_training, train_here):
    folder = create_model(TrainingDescription.from_values(merge(tiny_training, {"stop": {"iterations": 1}})))
    train_here(folder)
    _result, row = racing.race(folder)
    assert (row["clean_trials"], row["trials"], row["standing_s"], row["best_flying_s"]) == (0, 5, None, None)
    racing.print_table([racing.with_limits(row, *[SimpleNamespace(lap_time_s=7.0)] * 2) | {"league_s": None}])


def test_the_pictures_are_drawn():
    track = find("reinvent_base")
    line = SimpleNamespace(
        points=track.centre, speed_mps=np.linspace(1.0, 3.0, len(track.centre)), lap_time_s=6.2
    )
    x, y = track.centre.T
    rows = len(x)
    zeros = np.zeros(rows)
    status = np.array(["in_progress"] * (rows - 1) + ["lap_complete"])
    drive = Drive(
        1, np.linspace(0.1, 7.0, rows), x, y, zeros, zeros, zeros, np.full(rows, 2.0), zeros,
        np.linspace(0.0, 100.0, rows), zeros.astype(int), zeros.astype(bool), status,
    )  # fmt: skip
    with_lap, without = (
        np.asarray(Image.open(io.BytesIO(driven_png(track, line, drives, best))).convert("RGB"))
        for drives, best in (([drive], 7.0), ([], None))
    )
    assert with_lap.shape == (600, 900, 3)
    assert (with_lap != without).any(axis=2).mean() > 0.005
    curves = Image.open(io.BytesIO(curves_png({"A": (EVENTS, 6.4), "B": (EVENTS[:1], 6.4)})))
    assert curves.size == (900, 600)
