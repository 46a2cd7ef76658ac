"""A user names a reward function by file or by example."""

from pathlib import Path

import pytest

from openracer.rewards import examples
from openracer.rewards.loading import load_reward
from openracer.rewards.reading import read_file, read_reward

CODE = "def reward_function(params):\n    return 1.0\n"


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(CODE)
    assert read_reward(str(file)) == CODE


def test_an_example_is_found_by_its_name() -> None:
    assert read_reward("prevent_zigzag") == examples.source("prevent_zigzag")


def test_the_users_own_file_wins_over_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "constant").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert read_reward("constant") == CODE


def test_files_saved_on_windows_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode())
    assert read_reward(str(file)) == CODE
    assert len(load_reward(read_file(file), 2)) == 2


@pytest.mark.parametrize("choice", ["nothing.py", "folder/nothing", "/no/such/file"])
def test_a_missing_file_is_named(choice: str) -> None:
    with pytest.raises(FileNotFoundError, match=f"{choice}: there is no such file"):
        read_reward(choice)


def test_neither_file_nor_example() -> None:
    with pytest.raises(ValueError, match="did you mean constant"):
        read_reward("constnt")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(b"\x80\x81")
    with pytest.raises(ValueError, match=r"mine.py: not a text file in UTF-8 \(byte 0\); save it as UTF-8"):
        read_reward(str(file))
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        read_file(tmp_path)
