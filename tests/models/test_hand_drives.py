"""Drives by hand are kept as folders with a trace, and come back as they were driven."""

from datetime import UTC, datetime

import numpy as np
import pytest

from openracer.formats.simtrace import read_simtrace
from openracer.models import hand_drives
from openracer.models.episodes import WIDTH, EpisodeTrace

NOW = datetime(2026, 11, 20, 15, 0, 0, tzinfo=UTC)


def keep(lap_time: float | None = 12.5):
    rows = np.zeros((30, WIDTH))
    rows[:, 0] = np.arange(1, 31)
    rows[:, 1] = np.linspace(0.0, 3.0, 30)
    return hand_drives.keep_drive(EpisodeTrace(0, 17.7, rows), "reinvent_base", False, "v5", lap_time, 2, NOW)


def test_a_drive_is_kept_and_found(data_folder):
    kept = keep()
    assert hand_drives.find_drive(kept.stamp) == kept
    assert kept.drive().steps == 30
    assert len(read_simtrace(kept.trace_file)["steps"]) == 30


def test_the_newest_comes_first_and_no_two_have_one_stamp(data_folder):
    first, second = keep(), keep(None)
    assert first.stamp != second.stamp
    assert hand_drives.hand_drives() == [second, first]


def test_damaged_drives_are_passed_over(data_folder):
    kept, other = keep(), keep()
    (kept.path / "drive.json").write_text('{"track": 3}')
    assert hand_drives.hand_drives() == [other]
    with pytest.raises(ValueError, match="damaged"):
        hand_drives.find_drive(kept.stamp)


def test_a_deleted_drive_is_gone(data_folder):
    kept = keep()
    hand_drives.delete_drive(kept.stamp)
    assert hand_drives.hand_drives() == []
    with pytest.raises(hand_drives.DriveNotFoundError):
        hand_drives.delete_drive(kept.stamp)


@pytest.mark.parametrize("stamp", ["", "..", "../models", "2026112015000", "20261120150000/.."])
def test_stamps_are_never_paths(data_folder, stamp):
    keep()
    with pytest.raises(hand_drives.DriveNotFoundError):
        hand_drives.find_drive(stamp)
