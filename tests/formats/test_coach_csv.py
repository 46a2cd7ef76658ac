"""The learner's CSV with Coach's columns, as notebooks read it."""

from pathlib import Path

import pytest

from openracer.formats.coach_csv import HEADER, CoachRow, Statistics, header_line, read_coach_csv, row_line
from openracer.formats.errors import FormatError

ROW = CoachRow(1, 0, 150, 1, 150, 150, 0.0, 42.5, False, 1.25)
UPDATE = CoachRow(
    2, 1, 300, 2, 150, 300, 0.0, 40.0, True, 2.5, 33.0, 0.5,
    {"Loss": Statistics(0.1, 0.01, 0.2, 0.05), "Entropy": Statistics(2.3, 0.0, 2.3, 2.3)},
)  # fmt: skip


def test_notebooks_find_their_columns(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "agent_0.csv"
    path.write_text(header_line() + row_line(ROW) + row_line(UPDATE))
    frame = pandas.read_csv(path)
    assert frame["Episode #"].tolist() == [1, 2]
    assert frame["Training Iter"].tolist() == [0, 1]
    assert frame["Training Reward"].tolist() == [42.5, 40.0]
    assert frame["Episode Length"].tolist() == [150, 150]
    assert frame["Loss/Mean"].isna().tolist() == [True, False]
    assert frame["Entropy/Mean"][1] == 2.3
    assert frame["Success Rate"][1] == 0.5
    assert list(frame.columns) == list(HEADER)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "agent_0.csv"
    path.write_text(header_line() + row_line(ROW) + row_line(UPDATE))
    columns = read_coach_csv(path)
    assert columns["Loss/Stdev"] == [None, 0.01]
    assert columns["Evaluation Reward"] == [None, 33.0]
    assert columns["Update Target Network"] == [0.0, 1.0]


def test_an_unknown_signal_is_refused() -> None:
    row = CoachRow(1, 0, 1, 1, 1, 1, 0.0, 1.0, False, 1.0, signals={"Luck": Statistics(1, 1, 1, 1)})
    with pytest.raises(ValueError, match="no signal 'Luck'"):
        row_line(row)


def test_another_file_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(FormatError, match=r"^a\.csv is no learner's CSV: "):
        read_coach_csv(tmp_path / "a.csv")
