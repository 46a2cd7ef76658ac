"""Pictures of the racing benchmark: driven laps over the minimum-time line, and learning curves in lap times."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from openracer.models.drives import Drive
from openracer.simulation.raceline.line import RaceLine
from openracer.simulation.raceline.picture import colours
from openracer.tracks import drawing
from openracer.tracks.drawing import FIELD, INK, PALE_INK, SHARPNESS, View, font_for
from openracer.tracks.track import Track

WIDTH, HEIGHT = 900, 600
LEAST_LINE = "#ffffff"
CURVES = ("#1f6fb4", "#e4572e", "#2a9d5c", "#8a4fb0", "#c98a00", "#5b6770")


def driven_png(track: Track, line: RaceLine, drives: Sequence[Drive], best_s: float | None) -> bytes:
    """The quickest flying lap, coloured by its speed, over the minimum-time line in white.

    Args:
        track: the road.
        line: the minimum-time flying lap.
        drives: all laps of the evaluation.
        best_s: time of the quickest flying lap, s.

    Returns:
        A PNG file.
    """
    unit = SHARPNESS * min(WIDTH / 1200.0, HEIGHT / 800.0)
    picture = Image.new("RGB", (SHARPNESS * WIDTH, SHARPNESS * HEIGHT), FIELD)
    canvas = ImageDraw.Draw(picture)
    view = drawing.page_view(track, picture.width, picture.height, unit)
    drawing.paint_road(canvas, track, view, unit)
    drawing.paint_start(canvas, track, view)
    flying = [drive for drive in drives if drive.is_complete and drive.speed[1] > 0.5]
    if flying:
        _lap(canvas, min(flying, key=lambda drive: drive.time[-1]), line, view, unit)
    canvas.line(view(line.points), LEAST_LINE, round(2.6 * unit), joint="curve")
    canvas.text(
        (48 * unit, 34 * unit), track.title, INK, font_for(track.title, 40 * unit), stroke_width=0.6 * unit
    )
    driven = "no flying lap" if best_s is None else f"camera policy {best_s:.2f} s, coloured by speed"
    words = f"{driven}; minimum-time line {line.lap_time_s:.2f} s, white"
    canvas.text((48 * unit, 86 * unit), words, PALE_INK, font_for(words, 22 * unit))
    _scale(canvas, line, picture, unit)
    drawing.paint_scale_bar(canvas, view, picture, unit)
    return _png(picture)


def _lap(canvas: ImageDraw.ImageDraw, drive: Drive, line: RaceLine, view: View, unit: float) -> None:
    """Many dots along a lap; between rows the path is straight."""
    rows = np.linspace(0.0, drive.steps - 1.0, 20 * drive.steps)
    measured = np.concatenate([drive.speed[1:2], drive.speed[1:]])  # a lap's first row has no row before it
    x, y, speed = (np.interp(rows, np.arange(drive.steps), column) for column in (drive.x, drive.y, measured))
    low, high = float(line.speed_mps.min()), float(line.speed_mps.max())
    shades = colours(np.clip((speed - low) / (high - low), 0.0, 1.0))
    half = 6.0 * unit
    for (left, top), shade in zip(view(np.stack([x, y], axis=1)), shades, strict=True):
        canvas.ellipse((left - half, top - half, left + half, top + half), shade)


def _scale(canvas: ImageDraw.ImageDraw, line: RaceLine, picture: Image.Image, unit: float) -> None:
    left, top = 48 * unit, picture.height - 60 * unit
    for step, shade in enumerate(colours(np.linspace(0.0, 1.0, 110))):
        canvas.rectangle((left + 2 * step * unit, top, left + (2 * step + 2) * unit, top + 14 * unit), shade)
    for x, speed, anchor in (
        (left, line.speed_mps.min(), "la"),
        (left + 220 * unit, line.speed_mps.max(), "ra"),
    ):
        text = f"{speed:.1f} m/s"
        canvas.text((x, top + 20 * unit), text, INK, font_for(text, 20 * unit), anchor=anchor)


def curves_png(trainings: Mapping[str, tuple[Sequence[Mapping[str, Any]], float]]) -> bytes:
    """Mean lap of every clean evaluation over the steps of training, as a share above the minimum-time laps.

    Args:
        trainings: events and mean of the minimum-time laps, s, by the track's title.

    Returns:
        A PNG file.
    """
    picture = Image.new("RGB", (SHARPNESS * WIDTH, SHARPNESS * HEIGHT), "#ffffff")
    canvas = ImageDraw.Draw(picture, "RGBA")
    found = {title: clean_evaluations(events, least) for title, (events, least) in trainings.items()}
    longest = max((points[-1, 0] for points in found.values() if len(points)), default=1.0)
    unit = SHARPNESS
    left, top, right, bottom = 70 * unit, 56 * unit, picture.width - 30 * unit, picture.height - 62 * unit

    def at(millions: float, percent: float) -> tuple[float, float]:
        share = np.clip(percent, 0.0, 60.0) / 60.0
        return left + (right - left) * millions / longest, bottom - (bottom - top) * float(share)

    title = "mean lap of clean evaluations, percent above the minimum-time laps; line: the best so far"
    canvas.text((left, 18 * unit), title, INK, font_for(title, 17 * unit))
    for percent in range(0, 61, 10):
        canvas.line((*at(0, percent), *at(longest, percent)), "#e4e4e4", unit)
        canvas.text(
            (left - 10 * unit, at(0, percent)[1]), str(percent), INK, font_for("0", 15 * unit), anchor="rm"
        )
    canvas.line((*at(0, 8), *at(longest, 8)), "#999999", unit)
    canvas.text((left + 8 * unit, at(0, 8)[1]), "8 %", "#777777", font_for("8", 14 * unit), anchor="lt")
    every = next(step for step in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 1e9) if longest / step <= 10)
    for millions in np.arange(0.0, longest + 1e-9, every):
        place = at(millions, 0)[0], bottom + 14 * unit
        canvas.text(place, f"{millions:g}", INK, font_for("0", 15 * unit), anchor="mm")
    words = "million steps"
    canvas.text(((left + right) / 2, bottom + 40 * unit), words, INK, font_for(words, 16 * unit), anchor="mm")
    for number, ((name, points), colour) in enumerate(zip(found.items(), CURVES, strict=False)):
        for millions, percent in points:
            x, y = at(millions, percent)
            canvas.ellipse((x - 2 * unit, y - 2 * unit, x + 2 * unit, y + 2 * unit), colour + "50")
        best = [at(millions, percent) for millions, percent in _best_so_far(points)]
        if best:
            canvas.line(best, colour, 3 * unit, joint="curve")
        y = top + (18 + 24 * number) * unit
        canvas.line((right - 190 * unit, y, right - 160 * unit, y), colour, 3 * unit)
        canvas.text((right - 150 * unit, y), name, INK, font_for(name, 16 * unit), anchor="lm")
    return _png(picture)


def clean_evaluations(events: Sequence[Mapping[str, Any]], least_s: float) -> NDArray[np.float64]:
    """(E, 2) million steps and mean lap above ``least_s``, percent, of the evaluations without an incident."""
    points = []
    for event in events:
        laps = [trial["lap_time"] for trial in event.get("evaluation", ())]
        if laps and None not in laps:
            points.append((event["steps"] / 1e6, 100.0 * (float(np.mean(laps)) / least_s - 1.0)))
    return np.array(points).reshape(-1, 2)


def _best_so_far(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([points[:, 0], np.minimum.accumulate(points[:, 1])], axis=1)


def _png(picture: Image.Image) -> bytes:
    content = BytesIO()
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    small.quantize(96).save(content, format="PNG", optimize=True)
    return content.getvalue()
