"""The colours of a world: what the codes of a surface map and the four walls look like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.materials import WALL_CODES, code_shades, code_weights

LUMA = (0.2989, 0.5870, 0.1140)
"""Weights of red, green and blue in DeepRacer's grey image (deepracer-simapp, utils of the camera sensor)."""

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """Colours of one look.

    Attributes:
        name: how it is asked for.
        field: colour of the ground beside the road; red, green, blue from 0 to 255, as are all colours here.
        border: colour of the lines along both edges of the road.
        road: colour of the asphalt.
        dash: colour of the dashed centre line.
        walls: colours of the walls towards +x, +y, -x, -y.
        grain: how many grey levels the brightest grain of field, border, road and dash lies above their mean.
        bodies: how bright boxes and cars are, as a share of their own grey.
    """

    name: str
    field: Colour
    border: Colour
    road: Colour
    dash: Colour
    walls: tuple[Colour, Colour, Colour, Colour]
    grain: tuple[float, float, float, float]
    bodies: float = 1.0

    def rgb(self) -> NDArray[np.uint8]:
        """What every code looks like: (256, 3) red, green, blue."""
        colours = np.array([self.field, self.border, self.road, self.dash])
        mixed = code_weights() @ colours
        grain = code_shades()[:, None] * (code_weights() @ np.array(self.grain))[:, None]
        # Grain brightens and darkens a colour without changing its hue.
        luma = np.maximum(mixed @ np.array(LUMA), 1.0)[:, None]
        shaded = mixed * (1.0 + grain / luma)
        shaded[WALL_CODES:] = self.walls
        return np.clip(np.rint(shaded), 0, 255).astype(np.uint8)

    def grey(self) -> NDArray[np.uint8]:
        """What every code looks like to a car: (256,) luma."""
        return np.rint(self.rgb() @ np.array(LUMA)).astype(np.uint8)


# Medians over real simulator camera frames of the re:Invent 2018 world
# (aws-samples/aws-deepracer-workshops, MIT-0); the other looks follow the official tracks' pictures.
SMILE_SPEEDWAY = Palette(
    name="smile_speedway",
    field=(99, 142, 109),
    border=(234, 233, 228),
    road=(37, 51, 67),
    dash=(240, 143, 0),
    walls=((34, 58, 71), (39, 67, 81), (16, 26, 32), (0, 0, 0)),
    grain=(10.0, 21.0, 10.0, 22.0),
)
GREY_ROAD = Palette(
    name="grey_road",
    field=(74, 128, 76),
    border=(236, 236, 236),
    road=(84, 86, 90),
    dash=(240, 190, 40),
    walls=((120, 134, 150), (104, 118, 134), (132, 146, 160), (92, 106, 122)),
    grain=(9.0, 14.0, 10.0, 14.0),
)
NIGHT = Palette(
    name="night",
    field=(40, 48, 92),
    border=(226, 228, 236),
    road=(30, 32, 40),
    dash=(236, 176, 24),
    walls=((10, 10, 24), (24, 24, 52), (16, 16, 38), (4, 4, 10)),
    grain=(6.0, 18.0, 8.0, 16.0),
)
PALETTES = (SMILE_SPEEDWAY, GREY_ROAD, NIGHT)


def find_palette(name: str) -> int:
    """The index in :data:`PALETTES` of the palette of that name.

    Raises:
        ValueError: there is none of that name.
    """
    for index, palette in enumerate(PALETTES):
        if palette.name == name:
            return index
    raise ValueError(f"palette {name!r} is unknown; it must be one of {', '.join(p.name for p in PALETTES)}")
