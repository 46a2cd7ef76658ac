"""A frame of a race's video: every car from behind with what it sees, a map, and who is where."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openracer.simulation.car_picture import CAR_COLOURS, draw_car
from openracer.simulation.overlay import blend, text_stencil
from openracer.simulation.palette import Colour
from openracer.simulation.scenery import Scenery
from openracer.simulation.top_view import TopView
from openracer.simulation.view import Viewpoint, chase_viewpoint, render_view

RACE_COLOURS: tuple[Colour, ...] = (*CAR_COLOURS, (120, 200, 60), (150, 110, 80))
"""Body colours of two to eight cars."""

_LINE = (235, 238, 242)
_DARK = (24, 28, 36)
_LABEL_HEIGHT_M = 0.24


@dataclass(frozen=True)
class RacingCar:
    """A car in a frame.

    Attributes:
        name: who drives.
        colour: of its body.
        x: of its origin, m.
        y: m.
        yaw: rad.
        steering: angle of its front wheels, rad, left positive.
        camera_frame: (120, 160) uint8, what it sees with.
        is_driving: it has not ended its race; else it is not on the road any more.
        words: how it stands, already in the reader's language.
    """

    name: str
    colour: Colour
    x: float
    y: float
    yaw: float
    steering: float
    camera_frame: NDArray[np.uint8]
    is_driving: bool
    words: str


class RaceComposition:
    """Composes the frames of one video.

    Args:
        scenery: with the track, the only one in it.
        cars: how many there are, two to eight.
        width: of the frames, pixels, an even number.
        height: of the frames, pixels, an even number.
    """

    def __init__(self, scenery: Scenery, cars: int, width: int = 1280, height: int = 720) -> None:
        self.width, self.height = width, height
        self._scenery = scenery
        self._columns = 1 if cars <= 2 else 2
        self._rows = -(-cars // self._columns)
        self._side = round(0.3 * width)
        self._map = TopView(scenery, 0, 0, self._side, round(0.5 * height))

    def compose(self, title: str, cars: Sequence[RacingCar], standings: Sequence[int]) -> NDArray[np.uint8]:
        """One frame.

        Args:
            title: above the standings.
            cars: in the order of their tiles.
            standings: numbers of all cars, the leading one first.

        Returns:
            (height, width, 3) uint8.
        """
        image = np.empty((self.height, self.width, 3), np.uint8)
        image[:] = _DARK
        left = self.width - self._side
        for number, car in enumerate(cars):
            row, column = divmod(number, self._columns)
            top, bottom = row * self.height // self._rows, (row + 1) * self.height // self._rows
            start, end = column * left // self._columns, (column + 1) * left // self._columns
            image[top : bottom - 2, start : end - 2] = self._tile(
                car, cars, end - start - 2, bottom - top - 2
            )
        driving = [car for car in reversed(cars) if car.is_driving]
        poses = np.array([[car.x, car.y, car.yaw] for car in driving]).reshape(-1, 3)
        colours = tuple(car.colour for car in driving)
        overview = self._map.draw(poses[:, 0], poses[:, 1], poses[:, 2], colours)
        image[: overview.shape[0], left:] = overview
        self._list(image, overview.shape[0], left, title, [cars[number] for number in standings])
        return image

    def _tile(self, car: RacingCar, cars: Sequence[RacingCar], width: int, height: int) -> NDArray[np.uint8]:
        """A car from behind, with its camera's picture in the corner."""
        viewpoint = chase_viewpoint(car.x, car.y, car.yaw)
        image = render_view(self._scenery, 0, 0, viewpoint, width, height)
        unit = max(height / 360.0, 0.5)
        shown = [other for other in cars if other.is_driving or other is car]
        for other in sorted(
            shown, key=lambda other: -math.hypot(other.x - viewpoint.x, other.y - viewpoint.y)
        ):
            draw_car(image, viewpoint, other.x, other.y, other.yaw, other.steering, other.colour)
            if other is not car:
                _draw_label(image, viewpoint, other, unit)
        if not car.is_driving:
            image[:] = (0.45 * image).astype(np.uint8)
        size = (round(0.30 * height / 3.0 * 4.0), round(0.30 * height))
        seen = np.asarray(Image.fromarray(car.camera_frame).resize(size, Image.Resampling.BICUBIC))
        gap = round(8 * unit)
        top, left = height - gap - size[1], width - gap - size[0]
        image[top - 2 : top + size[1] + 2, left - 2 : left + size[0] + 2] = _LINE
        image[top : top + size[1], left : left + size[0]] = seen[..., None]
        banner = text_stencil(car.name, round(22 * unit))
        below = banner.shape[0] + gap
        image[:below, : round(5 * unit)] = np.array(car.colour, np.uint8)
        panel = image[:below, round(5 * unit) : banner.shape[1] + 4 * gap]
        panel[:] = (0.38 * panel).astype(np.uint8)
        blend(image, banner, gap // 2, 2 * gap, (255, 255, 255))
        return image

    def _list(
        self, image: NDArray[np.uint8], top: int, left: int, title: str, cars: Sequence[RacingCar]
    ) -> None:
        """Who is where, below the map."""
        unit = self.height / 720.0
        blend(
            image,
            text_stencil(title, round(20 * unit)),
            top + round(12 * unit),
            left + round(14 * unit),
            (206, 214, 226),
        )
        step = min(round(46 * unit), (self.height - top - round(50 * unit)) // len(cars))
        for place, car in enumerate(cars, 1):
            row = top + round(44 * unit) + (place - 1) * step
            image[row + 2 : row + step - 4, left + round(14 * unit) : left + round(20 * unit)] = np.array(
                car.colour, np.uint8
            )
            size = round(min(20 * unit, 0.45 * step))
            name = text_stencil(f"{place}  {car.name}", size)
            blend(image, name, row, left + round(30 * unit), (255, 255, 255))
            words = text_stencil(car.words, round(0.8 * size))
            blend(image, words, row + name.shape[0], left + round(30 * unit), (170, 180, 196))


def _draw_label(image: NDArray[np.uint8], viewpoint: Viewpoint, car: RacingCar, unit: float) -> None:
    """Write a car's name above it, smaller the farther it is, where it is before the eye and in the picture."""
    height, width, _ = image.shape
    column, row, depth = viewpoint.project(np.array([car.x, car.y, _LABEL_HEIGHT_M]), width, height)
    if depth < 0.3 or not (0 <= column < width and 0 <= row < height):
        return
    size = round(min(18.0, max(10.0, 26.0 / depth)) * unit)
    label = text_stencil(car.name, size)
    top, left = round(row) - label.shape[0], round(column - 0.5 * label.shape[1])
    top, left = max(top, 0), min(max(left, 0), max(width - label.shape[1], 0))
    panel = image[top : top + label.shape[0], max(left - 3, 0) : left + label.shape[1] + 3]
    panel[:] = (0.35 * panel + 0.65 * np.array(car.colour)).astype(np.uint8)
    blend(image, label, top, left, (255, 255, 255))
