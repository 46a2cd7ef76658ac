"""training_params.yaml: numbers and booleans as text or not, and AWS's mandatory keys."""

from pathlib import Path

import pytest

from openracer.formats.errors import FormatError
from openracer.formats.training_params import MANDATORY, read_training_params, write_training_params


def test_what_is_written_is_text_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "training_params.yaml"
    values = dict.fromkeys(MANDATORY, "x") | {
        "WORLD_NAME": "reinvent_base",
        "MIN_EVAL_TRIALS": 5,
        "REVERSE_DIR": False,
    }
    write_training_params(path, values)
    params = read_training_params(path)
    assert dict(params) == {key: str(value) for key, value in values.items()}
    assert params["REVERSE_DIR"] == "False"
    assert params.boolean("REVERSE_DIR", True) is False
    assert params.whole_number("MIN_EVAL_TRIALS", 1) == 5
    assert params.number("ROUND_ROBIN_ADVANCE_DIST", 0.05) == 0.05
    assert params.text("WORLD_NAME", "") == "reinvent_base"


@pytest.mark.parametrize(
    ("written", "meant"), [("true", True), ('"True"', True), ('"false"', False), ("no", False)]
)
def test_booleans_may_be_quoted(tmp_path: Path, written: str, meant: bool) -> None:
    (tmp_path / "p.yaml").write_text(f"CHANGE_START_POSITION: {written}\n")
    assert read_training_params(tmp_path / "p.yaml").boolean("CHANGE_START_POSITION", not meant) is meant


def test_of_several_cars_the_first_counts(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("CAR_COLOR: [Black, Orange]\n")
    assert read_training_params(tmp_path / "p.yaml").text("CAR_COLOR", "Red") == "Black"


def test_an_empty_file_is_no_settings(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("# nothing\n")
    assert len(read_training_params(tmp_path / "p.yaml")) == 0


def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("A: [1\nB: 2\n")
    with pytest.raises(FormatError, match=r"^p\.yaml: line 2 is not YAML \(.*\)$"):
        read_training_params(path)
    path.write_text("- a\n- b\n")
    with pytest.raises(FormatError, match=r"^p\.yaml must hold lines like 'key: value'$"):
        read_training_params(path)
    path.write_text("REVERSE_DIR: maybe\n")
    with pytest.raises(FormatError, match=r"^p\.yaml: REVERSE_DIR is 'maybe'; it must be true or false$"):
        read_training_params(path).boolean("REVERSE_DIR", False)
    with pytest.raises(FormatError, match=r"^p\.yaml needs a value for SAGEMAKER_SHARED_S3_BUCKET$"):
        write_training_params(path, {})
