"""What drives in a race, in a process of its own, confined as every program that works for a stranger."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from openracer.atomic import write_bytes, write_json
from openracer.formats.documents import read_json_object
from openracer.language import gettext as _
from openracer.league.race import Race
from openracer.models.folder import ModelFolder
from openracer.runs.control import ControlBlock
from openracer.runs.watched import WatchedProcess

REQUEST_FILE, RESULT_FILE, RECORD_FILE = "request.json", "result.json", "record.npz"
_POLL_S = 0.05


class DriveError(ValueError):
    """What was submitted cannot drive; the text says why."""


class DriveBrokenOffError(Exception):
    """The process ended without a result, as if killed or short of memory; what was submitted may be all right."""


class RaceProcess:
    """The process in which submissions drive; a context manager, at whose end it is ended if it still runs.

    One submission drives alone and leaves a record; two drive a duel.

    Args:
        entries: copies of models; they are only read.
        race: whose rules hold.
        seed: of the drive.

    Raises:
        WriteError: no temporary files can be written.
    """

    def __init__(self, entries: Sequence[ModelFolder], race: Race, seed: int):
        self._temporary = tempfile.TemporaryDirectory(prefix="openracer-drive-")
        place = self._place = Path(self._temporary.name)
        paths = [str(entry.path) for entry in entries]
        request = {"entries": paths, "race": race.model_dump(mode="json"), "seed": seed}
        write_json(place / REQUEST_FILE, request)
        self._process = WatchedProcess(
            "openracer.league.race_worker",
            [str(place)],
            [place],
            ControlBlock(place / "control", create=True),
            place / "output.log",
            reads=[entry.path for entry in entries],
        )

    def watch(self) -> Iterator[None]:
        """Yields about twenty times a second until the drive has ended.

        Raises:
            DriveError: it takes too much memory.
        """
        while self._process.exit_code is None:
            yield None
            if (failure := self._process.misbehaves()) is not None:
                raise DriveError(failure)
            time.sleep(_POLL_S)

    def result(self) -> dict[str, Any]:
        """What came of it, only after :meth:`watch`: ``laps`` and ``duration_s`` of a drive, or a duel's values.

        Raises:
            DriveError: what was submitted cannot drive.
            DriveBrokenOffError: the process ended without a result.
        """
        result = self._place / RESULT_FILE
        code = self._process.exit_code
        if code is not None and code < 0:
            raise DriveBrokenOffError(_("the drive was killed (signal {signal})").format(signal=-code))
        if not result.is_file():
            raise DriveBrokenOffError(self._process.unexpected_end())
        values = read_json_object(result)
        if "mistake" in values:
            raise DriveError(values["mistake"])
        return values

    def keep_record(self, path: Path) -> None:
        """Copy the record of a drive to where it stays.

        Raises:
            WriteError: it cannot be written.
        """
        write_bytes(path, (self._place / RECORD_FILE).read_bytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._temporary.cleanup()
