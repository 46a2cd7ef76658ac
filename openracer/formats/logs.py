"""Every drive recorded in a file, folder or archive, whichever tool wrote it, as columns.

Understood: text logs of every era, simtrace CSV files, and any folder or archive of them: exports of the AWS console,
DeepRacer-for-Cloud buckets (one or several workers), DeepRacer on AWS exports, and our own model folders.
"""

import codecs
import io
import json
import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from openracer.formats.errors import FormatError
from openracer.formats.log_members import Member, members
from openracer.formats.log_rows import concatenate, parse_rows, select
from openracer.formats.model_metadata import parse_model_metadata
from openracer.formats.simtrace import COLUMNS, Trace
from openracer.formats.text_log import TRACE_MARK, JobFacts, TextLog, find_facts, read_text_log
from openracer.language import gettext as _

_THREADS = min(4, os.cpu_count() or 1)
_MARKS = frozenset({"episode", "steps", "X", "Y"})
"""A table with these columns is a trace, be it a damaged one."""
_FROM_UTILS = {
    "x": "X", "y": "Y", "steering_angle": "steer", "speed": "throttle", "on_track": "all_wheels_on_track",
}  # fmt: skip
"""Columns that deepracer-utils renames (``logs/log.py``)."""


@dataclass(frozen=True, eq=False, slots=True)
class Log:
    """One job's drive: a training, an evaluation or a leaderboard submission.

    Attributes:
        source: file, folder or archive that it was found in.
        name: path within the source of the text log, or of the folder of the CSV files.
        trace: columns of :data:`openracer.formats.simtrace.COLUMNS`, plus ``worker`` and ``iteration`` (int64; -1 where
            unknown), K rows in driving order: by worker, iteration, episode, step.
        broken: rows that could not be understood.
        facts: what is known about the job.
    """

    source: str
    name: str
    trace: Trace
    broken: int
    facts: JobFacts

    @property
    def kind(self) -> str:
        """``training``, ``evaluation``, ``leaderboard``, or ``unknown``."""
        return _kind(self.name, self.facts.job_type)

    @property
    def era(self) -> str:
        """Year from which rows look like these: ``2019``, ``2020``, ``2021`` or ``2026``."""
        if np.isfinite(self.trace.get("wall_clock", np.nan)).any():
            return "2026"
        if (self.trace["episode_status"] == "").all():
            return "2019"
        # Until 2020 the time stamp was the time of day; since then it is simulated.
        return "2020" if np.median(self.trace["tstamp"]) > 1e9 else "2021"

    @property
    def episode_starts(self) -> NDArray[np.int64]:
        """First row of every episode, ``(E,)``."""
        return _episode_starts(self.trace)


@dataclass(slots=True)
class _Found:
    """What one source holds, before drives that it holds twice are joined."""

    tables: dict[str, list[tuple[int, int, Trace, int]]] = field(default_factory=dict)
    texts: list[tuple[str, TextLog]] = field(default_factory=list)
    facts: list[tuple[str, JobFacts]] = field(default_factory=list)
    useless: list[str] = field(default_factory=list)
    waiting: deque[tuple[str, Future[tuple[Trace, int]]]] = field(default_factory=deque)


def read_logs(path: Path, problems: list[str] | None = None) -> list[Log]:
    """All drives in a path.

    A drive that is there both as CSV files and as a text log is returned once: the CSV rows, which are exact, and the
    rows that only the text log has.

    Args:
        path: text log, CSV file, folder or archive (``.tar.gz``).
        problems: sentences about what could not be read are added to it.

    Raises:
        OSError: there is no such file or folder, or it cannot be opened.
        FormatError: it cannot be read, or holds no trace row.
    """
    logs = []
    useless: list[str] = []
    told = [] if problems is None else problems
    for source, files in members(path, problems=told):
        found = _Found()
        with ThreadPoolExecutor(_THREADS) as threads:
            for member in files:
                _read_member(member, found, threads)
            while found.waiting:
                _take_table(found)
        useless += found.useless
        logs += sorted(_logs_of(source, found), key=lambda log: log.name)
    if not logs:
        raise FormatError(
            useless[0]
            if useless
            else _(
                "{file} holds no trace; a log with SIM_TRACE_LOG lines or simtrace CSV files are needed"
            ).format(file=path)
        )
    told += [f"{sentence}." for sentence in useless]
    return logs


def _logs_of(source: str, found: _Found) -> Iterator[Log]:
    texts = [(name, text) for name, text in found.texts if text.trace is not None]
    for folder, parts in found.tables.items():
        trace = concatenate([part[2] for part in sorted(parts, key=lambda part: part[:2])], _fill)
        broken = sum(part[3] for part in parts)
        facts = JobFacts()
        for name, text in list(texts):
            assert text.trace is not None
            if (extra := _rows_beyond(trace, text.trace)) is not None:
                trace = _insert(trace, select(text.trace, extra))
                facts = facts.completed_by(text.facts)
                texts.remove((name, text))
        yield Log(source, folder, trace, broken, facts.completed_by(_facts_near(folder, found.facts)))
    for name, text in texts:
        assert text.trace is not None
        trace = {"iteration": np.full(len(text.trace["X"]), -1)} | text.trace
        facts = text.facts
        if facts.world_name is None and facts.simulator_version is None:
            facts = facts.completed_by(_facts_near(name, found.facts))
        yield Log(source, name, trace, text.broken, facts)


def _read_member(member: Member, found: _Found, threads: Executor) -> None:
    name = member.name
    if name.endswith("training_params.yaml"):
        found.facts.append((name, replace(find_facts(member.read()), job_type=None)))
    elif name.endswith("evaluation.json"):
        found.facts.append((name, _facts_of_own_evaluation(member)))
    elif name.endswith(".json"):
        try:
            metadata = parse_model_metadata(json.loads(member.read()))
        except (ValueError, RecursionError):
            return
        facts = JobFacts(
            simulator_version=metadata.version,
            training_algorithm=metadata.training_algorithm,
            action_space=metadata.action_space,
        )
        found.facts.append((name, facts))
    elif name.endswith(".csv"):
        content = member.read()
        header, _newline, body = _plain_lines(content).partition(b"\n")
        names = _column_names(header)
        if set(names) >= _MARKS:
            _read_table(name, names, body, found, threads)
        elif TRACE_MARK in content:  # an export of CloudWatch has a log's lines in a column
            _read_text(name, io.BytesIO(content), found)
    else:
        _read_text(name, member.stream, found)


def _read_table(name: str, names: list[str], body: bytes, found: _Found, threads: Executor) -> None:
    """Have a table understood while the next files are read, but not many of them."""
    if missing := [column for column in COLUMNS[:15] if column not in names]:
        found.useless.append(_("{file} lacks the column {column}").format(file=name, column=missing[0]))
        return
    found.waiting.append((name, threads.submit(parse_rows, body, names)))
    if len(found.waiting) > 2 * _THREADS:
        _take_table(found)


def _take_table(found: _Found) -> None:
    name, table = found.waiting.popleft()
    trace, broken = table.result()
    count = len(trace["X"])
    if not count:
        _tell_broken(name, broken, found)
        return
    folder, worker, iteration = _place(name)
    trace = {"iteration": np.full(count, iteration), "worker": np.full(count, worker)} | trace
    found.tables.setdefault(folder, []).append((worker, iteration, trace, broken))


def _read_text(name: str, stream: BinaryIO, found: _Found) -> None:
    text = read_text_log(stream)
    found.texts.append((name, text))
    found.facts.append((name, text.facts))
    if text.trace is None:
        _tell_broken(name, text.broken, found)


def _tell_broken(name: str, broken: int, found: _Found) -> None:
    if broken:
        found.useless.append(
            _("{file} has {count} trace rows, but none of them can be understood").format(
                file=name, count=broken
            )
        )


def _plain_lines(content: bytes) -> bytes:
    """A table's text without what other programs put around it: line ends of Windows and Mac, quotation marks."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content.replace(b'"', b"") if b'"' in content else content


def _column_names(header: bytes) -> list[str]:
    """Names of a table's columns as AWS has them; those of deepracer-utils' data frames are understood too."""
    names = [name.strip() for name in header.decode("utf-8", "replace").split(",")]
    return [_FROM_UTILS.get(name, name) for name in names]


def _facts_of_own_evaluation(member: Member) -> JobFacts:
    """What the settings of our own evaluations tell."""
    try:
        settings = json.loads(member.read())
    except (ValueError, RecursionError):
        return JobFacts()
    track = settings.get("track") if isinstance(settings, dict) else None
    return JobFacts(world_name=track if isinstance(track, str) else None)


def _place(name: str) -> tuple[str, int, int]:
    """Folder, worker and iteration of a CSV file; several workers write into folders 0, 1, ... of the same model."""
    path = PurePosixPath(name)
    number = re.match(r"(\d+)-iteration", path.name)
    iteration = int(number[1]) if number else -1
    folder = path.parent
    parts = list(folder.parts)
    worker = 0
    for k in (len(parts) - 2, len(parts) - 1):
        if 0 <= k < len(parts) and parts[k].isdigit() and len(parts[k]) <= 3:
            worker = int(parts[k])
            del parts[k]
            break
    return "/".join(parts) or path.name, worker, iteration


def _kind(name: str, job_type: str | None) -> str:
    for kind in ("leaderboard", "evaluation", "training"):
        if kind in name.lower():
            return kind
    return job_type.lower() if job_type else "unknown"


def _fill(name: str) -> object:
    return {"episode_status": "", "wall_clock": np.nan, "iteration": -1}.get(name, 0)


def _keys(trace: Trace) -> list[tuple[int, int, int]]:
    """Episode, step and millisecond of each row: the same in a CSV file and in the text log."""
    milliseconds = np.round(trace["tstamp"] * 1e3).astype(np.int64)
    steps = trace["steps"].astype(np.int64)
    return list(zip(trace["episode"].tolist(), steps.tolist(), milliseconds.tolist(), strict=True))


def _rows_beyond(exact: Trace, text: Trace) -> NDArray[np.bool_] | None:
    """Which rows of a text log the CSV rows lack; None where the two are different drives."""
    known = set(_keys(exact))
    is_known = np.array([key in known for key in _keys(text)])
    if is_known.sum() < 0.5 * min(len(known), len(is_known)):
        return None
    return ~is_known


def _insert(trace: Trace, extra: Trace) -> Trace:
    if not len(extra["X"]):
        return trace
    joined = concatenate([trace, extra], _fill)
    return select(joined, np.lexsort((joined["steps"], joined["tstamp"], joined["worker"])))


def _facts_near(name: str, candidates: list[tuple[str, JobFacts]]) -> JobFacts:
    """What the files tell that lie near a drive's: the nearest first, of those files of the same kind of job."""

    def common(other: str) -> int:
        pairs = zip(PurePosixPath(name).parent.parts, PurePosixPath(other).parent.parts, strict=False)
        shared = 0
        for a, b in pairs:
            if a != b:
                break
            shared += 1
        return shared

    candidates = [(other, told) for other, told in candidates if told != JobFacts()]
    facts = JobFacts()
    kind = _kind(name, None)
    for shared in sorted({common(other) for other, _told in candidates}, reverse=True):
        near = [(other, told) for other, told in candidates if common(other) == shared]
        if shared == 0 and len({told.simulator_version for _other, told in near} - {None}) > 1:
            break  # a folder of unrelated jobs
        for other, told in sorted(near, key=lambda item: _kind(item[0], None) != kind):
            facts = facts.completed_by(told if _kind(other, None) == kind else replace(told, job_type=None))
    return facts


def _episode_starts(trace: Trace) -> NDArray[np.int64]:
    changed = np.ones(len(trace["X"]), np.bool_)
    changed[1:] = (np.diff(trace["steps"]) <= 0) | np.logical_or.reduce(
        [np.diff(trace[name]) != 0 for name in ("episode", "worker", "iteration")]
    )
    return np.flatnonzero(changed)
