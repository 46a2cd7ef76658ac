"""The record of a drive, with which anyone can drive it again: rules, seed, versions, the hash of weights, actions.

One NumPy archive (``.npz``, nothing pickled): ``header`` is JSON as bytes, ``actions`` what the policy chose, ``rows``
the trace, ``centre``, ``inner`` and ``outer`` the track in the direction that was driven.
"""

import json
import platform
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer import __version__
from openracer.atomic import write_bytes
from openracer.environments.action_space import ActionSpace, ContinuousActionSpace, DiscreteActionSpace
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.league.drive import RaceDrive, drive_race, replay_race
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.models.episodes import WIDTH
from openracer.models.folder import ModelFolder
from openracer.tracks.track import Track

TOLERANCE_M = 0.01
"""Elsewhere, recorded actions replay to within 1 cm."""

_FORMAT = 1
_LARGEST = 64_000_000
_X, _Y = 1, 2


@dataclass(frozen=True)
class RaceRecord:
    """What is known of a drive.

    Attributes:
        race: its rules.
        drive: what came of it; its trace is in ``rows``.
        rows: ``(steps, WIDTH)``, see :mod:`openracer.models.episodes`.
        versions: of OpenRacer, NumPy, Numba and PyTorch, and the machine that drove.
    """

    race: Race
    drive: RaceDrive
    rows: NDArray[np.float64]
    versions: dict[str, str]


@dataclass(frozen=True)
class Verification:
    """What came of driving a record again.

    Attributes:
        same_machine: whether versions and kind of machine are those of the record.
        is_exact: whether every row is the same, bit for bit.
        deviation_m: the largest distance between the two drives at the same step, m; infinite if one is longer.
        laps_agree: whether lap times are the same to a millisecond, and resets.
    """

    same_machine: bool
    is_exact: bool
    deviation_m: float
    laps_agree: bool

    @property
    def holds(self) -> bool:
        """Whether the record tells what was driven."""
        is_near = not self.same_machine and self.deviation_m <= TOLERANCE_M
        return self.laps_agree and (self.is_exact or is_near)


def write_record(path: Path, race: Race, drive: RaceDrive) -> None:
    """Write the record of a drive.

    Raises:
        openracer.atomic.WriteError: it cannot be written.
    """
    header = {
        "format": _FORMAT,
        "versions": versions(),
        "race": race.model_dump(mode="json"),
        "seed": drive.seed,
        "vehicle": drive.vehicle,
        "weights_sha256": drive.weights_sha256,
        "laps": [[lap.time_ms, lap.resets] for lap in drive.laps],
        "duration_s": drive.duration_s,
        "action_space": _space_as_json(drive.action_space),
        "track": {
            "name": drive.track.name,
            "closed": drive.track.closed,
            "is_reversed": drive.track.is_reversed,
        },
    }
    content = BytesIO()
    np.savez_compressed(
        content,
        header=np.frombuffer(json.dumps(header).encode(), np.uint8),
        actions=drive.actions,
        rows=drive.rows,
        centre=drive.track.centre,
        inner=drive.track.inner,
        outer=drive.track.outer,
    )
    write_bytes(path, content.getvalue())


def read_record(path: Path) -> RaceRecord:
    """Read the record of a drive.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is no record, or damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(_("there is no file {file}").format(file=path))
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError("it is too large")
        with np.load(path, allow_pickle=False) as arrays:
            return _record({name: arrays[name] for name in arrays.files})
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, RecursionError) as error:
        raise FormatError(
            _("{file} is no record of a race: {error}").format(file=path.name, error=error)
        ) from None


def _record(arrays: dict[str, NDArray[Any]]) -> RaceRecord:
    header = json.loads(arrays["header"].astype(np.uint8).tobytes())
    if header["format"] != _FORMAT:
        raise ValueError(f"format {header['format']}")
    space = _space_from_json(header["action_space"])
    rows = arrays["rows"].astype(np.float64)
    actions = arrays["actions"].astype(space.action_dtype)
    if rows.ndim != 2 or rows.shape[1] != WIDTH or actions.shape != (len(rows), *space.action_shape):
        raise ValueError(f"rows {rows.shape}, actions {actions.shape}")
    if isinstance(space, DiscreteActionSpace) and not ((actions >= 0) & (actions < space.n_actions)).all():
        raise ValueError("an action that there is not")
    told = header["track"]
    track = Track(
        str(told["name"]), str(told["name"]), "", arrays["centre"], arrays["inner"], arrays["outer"],
        bool(told["closed"]), bool(told["is_reversed"]),
    )  # fmt: skip
    drive = RaceDrive(
        laps=tuple(Lap(int(time), int(resets)) for time, resets in header["laps"]),
        duration_s=float(header["duration_s"]),
        seed=int(header["seed"]),
        vehicle=str(header["vehicle"]),
        track=track,
        action_space=space,
        actions=actions,
        weights_sha256=str(header["weights_sha256"]),
        trace=(),
    )
    known = {str(name): str(version) for name, version in header["versions"].items()}
    return RaceRecord(Race(**header["race"]), drive, rows, known)


def verify(record: RaceRecord) -> Verification:
    """Drive a record's actions again and compare.

    Raises:
        ValueError: its vehicle is unknown here.
    """
    told = record.drive
    return compare(
        record,
        replay_race(record.race, told.seed, told.vehicle, told.track, told.action_space, told.actions),
    )


def redrive(record: RaceRecord, folder: ModelFolder, checkpoint: str = "best") -> Verification:
    """Let a model drive what a record tells, on the record's own track, and compare.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged.
    """
    return compare(record, drive_race(folder, record.race, record.drive.seed, checkpoint, record.drive.track))


def compare(record: RaceRecord, drive: RaceDrive) -> Verification:
    """Compare a record with a drive of the same rules and seed."""
    rows = drive.rows
    deviation = float("inf")
    if rows.shape == record.rows.shape:
        between = np.hypot(*(rows[:, [_X, _Y]] - record.rows[:, [_X, _Y]]).T)
        deviation = float(between.max())
    return Verification(
        same_machine=record.versions == versions(),
        # Bytes, because an array that holds no number at a place would not be equal to itself.
        is_exact=rows.shape == record.rows.shape and rows.tobytes() == record.rows.tobytes(),
        deviation_m=deviation,
        laps_agree=len(drive.laps) == len(record.drive.laps)
        and all(
            abs(one.time_ms - other.time_ms) <= 1 and one.resets == other.resets
            for one, other in zip(drive.laps, record.drive.laps, strict=True)
        ),
    )


def versions() -> dict[str, str]:
    """What has to be the same for the same bits."""
    import numba
    import torch

    return {
        "openracer": __version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "torch": torch.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _space_as_json(space: ActionSpace) -> dict[str, Any]:
    kind = "discrete" if isinstance(space, DiscreteActionSpace) else "continuous"
    return {"kind": kind, "steering_deg": list(space.steering_deg), "speed": list(space.speed)}


def _space_from_json(told: dict[str, Any]) -> ActionSpace:
    steering, speed = (tuple(float(value) for value in told[name]) for name in ("steering_deg", "speed"))
    if told["kind"] == "discrete":
        return DiscreteActionSpace(steering, speed)
    (low, high), (slow, quick) = steering, speed
    return ContinuousActionSpace((low, high), (slow, quick))
