"""The car's camera as an instrument: its place and lens, and what each image row sees of a flat ground."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.surface import LEVELS, TEXEL

FRAME_HEIGHT = 120
FRAME_WIDTH = 160
# Place and lens: aws-deepracer-community/deepracer-simapp, URDF of the car (simulation application 3 and later).
CAMERA_FORWARD = 0.14529379
"""Distance of the lens ahead of the car's origin, m."""
CAMERA_HEIGHT = 0.13032555
CAMERA_PITCH = 0.273
"""Angle of the optical axis below the horizontal, rad. The URDF says 0.2618, but in real frames the ground lies as
it does at this angle: 1.5 pixels higher (92 frames of aws-samples/aws-deepracer-workshops, MIT-0)."""
HORIZONTAL_FIELD_OF_VIEW = 1.13
FOCAL_LENGTH = 0.5 * FRAME_WIDTH / math.tan(0.5 * HORIZONTAL_FIELD_OF_VIEW)
"""Focal length in pixels, which are square."""


class Lens(NamedTuple):
    """A camera as it is mounted.

    Attributes:
        height: of the lens above the ground, m.
        pitch: of the optical axis below the horizontal, rad.
        field_of_view: from the left to the right edge, rad.
        footprint: the part of a pixel, along each side, whose light it takes. The simulator's pictures are made smaller
            with smoothing, which takes all; the physical car takes four points of sixteen (``openracer.car.camera``).
    """

    height: float = CAMERA_HEIGHT
    pitch: float = CAMERA_PITCH
    field_of_view: float = HORIZONTAL_FIELD_OF_VIEW
    footprint: float = 1.0

    @property
    def focal_length(self) -> float:
        """Focal length in pixels."""
        return 0.5 * FRAME_WIDTH / math.tan(0.5 * self.field_of_view)


NOMINAL = Lens()
"""The simulator's own."""

HEIGHT, SINE, COSINE, FOCAL = range(4)
"""Columns of :func:`lens_table`."""


def lens_table(lenses: tuple[Lens, ...]) -> NDArray[np.float64]:
    """What kernels need of some lenses: (V, 4) height, m, sine and cosine of the pitch, focal length in pixels."""
    return np.array(
        [[lens.height, math.sin(lens.pitch), math.cos(lens.pitch), lens.focal_length] for lens in lenses]
    )


DOWN, FORWARD, LEVEL, TEXELS_PER_METRE, TAPS, FIRST_TAP = range(6)
"""Columns of :func:`camera_rows`."""
MAX_TAPS = 4


def camera_rows(lens: Lens = NOMINAL) -> NDArray[np.float64]:
    """What the pixels of one image row have in common, whatever the pose of the car.

    Rows near the horizon see far along the ground within one pixel. They take several taps along the viewing
    direction and a coarser level of the map, so that nothing finer than a pixel shimmers.

    Args:
        lens: the camera.

    Returns:
        (120, FIRST_TAP + 2 * MAX_TAPS). The viewing ray of the pixel in column i has the components
        ``row[DOWN] * height`` downwards, ``row[FORWARD]`` forwards and ``(79.5 - i) / focal length`` to the left.
        ``LEVEL`` is the level of the surface map to fetch from, ``TEXELS_PER_METRE`` its resolution, ``TAPS`` how
        often (1, 2 or 4; 0 in rows that see no ground). From ``FIRST_TAP`` on, for each tap: the distance ahead
        of the lens where it meets the ground, and the sideways step on the ground from pixel to pixel, m.
    """
    height, pitch, focal = lens.height, lens.pitch, lens.focal_length
    rows = np.zeros((FRAME_HEIGHT, FIRST_TAP + 2 * MAX_TAPS))
    tangent = (np.arange(FRAME_HEIGHT) + 0.5 - 0.5 * FRAME_HEIGHT) / focal
    down = math.sin(pitch) + tangent * math.cos(pitch)
    rows[:, DOWN] = down / height
    rows[:, FORWARD] = math.cos(pitch) - tangent * math.sin(pitch)
    for row in np.flatnonzero(down > 0.5 * math.cos(pitch) / focal):
        width = lens.footprint * height / down[row] / focal
        length = width / down[row]
        taps = 1 if length < 7.0 * width else 2 if length < 16.0 * width else MAX_TAPS
        # Two thirds of a pixel, between its width on the ground and its length: a compromise of blur and shimmer.
        blur = 0.65 * max(width, math.sqrt(width * length / taps))
        level = min(max(round(math.log2(blur / TEXEL)), 0), LEVELS - 1)
        rows[row, LEVEL], rows[row, TAPS] = level, taps
        rows[row, TEXELS_PER_METRE] = 1.0 / (TEXEL * 2**level)
        for tap in range(taps):
            sub = tangent[row] + lens.footprint * ((tap + 0.5) / taps - 0.5) / focal
            scale = height / (math.sin(pitch) + sub * math.cos(pitch))
            rows[row, FIRST_TAP + 2 * tap] = scale * (math.cos(pitch) - sub * math.sin(pitch))
            rows[row, FIRST_TAP + 2 * tap + 1] = scale / focal
    return rows
