"""A picture of a race line: the track, the line coloured by speed, its sectors and times."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from openracer.language import gettext as _
from openracer.simulation.raceline.line import RaceLine
from openracer.tracks import drawing
from openracer.tracks.drawing import FIELD, INK, PALE_INK, SHARPNESS, View, font_for, legible
from openracer.tracks.track import Track

Array = NDArray[np.float64]

SLOW_TO_FAST = ("#5b2a86", "#c2316b", "#f0593e", "#f9a63a", "#f8e559")
"""Colours from the slowest to the fastest point, evenly spaced and growing lighter."""
LINE_WIDTH_M = 0.07


def png(track: Track, line: RaceLine, note: str, width: int = 1200, height: int = 800) -> bytes:
    """A PNG file's content.

    Args:
        track: the road.
        line: of this track.
        note: words beside the track's title, such as the vehicle's name.
        width: of the picture, px.
        height: of the picture, px.
    """
    unit = SHARPNESS * min(width / 1200.0, height / 800.0)
    picture = Image.new("RGB", (SHARPNESS * width, SHARPNESS * height), FIELD)
    canvas = ImageDraw.Draw(picture)
    view = drawing.page_view(track, picture.width, picture.height, unit)
    drawing.paint_road(canvas, track, view, unit)
    drawing.paint_start(canvas, track, view)
    _line(canvas, line, view, unit)
    _words(canvas, track, line, note, picture, unit)
    _speed_scale(canvas, line, picture, unit)
    drawing.paint_scale_bar(canvas, view, picture, unit)
    content = BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(content, format="PNG", optimize=True)
    return content.getvalue()


def colours(share: Array) -> list[tuple[int, int, int]]:
    """RGB of speeds between slowest (0) and fastest (1): share (M,)."""
    stops = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in SLOW_TO_FAST])
    places = np.linspace(0.0, 1.0, len(stops))
    mixed = np.stack([np.interp(share, places, channel) for channel in stops.T], axis=1)
    return [(int(red), int(green), int(blue)) for red, green, blue in mixed]


def _line(canvas: ImageDraw.ImageDraw, line: RaceLine, view: View, unit: float) -> None:
    places = np.arange(0.0, line.distance_m[-1], 0.02)
    points = view(np.stack([np.interp(places, line.distance_m, axis) for axis in line.points.T], axis=1))
    speed = np.interp(places, line.distance_m, line.speed_mps)
    low, high = _speeds(line)
    width = max(LINE_WIDTH_M * view.scale, 5.0 * unit)
    edge = 0.5 * width + 1.2 * unit
    for x, y in points:
        canvas.ellipse((x - edge, y - edge, x + edge, y + edge), drawing.BORDER_EDGE)
    for (x, y), colour in zip(points, colours((speed - low) / (high - low)), strict=True):
        canvas.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), colour)


def _speeds(line: RaceLine) -> tuple[float, float]:
    """Ends of the colour scale, m/s: a line of one speed is drawn as fast."""
    high = float(line.speed_mps.max())
    return min(float(line.speed_mps.min()), high - 0.1), high


def _words(
    canvas: ImageDraw.ImageDraw, track: Track, line: RaceLine, note: str, picture: Image.Image, unit: float
) -> None:
    left = 48 * unit
    canvas.text(
        (left, 34 * unit), track.title, INK, font_for(track.title, 40 * unit), stroke_width=0.6 * unit
    )
    canvas.text((left, 86 * unit), note, PALE_INK, font_for(note, 20 * unit))
    lap = _("standing lap") if line.standing else _("flying lap")
    figures = [(legible(lap, "standing lap" if line.standing else "flying lap"), f"{line.lap_time_s:.3f} s")]
    for number, seconds in enumerate(line.sector_times_s, start=1):
        word = legible(_("sector {number}"), "sector {number}").format(number=number)
        figures.append((word, f"{seconds:.3f} s"))
    top = picture.height - 72 * unit
    for word, figure in figures:
        canvas.text((left, top), word, PALE_INK, font_for(word, 17 * unit))
        canvas.text((left, top + 21 * unit), figure, INK, font_for(figure, 25 * unit))
        left += 160 * unit


def _speed_scale(canvas: ImageDraw.ImageDraw, line: RaceLine, picture: Image.Image, unit: float) -> None:
    low, high = _speeds(line)
    length, thickness = 220 * unit, 14 * unit
    right, top = picture.width - 48 * unit, 52 * unit
    steps = 110
    for step, colour in enumerate(colours(np.linspace(0.0, 1.0, steps))):
        x = right - length + step * length / steps
        canvas.rectangle((x, top, x + length / steps, top + thickness), colour)
    for x, speed, anchor in ((right - length, low, "la"), (right, high, "ra")):
        text = f"{speed:.1f} m/s"
        canvas.text((x, top + thickness + 7 * unit), text, INK, font_for(text, 18 * unit), anchor=anchor)
