"""Training traces: complete episodes, full files, and the same in deepracer-utils."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openracer.atomic import write_text
from openracer.formats.simtrace import read_simtrace
from openracer.models.description import TrainingDescription
from openracer.models.folder import trace_path
from openracer.models.library import create_model
from openracer.models.traces import TraceWriter

CONTINUOUS = {"steering_angle": {"low": -30, "high": 30}, "speed": {"low": 1, "high": 2}}


def drive(cars: Any, writer: TraceWriter, steps: int) -> None:
    for _ in range(steps):
        cars.step(writer)
    write_full(writer)


def write_full(writer: TraceWriter) -> None:
    for path, text in writer.take_full():
        write_text(path, text)


def lengths_of(folder: Path, file: int) -> list[int]:
    _, counts = np.unique(read_simtrace(trace_path(folder, file))["episode"], return_counts=True)
    return counts.tolist()


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("preset", ["fast", "aws"])
def test_deepracer_utils_reads_the_same_episodes(
    dice_cars: Callable[..., Any], continuous: bool, preset: str
) -> None:
    utils = pytest.importorskip("deepracer.logs")
    values: dict[str, Any] = {"name": "oracle", "preset": preset}
    folder = create_model(
        TrainingDescription.from_values(values | ({"action_space": CONTINUOUS} if continuous else {}))
    )
    cars = dice_cars(7, seed=1, continuous=continuous)
    writer = TraceWriter(folder.traces_folder, np.full(7, 17.6), 20, continuous)
    drive(cars, writer, 250)
    assert writer.files >= 3

    log = utils.DeepRacerLog(str(folder.path))
    assert log.fh.type.name == "DRFC_MODEL_SINGLE_WORKERS"
    log.load()
    frame = log.dataframe()
    complete = writer.files * 20
    assert sorted(frame["unique_episode"].unique()) == list(range(complete))
    assert (frame["unique_episode"] == frame["episode"]).all()
    assert (frame["iteration"] == frame["episode"] // 20).all()
    for number, rows in frame.groupby("unique_episode"):
        assert rows["reward"].tolist() == cars.rewards[number]
        assert rows["progress"].tolist() == cars.progress[number]
        assert rows["steps"].tolist() == list(range(1, len(rows) + 1))
        assert rows["episode_status"].iloc[-1] == cars.finished[number].status.label
        assert rows["done"].tolist() == [False] * (len(rows) - 1) + [True]
    assert log.hyperparameters()["num_episodes_between_training"] == 20
    assert log.agent_and_network()["sensor_list"] == ["FRONT_FACING_CAMERA"]
    assert len(log.action_space()) == (2 if continuous else 10)

    analysis = pytest.importorskip("deepracer.logs.log_utils")
    aggregate = analysis.AnalysisUtils.simulation_agg(frame, secondgroup="unique_episode")
    assert len(aggregate) == complete
    laps = [episode.progress == 100.0 for episode in cars.finished[:complete]]
    assert aggregate["complete"].astype(bool).tolist() == laps


def test_every_file_holds_exactly_so_many_complete_episodes(
    tmp_path: Path, dice_cars: Callable[..., Any]
) -> None:
    cars = dice_cars(64, seed=2)
    writer = TraceWriter(tmp_path, np.full(64, 17.6), 5, False)
    drive(cars, writer, 100)
    assert writer.episodes == len(cars.finished)
    assert writer.files == len(cars.finished) // 5
    lengths = [length for file in range(writer.files) for length in lengths_of(tmp_path, file)]
    assert lengths == [episode.steps for episode in cars.finished[: writer.files * 5]]


def test_cars_may_drive_one_at_a_time(tmp_path: Path, dice_cars: Callable[..., Any]) -> None:
    cars = dice_cars(3, seed=3)
    writer = TraceWriter(tmp_path, np.array([10.0, 20.0, 30.0]), 2, False)
    while len(cars.finished) < 4:
        cars.step(
            writer, np.array([len(cars.finished) % 3, 2]) if len(cars.finished) % 3 != 2 else np.array([2])
        )
    write_full(writer)
    trace = read_simtrace(trace_path(tmp_path, 0))
    for number in (0, 1):
        expected = 10.0 * (1 + cars.finished[number].car)
        assert (trace["track_len"][trace["episode"] == number] == expected).all()


def test_episodes_may_be_longer_than_any_buffer(tmp_path: Path, dice_cars: Callable[..., Any]) -> None:
    cars = dice_cars(2, seed=4)
    cars._length[:] = (1200, 700)
    writer = TraceWriter(tmp_path, np.full(2, 17.6), 2, False)
    while len(cars.finished) < 2:
        cars.step(writer, np.flatnonzero(cars._steps < cars._length))
        cars._length[cars._length < 700] = 10**6
    write_full(writer)
    assert sorted(lengths_of(tmp_path, 0)) == [700, 1200]


def test_what_no_file_holds_yet_survives_a_restart(tmp_path: Path, dice_cars: Callable[..., Any]) -> None:
    writer = TraceWriter(tmp_path, np.full(4, 17.6), 6, False)
    cars = dice_cars(4, seed=5)
    while writer.episodes < 9:
        cars.step(writer)
    before = writer.episodes
    again = TraceWriter(tmp_path, np.full(4, 17.6), 6, False, writer.files, writer.pending())
    assert again.episodes == before
    other = dice_cars(4, seed=6)
    while again.files < 2:
        other.step(again)
    write_full(again)
    kept = [episode.steps for episode in cars.finished[6:before]]
    fresh = [episode.steps for episode in other.finished]
    assert lengths_of(tmp_path, 1) == (kept + fresh)[:6]


def test_without_pending_episodes_the_state_is_empty(tmp_path: Path) -> None:
    assert TraceWriter(tmp_path, np.full(4, 17.6), 6, False).pending() == {}


def test_ten_thousand_rows_a_second_cost_less_than_a_twelfth_of_a_core(
    tmp_path: Path, dice_cars: Callable[..., Any]
) -> None:
    """Measured in processor time of this thread, against a limit wide enough for any machine under load."""

    class Clock:
        spent = 0.0

        def record(self, *values: Any) -> None:
            start = time.thread_time()
            writer.record(*values)
            self.spent += time.thread_time() - start

    cars, clock = dice_cars(64, seed=7), Clock()
    writer = TraceWriter(tmp_path, np.full(64, 17.6), 20, False)
    for _ in range(160):
        cars.step(clock)
    assert writer.files > 20
    assert clock.spent / (160 * 64) < 4 * 8e-6
