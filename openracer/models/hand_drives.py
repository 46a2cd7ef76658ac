"""What the user drove by hand: a folder for each drive, with a trace like any other and a few words about it."""

import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.atomic import WriteError, synchronise, write_json
from openracer.formats.documents import read_json_object
from openracer.formats.simtrace import write_simtrace
from openracer.language import gettext as _
from openracer.models.drives import Drive, read_drives
from openracer.models.episodes import EpisodeTrace, columns_of
from openracer.simulation.status import Status

_CARD = "drive.json"
_TRACE = "0-iteration.csv"
_STAMP = re.compile(r"\d{14}")


class DriveNotFoundError(FileNotFoundError):
    """There is no such drive."""


@dataclass(frozen=True, slots=True)
class HandDrive:
    """One drive.

    Attributes:
        stamp: when it ended, 14 digits, UTC.
        track: world name.
        reverse: driven the other way round.
        vehicle: generation of the car.
        lap_time_s: of the lap, penalties included; None where it was not completed.
        resets: how often the car was put back.
        status: how it ended, DeepRacer's label.
    """

    stamp: str
    track: str
    reverse: bool
    vehicle: str
    lap_time_s: float | None
    resets: int
    status: str

    @property
    def path(self) -> Path:
        """Its folder."""
        return locations.drives_folder() / self.stamp

    @property
    def trace_file(self) -> Path:
        """Its simtrace file."""
        return self.path / _TRACE

    def drive(self) -> Drive:
        """How it was driven.

        Raises:
            FileNotFoundError: the trace is missing.
            ValueError: it is damaged.
        """
        drives = read_drives(self.trace_file)
        if not drives:
            raise ValueError(_("{file}: it has no rows").format(file=self.trace_file))
        return drives[0]


def keep_drive(
    trace: EpisodeTrace,
    track: str,
    reverse: bool,
    vehicle: str,
    lap_time_s: float | None,
    resets: int,
    now: datetime,
) -> HandDrive:
    """Write a drive; it is there completely or not at all.

    Args:
        trace: its rows.
        track: world name.
        reverse: driven the other way round.
        vehicle: generation of the car.
        lap_time_s: of the lap; None where it was not completed.
        resets: how often the car was put back.
        now: when it ended, UTC.

    Raises:
        WriteError: it cannot be written.
    """
    folder = locations.drives_folder()
    while (folder / f"{now:%Y%m%d%H%M%S}").exists():
        now += timedelta(seconds=1)
    drive = HandDrive(f"{now:%Y%m%d%H%M%S}", track, reverse, vehicle, lap_time_s, resets, trace.status.label)
    temporary = folder / f".writing-{uuid.uuid4().hex}"
    try:
        write_simtrace(temporary / _TRACE, columns_of([trace], 0, continuous=True))
        write_json(temporary / _CARD, asdict(drive), indent=1)
        temporary.rename(drive.path)
        synchronise(folder)
    except OSError as error:
        raise WriteError(drive.path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return drive


def hand_drives() -> list[HandDrive]:
    """All drives, the newest first; folders that are damaged are passed over."""
    found = []
    for path in sorted(locations.drives_folder().glob("[0-9]*"), reverse=True):
        try:
            found.append(_read(path))
        except (OSError, ValueError):
            continue
    return found


def find_drive(stamp: str) -> HandDrive:
    """The drive of a stamp that may come from a browser.

    Raises:
        DriveNotFoundError: there is none.
        ValueError: it is damaged.
    """
    path = locations.drives_folder() / stamp if _STAMP.fullmatch(stamp) else None
    if path is None or not (path / _CARD).is_file():
        raise DriveNotFoundError(_("there is no drive {stamp!r}").format(stamp=stamp[:20]))
    return _read(path)


def delete_drive(stamp: str) -> None:
    """Delete a drive.

    Raises:
        DriveNotFoundError: there is none.
        WriteError: it cannot be deleted.
    """
    drive = find_drive(stamp)
    doomed = drive.path.with_name(f".deleted-{uuid.uuid4().hex}")
    try:
        drive.path.rename(doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise WriteError(drive.path, error) from error


def _read(path: Path) -> HandDrive:
    card: Mapping[str, Any] = read_json_object(path / _CARD)
    try:
        lap_time = card["lap_time_s"]
        return HandDrive(
            stamp=path.name,
            track=str(card["track"]),
            reverse=bool(card["reverse"]),
            vehicle=str(card["vehicle"]),
            lap_time_s=None if lap_time is None else float(lap_time),
            resets=int(card["resets"]),
            status=Status[str(card["status"]).upper()].label,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(_("{file}: it is damaged").format(file=path / _CARD)) from error
