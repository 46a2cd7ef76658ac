"""Learning curves as a picture: completion and reward against time and steps, each training a line, the median bold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from openracer.tracks.drawing import ACCENT, INK, PALE_INK, SHARPNESS, font_for

WIDTH, HEIGHT = 1200, 820
PAPER, GRID, ONE, MEDIAN = "#ffffff", "#e6eaee", "#9fc3dc", "#1a5e8a"

Box = tuple[float, float, float, float]
Points = list[tuple[float, float]]

_QUANTITIES = (
    ("progress", "mean completion of the episodes, %"),
    ("reward_per_step", "mean reward of a step"),
)
_ABSCISSAE = (("seconds", "seconds of training"), ("steps", "steps of all cars, thousands"))


def draw(title: str, trainings: Sequence[dict[str, Any]]) -> Image.Image:
    """The curves of some trainings.

    Args:
        title: of the picture.
        trainings: each with its ``curve``, a list of points with ``seconds``, ``steps``, ``progress`` and
            ``reward_per_step``, and with ``first_clean_eval_s`` and ``first_clean_eval_steps``, which may be None.
    """
    picture = Image.new("RGB", (SHARPNESS * WIDTH, SHARPNESS * HEIGHT), PAPER)
    canvas = ImageDraw.Draw(picture, "RGBA")
    unit = float(SHARPNESS)
    canvas.text((40 * unit, 34 * unit), title, INK, font_for(title, 24 * unit), "lm")
    _legend(canvas, unit, len(trainings))
    for row, (quantity, words) in enumerate(_QUANTITIES):
        for column, (abscissa, below) in enumerate(_ABSCISSAE):
            left, top = (76 + 580 * column) * unit, (138 + 348 * row) * unit
            box = (left, top, left + 496 * unit, top + 262 * unit)
            _panel(canvas, box, trainings, quantity, abscissa, unit)
            canvas.text((left, top - 20 * unit), words, INK, font_for(words, 16 * unit), "lm")
            if row == 1:
                place = ((box[0] + box[2]) / 2, box[3] + 44 * unit)
                canvas.text(place, below, PALE_INK, font_for(below, 15 * unit), "mm")
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _legend(canvas: ImageDraw.ImageDraw, unit: float, count: int) -> None:
    x, y = 40 * unit, 74 * unit
    for colour, width, words in ((ONE, 2, f"{count} trainings"), (MEDIAN, 4, "their median")):
        canvas.line((x, y, x + 34 * unit, y), colour, int(width * unit))
        canvas.text((x + 44 * unit, y), words, INK, font_for(words, 15 * unit), "lm")
        x += (70 + 9 * len(words)) * unit
    radius = 5 * unit
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), ACCENT)
    words = "first clean evaluation"
    canvas.text((x + 14 * unit, y), words, INK, font_for(words, 15 * unit), "lm")


def _panel(
    canvas: ImageDraw.ImageDraw,
    box: Box,
    trainings: Sequence[dict[str, Any]],
    quantity: str,
    abscissa: str,
    unit: float,
) -> None:
    scale = 1000.0 if abscissa == "steps" else 1.0
    curves = [_curve(training, abscissa, quantity, scale) for training in trainings]
    # To the end of the shortest training, so that the median is that of all.
    end = min(float(x[-1]) for x, _y in curves)
    lowest = min(0.0, min(float(y.min()) for _x, y in curves))
    highest = 100.0 if quantity == "progress" else max(float(y[x <= end].max()) for x, y in curves)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            box[0] + (box[2] - box[0]) * x / end,
            box[3] - (box[3] - box[1]) * (y - lowest) / (highest - lowest),
        )

    _grid(canvas, box, at, (lowest, highest), end, unit)
    shared = np.linspace(0.0, end, 200)
    each = np.stack([np.interp(shared, x, y) for x, y in curves])
    for row in each:
        canvas.line([at(float(x), float(y)) for x, y in zip(shared, row, strict=True)], ONE, int(1.5 * unit))
    middle = np.median(each, axis=0)
    points = [at(float(x), float(y)) for x, y in zip(shared, middle, strict=True)]
    canvas.line(points, MEDIAN, int(4 * unit), "curve")
    for training, (xs, ys) in zip(trainings, curves, strict=True):
        clean = training["first_clean_eval_steps" if abscissa == "steps" else "first_clean_eval_s"]
        if clean is not None and clean / scale <= end:
            x, y = at(clean / scale, float(np.interp(clean / scale, xs, ys)))
            radius = 4 * unit
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), ACCENT)


def _curve(
    training: dict[str, Any], abscissa: str, quantity: str, scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both coordinates of one training, smoothed over three iterations; where no episode ended, the value before."""
    points = training["curve"]
    values: list[float] = []
    for point in points:
        before = values[-1] if values else 0.0
        values.append(before if point[quantity] is None else point[quantity])
    padded = np.pad(np.array(values), 1, "edge")
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3.0
    return np.array([point[abscissa] for point in points]) / scale, smooth


def _grid(
    canvas: ImageDraw.ImageDraw, box: Box, at: Any, span: tuple[float, float], end: float, unit: float
) -> None:
    for value in _ticks(*span):
        y = at(0.0, value)[1]
        canvas.line((box[0], y, box[2], y), GRID, int(unit))
        canvas.text((box[0] - 10 * unit, y), f"{value:g}", PALE_INK, font_for("0", 14 * unit), "rm")
    for value in _ticks(0.0, end):
        x = at(value, 0.0)[0]
        canvas.line((x, box[1], x, box[3]), GRID, int(unit))
        canvas.text((x, box[3] + 16 * unit), f"{value:g}", PALE_INK, font_for("0", 14 * unit), "mm")


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers within a span, about five."""
    rough = (high - low) / 5.0
    power = 10.0 ** np.floor(np.log10(rough))
    step = float(min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs(s - rough)))
    return [n * step for n in range(int(np.ceil(low / step)), int(np.floor(high / step + 1e-9)) + 1)]
