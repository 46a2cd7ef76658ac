"""How far apart the same edges of the road lie in two frames, in fractions of a pixel."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from benchmarks.camera_poses import TrackCamera
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.materials import BORDER, FIELD, ROAD, code_weights

FIRST_ROW = FRAME_HEIGHT // 3
REACH = 4.0
"""An edge is looked for so many pixels to either side; one that is not there counts as so far away."""
_FLANK = 3
"""A rendered edge counts where the material is pure so many pixels to either side of it."""


def edge_distances(
    camera: TrackCamera, pose: NDArray[np.float64], real: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Distances between the rendered and the real edges of the border lines, in the lower two thirds of a frame.

    Along every image row, an edge is where the grey, interpolated between pixels, crosses the middle between the two
    materials. The distance along the row is turned into that across the edge by the edge's direction.

    Args:
        camera: plain, without texture.
        pose: (3,).
        real: (120, 160) uint8.

    Returns:
        (E,) signed, pixels, positive where the real edge lies further right; one for every row and edge.
    """
    share = code_weights()
    seen = {material: _share_seen(camera, pose, share[:, material]) for material in (FIELD, BORDER, ROAD)}
    rendered = camera.render(pose[None])[0].astype(float)
    grey = {
        material: rendered[seen[material] > 0.99].mean() for material in seen if (seen[material] > 0.99).any()
    }
    right, down = gaussian_filter(rendered, 1.2, order=(0, 1)), gaussian_filter(rendered, 1.2, order=(1, 0))
    across = np.abs(right) / np.maximum(np.hypot(right, down), 1e-9)
    found = [np.zeros(0)]
    for other in (FIELD, ROAD):
        if BORDER not in grey or other not in grey:
            continue
        middle = 0.5 * (grey[BORDER] + grey[other])
        for brighter in (True, False):
            rows, columns = _crossings(rendered, middle, brighter)
            dark = np.rint(columns).astype(int) + (-_FLANK if brighter else _FLANK)
            bright = np.rint(columns).astype(int) + (_FLANK if brighter else -_FLANK)
            kept = (np.minimum(dark, bright) >= 0) & (np.maximum(dark, bright) < FRAME_WIDTH)
            rows, columns, dark, bright = rows[kept], columns[kept], dark[kept], bright[kept]
            kept = (seen[other][rows, dark] > 0.9) & (seen[BORDER][rows, bright] > 0.9)
            rows, columns = rows[kept], columns[kept]
            shift = _nearest(rows, columns, *_crossings(real.astype(float), middle, brighter))
            found.append(shift * across[rows, np.rint(columns).astype(int)])
    return np.concatenate(found)


def _share_seen(
    camera: TrackCamera, pose: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much of each pixel (120, 160) a material fills, given its share of every code (256,)."""
    return camera.render(pose[None], np.rint(255.0 * share).astype(np.uint8)[None])[0] / 255.0


def _crossings(
    image: NDArray[np.float64], level: float, brighter: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows (C,) and columns (C,) where a frame becomes brighter, or darker, than a level from left to right."""
    above = image > level
    steps = ~above[:, :-1] & above[:, 1:] if brighter else above[:, :-1] & ~above[:, 1:]
    steps[:FIRST_ROW] = False
    rows, columns = np.nonzero(steps)
    before, after = image[rows, columns], image[rows, columns + 1]
    return rows, columns + (level - before) / (after - before)


def _nearest(
    rows: NDArray[np.int64],
    columns: NDArray[np.float64],
    other_rows: NDArray[np.int64],
    other_columns: NDArray[np.float64],
) -> NDArray[np.float64]:
    """From each of some places (E,) to the nearest of others (C,) in the same row, at most ``REACH``."""
    if not len(rows) or not len(other_rows):
        return np.full(len(rows), REACH)
    # Rows are set so far apart that the nearest place lies in the same row wherever there is one within reach.
    apart = FRAME_WIDTH + 2.0 * REACH
    others = other_rows * apart + other_columns
    wanted = rows * apart + columns
    behind = (
        np.searchsorted(others, wanted).clip(1, len(others) - 1)
        if len(others) > 1
        else np.zeros(len(rows), int)
    )
    shifts = np.stack([others[np.maximum(behind - 1, 0)], others[behind]]) - wanted
    nearest = np.where(np.abs(shifts[0]) < np.abs(shifts[1]), shifts[0], shifts[1])
    return np.clip(nearest, -REACH, REACH)
