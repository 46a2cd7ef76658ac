"""Actions: their names, continuous ones sorted into bins, and how often each is taken in every section."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from openracer.analysis.frames import CONTINUOUS
from openracer.analysis.sections import Section

STEERING_BORDERS = (-20.0, -6.0, 6.0, 20.0)
"""Continuous steering is told in five bins, degrees."""
SPEED_BINS = 3
MOST_DISTINCT = 40
"""A drive with more pairs of steering and speed is continuous, whatever its action numbers say."""
_LARGEST, _PAIR = 1e6, 1 << 30


@dataclass(frozen=True, eq=False, slots=True)
class Actions:
    """The actions of some steps.

    Attributes:
        number: ``(K,)`` index into the others.
        names: ``(A,)`` such as ``-15° 2.0 m/s``, by steering from right to left and then by speed.
        steering: ``(A,)`` degrees, mean of a bin.
        speed: ``(A,)`` m/s, mean of a bin.
        continuous: whether they are bins of a continuous action space.
    """

    number: NDArray[np.int64]
    names: list[str]
    steering: NDArray[np.float64]
    speed: NDArray[np.float64]
    continuous: bool


def actions_of(steps: pd.DataFrame) -> Actions:
    """Find the actions of some steps, whatever the action space.

    Args:
        steps: see :func:`openracer.analysis.frames.steps_frame`.
    """
    steering, speed = (steps[name].to_numpy(np.float64) for name in ("steering_angle", "speed"))
    # A pair of numbers as one, because those are found and sorted much faster.
    angles, paces = (
        np.round(np.clip(values, -_LARGEST, _LARGEST) * scale).astype(np.int64)
        for values, scale in ((steering, 10.0), (speed, 100.0))
    )
    pairs = angles * _PAIR + paces
    numbered = steps["action"].to_numpy(np.int64)
    if (numbered != CONTINUOUS).all() or len(np.unique(pairs[:5000])) <= MOST_DISTINCT:
        number, known = pd.factorize(pairs, sort=True)
        if len(known) <= MOST_DISTINCT:
            tenths = (known + _PAIR // 2) // _PAIR
            kinds = np.stack([tenths / 10.0, (known - tenths * _PAIR) / 100.0], axis=1)
            names = [f"{angle:g}° {pace:g} m/s" for angle, pace in kinds.tolist()]
            return Actions(number, names, kinds[:, 0], kinds[:, 1], False)
    return _binned(steering, speed)


def _binned(steering: NDArray[np.float64], speed: NDArray[np.float64]) -> Actions:
    borders = np.linspace(speed.min(initial=0.1), speed.max(initial=4.0) + 1e-9, SPEED_BINS + 1)
    sides = np.searchsorted(STEERING_BORDERS, steering)
    paces = np.clip(np.searchsorted(borders, speed, side="right") - 1, 0, SPEED_BINS - 1)
    known, number = np.unique(sides * SPEED_BINS + paces, return_inverse=True)
    edges = [-30.0, *STEERING_BORDERS, 30.0]
    names = []
    for cell in known.tolist():
        side, pace = divmod(cell, SPEED_BINS)
        names.append(f"{edges[side]:g}…{edges[side + 1]:g}° {borders[pace]:.1f}…{borders[pace + 1]:.1f} m/s")
    counts = np.bincount(number, minlength=len(known))
    means = [
        np.bincount(number, weights, len(known)) / np.maximum(counts, 1) for weights in (steering, speed)
    ]
    return Actions(number, names, means[0], means[1], True)


def action_table(placed: pd.DataFrame, actions: Actions, sections: list[Section]) -> pd.DataFrame:
    """How often each action was taken in each section.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        actions: of its steps.
        sections: of the track.

    Returns:
        A row an action and section: ``action``, ``section`` (labels), ``count``, and ``share`` of the section's steps.
    """
    shape = len(actions.names), len(sections)
    cells = actions.number * shape[1] + placed["section"].to_numpy(np.int64)
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    share = counts / np.maximum(counts.sum(0), 1)
    return pd.DataFrame(
        {
            "action": np.repeat(actions.names, shape[1]),
            "section": np.tile([section.label for section in sections], shape[0]),
            "count": counts.ravel(),
            "share": share.ravel(),
        }
    )
