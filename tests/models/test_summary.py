"""The summary of a model in lists: true after every change, and cheap when there was none."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from openracer.models.description import TrainingDescription
from openracer.models.episodes import EpisodeRecorder
from openracer.models.evaluations import write_evaluation
from openracer.models.folder import ModelFolder
from openracer.models.library import clone_model, create_model, delete_model
from openracer.models.summary import summarise, summarise_models


@pytest.fixture
def folder() -> ModelFolder:
    return create_model(TrainingDescription.from_values({"name": "listed", "track": "Oval_track"}))


def test_a_new_model_has_settings_and_nothing_else(folder):
    summary = summarise(folder)
    assert summary.description is not None and summary.description.track == "Oval_track"
    assert not summary.has_weights
    assert summary.completion is None and summary.best_lap_s is None
    assert abs(datetime.now(UTC) - summary.created) < timedelta(minutes=1)


def test_a_training_shows_at_once(folder, tiny_training, train_here):
    create_model(TrainingDescription.from_values(tiny_training))
    assert [summary.iterations for summary in summarise_models()] == [0, 0]
    tiny = ModelFolder(folder.path.with_name("tiny"))
    train_here(tiny)
    after = summarise(tiny)
    assert after.iterations == 2 and after.has_weights
    assert after.completion is not None and 0.0 <= after.completion <= 100.0
    assert summarise(tiny) is after


def test_a_clone_can_be_evaluated_before_its_own_training(tiny_training, train_here):
    original = create_model(TrainingDescription.from_values(tiny_training))
    train_here(original)
    clone = clone_model("tiny", "copy")
    assert summarise(clone).has_weights and summarise(clone).iterations == 0


def test_the_best_lap_is_the_quickest_complete_one(folder, dice_cars):
    cars, recorder = dice_cars(4, seed=5), EpisodeRecorder(np.full(4, 17.6))
    while sum(episode.lap_time is not None for episode in cars.finished) < 2:
        cars.step(recorder)
    assert summarise(folder).best_lap_s is None
    trials = list(zip(cars.finished, recorder.finished, strict=True))
    write_evaluation(folder, trials, {}, False, datetime(2026, 1, 1, tzinfo=UTC))
    best = min(episode.lap_time for episode in cars.finished if episode.lap_time is not None)
    assert summarise(folder).best_lap_s == pytest.approx(best, abs=0.001)


def test_a_broken_model_is_listed_with_its_problem(folder):
    folder.description_file.write_text("track: [")
    (summary,) = summarise_models()
    assert summary.description is None
    assert "description.yaml" in summary.problem


def test_a_deleted_model_is_gone(folder):
    assert [summary.name for summary in summarise_models()] == ["listed"]
    delete_model("listed")
    assert summarise_models() == []
