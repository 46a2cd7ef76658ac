"""Races of models against each other: a folder for each, with the results and a trace for each car.

::

    races/{14 digits}/race.json  racecar_{n}-simtrace.csv  race.mp4

``race.json`` has the settings and the results; car n is the n-th of the entries, counted from 0.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.atomic import WriteError, synchronise, write_json
from openracer.formats.documents import read_json_object
from openracer.formats.errors import FormatError
from openracer.formats.simtrace import write_simtrace
from openracer.language import gettext as _
from openracer.models.drives import Drive, join, read_drives
from openracer.models.episodes import EpisodeTrace, columns_of
from openracer.simulation.status import Status

RESULT_FILE = "race.json"
FILM_FILE = "race.mp4"
_STAMP = re.compile(r"\d{14}")


@dataclass(frozen=True)
class CarResult:
    """How a car did in one holding of a race.

    Attributes:
        trial: which holding, counted from 1.
        car: index of its entry.
        start_place: on the grid, counted from 1.
        place: at the end, counted from 1; cars that did equally well share one.
        lap_times: of the completed laps, s, penalties included.
        progress: percent of the lap that was begun last.
        status: DeepRacer's title of how it ended.
        off_tracks: times the car left the track.
        crashes: times it ran into another.
        resets: times it was held for an incident, or put back.
        steps: control steps.
    """

    trial: int
    car: int
    start_place: int
    place: int
    lap_times: tuple[float, ...]
    progress: float
    status: str
    off_tracks: int
    crashes: int
    resets: int
    steps: int

    @property
    def is_finished(self) -> bool:
        """Whether all laps were completed."""
        return self.status == Status.LAP_COMPLETE.title

    @property
    def distance_laps(self) -> float:
        """How far it came."""
        return len(self.lap_times) + (0.0 if self.is_finished else self.progress / 100.0)

    @property
    def time_s(self) -> float:
        """Time of the completed laps, s."""
        return sum(self.lap_times)


@dataclass(frozen=True)
class RaceRecord:
    """A race that was driven.

    Attributes:
        path: its folder.
        settings: the request, with the track by its name.
        names: of the entries, each once.
        checkpoints: that drove.
        results: of every car in every holding, by holding and place.
    """

    path: Path
    settings: Mapping[str, Any]
    names: tuple[str, ...]
    checkpoints: tuple[str, ...]
    results: tuple[CarResult, ...]

    @property
    def stamp(self) -> str:
        """When it was, 14 digits, UTC; by which it is known."""
        return self.path.name

    @property
    def trials(self) -> int:
        """How often the race was held."""
        return len({result.trial for result in self.results})

    @property
    def standings(self) -> list[tuple[str, float]]:
        """The entries with their mean places, the best first."""
        places: dict[int, list[int]] = {}
        for result in self.results:
            places.setdefault(result.car, []).append(result.place)
        means = {self.names[car]: sum(all_of) / len(all_of) for car, all_of in sorted(places.items())}
        return sorted(means.items(), key=lambda entry: entry[1])

    def trace_file(self, car: int) -> Path:
        """The trace of a car: an episode for each lap, holding after holding."""
        return self.path / f"racecar_{car}-simtrace.csv"

    def drives(self) -> list[list[Drive]]:
        """Of every holding, what each car drove, in the order of the entries and in the time of the race.

        Raises:
            FileNotFoundError: a trace is missing.
            ValueError: one is broken, or of another race.
        """
        cars = []
        for car in range(len(self.names)):
            counts = [_episodes(result) for result in self._of(car)]
            laps = iter(read_drives(self.trace_file(car), [0.0] * sum(counts)))
            cars.append([join([next(laps) for _lap in range(count)]) for count in counts])
        return [[drives[trial] for drives in cars] for trial in range(self.trials)]

    def _of(self, car: int) -> list[CarResult]:
        return sorted((r for r in self.results if r.car == car), key=lambda result: result.trial)

    def as_json(self) -> dict[str, Any]:
        """Everything but the folder, for JSON."""
        return {
            "settings": dict(self.settings),
            "names": list(self.names),
            "checkpoints": list(self.checkpoints),
            "results": [asdict(result) for result in self.results],
        }


def _episodes(result: CarResult) -> int:
    """Into how many episodes a trace divides a holding: one for each lap, the last one even if it is not complete."""
    return len(result.lap_times) + (not result.is_finished)


def write_race(
    record: RaceRecord, traces: Sequence[Sequence[EpisodeTrace]], continuous: Sequence[bool], now: datetime
) -> RaceRecord:
    """Write a race; it is there completely or not at all.

    Args:
        record: of it, whose path does not count.
        traces: of each entry, its laps, holding after holding.
        continuous: whether an entry's action space is.
        now: when it was, UTC.

    Returns:
        The record with its path.

    Raises:
        WriteError: it cannot be written.
    """
    folder = locations.races_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = _claim(folder, now)
    except OSError as error:
        raise WriteError(folder, error) from error
    path = folder / temporary.name.removeprefix(".").removesuffix(".tmp")
    try:
        written = RaceRecord(temporary, record.settings, record.names, record.checkpoints, record.results)
        for car, laps in enumerate(traces):
            write_simtrace(written.trace_file(car), columns_of(list(laps), 0, continuous[car]))
        write_json(temporary / RESULT_FILE, record.as_json(), indent=1)
        temporary.rename(path)
        synchronise(folder)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError):
            raise WriteError(path, error) from error
        raise
    return RaceRecord(path, record.settings, record.names, record.checkpoints, record.results)


def _claim(folder: Path, now: datetime) -> Path:
    """The temporary folder of a stamp that no other race has."""
    while True:
        temporary = folder / f".{now:%Y%m%d%H%M%S}.tmp"
        try:
            temporary.mkdir()
        except FileExistsError:
            now += timedelta(seconds=1)
            continue
        if not (folder / f"{now:%Y%m%d%H%M%S}").exists():
            return temporary
        temporary.rmdir()
        now += timedelta(seconds=1)


def race_place(job: str) -> Path:
    """Where a race that a job drives can be watched."""
    return locations.races_folder() / f".live-{job}"


def read_race(stamp: str) -> RaceRecord:
    """The race of a stamp.

    Raises:
        FileNotFoundError: there is none.
        FormatError: its results are damaged.
    """
    path = locations.races_folder() / stamp
    if not _STAMP.fullmatch(stamp) or not (path / RESULT_FILE).is_file():
        raise FileNotFoundError(_("there is no race {stamp}").format(stamp=stamp[:20]))
    values = read_json_object(path / RESULT_FILE)
    try:
        results = tuple(
            CarResult(**{**result, "lap_times": tuple(result["lap_times"])}) for result in values["results"]
        )
        return RaceRecord(
            path, values["settings"], tuple(values["names"]), tuple(values["checkpoints"]), results
        )
    except (KeyError, TypeError):
        raise FormatError(_("{file} is damaged").format(file=path / RESULT_FILE)) from None


def read_races() -> Iterator[RaceRecord]:
    """The user's races, the newest first; damaged ones are passed over."""
    for path in sorted(locations.races_folder().glob("[0-9]*"), reverse=True):
        try:
            yield read_race(path.name)
        except (ValueError, OSError):
            continue


def rank(results: Sequence[CarResult]) -> list[CarResult]:
    """The cars of one holding by their places, which are given here.

    Who completed all laps goes before who did not; of those the least time counts, of the others the distance.
    """

    def merit(result: CarResult) -> tuple[bool, float]:
        if result.is_finished:
            return False, round(result.time_s, 3)
        return True, -round(result.distance_laps, 6)

    ranked: list[CarResult] = []
    for _merit, equal in groupby(sorted(results, key=merit), key=merit):
        place = len(ranked) + 1
        ranked += [CarResult(**{**vars(result), "place": place}) for result in equal]
    return ranked
