"""Live poses: what a reader sees is what was driven, whole, of this run, and it costs the run next to nothing."""

import os
import time

import numpy as np
import pytest

from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.models.run_state import load_state
from openracer.runs.live import LiveKind, LiveReader, LiveRing, live_file
from openracer.simulation.bodies import BOT
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.obstacles import Objects
from openracer.simulation.presets import find_preset
from openracer.simulation.record import StepRecord
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find

CARS = 3
EMPTY_ROAD = Simulator([find("reinvent_base")], CARS, find_preset("v5"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "model"


def publish(ring, step, cars=(0, 1, 2)):
    """Numbers that tell from which step they are."""
    record = StepRecord.zeros(CARS)
    record.x[:], record.y[:], record.heading_deg[:] = step + np.arange(CARS), -step, 90.0
    record.steps[:], record.sim_time[:] = step, step / 15
    record.done[1] = step % 10 == 0
    cars = np.array(cars)
    ring.record(
        cars, record, cars, np.full(len(cars), -30.0), np.full(len(cars), 2.0), np.full(len(cars), step)
    )
    return record


def test_a_step_is_read_as_it_was_driven(folder):
    ring, reader = LiveRing(folder, LiveKind.TRAINING, EMPTY_ROAD), LiveReader(folder)
    assert reader.latest() is None and reader.since(0) == []
    before = time.time()
    for step in range(1, 12):
        publish(ring, step)
    publish(ring, 12, cars=(1,))
    poses = reader.latest()
    assert (poses.step, poses.episode) == (12, 1)  # car 1's ended in step 10
    assert before <= poses.time <= time.time()
    np.testing.assert_allclose(poses.x, 12 + np.arange(CARS), atol=1e-12)
    np.testing.assert_allclose(poses.y, -12 - FRONT_POINT_AHEAD)  # the front point looks north
    np.testing.assert_allclose(poses.yaw, np.pi / 2)
    np.testing.assert_allclose(poses.steering, -np.pi / 6)
    assert poses.reward.tolist() == [11, 12, 11]
    assert poses.row.tolist() == [12] * CARS and not poses.done.any()
    assert [frame.step for frame in reader.since(9)] == [10, 11, 12]
    assert reader.since(9)[0].done.tolist() == [False, True, False]
    assert reader.since(12) == []


def test_a_slow_reader_misses_steps_but_sees_none_twice_or_half(folder):
    ring, reader = LiveRing(folder, LiveKind.TRAINING, EMPTY_ROAD), LiveReader(folder)
    for step in range(1, 20_001):
        publish(ring, step)
    seen = reader.since(0)
    steps = [frame.step for frame in seen]
    assert steps == list(range(steps[0], 20_001)) and len(steps) > 1000
    for frame in seen[::50]:
        assert frame.row.tolist() == [frame.step] * CARS and frame.x[2] == pytest.approx(frame.step + 2)


def test_a_run_that_begins_anew_is_noticed(folder):
    reader = LiveReader(folder)
    assert reader.run == 0
    first = LiveRing(folder, LiveKind.TRAINING, EMPTY_ROAD)
    for step in range(1, 6):
        publish(first, step)
    run = reader.run
    assert reader.latest().step == 5
    second = LiveRing(folder, LiveKind.TRAINING, EMPTY_ROAD)
    assert reader.latest() is None and reader.run != run
    publish(first, 6)  # a process that is about to end
    publish(second, 1)
    assert [frame.step for frame in reader.since(5)] == [1]
    assert LiveReader(folder, LiveKind.EVALUATION).latest() is None


@pytest.mark.parametrize("content", [b"", b"1234567", bytes(800), bytes(8) * 4 + b"\x01" * 8])
def test_a_file_of_another_version_shows_nothing(folder, content):
    path = live_file(folder, LiveKind.TRAINING)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert LiveReader(folder).latest() is None and LiveReader(folder).since(0) == []


def test_whatever_a_run_does_to_its_ring_a_reader_lives(folder):
    """Other people's code may write into the folder; a mapped file that it cuts would end who looks at it."""
    ring, reader = LiveRing(folder, LiveKind.TRAINING, EMPTY_ROAD), LiveReader(folder)
    publish(ring, 1)
    assert reader.latest().step == 1
    path = live_file(folder, LiveKind.TRAINING)
    whole = path.read_bytes()
    for place in range(7):
        for number in (np.nan, np.inf, -1.0, 1e300, 0.0, 0.5):
            changed = bytearray(whole)
            changed[8 * place : 8 * place + 8] = np.float64(number).tobytes()
            with path.open("r+b") as file:
                file.write(changed)
            for one in (reader, LiveReader(folder)):
                one.latest(), one.since(0)
    os.truncate(path, 100)
    assert reader.latest() is None and reader.since(0) == []
    path.unlink()
    path.mkdir()
    assert reader.latest() is None and LiveReader(folder).since(0) == []


def test_a_training_publishes_every_step_and_hardly_pays_for_it(tiny_training, train_here, monkeypatch):
    """CPU time inside the ring over that of the whole training; a training of 4 cars pays most for a step."""
    spent = [0.0]
    record = LiveRing.record

    def timed(*arguments):
        began = time.thread_time()
        record(*arguments)
        spent[0] += time.thread_time() - began

    monkeypatch.setattr(LiveRing, "record", timed)
    folder = create_model(TrainingDescription.from_values(tiny_training))
    train_here(folder)  # compiles or loads the kernels
    description = folder.description().with_changes({"stop": {"iterations": 6}})
    folder.write_description(description)
    spent[0], began = 0.0, time.process_time()
    train_here(folder)
    assert spent[0] / (time.process_time() - began) < 0.02
    poses = LiveReader(folder.path).latest()
    assert (
        poses.step == 4 * description.steps_per_car == (load_state(folder).steps - 2 * 256) / description.cars
    )
    assert (np.abs(poses.x) < 100).all() and poses.row.min() >= 1


def test_the_bots_around_each_car_are_published(folder):
    simulator = Simulator(
        [find("reinvent_base")], CARS, find_preset("v5"), objects=Objects(BOT, 2, is_random=True, speed=1.0)
    )
    simulator.start(np.arange(CARS), np.zeros(CARS))
    ring, reader = LiveRing(folder, LiveKind.TRAINING, simulator), LiveReader(folder)
    publish(ring, 1)
    poses = reader.latest()
    bodies = simulator.bodies
    expected = np.stack([bodies.x, bodies.y, bodies.yaw], axis=-1).reshape(CARS, 2, 3)
    np.testing.assert_array_equal(poses.objects, expected)
    assert poses.kind == BOT
    assert poses.done.tolist() == [False] * CARS
