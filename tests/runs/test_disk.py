"""What a run has written is counted, whatever it does to hide it."""

import os
import sys

import pytest

from openracer import launching
from openracer.runs import watched
from openracer.runs.control import ControlBlock
from openracer.runs.disk import holds_more
from openracer.runs.watched import WatchedProcess
from tests.processes import wait_for

MIB = 1 << 20
WRITES = """
import pathlib, sys, time
pathlib.Path(sys.argv[1], "big").write_bytes(bytes(1 << 21))
time.sleep(600)
"""


def test_files_in_all_folders_count_and_so_do_empty_ones(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second" / "below"
    first.mkdir()
    second.mkdir(parents=True)
    (first / "big").write_bytes(bytes(MIB))
    (second / "big").write_bytes(bytes(MIB))
    folders = (first, tmp_path / "second")
    assert holds_more(folders, os.getpid(), 2 * MIB - 1) and not holds_more(folders, os.getpid(), 3 * MIB)
    assert not holds_more((first,), os.getpid(), 2 * MIB)
    for number in range(256):
        (first / str(number)).touch()
    assert holds_more((first,), os.getpid(), 2 * MIB)
    assert not holds_more((tmp_path / "nothing",), os.getpid(), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of deleted files")
def test_a_deleted_file_that_is_held_open_counts(tmp_path):
    with (tmp_path / "big").open("wb") as file:
        file.write(bytes(MIB))
        file.flush()
        (tmp_path / "big").unlink()
        assert holds_more((tmp_path,), os.getpid(), MIB - 1)
    assert not holds_more((tmp_path,), os.getpid(), MIB - 1)


def test_a_run_that_writes_on_and_on_is_ended_and_told(tmp_path, monkeypatch):
    class Door:
        room = MIB

        def command(self, program):
            return [sys.executable, "-c", WRITES, *program.arguments]

        def environment(self, wanted):
            return dict(wanted)

    monkeypatch.setattr(launching, "_readers", [Door])
    monkeypatch.setattr(watched, "_LOOK_S", 0.0)
    control = ControlBlock(tmp_path / "control", create=True)
    process = WatchedProcess("any", [str(tmp_path)], [tmp_path], control, tmp_path / "output.log")
    told = wait_for(process.misbehaves, "the end of what fills the disk")
    assert told.startswith("the run wrote more than there is room for") and process.exit_code == -9
