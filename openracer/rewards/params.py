"""The ``params`` dictionary that a reward function reads, built for many cars at once.

Keys, types and meanings are AWS DeepRacer's (AWS DeepRacer Developer Guide, "Input parameters of the AWS
DeepRacer reward function"; aws-deepracer-community/deepracer-simapp); ``docs/reward_parameters.md`` explains
them to users.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openracer.simulation.bodies import BOX, Bodies
from openracer.simulation.record import StepRecord

if TYPE_CHECKING:
    from openracer.tracks.track import Track


class Params(TypedDict):
    """What a reward function is told about one car at one step; every value is a plain Python object."""

    all_wheels_on_track: bool
    x: float
    y: float
    heading: float
    distance_from_center: float
    projection_distance: float
    progress: float
    steps: float
    speed: float
    steering_angle: float
    track_width: float
    track_length: float
    waypoints: list[tuple[float, float]]
    closest_waypoints: list[int]
    is_left_of_center: bool
    is_reversed: bool
    closest_objects: list[int]
    objects_location: list[list[float]]
    objects_left_of_center: list[bool]
    object_in_camera: bool
    objects_speed: list[float]
    objects_heading: list[float]
    objects_distance_from_center: list[float]
    objects_distance: list[float]
    is_crashed: bool
    is_offtrack: bool
    sim_time: float


class ParamsBuilder:
    """Turns rows of a :class:`StepRecord` into ``params`` dictionaries."""

    def __init__(
        self,
        tracks: Sequence["Track"],
        track_of_car: ArrayLike,
        bodies: Bodies | None = None,
        others: NDArray[np.int64] | None = None,
    ) -> None:
        """Prepare what does not change while the cars drive.

        Args:
            tracks: T tracks, in driving direction.
            track_of_car: ``(N,)`` the index in ``tracks`` of each car's track.
            bodies: of all worlds, as the simulator keeps them; None if nothing but the cars is on the roads.
            others: ``(N, O)`` which of them are the objects of each car: all of its world but itself.
        """
        waypoints = [list(map(tuple, track.centre.tolist())) for track in tracks]
        of_car = np.asarray(track_of_car, dtype=np.int64).tolist()
        self._waypoints: list[list[tuple[float, float]]] = [waypoints[track] for track in of_car]
        self._length = [tracks[track].length for track in of_car]
        self._bodies, self._others = bodies, others
        self._is_reversed = [tracks[track].is_reversed for track in of_car]

    def build(
        self,
        record: StepRecord,
        speed_mps: NDArray[np.float64],
        steering_deg: NDArray[np.float64],
        cars: NDArray[np.integer],
    ) -> Iterator[Params]:
        """The dictionaries of some of the cars, each made as it is asked for.

        Hundreds of dictionaries at once would outgrow the processor's cache and wake Python's garbage collector at
        every step; one after the other, they take the same memory in turn. The rows are read at the call.

        As on AWS, ``speed`` and ``steering_angle`` are the action's own values, and ``steps`` is a float. The
        dictionaries share nothing that can change: a reward function may write into its own. Where nothing but the
        car is on the road, the keys about objects keep AWS's defaults.

        Args:
            record: the row of all N cars.
            speed_mps: ``(N,)`` commanded speed, m/s.
            steering_deg: ``(N,)`` commanded steering angle, degrees, positive to the left.
            cars: ``(M,)`` the cars asked for.

        Returns:
            M dictionaries, in the order of ``cars``.
        """
        alone: Iterator[Params] = (
            {
                "all_wheels_on_track": all_wheels_on_track,
                "x": x,
                "y": y,
                "heading": heading,
                "distance_from_center": distance_from_center,
                "projection_distance": projection_distance,
                "progress": progress,
                "steps": steps,
                "speed": speed,
                "steering_angle": steering_angle,
                "track_width": track_width,
                "track_length": self._length[car],
                "waypoints": self._waypoints[car][:],
                "closest_waypoints": [previous, following],
                "is_left_of_center": is_left_of_center,
                "is_reversed": self._is_reversed[car],
                "closest_objects": [0, 0],
                "objects_location": [],
                "objects_left_of_center": [],
                "object_in_camera": False,
                "objects_speed": [],
                "objects_heading": [],
                "objects_distance_from_center": [],
                "objects_distance": [],
                "is_crashed": is_crashed,
                "is_offtrack": is_offtrack,
                "sim_time": sim_time,
            }
            for (
                all_wheels_on_track,
                x,
                y,
                heading,
                distance_from_center,
                projection_distance,
                progress,
                steps,
                speed,
                steering_angle,
                track_width,
                previous,
                following,
                is_left_of_center,
                is_crashed,
                is_offtrack,
                sim_time,
                car,
            ) in _columns(record, speed_mps, steering_deg, cars)
        )
        if self._bodies is None or self._others is None or self._others.shape[1] == 0:
            return alone
        return self._with_objects(alone, record, self._bodies, self._others[cars], cars)

    def _with_objects(
        self,
        alone: Iterator[Params],
        record: StepRecord,
        bodies: Bodies,
        others: NDArray[np.int64],
        cars: NDArray[np.integer],
    ) -> Iterator[Params]:
        """The dictionaries with the keys about objects, of which ``others`` (M, O) are each car's."""
        columns = zip(
            alone,
            record.previous_object[cars].tolist(),
            record.next_object[cars].tolist(),
            record.object_in_camera[cars].tolist(),
            np.stack([bodies.x[others], bodies.y[others]], axis=-1).tolist(),
            bodies.is_left[others].tolist(),
            bodies.speed[others].tolist(),
            # As on AWS in radians, whatever its guide says, and 0 for boxes.
            np.where(bodies.kind == BOX, 0.0, (bodies.yaw + math.pi) % math.tau - math.pi)[others].tolist(),
            bodies.distance_from_centre[others].tolist(),
            bodies.distance[others].tolist(),
            strict=True,
        )
        for params, behind, ahead, in_camera, places, left, speeds, headings, asides, distances in columns:
            params["closest_objects"] = [behind, ahead]
            params["object_in_camera"] = in_camera
            params["objects_location"] = places
            params["objects_left_of_center"] = left
            params["objects_speed"] = speeds
            params["objects_heading"] = headings
            params["objects_distance_from_center"] = asides
            params["objects_distance"] = distances
            yield params


def _columns(
    record: StepRecord,
    speed_mps: NDArray[np.float64],
    steering_deg: NDArray[np.float64],
    cars: NDArray[np.integer],
) -> Iterator[tuple[Any, ...]]:
    """What the dictionaries of some cars tell of the cars, as Python's own numbers: a row for each."""
    return zip(
        record.all_wheels_on_track[cars].tolist(),
        record.x[cars].tolist(),
        record.y[cars].tolist(),
        record.heading_deg[cars].tolist(),
        record.distance_from_centre[cars].tolist(),
        record.projection_distance[cars].tolist(),
        record.progress[cars].tolist(),
        record.steps[cars].astype(np.float64).tolist(),
        speed_mps[cars].tolist(),
        steering_deg[cars].tolist(),
        record.track_width[cars].tolist(),
        record.previous_waypoint[cars].tolist(),
        record.next_waypoint[cars].tolist(),
        record.is_left_of_centre[cars].tolist(),
        record.is_crashed[cars].tolist(),
        record.is_offtrack[cars].tolist(),
        record.sim_time[cars].tolist(),
        cars.tolist(),
        strict=True,
    )
