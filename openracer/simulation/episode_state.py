"""What the rules of an episode remember of every car."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.columns import zero_columns


class EpisodeState(NamedTuple):
    """What the rules remember of N cars, one ``(N,)`` array for each quantity.

    Attributes:
        phase: held for the first row (0), driven (1) or held for a penalty (2).
        steps: rows so far.
        clock: simulated time since the world began, s.
        start_fraction: where the lap starts, as a fraction of the track's length.
        previous_progress: progress of the last row, percent; 0 at the start of a lap.
        previous_x: front point of the last row, m.
        previous_y: the same, m.
        still_rows: rows for which the car stood still.
        reverse_rows: rows for which progress fell.
        pause_left: penalty time left, s.
        episode_start: clock when the episode began, s.
        lap_start: clock when the lap began, s.
        lap_time: time of the lap that was completed last, s; 0 before.
        laps: laps completed in this episode.
        resets: times the car was put back in this lap.
        off_tracks: incidents of this kind in this lap.
        immobilizations: incidents of this kind in this lap.
        reversals: incidents of this kind in this lap.
        crashes: incidents of this kind in this lap.
    """

    phase: NDArray[np.int32]
    steps: NDArray[np.int32]
    clock: NDArray[np.float64]
    start_fraction: NDArray[np.float64]
    previous_progress: NDArray[np.float64]
    previous_x: NDArray[np.float64]
    previous_y: NDArray[np.float64]
    still_rows: NDArray[np.int32]
    reverse_rows: NDArray[np.int32]
    pause_left: NDArray[np.float64]
    episode_start: NDArray[np.float64]
    lap_start: NDArray[np.float64]
    lap_time: NDArray[np.float64]
    laps: NDArray[np.int32]
    resets: NDArray[np.int32]
    off_tracks: NDArray[np.int32]
    immobilizations: NDArray[np.int32]
    reversals: NDArray[np.int32]
    crashes: NDArray[np.int32]

    @classmethod
    def zeros(cls, cars: int) -> "EpisodeState":
        """States of N cars before their first episode."""
        numbers = ("clock", "start_fraction", "previous_progress", "previous_x", "previous_y")
        times = ("pause_left", "episode_start", "lap_start", "lap_time")
        kinds: dict[str, type[np.generic]] = dict.fromkeys(cls._fields, np.int32)
        return cls(*zero_columns(kinds | dict.fromkeys(numbers + times, np.float64), cars))
