"""The camera's oracle: many exact rays a pixel against the track's polygons, without maps, levels or codes."""

import numpy as np
import shapely

from openracer.simulation import lens, surface
from openracer.simulation.materials import BORDER, DASH, FIELD, ROAD, WALL_CODES, pure_code


class ExactCamera:
    """Renders frames of a track in its room, with plain colours, by brute force."""

    def __init__(self, track, room, grey, rays=5):
        self.track, self.room, self.rays = track, room, rays
        self.material = grey[[pure_code(k) for k in range(4)]].astype(float)
        self.walls = grey[WALL_CODES:].astype(float)
        self.painted = self._outline(surface.BORDER_OUTSIDE)
        self.asphalt = self._outline(surface.BORDER_OUTSIDE - surface.BORDER_WIDTH)

    def _outline(self, margin):
        track = self.track
        across = track.outer - track.inner
        across = across / np.linalg.norm(across, axis=1, keepdims=True)
        inner, outer = track.inner - margin * across, track.outer + margin * across
        if track.closed:
            area = shapely.difference(shapely.Polygon(outer), shapely.Polygon(inner))
        else:
            area = shapely.Polygon(np.concatenate([inner, outer[::-1]]))
        shapely.prepare(area)
        return area

    def _ground(self, points):
        material = np.full(len(points), FIELD)
        painted = shapely.contains_xy(self.painted, points)
        material[painted] = BORDER
        road = painted & shapely.contains_xy(self.asphalt, points)
        material[road] = ROAD
        length = self.track.length
        period = surface.DASH_PERIOD
        if self.track.closed:
            period = length / round(length / period)
        place = self.track.project(points[road])
        dash = (np.abs(place.offset_m) < surface.DASH_WIDTH / 2) & (
            np.mod(place.distance_m, period) < surface.DASH_LENGTH
        )
        material[np.flatnonzero(road)[dash]] = DASH
        return self.material[material]

    def render(self, x, y, yaw):
        fine = (np.arange(160 * self.rays) + 0.5) / self.rays
        v = ((fine[: 120 * self.rays] - 60) / lens.FOCAL_LENGTH)[:, None] + 0 * fine
        left = -((fine - 80) / lens.FOCAL_LENGTH) + 0 * v
        sin_pitch, cos_pitch = np.sin(lens.CAMERA_PITCH), np.cos(lens.CAMERA_PITCH)
        down, ahead = sin_pitch + v * cos_pitch, cos_pitch - v * sin_pitch
        dx = np.cos(yaw) * ahead - np.sin(yaw) * left
        dy = np.sin(yaw) * ahead + np.cos(yaw) * left
        eye_x = x + lens.CAMERA_FORWARD * np.cos(yaw)
        eye_y = y + lens.CAMERA_FORWARD * np.sin(yaw)
        sides = [
            (dx, self.room[2] - eye_x),
            (dy, self.room[3] - eye_y),
            (-dx, eye_x - self.room[0]),
            (-dy, eye_y - self.room[1]),
        ]
        with np.errstate(divide="ignore"):
            reach = np.stack([np.where(along > 0, gap / along, np.inf) for along, gap in sides])
            to_ground = np.where(down > 0, lens.CAMERA_HEIGHT / down, np.inf)
        image = self.walls[reach.argmin(axis=0)]
        ground = to_ground < reach.min(axis=0)
        far = to_ground[ground]
        image[ground] = self._ground(np.stack([eye_x + far * dx[ground], eye_y + far * dy[ground]], axis=1))
        return self._shrink(self._shrink(image).T).T

    def _shrink(self, image):
        """Rows of pixels from rows of rays by a tent two pixels wide, as Pillow's bilinear resize does."""
        rays = self.rays
        rising = (np.arange(rays) + 0.5) / rays**2
        tent = np.concatenate([rising, rising[::-1]])
        margin = rays // 2 + 1
        padded = np.pad(image, ((margin, margin), (0, 0)), "edge")
        # Twice as many rays as a pixel has, around its middle; half a ray is split where their number is odd.
        starts = np.arange(0, len(image), rays) + margin - rays / 2
        low, high = np.floor(starts).astype(int), np.ceil(starts).astype(int)
        return sum(w * 0.5 * (padded[low + k] + padded[high + k]) for k, w in enumerate(tent))
