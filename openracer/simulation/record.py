"""What is known of every car at one row of its trace: the state before the row's action acts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.columns import zero_columns
from openracer.simulation.status import Status

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


class StepRecord(NamedTuple):
    """One row of N cars, one ``(N,)`` array for each quantity.

    As in the AWS simulator, row k shows the car before action k acts, and the reward of row k is a function of this
    state and of action k.

    Attributes:
        steps: row number within the episode, 1 in the first.
        x: the car's front point, m.
        y: the car's front point, m.
        heading_deg: -180 to 180, counter-clockwise from +x.
        progress: percent of the lap since its start.
        previous_waypoint: index of the waypoint behind the front point.
        next_waypoint: index of the waypoint ahead of it.
        closest_waypoint: the nearer of the two.
        distance_from_centre: front point to the centre line, m.
        projection_distance: arc length of the front point's projection from the first waypoint, m.
        track_width: distance of the borders there, m.
        is_left_of_centre: front point is left of the centre line.
        all_wheels_on_track: all four wheels are between the borders.
        is_offtrack: the episode's off-track rule holds in this row.
        is_crashed: the crash rule holds in this row.
        sim_time: simulation clock when the row is written, s.
        status: :class:`openracer.simulation.status.Status`.
        done: the episode ends with this row.
        pause_duration: penalty time left, s.
        previous_object: index of the object behind the front point along the track, among all but the car itself.
        next_object: index of the one ahead.
        object_in_camera: the one ahead is in the camera's field of view.
        running: the car is driven in this row; only then the reward function is called.
    """

    steps: IntArray
    x: FloatArray
    y: FloatArray
    heading_deg: FloatArray
    progress: FloatArray
    previous_waypoint: IntArray
    next_waypoint: IntArray
    closest_waypoint: IntArray
    distance_from_centre: FloatArray
    projection_distance: FloatArray
    track_width: FloatArray
    is_left_of_centre: BoolArray
    all_wheels_on_track: BoolArray
    is_offtrack: BoolArray
    is_crashed: BoolArray
    sim_time: FloatArray
    status: NDArray[np.int8]
    done: BoolArray
    pause_duration: FloatArray
    previous_object: IntArray
    next_object: IntArray
    object_in_camera: BoolArray
    running: BoolArray

    def ends_lap(self, cars: NDArray[np.int64]) -> BoolArray:
        """Whether the row ended the episode of some cars ``(K,)``, or one of its laps, ``(K,)``."""
        # A car that is held for a penalty may stand with its nose beyond the line; that is no lap.
        is_lap = (self.progress[cars] >= 100.0) & (self.status[cars] == Status.IN_PROGRESS)
        return self.done[cars] | is_lap

    @classmethod
    def zeros(cls, cars: int) -> "StepRecord":
        """Rows of N cars, all zero."""
        integers = {"steps", "previous_waypoint", "next_waypoint", "closest_waypoint"}
        integers |= {"previous_object", "next_object"}
        booleans = {
            "is_left_of_centre",
            "all_wheels_on_track",
            "is_offtrack",
            "is_crashed",
            "object_in_camera",
            "done",
            "running",
        }
        kinds: dict[str, type[np.generic]] = dict.fromkeys(cls._fields, np.float64)
        kinds |= dict.fromkeys(integers, np.int32) | dict.fromkeys(booleans, np.bool_) | {"status": np.int8}
        return cls(*zero_columns(kinds, cars))
