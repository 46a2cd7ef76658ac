"""Text logs of the simulator (RoboMaker, DeepRacer-for-Cloud, DeepRacer on AWS): their trace rows and what they tell.

A log is read once, in pieces, so that its size does not matter. Lines of interest are found by their marks, wherever
they stand in a line, as in aws-deepracer-community/deepracer-utils and deepracer-community/deepracer-log-guru.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, BinaryIO

import numpy as np

from openracer.formats.errors import FormatError
from openracer.formats.log_rows import concatenate, parse_rows
from openracer.formats.model_metadata import Action, ActionRanges, parse_model_metadata
from openracer.formats.row_scanner import extract_rows
from openracer.formats.simtrace import Trace

TRACE_MARK = b"SIM_TRACE_LOG:"
"""Stands before every trace row."""

_PIECE = 8 << 20
_HEAD = 4 << 20
"""What a log tells about its job stands before the first episode; so much of it is searched."""

_LONGEST_LINE = 1 << 20
# `docker compose logs` puts the container's name in front; each is one worker.
_ROW_OF_CONTAINER = re.compile(rb"^(\S+)[ \t]+\|[^\n]*?SIM_TRACE_LOG:([^\t\r\nS]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known about the job that drove; None where a log does not tell.

    Attributes:
        simulator_version: of ``model_metadata.json``: 3.0 and 4.0 (console to 2022), 5.0, 6.0 (DeepRacer on AWS).
        world_name: of the track, such as ``reinvent_base``.
        job_type: ``TRAINING``, ``EVALUATION`` or ``LEADERBOARD``.
        race_type: such as ``TIME_TRIAL``.
        training_algorithm: ``clipped_ppo`` or ``sac``.
        action_space: discrete actions or continuous ranges.
        episodes_per_iteration: training episodes that this worker drives between two updates.
    """

    simulator_version: float | None = None
    world_name: str | None = None
    job_type: str | None = None
    race_type: str | None = None
    training_algorithm: str | None = None
    action_space: tuple[Action, ...] | ActionRanges | None = None
    episodes_per_iteration: int | None = None

    def completed_by(self, other: "JobFacts") -> "JobFacts":
        """These facts, and the other's where these are unknown."""
        missing = {f.name: getattr(other, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **missing)

    @property
    def vehicle(self) -> str | None:
        """The vehicle preset of that simulator: versions 3 and 4 are the same car; None where unknown."""
        if self.simulator_version is None or self.simulator_version < 3.0:
            return None
        return "v4" if self.simulator_version < 5.0 else "v5" if self.simulator_version < 6.0 else "v6"


@dataclass(frozen=True, eq=False, slots=True)
class TextLog:
    """A text log's content.

    Attributes:
        trace: columns of its rows, ``worker`` (int64, from 0) included; None where it has no row.
        broken: rows that could not be understood.
        facts: what it tells about its job.
    """

    trace: Trace | None
    broken: int
    facts: JobFacts


def read_text_log(stream: BinaryIO) -> TextLog:
    """Read a log from its beginning to its end."""
    head = b""
    rows: dict[bytes, list[bytes]] = {}
    for piece in _whole_lines(stream):
        if len(head) < _HEAD:
            head += piece[: _HEAD - len(head)]
        if b"|" in piece and (found := _ROW_OF_CONTAINER.findall(piece)):
            for container, row in found:
                rows.setdefault(container, []).append(row + b"\n")
        elif lines := _rows_of(piece):
            rows.setdefault(b"", []).append(lines)
    broken = 0
    traces = []
    for worker, name in enumerate(sorted(rows)):
        trace, bad = parse_rows(b"".join(rows.pop(name)))
        broken += bad
        if len(trace["X"]):
            traces.append(trace | {"worker": trace["episode"] * 0 + worker})
    joined = concatenate(traces, lambda _name: 0) if traces else None
    return TextLog(joined, broken, find_facts(head))


def _rows_of(piece: bytes) -> bytes:
    """The trace rows of a part of a log, each a line."""
    rows = np.empty(len(piece), np.uint8)
    return rows[: extract_rows(np.frombuffer(piece, np.uint8), rows)].tobytes()


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_PIECE):
        end = piece.rfind(b"\n") + 1
        if not end and len(rest) < _LONGEST_LINE:
            rest += piece
            continue
        yield rest + piece[:end]
        rest = piece[end:]
    yield rest


_VERSION = re.compile(rb"simapp_version[ :=]+(\d+(?:\.\d+)?)")
_ALGORITHM = re.compile(rb"training_algorithm (\w+)")
_ACTIONS = re.compile(rb"[Aa]ction space from file: ([\[{][^\r\n]{0,20000})")
_WORLD = (
    re.compile(rb"track direction YAML parameter: ([\w.-]+)"),
    re.compile(rb"['\"]WORLD_NAME['\"]: \[?['\"]([\w.-]+)"),
    re.compile(rb"/WORLD_NAME: ([\w.-]+)"),
    re.compile(rb"(?m)^WORLD_NAME(?:=|:\s*(?:-\s*)?)['\"]?([\w.-]+)"),  # the latter: training_params.yaml
    re.compile(rb"World name passed in YAML: ([\w.-]+)"),
)
_JOB = (re.compile(rb"/JOB_TYPE: (\w+)"), re.compile(rb"['\"]JOB_TYPE['\"]: \[?['\"](\w+)"))
_RACE = (re.compile(rb"/RACE_TYPE: (\w+)"), re.compile(rb"['\"]RACE_TYPE['\"]: \[?['\"](\w+)"))
_EPISODES = re.compile(rb"['\"]num_episodes_between_training['\"]: (\d{1,6})\b")
_WORKERS = re.compile(rb"/NUM_WORKERS: (\d{1,3})\b")


def find_facts(text: bytes) -> JobFacts:
    """What a log, or its first part, tells about its job."""
    version = _first((_VERSION,), text)
    actions = _first((_ACTIONS,), text)
    episodes = _first((_EPISODES,), text)
    workers = _first((_WORKERS,), text) or 1
    return JobFacts(
        simulator_version=float(version) if version else None,
        world_name=_first(_WORLD, text),
        job_type=_first(_JOB, text),
        race_type=_first(_RACE, text),
        training_algorithm=_first((_ALGORITHM,), text),
        action_space=_action_space(actions) if actions else None,
        episodes_per_iteration=max(1, int(episodes) // max(1, int(workers))) if episodes else None,
    )


def _first(patterns: tuple[re.Pattern[bytes], ...], text: bytes) -> str | None:
    for pattern in patterns:
        if found := pattern.search(text):
            return found[1].decode("ascii", "replace")
    return None


def _action_space(literal: str) -> tuple[Action, ...] | ActionRanges | None:
    """The action space that a log prints as a Python literal."""
    try:
        value: Any = ast.literal_eval(literal.strip())
        kind = "continuous" if isinstance(value, dict) else "discrete"
        return parse_model_metadata({"action_space": value, "action_space_type": kind}).action_space
    except (ValueError, SyntaxError, MemoryError, RecursionError, FormatError):
        return None
