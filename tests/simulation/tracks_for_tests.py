"""Small tracks with exact geometry, for tests."""

import numpy as np

from openracer.tracks import npy
from openracer.tracks.track import Track


def ring(radius: float = 2.0, width: float = 0.8, rows: int = 73, clockwise: bool = False) -> Track:
    """A circle around the origin that starts at (radius, 0)."""
    angle = np.linspace(0.0, 2.0 * np.pi, rows) * (-1.0 if clockwise else 1.0)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    unit[-1] = unit[0]
    inner, outer = (radius - width / 2) * unit, (radius + width / 2) * unit
    return npy.from_rows(np.hstack([radius * unit, inner, outer]), "ring", "Ring", "A circle.")


def straight(length: float = 5.0, width: float = 0.6, rows: int = 21) -> Track:
    """A straight road along +x."""
    x = np.linspace(0.0, length, rows)
    y = np.zeros(rows)
    table = np.stack([x, y, x, y + width / 2, x, y - width / 2], axis=1)
    return npy.from_rows(table, "straight", "Straight", "A straight.")
