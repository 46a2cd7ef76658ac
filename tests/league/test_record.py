"""The record of a drive: replays bit for bit, tells when it was changed, and is never trusted."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.circling import CIRCLE, circling_model, drawn_circle
from openracer.formats.errors import FormatError
from openracer.league import record as records
from openracer.league.drive import drive_race
from openracer.league.record import read_record, redrive, verify, write_record
from openracer.models.description import TrainingDescription
from openracer.models.library import create_model
from openracer.tracks import catalogue

DISCRETE = [{"steering_angle": angle, "speed": 1.0} for angle in (-20, 0, 20)]


@pytest.fixture
def lap_of_three(month):
    drawn_circle()
    return month(track=CIRCLE, laps=2, consecutive_laps=2)


@pytest.fixture
def written(lap_of_three, tmp_path):
    """A drive of two laps, and where its record lies."""
    driven = drive_race(circling_model("quick", 1.5), lap_of_three, seed=11)
    write_record(tmp_path / "record.npz", lap_of_three, driven)
    return driven, tmp_path / "record.npz"


def test_a_record_replays_bit_for_bit_without_the_model(written):
    driven, path = written
    assert len(driven.laps) == 2 and driven.laps[0].resets == 0
    found = read_record(path)
    assert found.drive.weights_sha256 == driven.weights_sha256
    assert np.array_equal(found.drive.actions, driven.actions)
    told = verify(found)
    assert told.holds and told.is_exact and told.same_machine and told.deviation_m == 0.0


def test_the_weights_drive_the_record_again(written):
    _driven, path = written
    catalogue.delete_imported(CIRCLE)
    assert redrive(read_record(path), circling_model("again", 1.5)).is_exact
    assert not redrive(read_record(path), circling_model("slow", 1.2)).holds


def test_what_was_changed_does_not_hold(written, lap_of_three, tmp_path):
    driven, _path = written
    for changed in (
        replace(driven, laps=(driven.laps[0], replace(driven.laps[1], time_ms=1000))),
        replace(driven, actions=driven.actions + np.float32(0.2)),
        replace(driven, seed=12),
    ):
        write_record(tmp_path / "changed.npz", lap_of_three, changed)
        assert not verify(read_record(tmp_path / "changed.npz")).holds


def test_on_another_machine_a_centimetre_is_allowed(written, monkeypatch):
    _driven, path = written
    found = read_record(path)
    elsewhere = replace(found, versions={**found.versions, "machine": "another"})
    moved = found.rows.copy()
    moved[:, 1] += 0.009
    assert verify(replace(elsewhere, rows=moved)).holds
    assert not verify(replace(found, rows=moved)).holds
    moved[:, 1] += 0.002
    assert not verify(replace(elsewhere, rows=moved)).holds


def test_actions_of_a_list_are_recorded_as_numbers(tiny_training, train_here, month, tmp_path):
    values = tiny_training | {"stop": {"minutes": None, "iterations": 1}, "action_space": DISCRETE}
    folder = create_model(TrainingDescription.from_values(values))
    train_here(folder)
    race = month(max_resets=1, race_type="object_avoidance")
    write_record(tmp_path / "record.npz", race, drive_race(folder, race, 5))
    found = read_record(tmp_path / "record.npz")
    assert found.drive.actions.dtype == np.int64
    assert verify(found).is_exact


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", "pickle", {"format": 2}, {"format": 1}, {"actions": np.zeros(3)}],
)
def test_what_is_no_record_is_one_sentence(written, tmp_path, content):
    _driven, path = written
    with np.load(path) as arrays:
        parts = {name: arrays[name] for name in arrays.files}
    broken = tmp_path / "broken.npz"
    if isinstance(content, bytes):
        broken.write_bytes(content)
    elif content == "pickle":
        np.savez(broken, **{**parts, "actions": np.array([{}], dtype=object)})
    elif "format" in content:
        np.savez(broken, **{**parts, "header": np.frombuffer(json.dumps(content).encode(), np.uint8)})
    else:
        np.savez(broken, **{**parts, **content})
    with pytest.raises(FormatError, match=r"broken\.npz is no record of a race"):
        read_record(broken)


def test_a_bomb_is_not_unpacked(written, tmp_path, monkeypatch):
    _driven, path = written
    monkeypatch.setattr(records, "_LARGEST", 1000)
    with pytest.raises(FormatError, match="too large"):
        read_record(path)
