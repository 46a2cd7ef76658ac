"""The solid things of every world: boxes, bot cars and the driven cars, which see each other and hit each other."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openracer.simulation import body
from openracer.simulation.columns import zero_columns
from openracer.tracks.compiled import kernel

BOX, BOT, CAR = 0, 1, 2
"""Kinds of bodies."""

# All sizes: aws-deepracer-community/deepracer-simapp, model ``box_obstacle`` and ``markov/track_geom``.
BOX_LENGTH, BOX_WIDTH, BOX_HEIGHT = 0.4, 0.3, 0.25
"""A box as it is seen, its length along the road, m ..."""
BOX_RULE_LENGTH, BOX_RULE_WIDTH = 0.5, 0.4
"""... and the rectangle that no corner of a car may enter, m."""
BOX_BOTTOM = -0.025
"""A box stands 2.5 cm deep in the ground: its middle is 0.1 m above it, m."""


class Bodies(NamedTuple):
    """W worlds with B bodies each, one ``(W * B,)`` array for each quantity: first boxes or bots, then driven cars.

    Attributes:
        kind: :data:`BOX`, :data:`BOT` or :data:`CAR`.
        x: middle of the body, m.
        y: m.
        yaw: rad.
        distance: of its projection along the centre line, m.
        distance_from_centre: m.
        speed: m/s.
        lap_share: progress of its front along the track, counted from the track's beginning, 0 to 1.
        is_inner: it is in the inner half of the road.
        is_left: it stands left of the centre line.
        is_solid: it can be hit; a car that is held for a penalty cannot.
        is_away: it has left the road and is neither seen nor hit.
    """

    kind: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    yaw: NDArray[np.float64]
    distance: NDArray[np.float64]
    distance_from_centre: NDArray[np.float64]
    speed: NDArray[np.float64]
    lap_share: NDArray[np.float64]
    is_inner: NDArray[np.bool_]
    is_left: NDArray[np.bool_]
    is_solid: NDArray[np.bool_]
    is_away: NDArray[np.bool_]

    @classmethod
    def zeros(cls, count: int) -> "Bodies":
        """So many boxes in the origin."""
        kinds: dict[str, type[np.generic]] = dict.fromkeys(cls._fields, np.float64)
        kinds |= {"kind": np.int32, "is_inner": np.bool_, "is_left": np.bool_, "is_solid": np.bool_}
        kinds["is_away"] = np.bool_
        return cls(*zero_columns(kinds, count))


@kernel(inline="always")
def own_body(car, world, objects, others):  # type: ignore[no-untyped-def]
    """The body of a car.

    Args:
        car: its index.
        world: ``(N,)`` world of each car.
        objects: boxes or bots of a world.
        others: cars that are bodies in a world: all of it if there are several, else none.

    Returns:
        Its number; -1 if it is alone in its world and needs none.
    """
    if others == 0:
        return -1
    return world[car] * (objects + others) + objects + car // (len(world) // others)


def rule_halves(kind: int) -> tuple[float, float]:
    """Half the length and width of the rectangle by which the crash rule knows a body, m."""
    if kind == BOX:
        return 0.5 * BOX_RULE_LENGTH, 0.5 * BOX_RULE_WIDTH
    return 0.5 * body.LENGTH, 0.5 * body.WIDTH


def seen_halves(kind: int) -> tuple[float, float]:
    """Half the length and width of a body as a LIDAR meets it, m."""
    if kind == BOX:
        return 0.5 * BOX_LENGTH, 0.5 * BOX_WIDTH
    return 0.5 * body.LENGTH, 0.5 * body.WIDTH
