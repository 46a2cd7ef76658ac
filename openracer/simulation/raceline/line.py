"""The race line of a track: what :func:`minimum_time_line` finds, with its speeds, steering, times and sectors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import interp1d

from openracer.simulation.body import FRONT_AXLE_AHEAD, FRONT_POINT_AHEAD
from openracer.simulation.raceline import corridor as roads
from openracer.simulation.raceline.envelope import Envelope
from openracer.simulation.raceline.optimise import Candidate, LineSearch, times
from openracer.simulation.vehicle import VehiclePreset
from openracer.tracks import measures
from openracer.tracks.track import Track

Array = NDArray[np.float64]

MARGIN_M = 0.02
"""Default distance between the wheels and the border, m."""
SECTORS = 3
MOST_REFERENCES = 7
"""The line found becomes the next reference, so that offsets stay small and normals do not cross ..."""
WORTHWHILE = 0.002
"""... until that shortens the lap by less than this share."""
WIDEST_REACH_M = 1.5


@dataclass(frozen=True, eq=False)
class RaceLine:
    """The fastest way around a track, in N points; a flying lap's last point is its first.

    All quantities are the car's origin's (midway between its axles), except that a standing lap ends when the front
    point reaches the lap's end.
    """

    points: Array
    """(N, 2) m."""
    distance_m: Array
    """(N,) along the line."""
    speed_mps: Array
    """(N,)"""
    heading: Array
    """(N,) direction of travel, rad, not wrapped."""
    curvature: Array
    """(N,) 1/m, positive to the left."""
    steering: Array
    """(N,) steering command that corners so in steady driving, rad, left positive."""
    acceleration: Array
    """(N - 1,) forward acceleration from each point to the next, m/s²."""
    time_s: Array
    """(N,)"""
    sector_times_s: tuple[float, ...]
    """Time in each third of the track's centre line."""
    standing: bool
    """Whether it begins at rest on the start line; if not, it is a flying lap."""
    envelope: Envelope
    """The limits it was computed with."""

    @property
    def lap_time_s(self) -> float:
        """Time from the first point to the last."""
        return float(self.time_s[-1])


def minimum_time_line(
    track: Track,
    preset: VehiclePreset,
    max_speed: float,
    *,
    standing: bool = False,
    margin: float = MARGIN_M,
    report: Callable[[float], None] | None = None,
) -> RaceLine:
    """Find the fastest way around a track.

    Args:
        track: the road, in its driving direction. An open one is always driven from rest.
        preset: the vehicle.
        max_speed: highest speed command, m/s.
        standing: a lap from rest on the start line instead of a flying lap.
        margin: distance that the wheels keep to the border, m. Below 0 they may cross it; an episode goes on while
            one wheel is on the road.
        report: told the lap time of each better line while searching, s.

    Returns:
        The line.

    Raises:
        ValueError: the speed is not above the slowest command, or the road is too narrow for the margin.
    """
    if not 0.2 <= max_speed <= 10.0:
        raise ValueError(f"max speed is {max_speed:g} m/s; it must lie between 0.2 and 10 m/s")
    road = roads.free_road(track, margin)
    if road.is_empty:
        raise ValueError(f"track {track.name} is nowhere wide enough for a margin of {margin:g} m")
    standing = standing or not track.closed
    envelope = Envelope.measured(preset, max_speed)
    line, closed = roads.reference(track, standing=standing)
    reach = min(WIDEST_REACH_M, float(track.width.max()))
    best: Candidate | None = None
    for _ in range(MOST_REFERENCES):
        room = roads.corridor(line, road, reach, closed=closed)
        if standing:
            # The car is set down on the line's first point and looks at its second.
            room.low[:2] = room.high[:2] = 0.0
        search = LineSearch(room, envelope, preset.yaw_inertia_per_mass_m2 / FRONT_AXLE_AHEAD)
        found = search.run(search.initial(), report)
        gain = np.inf if best is None else best.time - found.time
        if best is None or gain > 0.0:
            best = found
        if gain < WORTHWHILE * best.time:
            break
        line = roads.resampled(found.points, closed=closed)
    assert best is not None
    return _race_line(track, best.points, best.speed, envelope, closed=closed)


def _race_line(track: Track, points: Array, speed: Array, envelope: Envelope, *, closed: bool) -> RaceLine:
    """Everything else about a line of points (N, 2) and speeds (N,)."""
    steps = roads.lengths(points, closed=closed)
    ahead = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    if not closed:
        ahead[0], ahead[-1] = points[1] - points[0], points[-1] - points[-2]
    quantities = [
        points,
        np.arctan2(ahead[:, 1], ahead[:, 0]),
        speed,
        roads.curvature(points, closed=closed),
    ]
    time = times(speed, steps, closed=closed)
    if closed:
        quantities = [np.concatenate([rows, rows[:1]]) for rows in quantities]
        quantities[1] = np.unwrap(quantities[1])
    else:
        quantities[1] = np.unwrap(quantities[1])
        *quantities, time = _until_end(track, [*quantities, time])
    points, heading, speed, curvature = quantities
    distance = measures.arc_length(points)
    return RaceLine(
        points=points,
        distance_m=distance,
        speed_mps=speed,
        heading=heading,
        curvature=curvature,
        steering=envelope.steering_for(speed, curvature * speed**2),
        acceleration=np.diff(speed**2) / (2.0 * np.diff(distance)),
        time_s=time,
        sector_times_s=_sector_times(track, points, time, closed=closed),
        standing=not closed,
        envelope=envelope,
    )


def _until_end(track: Track, quantities: list[Array]) -> list[Array]:
    """The rows of an open line up to where the car's front point has come to the lap's end; points are the first."""
    along = np.unwrap(track.project(quantities[0]).distance_m, period=track.length)
    end = float(np.interp(track.length - FRONT_POINT_AHEAD, along - along[0], np.arange(len(along))))
    rows = np.append(np.arange(np.ceil(end)), end)
    return [interp1d(np.arange(len(along)), quantity, axis=0)(rows) for quantity in quantities]


def _sector_times(track: Track, points: Array, time: Array, *, closed: bool) -> tuple[float, ...]:
    """Times between the borders of equal parts of the centre line."""
    along = track.project(points).distance_m
    along = np.unwrap(along, period=track.length)
    if closed:
        # From wherever the loop begins to where it crosses the start line.
        along, time = (
            np.concatenate([along[:-1], along + track.length]),
            np.concatenate([time[:-1], time + time[-1]]),
        )
        borders = (
            np.linspace(0.0, track.length, SECTORS + 1) + np.ceil(along[0] / track.length) * track.length
        )
    else:
        along = along - along[0]
        borders = np.linspace(0.0, along[-1], SECTORS + 1)
    passed = np.interp(borders, np.maximum.accumulate(along), time)
    return tuple(float(part) for part in np.diff(passed))
