"""Evaluations: traces and metrics as DeepRacer has them, whole or not at all."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from openracer.models.description import TrainingDescription
from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.models.evaluations import read_evaluations, write_evaluation
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model

NOW = datetime(2026, 11, 20, 10, 30, 59, tzinfo=UTC)
SETTINGS = {"track": "reinvent_base", "checkpoint": "3_Step-900"}


@pytest.fixture
def folder() -> ModelFolder:
    return create_model(TrainingDescription.from_values({"name": "evaluated"}))


def drive(dice_cars: Callable[..., Any], seed: int) -> list[tuple[Any, EpisodeTrace]]:
    cars, recorder = dice_cars(3, seed=seed), EpisodeRecorder(np.full(3, 17.6))
    while len(cars.finished) < 3:
        cars.step(recorder)
    return list(zip(cars.finished[:3], recorder.finished[:3], strict=True))


def test_deepracer_utils_reads_the_same_trials(folder: ModelFolder, dice_cars: Callable[..., Any]) -> None:
    utils = pytest.importorskip("deepracer.logs")
    evaluations = [drive(dice_cars, seed) for seed in (1, 2)]
    for trials in evaluations:
        write_evaluation(folder, trials, SETTINGS, False, NOW)
    log = utils.DeepRacerLog(str(folder.path))
    log.load_evaluation_trace()
    frame = log.dataframe()
    assert sorted(frame["stream"].unique()) == ["20261120103059", "20261120103100"]
    for stream, trials in zip(sorted(frame["stream"].unique()), evaluations, strict=True):
        for number, (episode, _) in enumerate(trials):
            rows = frame[(frame["stream"] == stream) & (frame["episode"] == number)]
            assert len(rows) == episode.steps
            assert rows["reward"].sum() == pytest.approx(episode.reward)
            assert rows["progress"].iloc[-1] == episode.progress


def test_two_processes_that_evaluate_at_the_same_moment_have_an_evaluation_each(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    trials = drive(dice_cars, 5)
    with ThreadPoolExecutor(4) as pool:
        stamps = {
            written.stamp
            for written in pool.map(
                lambda _: write_evaluation(folder, trials, SETTINGS, False, NOW), range(8)
            )
        }
    assert len(stamps) == 8
    assert {evaluation.stamp for evaluation in read_evaluations(folder)} == stamps
    assert list(folder.path.glob(".*")) == []


def test_what_is_written_is_read_back(folder: ModelFolder, dice_cars: Callable[..., Any]) -> None:
    assert read_evaluations(folder) == []
    trials = drive(dice_cars, 3)
    written = write_evaluation(folder, trials, SETTINGS, False, NOW)
    (again,) = read_evaluations(folder)
    assert (again.stamp, again.settings, again.trials) == (written.stamp, SETTINGS, written.trials)
    assert [trial.trial for trial in again.trials] == [1, 2, 3]
    for trial, (episode, _) in zip(again.trials, trials, strict=True):
        assert trial.episode_status == episode.status.title
        assert trial.elapsed_time_in_milliseconds == pytest.approx(1000 * episode.steps / 15, abs=1.5)
        assert trial.reset_count == trial.off_track_count + trial.immobilized_count


def test_a_full_disk_leaves_no_evaluation(
    folder: ModelFolder, dice_cars: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    trials = drive(dice_cars, 4)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        write_evaluation(folder, trials, SETTINGS, False, NOW)
    assert read_evaluations(folder) == []
    assert [path.name for path in folder.path.glob(".*")] == []
    assert list(folder.path.glob("metrics/evaluation/*")) == []
