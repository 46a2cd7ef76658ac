"""An evaluation in a process of its own, seen from its parent: user code that never returns cannot take us with it."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from openracer.atomic import write_json
from openracer.formats.documents import read_json_object
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder
from openracer.models.opponents import keep_opponent
from openracer.runs.control import ControlBlock
from openracer.runs.report import EvaluationReport
from openracer.runs.request import EvaluationRequest, describe, find_opponent
from openracer.runs.watched import WatchedProcess

OPPONENT = "opponent"
"""Name of the folder with the opponent, if there is one."""

_POLL_S = 0.05


class EvaluationError(ValueError):
    """An evaluation failed; the text says why."""


class EvaluationProcess:
    """The process that evaluates a model; a context manager, at whose end the process is ended if it still runs.

    Args:
        folder: of the model.
        request: what to evaluate.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: there is no such track, or a file of the model is damaged.
        WriteError: no temporary files can be written.
    """

    def __init__(self, folder: ModelFolder, request: EvaluationRequest):
        description, _checkpoint = describe(
            folder, request
        )  # what can be told at once is not told by the process
        self._temporary = tempfile.TemporaryDirectory(prefix="openracer-evaluation-")
        place = Path(self._temporary.name)
        self._report = place / "report.json"
        write_json(place / "request.json", asdict(request))
        if (opponent := find_opponent(folder, description)) is not None:
            keep_opponent(opponent, place / OPPONENT)  # the process may not see the user's other models
        control = ControlBlock(place / "control", create=True)
        self._process = WatchedProcess(
            "openracer.runs.evaluation_worker",
            [str(folder.path), str(place)],
            [folder.path, place],
            control,
            place / "output.log",
        )

    def watch(self) -> Iterator[None]:
        """Yields about twenty times a second until the evaluation has ended.

        Raises:
            EvaluationError: it failed.
        """
        while self._process.exit_code is None:
            yield None
            if (failure := self._process.misbehaves()) is not None:
                raise EvaluationError(failure)
            time.sleep(_POLL_S)

    def report(self) -> EvaluationReport:
        """What came of it; only after :meth:`watch`.

        Raises:
            EvaluationError: it failed.
        """
        code = self._process.exit_code
        if code is not None and code < 0:
            raise EvaluationError(_("the evaluation was killed (signal {signal})").format(signal=-code))
        if not self._report.is_file():
            raise EvaluationError(self._process.unexpected_end())
        values = read_json_object(self._report)
        if "mistake" in values:
            raise EvaluationError(values["mistake"])
        return EvaluationReport.from_json(values)

    def output(self) -> str:
        """What the reward function printed."""
        return self._process.output()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._temporary.cleanup()
