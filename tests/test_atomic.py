"""Atomic writing: complete or not at all, whatever happens."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openracer import atomic


def test_a_new_file_holds_what_was_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    atomic.write_text(tmp_path / "new" / "file.txt", "hello\n")
    assert (tmp_path / "new" / "file.txt").read_bytes() == b"hello\n"
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["file.txt"]


def test_a_failing_block_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(KeyError), atomic.replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyError
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.txt"]


def test_a_full_disk_is_said_in_one_sentence_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(atomic.WriteError) as caught:
        atomic.write_text(path, "new")
    assert str(caught.value) == f"cannot write {path}: the disk is full; free some space and try again"
    assert caught.value.errno == errno.ENOSPC
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_in_the_way_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(atomic.WriteError, match=r"^cannot write .*file/inside.txt: "):
        atomic.write_text(tmp_path / "file" / "inside.txt", "x")


def test_json_refuses_nan_and_keeps_the_old_file(tmp_path: Path) -> None:
    atomic.write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        atomic.write_json(tmp_path / "a.json", {"a": float("nan")})
    assert (tmp_path / "a.json").read_text() == '{"a": 1}'


WRITER = """
import sys
from pathlib import Path
from openracer.atomic import write_text
print("ready", flush=True)
generation = 0
while True:
    generation += 1
    write_text(Path(sys.argv[1]), f"{generation:06d}" * 20000)
"""


def test_a_writer_killed_at_any_moment_leaves_a_complete_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        while not path.exists():
            assert process.poll() is None
        # The kill falls somewhere into one of many writes; a pause would not make it more random.
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        text = path.read_text()
        assert len(text) == 120000
        assert text == text[:6] * 20000
        path.unlink()
    atomic.remove_leftovers(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == []
