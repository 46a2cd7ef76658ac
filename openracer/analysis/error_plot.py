"""A picture of replay errors: how far the model is off as it drives freely, before and after a fit."""

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from openracer.analysis.replay import HORIZONS
from openracer.language import gettext as _

_WIDTH, _HEIGHT, _MARGIN = 560, 420, 64
_COLOURS = ("#9a9a9a", "#1f77b4")
_PAPER, _INK, _GRID = "#ffffff", "#222222", "#e4e4e4"


def error_plot(
    names: Sequence[str], position: Sequence[NDArray[np.float64]], heading: Sequence[NDArray[np.float64]]
) -> bytes:
    """Two panels, position and heading, with the median of each candidate and a band up to its 90th percentile.

    Args:
        names: of the candidates, two at most.
        position: of each candidate, ``(W, 4)`` m.
        heading: of each candidate, ``(W, 4)`` rad.

    Returns:
        A PNG file.
    """
    picture = Image.new("RGB", (2 * _WIDTH, _HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture, "RGBA")
    _panel(draw, 0, _("position error, cm"), names, [100.0 * errors for errors in position])
    _panel(draw, _WIDTH, _("heading error, degrees"), names, [np.degrees(errors) for errors in heading])
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _panel(
    draw: ImageDraw.ImageDraw, left: int, title: str, names: Sequence[str], curves: list[NDArray[np.float64]]
) -> None:
    font = ImageFont.load_default(15)
    percentiles = [_percentiles(errors) for errors in curves]
    top = max(float(high.max()) for _median, high in percentiles)
    tick = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if top / step <= 8)
    x0, y0 = left + _MARGIN, _HEIGHT - _MARGIN
    width, height = _WIDTH - 1.5 * _MARGIN, _HEIGHT - 2 * _MARGIN

    def at(steps: float, value: float) -> tuple[float, float]:
        return x0 + width * steps / HORIZONS[-1], y0 - height * value / top

    draw.text((x0, _MARGIN / 2), title, _INK, font, "lm")
    for value in range(0, int(top) + 1, tick):
        draw.line((*at(0, value), *at(HORIZONS[-1], value)), _GRID)
        draw.text((x0 - 8, at(0, value)[1]), str(value), _INK, font, "rm")
    for steps in (0, *HORIZONS[1:]):
        draw.text((at(steps, 0)[0], y0 + 16), str(steps), _INK, font, "mm")
    draw.text((x0 + width / 2, y0 + 40), _("control steps of free driving (15 a second)"), _INK, font, "mm")
    for (median, high), name, colour, row in zip(percentiles, names, _COLOURS, (0, 1), strict=False):
        line = [at(0, 0), *(at(s, float(v)) for s, v in zip(HORIZONS, median, strict=False))]
        edge = [at(0, 0), *(at(s, float(v)) for s, v in zip(HORIZONS, high, strict=False))]
        draw.polygon([*edge, *reversed(line)], colour + "30")
        draw.line(line, colour, 3)
        draw.line((x0 + 16, _MARGIN + 14 + 22 * row, x0 + 44, _MARGIN + 14 + 22 * row), colour, 3)
        label = _("{name}: median, and band to the 90th percentile").format(name=name)
        draw.text((x0 + 52, _MARGIN + 14 + 22 * row), label, _INK, font, "lm")


def _percentiles(errors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    known = errors[:, np.isfinite(errors).any(0)]
    median, high = np.nanpercentile(known, (50, 90), axis=0)
    return median, high
