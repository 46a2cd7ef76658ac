"""Simtrace CSV: AWS's own files come back byte for byte, and broken ones are explained."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.formats.errors import FormatError
from openracer.formats.simtrace import (
    COLUMNS,
    Trace,
    continuous_actions,
    format_simtrace,
    parse_simtrace,
    read_simtrace,
    write_simtrace,
)

HEADER = ",".join(COLUMNS)
ROW = "0,1.0,3.2,0.68,0.18,20.0,2.0,11,0.0,False,True,0.79,1,17.7,20.202,prepare,0.0"


def real_traces(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.name.endswith("-iteration.csv")]
        return {member.name: tar.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def test_traces_of_the_2022_console_come_back_byte_for_byte(real_data: Path) -> None:
    paths = sorted((real_data / "logs" / "console-v4").rglob("*-iteration.csv"))
    assert len(paths) == 30
    for path in paths:
        assert format_simtrace(read_simtrace(path)).encode() == path.read_bytes(), path


@pytest.mark.parametrize(
    "archive", ["continuous-v6.tar.gz", "droa-v6.tar.gz", "v5/sac-2022_reinvent_champ.tar.gz"]
)
def test_traces_of_later_simulators_come_back_byte_for_byte(real_data: Path, archive: str) -> None:
    traces = real_traces(real_data / "logs" / archive)
    assert traces
    for name, content in traces.items():
        assert format_simtrace(parse_simtrace(content.decode(), name)).encode() == content, name


def test_columns_agree_with_pandas(real_data: Path) -> None:
    pandas = pytest.importorskip("pandas")
    content = (
        real_data / "logs" / "console-v4" / "sim-trace/training/training-simtrace/27-iteration.csv"
    ).read_bytes()
    trace, frame = parse_simtrace(content.decode()), pandas.read_csv(io.BytesIO(content))
    assert list(trace) == list(frame.columns)
    for name, column in trace.items():
        assert (column == frame[name].to_numpy()).all(), name


def test_continuous_actions_keep_their_text_and_agree_with_the_command(real_data: Path) -> None:
    content = next(iter(real_traces(real_data / "logs" / "continuous-v6.tar.gz").values()))
    trace = parse_simtrace(content.decode())
    assert trace["action"].dtype.kind == "U"
    assert (trace["action"] == continuous_actions(trace["steer"], trace["throttle"])).all()


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(finite, finite, st.floats(0, 100), st.booleans(), st.integers(0, 400)), min_size=1))
def test_every_float_survives_a_round_trip(rows: list[tuple[float, float, float, bool, int]]) -> None:
    count = len(rows)
    trace: Trace = {name: np.zeros(count) for name in COLUMNS}
    trace |= {name: np.zeros(count, np.int64) for name in ("episode", "action")}
    trace["X"] = np.array([row[0] for row in rows])
    trace["reward"] = np.array([row[1] for row in rows])
    trace["progress"] = np.array([row[2] for row in rows])
    trace["done"] = trace["all_wheels_on_track"] = np.array([row[3] for row in rows])
    trace["closest_waypoint"] = np.array([row[4] for row in rows])
    trace["episode_status"] = np.array(["in_progress"] * count)
    again = parse_simtrace(format_simtrace(trace))
    assert list(again) == list(COLUMNS)
    for name in COLUMNS:
        assert again[name].dtype.kind == trace[name].dtype.kind
        assert again[name].tobytes() == trace[name].tobytes(), name


def test_a_written_file_is_read_back(tmp_path: Path) -> None:
    trace = parse_simtrace(f"{HEADER}\n{ROW}\n{ROW}\n")
    write_simtrace(tmp_path / "0-iteration.csv", trace)
    assert (tmp_path / "0-iteration.csv").read_text() == f"{HEADER}\n{ROW}\n{ROW}\n"


def test_a_completed_lap_shows_as_100_without_a_point() -> None:
    text = f"{HEADER}\n{ROW.replace('0.79', '99.5')}\n{ROW.replace('0.79', '100')}\n"
    assert format_simtrace(parse_simtrace(text)) == text
    alone = f"{HEADER}\n{ROW.replace('0.79', '100')}\n"
    assert format_simtrace(parse_simtrace(alone)) == alone


def test_a_file_without_rows_is_empty_columns() -> None:
    trace = parse_simtrace(HEADER)
    assert set(trace) == set(COLUMNS)
    assert all(len(column) == 0 for column in trace.values())


def test_the_comma_inside_continuous_actions_of_may_2022_is_understood() -> None:
    trace = parse_simtrace(f"{HEADER}\n{ROW.replace(',11,', ',[20.0, 2.0],')}\n")
    assert trace["action"].tolist() == ["[20.0, 2.0]"]
    assert trace["reward"].tolist() == [0.0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "t.csv is no simtrace file: its first line does not name X"),
        ("a,b\n1,2", "t.csv is no simtrace file: its first line does not name X"),
        (f"{HEADER}\n0,1.0", "t.csv: line 2 has 2 values; the first line names 17"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('3.2', 'east')}", "t.csv: line 3: X is 'east'; it must be a number"),
        (
            f"{HEADER}\n{ROW.replace(',1,', ',one,')}",
            "t.csv: line 2: closest_waypoint is 'one'; it must be a whole number",
        ),
        (
            f"{HEADER}\n{ROW.replace(',1,', f',{10**20},')}",
            f"t.csv: line 2: closest_waypoint is '{10**20}'; it must be a whole number",
        ),
        (f"{HEADER}\n{ROW.replace('False', 'no')}", "t.csv: line 2: done is 'no'; it must be True or False"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse_simtrace(text, "t.csv")
    assert str(caught.value) == sentence
