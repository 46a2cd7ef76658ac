"""The film of a race, drawn from its traces: every car in its colour and with its name, holding after holding."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openracer.language import gettext as _
from openracer.models.drives import Drive
from openracer.models.race_records import RaceRecord
from openracer.runs.film import FRAMES_PER_SECOND, camera_frames
from openracer.runs.video import VideoWriter
from openracer.simulation.bodies import CAR
from openracer.simulation.overlay import format_race_time
from openracer.simulation.race_composition import RACE_COLOURS, RaceComposition, RacingCar
from openracer.simulation.scenery import Scenery
from openracer.simulation.threads import available_cores
from openracer.tracks import catalogue

_HOLD_FRAMES = 2 * FRAMES_PER_SECOND
"""The last picture of a holding stays for two seconds, so that the result can be read."""
_WINDOW = 32
"""So many pictures are drawn side by side, so that a long film needs no more memory than a short one."""


def film_race(path: Path, race: RaceRecord, on_progress: Callable[[float], None]) -> None:
    """Write a race as an MP4, in simulated time.

    Args:
        path: of the file.
        race: to film.
        on_progress: told the share that is done, 0 to 1.

    Raises:
        OSError: the file cannot be written; no half of it is left.
        ValueError: its track is not there any more, or a trace is broken.
    """
    track = catalogue.find(str(race.settings["track"]), bool(race.settings["reverse"]))
    scenery = Scenery([track])
    composition = RaceComposition(scenery, len(race.names))
    holdings = [
        _Holding(race, number, drives, scenery, composition) for number, drives in enumerate(race.drives(), 1)
    ]
    total, done = sum(holding.frames for holding in holdings), 0
    with (
        ThreadPoolExecutor(available_cores()) as pool,
        VideoWriter(path, composition.width, composition.height, FRAMES_PER_SECOND) as video,
    ):
        for holding in holdings:
            for first in range(0, holding.frames, _WINDOW):
                for image in pool.map(holding.draw, range(first, min(first + _WINDOW, holding.frames))):
                    video.write(image)
                    done += 1
                    on_progress(done / total)
            for _moment in range(_HOLD_FRAMES):
                video.write(image)


class _Holding:
    """One holding of the race, as pictures."""

    def __init__(
        self,
        race: RaceRecord,
        number: int,
        drives: Sequence[Drive],
        scenery: Scenery,
        composition: RaceComposition,
    ):
        self._race, self._drives, self._composition = race, drives, composition
        self._title = _("Race {number} of {count}").format(number=number, count=race.trials)
        self.frames = int(max(drive.time[-1] for drive in drives) * FRAMES_PER_SECOND) + 1
        moments = np.arange(1, self.frames + 1) / FRAMES_PER_SECOND
        # Row of each car at each picture: the latest that was written by then, or the first one.
        self._rows = [
            np.maximum(np.searchsorted(drive.time, moments + 1e-6, side="right") - 1, 0) for drive in drives
        ]
        self._laps = [np.cumsum(np.diff(drive.progress, prepend=0.0) < -50.0) for drive in drives]
        self._seen = [self._views(scenery, car) for car in range(len(drives))]
        self._results = {r.car: r for r in race.results if r.trial == number}

    def _views(self, scenery: Scenery, car: int) -> NDArray[np.uint8]:
        """What a car's camera saw at each of its rows."""
        drive = self._drives[car]
        others = np.stack(
            [_poses_at(other, drive.time) for k, other in enumerate(self._drives) if k != car], axis=1
        )
        return camera_frames(scenery, drive.x, drive.y, drive.yaw, others, CAR)

    def draw(self, frame: int) -> NDArray[np.uint8]:
        """The picture of a moment."""
        cars = [self._car(number, frame) for number in range(len(self._drives))]
        standings = sorted(range(len(cars)), key=lambda number: self._merit(number, frame))
        time = format_race_time((frame + 1) / FRAMES_PER_SECOND)[:-2]
        return self._composition.compose(f"{self._title}   {time}", cars, standings)

    def _has_ended(self, car: int, frame: int) -> bool:
        return bool((frame + 1) / FRAMES_PER_SECOND > self._drives[car].time[-1] + 0.5 / FRAMES_PER_SECOND)

    def _merit(self, car: int, frame: int) -> tuple[float, ...]:
        """The less the better: finishers by their time, the others by their distance."""
        result, row = self._results[car], self._rows[car][frame]
        if self._has_ended(car, frame) and result.is_finished:
            return (0.0, result.time_s, result.place)
        return (1.0, -float(self._laps[car][row] * 100.0 + self._drives[car].progress[row]), result.place)

    def _car(self, car: int, frame: int) -> RacingCar:
        drive, row, result = self._drives[car], self._rows[car][frame], self._results[car]
        has_ended = self._has_ended(car, frame)
        if has_ended and result.is_finished:
            words = _("finished in {time}").format(time=format_race_time(result.time_s))
        elif has_ended:
            words = _("out: {status}").format(status=_(result.status))
        else:
            words = _("lap {lap} of {laps}, {speed:.1f} m/s, {resets} resets").format(
                lap=min(int(self._laps[car][row]) + 1, int(self._race.settings["laps"])),
                laps=self._race.settings["laps"],
                speed=drive.speed[row],
                resets=int(drive.resets[row]),
            )
        return RacingCar(
            self._race.names[car],
            RACE_COLOURS[car],
            float(drive.x[row]),
            float(drive.y[row]),
            float(drive.yaw[row]),
            float(drive.steering[row]),
            self._seen[car][row],
            not has_ended,
            words,
        )


def _poses_at(drive: Drive, times: NDArray[np.float64]) -> NDArray[np.float32]:
    """``(K, 3)`` x, y and yaw of a car at some times, s; not a number once it has ended its race."""
    rows = np.searchsorted(drive.time, times + 1e-6, side="right") - 1
    poses = np.stack([drive.x, drive.y, drive.yaw], axis=1)[np.maximum(rows, 0)].astype(np.float32)
    poses[times > drive.time[-1] + 1e-6] = np.nan
    return poses
