"""What the rules would say of a car that is put down somewhere: rows of a record without driving there."""

import numpy as np
from numpy.typing import NDArray

from openracer.simulation import body
from openracer.simulation.record import StepRecord
from openracer.tracks.track import Array, Track


def record_at(
    track: Track,
    front: Array,
    yaw: Array,
    progress: Array,
    steps: NDArray[np.integer],
    sim_time: Array,
) -> StepRecord:
    """The rows of M cars, each alone on the track.

    Args:
        track: where they are.
        front: ``(M, 2)`` their front points, m.
        yaw: ``(M,)`` their headings, rad.
        progress: ``(M,)`` percent of the lap.
        steps: ``(M,)`` row of the episode.
        sim_time: ``(M,)`` simulation clock, s.
    """
    count = len(front)
    projection = track.project(front)
    wheels_inside = track.on_road(_wheels(front, yaw).reshape(-1, 2)).reshape(count, 4).sum(axis=1)
    return StepRecord.zeros(count)._replace(
        steps=steps.astype(np.int32),
        x=front[:, 0],
        y=front[:, 1],
        heading_deg=np.rad2deg(np.arctan2(np.sin(yaw), np.cos(yaw))),
        progress=progress,
        previous_waypoint=projection.previous.astype(np.int32),
        next_waypoint=projection.next.astype(np.int32),
        closest_waypoint=projection.nearest_waypoint.astype(np.int32),
        distance_from_centre=np.abs(projection.offset_m),
        projection_distance=projection.distance_m,
        track_width=projection.width_m,
        is_left_of_centre=projection.offset_m > 0.0,
        all_wheels_on_track=wheels_inside == 4,
        is_offtrack=wheels_inside == 0,
        sim_time=sim_time,
        running=np.ones(count, dtype=np.bool_),
    )


def _wheels(front: Array, yaw: Array) -> Array:
    """The wheels, ``(M, 4, 2)`` m, of cars with these front points, ``(M, 2)`` m, and yaws, ``(M,)`` rad."""
    ahead = np.array([body.REAR_AXLE_AHEAD] * 2 + [body.FRONT_AXLE_AHEAD] * 2) - body.FRONT_POINT_AHEAD
    left = np.array(
        [body.REAR_HALF_TRACK, -body.REAR_HALF_TRACK, body.FRONT_HALF_TRACK, -body.FRONT_HALF_TRACK]
    )
    forward = np.stack([np.cos(yaw), np.sin(yaw)], axis=1)[:, None, :]
    sideways = np.stack([-np.sin(yaw), np.cos(yaw)], axis=1)[:, None, :]
    wheels: Array = front[:, None, :] + ahead[:, None] * forward + left[:, None] * sideways
    return wheels
