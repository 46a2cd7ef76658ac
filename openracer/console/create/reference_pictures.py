"""Pictures that show what the reward parameters measure: the user's own track with a car on it, as SVG."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openracer.simulation import body
from openracer.tracks.track import Track

Array = NDArray[np.float64]

WIDTH, HEIGHT = 360, 220
"""Of a picture, its own units; it is scaled to its box."""
_REACH_M = 1.25
"""Half of the width of road that a picture shows, times the road's own width."""


class Scene:
    """A bend of a track with a car in it, left of the centre line.

    Args:
        track: whose bend.
        offset: where the car's front point is, as a share of half the width, left positive.
        turn_deg: the car's heading minus the road's.
        steering_deg: of its front wheels.
    """

    def __init__(
        self, track: Track, offset: float = 0.45, turn_deg: float = -9.0, steering_deg: float = -14.0
    ) -> None:
        self.track = track
        self.at = _gentle_place(track)
        here = track.point_at([self.at])[0]
        ahead = track.point_at([self.at + 0.1])[0] - track.point_at([self.at - 0.1])[0]
        self.road_yaw = float(np.arctan2(ahead[1], ahead[0]))
        self.left = np.array([-np.sin(self.road_yaw), np.cos(self.road_yaw)])
        self.half = float(track.project(here[None]).width_m[0]) / 2.0
        self.front = here + offset * self.half * self.left
        self.yaw = self.road_yaw + float(np.radians(turn_deg))
        self.steering = float(np.radians(steering_deg))
        self.scale = WIDTH / (2.0 * _REACH_M * max(2.0 * self.half, 0.7))
        self.middle = here
        self.parts: list[str] = []

    def place(self, point: Sequence[float] | Array) -> tuple[float, float]:
        """Where a point of the world, m, is on the picture."""
        x, y = (np.asarray(point) - self.middle) * self.scale
        return WIDTH / 2.0 + float(x), HEIGHT / 2.0 - float(y)

    def line(self, points: Sequence[Sequence[float] | Array], kind: str) -> None:
        """A line through points of the world."""
        self.raw_line([self.place(point) for point in points], kind)

    def raw_line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """A line through points of the picture."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path class="{kind}" d="M{path}"/>')

    def dot(self, point: Sequence[float] | Array, kind: str, radius: float = 4.0) -> None:
        """A dot at a point of the world."""
        x, y = self.place(point)
        self.parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')

    def text(
        self, point: tuple[float, float], words: str, anchor: str = "middle", kind: str = "rr-text"
    ) -> None:
        """Words at a point of the picture, kept inside it."""
        room = 7.3 * len(words)
        low = {"middle": room / 2, "start": 0.0, "end": room}[anchor] + 6.0
        high = WIDTH - {"middle": room / 2, "start": room, "end": 0.0}[anchor] - 6.0
        x = min(max(point[0], low), max(high, low))
        y = min(max(point[1], 14.0), HEIGHT - 7.0)
        self.parts.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'
        )

    def arc(self, radius: float, start: float, end: float, kind: str) -> None:
        """Part of a circle around the front point, from one direction to another, rad."""
        x, y = self.place(self.front)
        angles = np.linspace(start, end, 24)
        self.raw_line([(x + radius * np.cos(a), y - radius * np.sin(a)) for a in angles.tolist()], kind)

    def road(self, waypoints: bool = False) -> None:
        """The road below everything else."""
        track = self.track
        self.parts.append(f'<rect class="rr-field" width="{WIDTH}" height="{HEIGHT}"/>')
        rings = [track.road_outline] + ([track.road_hole] if len(track.road_hole) else [])
        path = "".join(
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(self.place, ring)) + "Z" for ring in rings
        )
        self.parts.append(f'<path class="rr-road" fill-rule="evenodd" d="{path}"/>')
        self.line(list(track.inner), "rr-border")
        self.line(list(track.outer), "rr-border")
        self.line(list(track.centre), "rr-centre")
        if waypoints:
            for point in track.centre:
                x, y = self.place(point)
                if -5 < x < WIDTH + 5 and -5 < y < HEIGHT + 5:
                    self.dot(point, "rr-waypoint", 3.2)

    def car(self, front: Array | None = None, yaw: float | None = None, kind: str = "rr-car") -> None:
        """A car with its wheels where the simulator has them."""
        front = self.front if front is None else front
        yaw = self.yaw if yaw is None else yaw
        origin = front - body.FRONT_POINT_AHEAD * np.array([np.cos(yaw), np.sin(yaw)])
        x, y = self.place(origin)
        scale, turn = self.scale, -np.degrees(yaw)
        wheels = ""
        for ahead, aside, steering in (
            (body.REAR_AXLE_AHEAD, body.REAR_HALF_TRACK, 0.0),
            (body.FRONT_AXLE_AHEAD, body.FRONT_HALF_TRACK, self.steering),
        ):
            for side in (-aside, aside):
                wheels += (
                    f'<rect class="rr-wheel" x="-0.038" y="-0.018" width="0.076" height="0.036" rx="0.008" '
                    f'transform="translate({ahead:.3f} {side:.3f}) rotate({-np.degrees(steering):.1f})"/>'
                )
        shape = "M-.14-.062H.05Q.15-.05 .168-.022V.022Q.15 .05 .05 .062H-.14Z"
        self.parts.append(
            f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f}) scale({scale:.1f})">{wheels}'
            f'<path class="{kind}" d="{shape}"/>'
            '<path class="rr-glass" d="M.05-.034L.075 0L.05 .034L-.07 .042V-.042Z"/></g>'
        )

    def svg(self, label: str) -> str:
        """The picture."""
        return (
            f'<svg class="rr" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(self.parts)}</svg>'
        )


def position(track: Track) -> str:
    """x, y and heading."""
    scene = Scene(track, turn_deg=16.0)
    scene.road()
    scene.car()
    x, y = scene.place(scene.front)
    scene.raw_line([(x, y), (x, HEIGHT)], "rr-measure")
    scene.raw_line([(x, y), (0, y)], "rr-measure")
    scene.raw_line([(x, y), (x + 84, y)], "rr-axis")
    ahead = (x + 74 * float(np.cos(scene.yaw)), y - 74 * float(np.sin(scene.yaw)))
    scene.raw_line([(x, y), ahead], "rr-strong")
    heading = float(np.arctan2(np.sin(scene.yaw), np.cos(scene.yaw)))
    scene.arc(46, 0.0, heading, "rr-strong")
    scene.dot(scene.front, "rr-point", 5)
    middle = (x + 66 * float(np.cos(heading / 2)), y - 66 * float(np.sin(heading / 2)))
    scene.text(middle, f"heading = {np.degrees(heading):.0f}", "start" if np.cos(heading / 2) >= 0 else "end")
    scene.text((x + 6, HEIGHT - 10), f"x = {scene.front[0]:.2f}", "start")
    scene.text((8, y - 7), f"y = {scene.front[1]:.2f}", "start")
    return scene.svg("x, y, heading")


def waypoints(track: Track) -> str:
    """Waypoints and closest_waypoints."""
    scene = Scene(track)
    scene.road(waypoints=True)
    scene.car()
    found = track.project(scene.front[None])
    previous, following = int(found.previous[0]), int(found.next[0])
    for index, aside in ((previous, -1.0), (following, -1.0)):
        point = track.centre[index]
        scene.dot(point, "rr-point", 6)
        x, y = scene.place(point + aside * 0.22 * scene.left)
        scene.text((x, y + 5), f"[{index}]")
    scene.dot(scene.front, "rr-front", 4)
    scene.text((WIDTH / 2, HEIGHT - 10), f"closest_waypoints = [{previous}, {following}]")
    return scene.svg("waypoints, closest_waypoints")


def distances(track: Track) -> str:
    """distance_from_center, track_width and is_left_of_center."""
    scene = Scene(track, turn_deg=0.0, steering_deg=0.0)
    scene.road()
    scene.car()
    found = track.project(scene.front[None])
    nearest = found.nearest[0]
    along = np.array([np.cos(scene.road_yaw), np.sin(scene.road_yaw)])
    scene.line([scene.front, nearest], "rr-strong")
    scene.dot(scene.front, "rr-point", 5)
    scene.dot(nearest, "rr-point", 4)
    far = nearest + 0.42 * along * max(2.0 * scene.half, 0.7)
    ends = far + scene.half * scene.left, far - scene.half * scene.left
    scene.line(ends, "rr-measure rr-arrow")
    scene.text(scene.place(ends[0] + 0.1 * scene.left), f"track_width = {2 * scene.half:.2f}")
    label = scene.place((scene.front + nearest) / 2.0 - 0.08 * along)
    scene.text(
        (label[0], label[1]),
        f"distance_from_center = {abs(found.offset_m[0]):.2f}",
        "end" if along[0] > 0 else "start",
    )
    is_left = "True" if found.offset_m[0] > 0 else "False"
    scene.text((WIDTH / 2, HEIGHT - 10), f"is_left_of_center = {is_left}")
    return scene.svg("distance_from_center, track_width, is_left_of_center")


def wheels(track: Track) -> str:
    """all_wheels_on_track and is_offtrack."""
    scene = Scene(track, steering_deg=0.0)
    scene.road()
    along = np.array([np.cos(scene.road_yaw), np.sin(scene.road_yaw)])
    wide = max(2.0 * scene.half, 0.7)
    for shift, offset, kind, words in (
        (-0.8, 0.0, "rr-car", "all_wheels_on_track"),
        (0.0, 1.0, "rr-car rr-warn", "not all_wheels_on_track"),
        (0.85, -1.45, "rr-car rr-bad", "is_offtrack"),
    ):
        distance = scene.at + shift * wide * 0.8
        here = scene.track.point_at([distance])[0]
        step = scene.track.point_at([distance + 0.05])[0] - here
        yaw = float(np.arctan2(step[1], step[0]))
        left = np.array([-np.sin(yaw), np.cos(yaw)])
        front = here + offset * scene.half * left
        scene.car(front, yaw, kind)
        x, y = scene.place(front - 0.14 * np.array([np.cos(yaw), np.sin(yaw)]))
        scene.text((x, y + (24 if offset <= 0 else -18)), words)
    del along
    return scene.svg("all_wheels_on_track, is_offtrack")


def steering(track: Track) -> str:
    """steering_angle and speed."""
    scene = Scene(track, offset=0.0, turn_deg=0.0, steering_deg=20.0)
    # Seen so that the car drives upwards: left is left.
    scene.parts.append(f'<rect class="rr-field" width="{WIDTH}" height="{HEIGHT}"/>')
    scene.parts.append(f'<rect class="rr-road" x="90" width="180" height="{HEIGHT}"/>')
    for x, kind in ((90, "rr-border"), (270, "rr-border"), (180, "rr-centre")):
        scene.raw_line([(x, HEIGHT), (x, 0)], kind)
    scene.middle, scene.scale = np.zeros(2), 330.0
    scene.car(np.array([0.0, 0.02]), np.pi / 2)
    nose = (180.0, 108.0)
    for degrees, words, side, anchor in (
        (30, "steering_angle > 0", -1, "end"),
        (-30, "steering_angle < 0", 1, "start"),
    ):
        angles = np.linspace(0.0, np.radians(degrees) * 1.6, 20)
        points = [(nose[0] - 70 * np.sin(a), nose[1] - 70 * np.cos(a)) for a in angles.tolist()]
        scene.raw_line(points, "rr-strong rr-arrow")
        scene.text((points[-1][0] + 8 * side, points[-1][1] + 16), words, anchor)
    return scene.svg("steering_angle")


def lap(track: Track) -> str:
    """progress, track_length and projection_distance, on the whole lap."""
    scene = Scene(track)
    everything = np.concatenate([track.inner, track.outer])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scene.middle = (low + high) / 2.0
    scene.scale = float(min((WIDTH - 40) / (high[0] - low[0]), (HEIGHT - 46) / (high[1] - low[1])))
    scene.road()
    driven = track.length * 0.34
    scene.line(list(track.point_at(np.linspace(0.0, driven, 80))), "rr-driven")
    start = track.point_at([0.0])[0]
    scene.dot(start, "rr-point", 5)
    scene.dot(track.point_at([driven])[0], "rr-front", 5)
    scene.text((WIDTH / 2, HEIGHT - 8), f"progress = 34, track_length = {track.length:.2f}")
    return scene.svg("progress, track_length")


def _gentle_place(track: Track) -> float:
    """A place of the lap, m, where the road bends a little and goes up and to the right, if it does so anywhere."""
    distance = np.linspace(0.05, 0.95, 181) * track.length
    bend = np.abs(np.interp(distance, track.arc_length, track.curvature))
    ahead = track.point_at(distance + 0.1) - track.point_at(distance - 0.1)
    away = np.abs(
        np.arctan2(np.sin(direction := np.arctan2(ahead[:, 1], ahead[:, 0]) - 0.6), np.cos(direction))
    )
    return float(distance[int(np.argmin(np.abs(bend - 0.3) + 1.5 * away))])
