"""What boxes and cars are made of: blocks with six flat faces, each in its place and shade."""

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.bodies import BOX_BOTTOM, BOX_HEIGHT, BOX_LENGTH, BOX_WIDTH
from openracer.simulation.palette import LUMA, Colour

FACES = np.array(
    [
        [4, 5, 7, 6],  # front
        [0, 2, 3, 1],  # rear
        [2, 6, 7, 3],  # left
        [0, 1, 5, 4],  # right
        [1, 3, 7, 5],  # top
        [0, 4, 6, 2],  # bottom
    ]
)
"""(6, 4) corners of each face, clockwise as seen from outside. Corner 4 * is_front + 2 * is_left + is_top."""

LIGHT = np.array([0.90, 0.90, 1.0, 0.74, 1.12, 0.4])
"""(6,) how bright each face is: light comes from above and a little from the left."""


def _neighbours() -> NDArray[np.int64]:
    """(6, 4) the face on the other side of each edge, the edge from a face's corner k to its corner k + 1."""
    edges = {(int(f[k]), int(f[(k + 1) % 4])): face for face, f in enumerate(FACES) for k in range(4)}
    return np.array([[edges[int(f[(k + 1) % 4]), int(f[k])] for k in range(4)] for f in FACES])


NEIGHBOURS = _neighbours()


def block(
    rear: float,
    front: float,
    half_rear: float,
    half_front: float,
    bottom: float,
    top: float,
    top_front: float,
) -> NDArray[np.float64]:
    """(8, 3) m: a box from ``rear`` to ``front`` whose width and height may taper towards its front."""
    return np.array(
        [
            [x, side * half, top_here if is_top else bottom]
            for x, half, top_here in ((rear, half_rear, top), (front, half_front, top_front))
            for side in (-1.0, 1.0)
            for is_top in (False, True)
        ]
    )


# Colour of the box: aws-deepracer-community/deepracer-simapp, model ``box_obstacle``.
BOX_COLOUR: Colour = (123.0, 97.0, 79.0)
BOT_COLOUR: Colour = (214.0, 74.0, 58.0)
_TYRE: Colour = (24.0, 24.0, 28.0)
_GLASS: Colour = (52.0, 66.0, 86.0)

BOX_PARTS: tuple[tuple[NDArray[np.float64], Colour], ...] = (
    (
        block(
            -0.5 * BOX_LENGTH, 0.5 * BOX_LENGTH, 0.5 * BOX_WIDTH, 0.5 * BOX_WIDTH, 0.0, BOX_BOTTOM + BOX_HEIGHT,
            BOX_BOTTOM + BOX_HEIGHT,
        ),
        BOX_COLOUR,
    ),
)  # fmt: skip


def car_parts(colour: Colour) -> tuple[tuple[NDArray[np.float64], Colour], ...]:
    """A car's wheels, body and cabin, within the bounding box of the simulator's car."""
    wheels = tuple(
        (
            block(x - 0.034, x + 0.034, 0.018, 0.018, 0.0, 0.07, 0.07) + np.array([0.0, side * 0.080, 0.0]),
            _TYRE,
        )
        for x in (-0.0817, 0.0823)
        for side in (-1.0, 1.0)
    )
    return (
        *wheels,
        (block(-0.155, 0.155, 0.066, 0.056, 0.022, 0.090, 0.062), colour),
        (block(-0.105, 0.055, 0.050, 0.040, 0.086, 0.130, 0.112), _GLASS),
        (block(-0.098, 0.020, 0.042, 0.034, 0.110, 0.137, 0.122), colour),
        (block(-0.160, -0.130, 0.086, 0.086, 0.122, 0.130, 0.128), colour),
    )


def pack(
    models: tuple[tuple[tuple[NDArray[np.float64], Colour], ...], ...],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """Models for the kernel.

    Args:
        models: the parts of each, in the order of the bodies' kinds.

    Returns:
        ``(M + 1,)`` where a model's parts begin, ``(P, 8, 3)`` their corners, m, ``(P, 6)`` the greys of their faces.
    """
    first = np.concatenate([[0], np.cumsum([len(model) for model in models])])
    parts = [part for model in models for part in model]
    greys = [LIGHT * (np.array(colour) @ np.array(LUMA)) for _, colour in parts]
    return first, np.array([corners for corners, _ in parts]), np.rint(greys).astype(np.uint8)


MODELS = pack((BOX_PARTS, car_parts(BOT_COLOUR), car_parts((92.0, 72.0, 214.0))))
"""Of boxes, bots and other cars."""
