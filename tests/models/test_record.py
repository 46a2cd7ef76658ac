"""The record of a training: killed before any operation on any file, it is as it was at its last commit."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from openracer.formats.checkpoints_index import CheckpointName
from openracer.formats.coach_csv import CoachRow, read_coach_csv
from openracer.formats.errors import FormatError
from openracer.formats.metrics import read_training_metrics
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.library import create_model
from openracer.models.record import TrainingRecord
from openracer.models.run_state import load_state, read_progress

PER_FILE = 5
LENGTHS = np.full(4, 17.6)
EVERY_OPERATION = ("fsync", "replace", "unlink", "truncate", "rename")


@pytest.fixture
def folder() -> ModelFolder:
    values = {"name": "record", "hyperparameters": {"num_episodes_between_training": PER_FILE}}
    return create_model(TrainingDescription.from_values(values))


def train(folder: ModelFolder, dice_cars: Callable[..., Any], until: int) -> TrainingRecord:
    """Iterations of 25 rows of 4 cars, committed each, up to a number of them."""
    record = TrainingRecord.open(folder, LENGTHS)
    iteration = record.state.iteration if record.state is not None else 0
    # What the run asked to get back is what it gave to the last commit.
    assert record.tensors.get("moments", torch.zeros(3)).tolist() == [float(iteration)] * 3
    assert (record.state.values if record.state is not None else {"seen": 0}) == {"seen": iteration}
    cars = dice_cars(4, seed=iteration)
    while iteration < until:
        for _ in range(25):
            for episode in cars.step(record.traces):
                record.add_training_episodes([episode])
                row = CoachRow(
                    record.episodes, iteration, 1, 1, episode.steps, 1, 0.0, episode.reward, False, 0.0
                )
                record.add_learner_row(row)
        iteration += 1
        name = CheckpointName(iteration, 100 * iteration)
        record.add_evaluation(name, cars.finished[-2:])
        weights = {"w": torch.full((2, 2), float(iteration))}
        moments = torch.full((3,), float(iteration))
        record.prepare_commit(name, weights, {"seen": iteration}, {"moments": moments})()
    return record


def check_intact(folder: ModelFolder) -> int:
    """Every file agrees with the run state; the committed iteration."""
    state = load_state(folder)
    assert state is not None
    traces = sorted(int(path.name.split("-")[0]) for path in folder.traces_folder.iterdir())
    assert traces == list(range(-(-state.episodes // PER_FILE)))
    for number in traces:
        numbers = np.unique(read_simtrace(folder.traces_folder / f"{number}-iteration.csv")["episode"])
        last = min((number + 1) * PER_FILE, state.episodes)
        assert numbers.tolist() == list(range(number * PER_FILE, last))
    rows = read_training_metrics(folder.metrics_file).episodes
    assert len(rows) == state.metrics_rows
    training = [row.episode for row in rows if row.phase == "training"]
    assert training == list(range(1, state.episodes + 1))
    assert read_coach_csv(folder.coach_file)["Episode #"] == training
    pending = len(state.tensors.get("pending_traces.lengths", []))
    assert state.trace_files * PER_FILE + pending == state.episodes
    names = folder.checkpoints.names()
    assert names[-1] == state.index.last.checkpoint == CheckpointName(state.iteration, 100 * state.iteration)
    assert state.index.best.checkpoint in names
    for name in names:
        assert folder.checkpoints.load(name, {"w": (2, 2)})["w"][0, 0] == name.iteration
    assert folder.checkpoints.index() == state.index
    assert not list(folder.path.rglob(".*.tmp"))
    assert len(list(folder.own_folder.glob("state-*"))) == 1
    return state.iteration


def killed_before_operation(number: int, work: Callable[[], object]) -> bool:
    """Do the work in a forked process that ends, without any cleaning up, before its n-th change to the disk."""
    child = os.fork()
    if child == 0:
        count = 0

        def counting(operation: Callable[..., Any]) -> Callable[..., Any]:
            def before(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                count += 1
                if count == number:
                    os._exit(9)
                return operation(*args, **kwargs)

            return before

        try:
            for name in EVERY_OPERATION:
                setattr(os, name, counting(getattr(os, name)))
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def test_killed_before_any_operation_the_folder_is_as_at_the_last_commit(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    done, operation = 0, 0
    while done < 6:
        operation += 1
        killed = killed_before_operation(operation, partial(train, folder, dice_cars, done + 1))
        if not killed:
            operation = 0
        state = load_state(folder)
        assert (state.iteration if state is not None else 0) in (done, done + 1)
        TrainingRecord.open(folder, LENGTHS)
        if state is not None:
            done = check_intact(folder)
    train(folder, dice_cars, 9)
    assert check_intact(folder) == 9


def test_deepracer_utils_opens_what_a_killed_training_left(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    utils = pytest.importorskip("deepracer.logs")
    train(folder, dice_cars, 2)
    killed_before_operation(9, lambda: train(folder, dice_cars, 4))
    train(folder, dice_cars, 5)
    log = utils.DeepRacerLog(str(folder.path))
    log.load()
    state = load_state(folder)
    assert state is not None
    frame = log.dataframe()
    assert sorted(frame["unique_episode"].unique()) == list(range(state.episodes))
    rewards = frame.groupby("unique_episode")["reward"].sum()
    rows = [row for row in read_training_metrics(folder.metrics_file).episodes if row.phase == "training"]
    assert [round(reward) for reward in rewards] == [row.reward_score for row in rows[: len(rewards)]]


def test_a_training_that_was_never_committed_starts_anew(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    record = TrainingRecord.open(folder, LENGTHS)
    cars = dice_cars(4, seed=0)
    while record.traces.files == 0:
        cars.step(record.traces)
    record = TrainingRecord.open(folder, LENGTHS)
    assert (record.state, record.episodes, record.traces.episodes) == (None, 0, 0)
    assert list(folder.traces_folder.iterdir()) == []
    assert read_progress(folder).iteration == 0


def test_the_latest_of_the_best_evaluated_is_the_best_checkpoint(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    record, cars = TrainingRecord.open(folder, LENGTHS), dice_cars(4, seed=1)
    while len(cars.finished) < 40:
        cars.step(record.traces)
    by_progress = sorted(cars.finished, key=lambda episode: episode.progress)
    for iteration, episode in enumerate(
        [by_progress[3], by_progress[9], by_progress[5], by_progress[9], by_progress[1]]
    ):
        name = CheckpointName(iteration, iteration)
        record.add_evaluation(name, [episode])
        record.prepare_commit(name, {"w": torch.zeros(1)}, {}, {})()
    assert record.index is not None
    assert record.index.best.checkpoint == CheckpointName(3, 3)
    assert read_progress(folder).best_metric == by_progress[9].progress
    reopened = TrainingRecord.open(folder, LENGTHS)
    assert reopened.index == record.index


def test_the_best_by_lap_time_completes_most_laps_and_then_is_the_quickest(
    folder: ModelFolder, dice_cars: Callable[..., Any]
) -> None:
    folder.write_description(folder.description().with_changes({"evaluation": {"best_by": "lap_time"}}))
    cars = dice_cars(4, seed=1)
    record = TrainingRecord.open(folder, LENGTHS)
    while len(cars.finished) < 60:
        cars.step(record.traces)
    laps = sorted((e for e in cars.finished if e.lap_time is not None), key=lambda e: e.lap_time)
    quick, slow, *_, slowest = laps
    failed = next(e for e in cars.finished if e.lap_time is None)
    trials = [
        [failed, failed],
        [slowest, failed],
        [slow, slow],
        [quick, slow],
        [quick, failed],
        [slow, slowest],
    ]
    for iteration, episodes in enumerate(trials):
        name = CheckpointName(iteration, iteration)
        record.add_evaluation(name, episodes)
        record.prepare_commit(name, {"w": torch.zeros(1)}, {}, {"w": torch.zeros(1)})()
        record = TrainingRecord.open(folder, LENGTHS)  # a resumed training judges by what it had
    progress = read_progress(folder)
    assert progress.best == "3_Step-3"
    assert progress.best_metric == 100.0
    assert progress.best_mean_lap_s == pytest.approx((quick.lap_time + slow.lap_time) / 2)
    assert read_training_metrics(folder.metrics_file).best_model_metric == "laptime"


def test_metrics_show_what_happened(folder: ModelFolder, dice_cars: Callable[..., Any]) -> None:
    record, cars = TrainingRecord.open(folder, LENGTHS), dice_cars(4, seed=2)
    while len(cars.finished) < 7:
        record.add_training_episodes(cars.step(record.traces))
    record.add_evaluation(CheckpointName(1, 1), cars.finished[:1])
    record.prepare_commit(CheckpointName(1, 1), {"w": torch.zeros(1)}, {}, {})()
    rows = read_training_metrics(folder.metrics_file).episodes
    assert [row.trial for row in rows[:7]] == [1, 2, 3, 4, 5, 1, 2]
    assert rows[-1].phase == "evaluation"
    assert rows[-1].episode == rows[-2].episode
    first, episode = rows[0], cars.finished[0]
    assert first.reward_score == round(episode.reward)
    assert first.completion_percentage == int(episode.progress)
    assert first.elapsed_time_in_milliseconds == round(episode.end_time * 1000) - round(
        episode.start_time * 1000
    )
    assert first.episode_status == episode.status.title


def test_a_damaged_run_state_is_said_so(folder: ModelFolder, dice_cars: Callable[..., Any]) -> None:
    train(folder, dice_cars, 1)
    path = folder.own_folder / "run_state.json"
    content = json.loads(path.read_text())
    del content["steps"]
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match=r"run_state\.json is damaged: 'steps'"):
        load_state(folder)
    path.write_text(json.dumps(content | {"steps": float("inf")}))
    with pytest.raises(FormatError, match=r"run_state\.json is damaged"):
        load_state(folder)
    with pytest.raises(FormatError, match=r"run_state\.json is damaged"):
        read_progress(folder)
    path.write_text(json.dumps(content | {"steps": 100, "values": {"seen": "much"}}))
    with pytest.raises(FormatError, match=r"run_state\.json is damaged: seen"):
        load_state(folder)
    path.write_text(json.dumps(content | {"steps": 100, "values": [1]}))
    with pytest.raises(FormatError, match=r"run_state\.json is damaged"):
        load_state(folder)
    path.write_text("{")
    with pytest.raises(FormatError, match=r"run_state\.json: line 1 is not JSON"):
        load_state(folder)


def test_a_full_disk_leaves_the_commit_before(
    folder: ModelFolder, dice_cars: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    train(folder, dice_cars, 2)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="the disk is full; free some space and try again"):
            train(folder, dice_cars, 3)
    TrainingRecord.open(folder, LENGTHS)
    assert check_intact(folder) == 2


def test_models_hold_no_pickles(folder: ModelFolder, dice_cars: Callable[..., Any], tmp_path: Path) -> None:
    train(folder, dice_cars, 2)
    endings = {path.suffix for path in folder.path.rglob("*") if path.is_file()}
    assert endings <= {".json", ".yaml", ".py", ".csv", ".safetensors", ""}
