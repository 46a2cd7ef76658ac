"""A frame of an evaluation video: chase view, the car's own camera, a map, and the overlay."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openracer.simulation.bodies import BOX
from openracer.simulation.box_picture import draw_boxes
from openracer.simulation.car_picture import CAR_COLOURS, draw_car
from openracer.simulation.overlay import Caption, draw_caption
from openracer.simulation.scenery import Scenery
from openracer.simulation.solids import BOT_COLOUR
from openracer.simulation.top_view import TopView
from openracer.simulation.view import chase_viewpoint, render_view

_NOTHING = np.zeros((0, 3), np.float32)
_FRAME_COLOUR = (235, 238, 242)


class Composition:
    """Composes the frames of one video.

    Args:
        scenery: with the track.
        scene: index of the track in it.
        palette: index of the colours in it.
        width: of the frames, pixels, an even number.
        height: of the frames, pixels, an even number.
    """

    def __init__(
        self, scenery: Scenery, scene: int = 0, palette: int = 0, width: int = 960, height: int = 540
    ) -> None:
        self.width, self.height = width, height
        self._scenery, self._scene, self._palette = scenery, scene, palette
        inset = round(0.26 * width)
        self._map = TopView(scenery, scene, palette, inset, round(0.72 * inset))
        self._inset = inset

    def compose(
        self,
        x: float,
        y: float,
        yaw: float,
        steering: float,
        camera_frame: NDArray[np.uint8],
        caption: Caption,
        trail: NDArray[np.float64] | None = None,
        objects: NDArray[np.float32] = _NOTHING,
        kind: int = BOX,
    ) -> NDArray[np.uint8]:
        """One frame.

        Args:
            x: of the car's origin, m.
            y: m.
            yaw: rad.
            steering: angle of its front wheels, rad, left positive.
            camera_frame: (120, 160) uint8, what its policy sees.
            caption: the overlay's words.
            trail: (M, 2) m, its path so far, for the map.
            objects: (O, 3) x and y, m, and yaw, rad, of the boxes or bots around it.
            kind: of the objects.

        Returns:
            (height, width, 3) uint8.
        """
        viewpoint = chase_viewpoint(x, y, yaw)
        image = render_view(self._scenery, self._scene, self._palette, viewpoint, self.width, self.height)
        boxes, bots = (objects, _NOTHING) if kind == BOX else (_NOTHING, objects)
        draw_boxes(image, viewpoint, boxes)
        for bot in sorted(bots, key=lambda bot: -math.hypot(bot[0] - viewpoint.x, bot[1] - viewpoint.y)):
            draw_car(image, viewpoint, float(bot[0]), float(bot[1]), float(bot[2]), colour=BOT_COLOUR)
        draw_car(image, viewpoint, x, y, yaw, steering)
        margin = round(0.018 * self.width)
        left = self.width - margin - self._inset
        everybody = np.concatenate([np.array([[x, y, yaw]]), bots])
        colours = (CAR_COLOURS[0], *[BOT_COLOUR] * len(bots))
        overview = self._map.draw(everybody[:, 0], everybody[:, 1], everybody[:, 2], colours, trail, boxes)
        _paste(image, overview, margin, left)
        size = (self._inset, round(0.75 * self._inset))
        seen = np.asarray(Image.fromarray(camera_frame).resize(size, Image.Resampling.BICUBIC))
        _paste(image, np.repeat(seen[..., None], 3, axis=2), self.height - margin - size[1], left)
        draw_caption(image, caption)
        return image


def _paste(image: NDArray[np.uint8], picture: NDArray[np.uint8], top: int, left: int) -> None:
    """Put a picture with a thin frame around it into an image."""
    height, width, _ = picture.shape
    image[top - 2 : top + height + 2, left - 2 : left + width + 2] = _FRAME_COLOUR
    image[top : top + height, left : left + width] = picture
