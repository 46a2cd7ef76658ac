"""The whole track from above, north up, with its cars: a map for people."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from openracer.simulation.bodies import BOX_LENGTH, BOX_WIDTH
from openracer.simulation.materials import FIELD, pure_code
from openracer.simulation.palette import Colour
from openracer.simulation.scenery import Scenery
from openracer.simulation.solids import BOX_COLOUR
from openracer.simulation.surface import LEVELS, TEXEL

_MARGIN = 0.45
"""Ground shown around the outermost point of the track, m."""
_SUPERSAMPLING = 2


class TopView:
    """A map of one track that cars can be drawn on.

    Args:
        scenery: with the track.
        scene: index of the track in it.
        palette: index of the colours in it.
        width: of the map, pixels.
        height: of the map, pixels.

    Attributes:
        metres_per_pixel: scale of the map.
    """

    def __init__(self, scenery: Scenery, scene: int, palette: int, width: int, height: int) -> None:
        track = scenery.tracks[scene]
        points = np.concatenate([track.inner, track.outer])
        low, high = points.min(axis=0) - _MARGIN, points.max(axis=0) + _MARGIN
        self.metres_per_pixel = float(np.max((high - low) / [width, height]))
        self._width, self._height = width, height
        self._corner = 0.5 * (low + high) - 0.5 * self.metres_per_pixel * np.array([width, height])
        self._ground = self._draw_ground(scenery, scene, palette)

    def _draw_ground(self, scenery: Scenery, scene: int, palette: int) -> Image.Image:
        """The empty track, supersampled."""
        fine = self.metres_per_pixel / _SUPERSAMPLING
        level = min(max(math.floor(math.log2(fine / TEXEL)), 0), LEVELS - 1)
        codes = scenery.surface_map(scene, level)
        texel = TEXEL * 2**level
        low = (self._corner - scenery.rooms[scene, :2]) / texel
        high = low + self.metres_per_pixel * np.array([self._width, self._height]) / texel
        rows = _middles(low[1], high[1], self._height * _SUPERSAMPLING)[::-1]
        columns = _middles(low[0], high[0], self._width * _SUPERSAMPLING)
        seen = codes[np.ix_(np.clip(rows, 0, codes.shape[0] - 1), np.clip(columns, 0, codes.shape[1] - 1))]
        # The field goes on beyond the walls, so that the map has no border.
        seen[(rows < 0) | (rows >= codes.shape[0])] = pure_code(FIELD)
        seen[:, (columns < 0) | (columns >= codes.shape[1])] = pure_code(FIELD)
        return Image.fromarray(scenery.palettes[palette].rgb()[seen])

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Column and row on the map of points (..., 2) of the world, m."""
        column_row = (points - self._corner) / self.metres_per_pixel
        return np.stack([column_row[..., 0], self._height - column_row[..., 1]], axis=-1)

    def draw(
        self,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        yaw: NDArray[np.float64],
        colours: tuple[Colour, ...],
        trail: NDArray[np.float64] | None = None,
        boxes: NDArray[np.float32] | None = None,
    ) -> NDArray[np.uint8]:
        """The map with cars.

        Args:
            x: (N,) m, origins of the cars.
            y: (N,) m.
            yaw: (N,) rad.
            colours: of the cars, repeated as needed.
            trail: (M, 2) m, a path to draw behind the first car.
            boxes: (B, 3) x and y, m, and yaw, rad, of boxes on the road.

        Returns:
            (height, width, 3) uint8.
        """
        picture = self._ground.copy()
        pen = ImageDraw.Draw(picture)
        unit = max(11.0, 0.30 / self.metres_per_pixel)
        if trail is not None and len(trail) > 1:
            path = (self.to_pixels(trail) * _SUPERSAMPLING).ravel().tolist()
            pen.line(path, fill=_whole(colours[0]), width=2 * _SUPERSAMPLING, joint="curve")
        for box in [] if boxes is None else boxes:
            cos, sin = math.cos(box[2]), math.sin(box[2])
            outline = 0.5 * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * [BOX_LENGTH, BOX_WIDTH]
            corners = self.to_pixels(outline @ np.array([[cos, sin], [-sin, cos]]) + box[:2]) * _SUPERSAMPLING
            pen.polygon(
                corners.ravel().tolist(),
                fill=_whole(BOX_COLOUR),
                outline=(255, 255, 255),
                width=_SUPERSAMPLING,
            )
        for car in range(len(x)):
            cos, sin = math.cos(yaw[car]), math.sin(yaw[car])
            arrow = unit * np.array([[0.7, 0.0], [-0.5, 0.55], [-0.3, 0.0], [-0.5, -0.55]])
            turned = arrow @ np.array([[cos, -sin], [-sin, -cos]])
            corners = (self.to_pixels(np.array([x[car], y[car]])) + turned) * _SUPERSAMPLING
            colour = _whole(colours[car % len(colours)])
            pen.polygon(corners.ravel().tolist(), fill=colour, outline=(255, 255, 255), width=_SUPERSAMPLING)
        return np.array(picture.reduce(_SUPERSAMPLING))


def _whole(colour: Colour) -> tuple[int, int, int]:
    """A colour as Pillow wants it."""
    return int(colour[0]), int(colour[1]), int(colour[2])


def _middles(low: float, high: float, count: int) -> NDArray[np.int64]:
    """Indices of the texels in the middle of ``count`` equal parts of low to high."""
    return np.floor(low + (np.arange(count) + 0.5) * (high - low) / count).astype(np.int64)
