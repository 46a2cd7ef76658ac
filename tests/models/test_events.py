"""Events: appended whole, read as they come, mended after a kill."""

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openracer.atomic import WriteError
from openracer.models.events import EventLog, end_of_events, read_events


def test_events_are_read_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "own" / "events.jsonl"
    assert read_events(path) == ([], end_of_events(path)) == ([], 0)
    with EventLog(path) as log:
        log.append({"event": "started", "name": "차"})
        events, offset = read_events(path)
        assert events == [{"event": "started", "name": "차"}]
        log.append({"event": "iteration", "number": 1})
        events, offset = read_events(path, offset)
        assert events == [{"event": "iteration", "number": 1}]
        assert read_events(path, offset) == ([], offset)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=9000).filter(lambda torn: b"\n" not in torn))
def test_a_torn_last_line_is_removed(
    tmp_path_factory: pytest.TempPathFactory, filler: int, torn: bytes
) -> None:
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    with EventLog(path) as log:
        log.append({"event": "x" * filler})
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert read_events(path)[1] == end_of_events(path) == len(whole)
    with EventLog(path) as log:
        assert path.read_bytes() == whole
        log.append({"event": "resumed"})
    assert [event["event"] for event in read_events(path)[0]] == ["x" * filler, "resumed"]


def test_a_file_that_is_nothing_but_a_torn_line_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event": "sta')
    EventLog(path).close()
    assert path.read_bytes() == b""


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("")
    with pytest.raises(WriteError, match=r"^cannot write "):
        EventLog(tmp_path / "own" / "events.jsonl")


def test_an_event_that_finds_only_half_its_room_leaves_the_file_as_before(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EventLog(path) as log:
        log.append({"event": "started"})
        before = path.read_bytes()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))
        try:
            with pytest.raises(WriteError, match=r"^cannot write .*events\.jsonl: file too large$"):
                log.append({"event": "iteration"})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == before
        log.append({"event": "finished"})
    assert [event["event"] for event in read_events(path)[0]] == ["started", "finished"]
