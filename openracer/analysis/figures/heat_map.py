"""Any quantity over the track as an image of 1 cm cells: a million rows in a fraction of a second."""

import base64
import io

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale
from scipy.ndimage import uniform_filter1d

from openracer.analysis.figures.style import INK, bounds, map_figure
from openracer.tracks.track import Track

Array = NDArray[np.float64]

CELL_M = 0.01
MOST_CELLS = 4_000_000
_SHADES = 256


def heat_map(
    title: str,
    track: Track,
    x: Array,
    y: Array,
    values: Array,
    unit: str,
    scale: str = "Viridis",
    blur_m: float = 0.03,
) -> go.Figure:
    """Where the car drove, coloured by the mean of a quantity.

    Args:
        title: of the figure.
        track: that was driven on.
        x: ``(K,)`` m.
        y: ``(K,)`` m.
        values: ``(K,)`` of the quantity.
        unit: words for the colour bar.
        scale: plotly's colour scale.
        blur_m: half the width of the trace that a row leaves, m; at 0 it colours only its own cell.
    """
    edges = bounds(track)
    mean, seen = cell_means(x, y, values, edges, CELL_M, blur_m)
    shown = mean[seen]
    low, high = np.percentile(shown, [2.0, 98.0]) if len(shown) else (0.0, 1.0)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    figure = map_figure(title, track)
    figure.add_layout_image(
        source=_picture(mean, seen, float(low), float(high), scale),
        xref="x", yref="y", x=edges[0], y=edges[3], sizex=edges[1] - edges[0], sizey=edges[3] - edges[2],
        sizing="stretch", layer="above",
    )  # fmt: skip
    _draw_borders(figure, track)
    figure.add_trace(
        go.Scatter(
            x=[None], y=[None], mode="markers", showlegend=False, hoverinfo="skip",
            marker={
                "color": [low, high], "colorscale": scale, "cmin": low, "cmax": high, "showscale": True,
                "colorbar": {"title": {"text": unit, "side": "right"}, "thickness": 14, "len": 0.85},
            },
        )
    )  # fmt: skip
    return figure


def _draw_borders(figure: go.Figure, track: Track) -> None:
    """The road's borders over the picture, which hides those beneath it; only shapes lie above pictures."""
    for line in (track.inner, track.outer):
        path = "M" + "L".join(f"{x},{y}" for x, y in line.round(3).tolist())
        # Dark on light and light on dark are both seen.
        for colour, width in (("white", 3.0), (INK, 1.2)):
            figure.add_shape(type="path", path=path, line={"color": colour, "width": width}, opacity=0.8)


def cell_means(
    x: Array, y: Array, values: Array, edges: tuple[float, float, float, float], cell_m: float, blur_m: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mean of a quantity in cells, the top row first.

    Args:
        x: ``(K,)`` m.
        y: ``(K,)`` m.
        values: ``(K,)``.
        edges: left, right, bottom and top, m; what lies beyond is left out.
        cell_m: size of a cell, m; larger where there would be too many.
        blur_m: a row counts for the cells up to so far to each side, m.

    Returns:
        ``(H, W)`` means, 0 where there is none, and which cells have one.
    """
    left, right, bottom, top = edges
    cell_m = max(cell_m, float(np.sqrt((right - left) * (top - bottom) / MOST_CELLS)))
    width, height = int(np.ceil((right - left) / cell_m)), int(np.ceil((top - bottom) / cell_m))
    column, row = ((x - left) / cell_m).astype(np.int32), ((top - y) / cell_m).astype(np.int32)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height) & np.isfinite(values)
    if not inside.all():
        column, row, values = column[inside], row[inside], values[inside]
    cell = row * np.int32(width) + column
    total = np.bincount(cell, values, width * height).astype(np.float32).reshape(height, width)
    count = np.bincount(cell, minlength=width * height).astype(np.float32).reshape(height, width)
    size = 2 * round(blur_m / cell_m) + 1
    if size > 1:
        for table in (total, count):
            for axis in (0, 1):
                uniform_filter1d(table, size, axis, output=table, mode="constant")
    seen = count > 0.5 / size**2
    return np.divide(total, count, out=np.zeros_like(total), where=seen), seen


def _picture(mean: NDArray[np.float32], seen: NDArray[np.bool_], low: float, high: float, scale: str) -> str:
    """A PNG with a palette, as an address that holds the picture itself; one more colour is transparent."""
    colours = sample_colorscale(
        get_colorscale(scale), list(np.linspace(0.0, 1.0, _SHADES - 1)), colortype="tuple"
    )
    palette = (255.0 * np.array([(0.0, 0.0, 0.0), *colours])).round().astype(np.uint8)
    shades = np.clip((mean - low) * ((_SHADES - 2) / (high - low)), 0, _SHADES - 2).astype(
        np.uint8
    ) + np.uint8(1)
    picture = Image.fromarray(np.where(seen, shades, np.uint8(0)), "P")
    picture.putpalette(palette.tobytes())
    content = io.BytesIO()
    picture.save(content, "PNG", transparency=0, compress_level=3)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
