"""Which checkpoint is the best and which the last, as DeepRacer's files say it."""

import json
from pathlib import Path

import pytest

from openracer.formats.checkpoints_index import (
    CheckpointName,
    CheckpointsIndex,
    IndexEntry,
    parse_checkpoint_name,
    read_coach_checkpoint,
    read_index,
    write_coach_checkpoint,
    write_index,
)
from openracer.formats.errors import FormatError

INDEX = CheckpointsIndex(
    best=IndexEntry(CheckpointName(27, 46417), 98.5, 1772906137.25),
    last=IndexEntry(CheckpointName(30, 51000), None, 1772906999.5),
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_index(tmp_path / "deepracer_checkpoints.json", INDEX)
    assert read_index(tmp_path / "deepracer_checkpoints.json") == INDEX
    content = json.loads((tmp_path / "deepracer_checkpoints.json").read_text())
    assert content["best_checkpoint"]["name"] == "27_Step-46417.ckpt"


def test_the_coach_file_names_the_checkpoint(tmp_path: Path) -> None:
    write_coach_checkpoint(tmp_path / ".coach_checkpoint", CheckpointName(3, 1200), ".safetensors")
    assert (tmp_path / ".coach_checkpoint").read_text() == "3_Step-1200.safetensors"
    assert read_coach_checkpoint(tmp_path / ".coach_checkpoint") == CheckpointName(3, 1200)


@pytest.mark.parametrize("text", ["27_Step-46417", "27_Step-46417.ckpt", " 27_Step-46417.safetensors\n"])
def test_names_are_understood_with_any_ending(text: str) -> None:
    assert parse_checkpoint_name(text) == CheckpointName(27, 46417)


@pytest.mark.parametrize("text", ["", "27", "a_Step-1", "1_Step-", "../1_Step-2"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="it must look like 12_Step-34567"):
        parse_checkpoint_name(text)


def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"best_checkpoint": {}}')
    with pytest.raises(FormatError, match=r"^d\.json: best_checkpoint must be an object with a name$"):
        read_index(tmp_path / "d.json")
