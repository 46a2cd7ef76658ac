"""A track's ground seen from above: coverage by field, borders, road and dashes, as a pyramid of code maps."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from openracer.simulation.materials import MATERIALS, MEAN_SHADE, SHADES, nested_codes

TEXEL = 0.003
"""Edge of a texel of the finest level, m; each further level doubles it."""
LEVELS = 7
# Measured on 92 real frames of re:Invent 2018 (aws-samples/aws-deepracer-workshops, MIT-0), see docs/camera.md.
BORDER_WIDTH = 0.078
"""Width of the painted border lines, m."""
BORDER_OUTSIDE = 0.004
"""How far the painted lines reach outwards of the border polylines of a track file, m."""
DASH_WIDTH = 0.026
DASH_LENGTH = 0.052
DASH_PERIOD = 0.1036
ROOM_MARGIN = 0.21
"""Distance of the walls from the outermost point of a closed track, m."""
OPEN_ROOM_MARGIN = 1.5
"""The same where the road ends, m: a car sees both ends of the road, and people look at it from behind."""
_GRAIN_TILE = 256

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SurfaceMap:
    """Top-down code maps of one track in a rectangular room.

    Attributes:
        room: (4,) m: x and y of the room's lower corner, x and y of its upper corner. The maps begin at the lower
            corner and reach up to a coarsest texel beyond the upper one.
        levels: code maps, rows along y, columns along x, both growing with the coordinate; edge of a texel is
            ``TEXEL * 2**level`` m.
    """

    room: Points
    levels: tuple[NDArray[np.uint8], ...]


def build_surface(centre: Points, inner: Points, outer: Points, closed: bool) -> SurfaceMap:
    """Draw a track.

    Args:
        centre: (N, 2) m, the centre line in driving direction; a closed track repeats its first row at the end.
        inner: (N, 2) m, one border.
        outer: (N, 2) m, the other border.
        closed: whether the track is a loop.

    Returns:
        The maps. Roads that cross or overlap are drawn as one area of asphalt.
    """
    room, shape = _room(np.concatenate([centre, inner, outer]), ROOM_MARGIN if closed else OPEN_ROOM_MARGIN)
    origin = room[:2]
    across = outer - inner
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    paint = np.zeros((3, *shape), np.uint8)
    for layer, margin in ((0, BORDER_OUTSIDE), (1, BORDER_OUTSIDE - BORDER_WIDTH)):
        left, right = (inner - margin * across - origin) / TEXEL, (outer + margin * across - origin) / TEXEL
        _paint_strip(paint[layer], left, right)
    for start, end in _dashes(centre, closed):
        piece = np.stack([start, end])
        along = (end - start) / np.linalg.norm(end - start)
        normal = 0.5 * DASH_WIDTH * np.array([-along[1], along[0]])
        _paint_strip(paint[2], (piece - normal - origin) / TEXEL, (piece + normal - origin) / TEXEL)
    return SurfaceMap(room, _pyramid(paint))


def _room(points: Points, margin: float) -> tuple[Points, tuple[int, int]]:
    """The rectangle of the walls, and rows and columns of the finest map (a whole number of coarsest texels)."""
    block = 2 ** (LEVELS - 1)
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    columns, rows = np.ceil((high - low) / (TEXEL * block)).astype(int) * block
    return np.concatenate([low, high]), (int(rows), int(columns))


def _dashes(centre: Points, closed: bool) -> list[tuple[Points, Points]]:
    """Straight pieces of the dashed line: every dash, cut where the centre line bends."""
    lengths = np.linalg.norm(np.diff(centre, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(lengths)])
    keep = np.concatenate([[True], lengths > 0.0])
    arc, centre = arc[keep], centre[keep]
    period = arc[-1] / max(1, round(arc[-1] / DASH_PERIOD)) if closed else DASH_PERIOD
    starts = np.arange(0.0, arc[-1] - 1e-9, period)
    ends = np.minimum(starts + DASH_LENGTH, arc[-1])
    cuts = np.unique(np.concatenate([starts, ends, arc]))
    middle = 0.5 * (cuts[:-1] + cuts[1:])
    painted = middle < ends[np.searchsorted(starts, middle) - 1]
    points = np.stack([np.interp(cuts, arc, centre[:, k]) for k in (0, 1)], axis=1)
    return [(points[k], points[k + 1]) for k in np.flatnonzero(painted)]


@njit(cache=True, boundscheck=False, error_model="numpy")
def _paint_strip(layer, left, right):  # type: ignore[no-untyped-def]
    """Add the area between two polylines to a layer.

    Args:
        layer: (rows, columns) uint8, coverage of every texel in 255ths.
        left: (K, 2) float64, corners in texels from the layer's origin.
        right: (K, 2) float64, the corners opposite.
    """
    for k in range(left.shape[0] - 1):
        ax, ay, bx, by = left[k, 0], left[k, 1], right[k, 0], right[k, 1]
        cx, cy, dx, dy = left[k + 1, 0], left[k + 1, 1], right[k + 1, 0], right[k + 1, 1]
        _paint_triangle(layer, ax, ay, bx, by, cx, cy)
        _paint_triangle(layer, cx, cy, bx, by, dx, dy)


@njit(cache=True, boundscheck=False, error_model="numpy")
def _paint_triangle(layer, ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    """Add a triangle's coverage of each texel; neighbours that share an edge add up to full coverage along it."""
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if abs(area) < 1e-9:
        return
    if area < 0.0:
        bx, by, cx, cy = cx, cy, bx, by
    nx, ny, offset = np.empty(3), np.empty(3), np.empty(3)
    px, py = (ax, bx, cx), (ay, by, cy)
    for edge in range(3):
        following = (edge + 1) % 3
        ex, ey = px[following] - px[edge], py[following] - py[edge]
        length = np.hypot(ex, ey)
        nx[edge], ny[edge] = -ey / length, ex / length
        # Distance of texel (0, 0)'s centre from the edge, inside positive, plus half a texel: coverage there.
        offset[edge] = nx[edge] * (0.5 - px[edge]) + ny[edge] * (0.5 - py[edge]) + 0.5
    rows, columns = layer.shape
    for row in range(max(0, int(min(ay, by, cy)) - 1), min(rows, int(max(ay, by, cy)) + 2)):
        first, last = 0.0, columns - 1.0
        for edge in range(3):
            here = offset[edge] + ny[edge] * row
            if nx[edge] > 1e-12:
                first = max(first, -here / nx[edge])
            elif nx[edge] < -1e-12:
                last = min(last, -here / nx[edge])
            elif here <= 0.0:
                last = -1.0
        for column in range(int(np.ceil(first)), int(np.floor(last)) + 1):
            coverage = 255.0
            for edge in range(3):
                coverage *= min(1.0, max(0.0, offset[edge] + ny[edge] * row + nx[edge] * column))
            layer[row, column] = min(255, layer[row, column] + int(coverage + 0.5))


def _pyramid(paint: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """Code maps of all levels from the three nested layers (3, rows, columns) of the finest."""
    codes, grain, levels = nested_codes(), _grain_tile(), []
    for level in range(LEVELS):
        # The simulator's frames are shrunk with a tent filter two pixels wide (Pillow's bilinear resize). A pixel
        # fetches one texel somewhat smaller than itself; softened maps give it the tent. Texels of the finest level are
        # no smaller than the pixels that see them, and stay sharp.
        shown, texture = (_soften(paint), _soften_tile(grain)) if level else (paint, grain)
        shades = np.clip(np.rint(texture * MEAN_SHADE), -MEAN_SHADE, MEAN_SHADE).astype(np.int8)
        levels.append(_encode(shown, codes, shades))
        paint, grain = _halve(paint), grain.reshape(len(grain) // 2, 2, -1, 2).mean(axis=(1, 3))
    return tuple(levels)


def _grain_tile() -> NDArray[np.float64]:
    """A repeating square of texture with standard deviation 0.4: fine grain and a little coarser one."""
    noise = np.random.default_rng(20190000).standard_normal((2, _GRAIN_TILE, _GRAIN_TILE))
    coarse = sum(np.roll(noise[1], (dy, dx), (0, 1)) for dy in range(3) for dx in range(3)) / 3.0
    tile = noise[0] + coarse
    return 0.4 * tile / tile.std()


def _soften_tile(grain: NDArray[np.float64]) -> NDArray[np.float64]:
    """What :func:`_soften` does, for a repeating square of texture."""
    for axis in (0, 1):
        grain = 0.5 * grain + 0.25 * (np.roll(grain, 1, axis) + np.roll(grain, -1, axis))
    return grain


@njit(cache=True, boundscheck=False, error_model="numpy")
def _encode(paint, codes, shades):  # type: ignore[no-untyped-def]
    """Codes of one level.

    Args:
        paint: (3, rows, columns) uint8, coverage in 255ths by all paint, by asphalt and by dashes.
        codes: (9, 9, 9) uint8 of :func:`openracer.simulation.materials.nested_codes`.
        shades: (tile, tile) int8, texture in steps from the mean shade, repeated over the map.

    Returns:
        (rows, columns) uint8 codes.
    """
    _, rows, columns = paint.shape
    tile = shades.shape[0]
    out = np.empty((rows, columns), np.uint8)
    for row in range(rows):
        for column in range(columns):
            code = codes[
                (paint[0, row, column] * 8 + 127) // 255,
                (paint[1, row, column] * 8 + 127) // 255,
                (paint[2, row, column] * 8 + 127) // 255,
            ]
            if code < MATERIALS * SHADES:
                code += shades[row % tile, column % tile]
            out[row, column] = code
    return out


@njit(cache=True, boundscheck=False, error_model="numpy")
def _soften(paint):  # type: ignore[no-untyped-def]
    """Every texel of (3, rows, columns) uint8 layers mixed with its neighbours: a quarter of either side's each way."""
    layers, rows, columns = paint.shape
    out = paint.copy()
    for layer in range(layers):
        for row in range(1, rows - 1):
            for column in range(1, columns - 1):
                total = 8
                for dy in range(-1, 2):
                    for dx in range(-1, 2):
                        total += (2 - abs(dy)) * (2 - abs(dx)) * paint[layer, row + dy, column + dx]
                out[layer, row, column] = total // 16
    return out


@njit(cache=True, boundscheck=False, error_model="numpy")
def _halve(paint):  # type: ignore[no-untyped-def]
    """The mean of every two by two texels of (3, rows, columns) uint8 layers."""
    layers, rows, columns = paint.shape
    out = np.empty((layers, rows // 2, columns // 2), np.uint8)
    for layer in range(layers):
        for row in range(rows // 2):
            for column in range(columns // 2):
                total = 2
                for dy in range(2):
                    for dx in range(2):
                        total += paint[layer, 2 * row + dy, 2 * column + dx]
                out[layer, row, column] = total // 4
    return out
