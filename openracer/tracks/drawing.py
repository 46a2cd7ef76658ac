"""A picture of a track: road, borders, start, driving direction, some waypoint numbers, and its figures."""

from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from openracer.language import gettext as _
from openracer.tracks.track import Track

Array = NDArray[np.float64]

FIELD = "#e9efe3"
ROAD = "#3d434c"
BORDER = "#ffffff"
BORDER_EDGE = "#2b3037"
CENTRE = "#f0b429"
ACCENT = "#e4572e"
INK = "#1f2933"
PALE_INK = "#6b7780"

SHARPNESS = 2
"""Everything is drawn this many times larger and then reduced, which smooths the edges."""
LABELS_WANTED = 12
HANGUL_FONTS = ("NotoSansCJK-Regular.ttc", "NanumGothic.ttf", "malgun.ttf", "AppleSDGothicNeo.ttc")


@dataclass(frozen=True)
class View:
    """Where metres land on the (enlarged) picture."""

    scale: float
    """Pixels a metre."""
    left: float
    """World x at the picture's left edge, m."""
    top: float
    """World y at its top edge, m."""

    def __call__(self, points: Array) -> list[tuple[float, float]]:
        """(M, 2) m to pixels, y downwards."""
        pixels = (points - (self.left, self.top)) * (self.scale, -self.scale)
        return [(float(x), float(y)) for x, y in pixels]


def png(track: Track, width: int = 1200, height: int = 800) -> bytes:
    """The picture of :func:`draw` as a PNG file's content."""
    content = BytesIO()
    draw(track, width, height).save(content, format="PNG", optimize=True)
    return content.getvalue()


def draw(track: Track, width: int = 1200, height: int = 800) -> Image.Image:
    """Draw a track with its title and figures.

    Args:
        track: as it is driven; the arrow shows its direction.
        width: of the picture, px.
        height: of the picture, px.

    Returns:
        An RGB picture.
    """
    unit = SHARPNESS * min(width / 1200.0, height / 800.0)
    picture = Image.new("RGB", (SHARPNESS * width, SHARPNESS * height), FIELD)
    canvas = ImageDraw.Draw(picture)
    view = page_view(track, picture.width, picture.height, unit)
    paint_road(canvas, track, view, unit)
    paint_start(canvas, track, view)
    _waypoint_numbers(canvas, track, view, unit)
    _words(canvas, track, picture, unit)
    paint_scale_bar(canvas, view, picture, unit)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def road(track: Track, width: int, height: int) -> Image.Image:
    """Draw the road alone, filling the picture: for cards and thumbnails.

    Args:
        track: as it is driven.
        width: of the picture, px.
        height: of the picture, px.

    Returns:
        An RGB picture.
    """
    unit = SHARPNESS * min(width, height) / 500.0
    picture = Image.new("RGB", (SHARPNESS * width, SHARPNESS * height), FIELD)
    canvas = ImageDraw.Draw(picture)
    margin = 0.06 * min(picture.size)
    view = _fit(track, margin, margin, picture.width - margin, picture.height - margin)
    paint_road(canvas, track, view, unit)
    paint_start(canvas, track, view)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def page_view(track: Track, width: int, height: int, unit: float) -> View:
    """The view of a whole page: below its title, above its figures."""
    return _fit(track, 60 * unit, 120 * unit, width - 60 * unit, height - 125 * unit)


def _fit(track: Track, left: float, top: float, right: float, bottom: float) -> View:
    """The view that centres a track in a rectangle of the picture (px)."""
    everything = np.concatenate([track.inner, track.outer])
    low, high = everything.min(axis=0), everything.max(axis=0)
    scale = float(
        min((right - left) / max(high[0] - low[0], 1.0), (bottom - top) / max(high[1] - low[1], 1.0))
    )
    middle = (low + high) / 2.0
    return View(scale, middle[0] - (left + right) / 2.0 / scale, middle[1] + (top + bottom) / 2.0 / scale)


def paint_road(canvas: ImageDraw.ImageDraw, track: Track, view: View, unit: float) -> None:
    """Asphalt, borders and the dashed centre line."""
    line = float(np.clip(0.05 * view.scale, 2.0 * unit, 6.0 * unit))
    canvas.polygon(view(track.road_outline), ROAD)
    if len(track.road_hole):
        canvas.polygon(view(track.road_hole), FIELD)
    for border in (track.inner, track.outer):
        canvas.line(view(border), BORDER_EDGE, round(line + 2.4 * unit), joint="curve")
        canvas.line(view(border), BORDER, round(line), joint="curve")
    period = max(track.length / max(round(track.length / 0.5), 1), 1e-6)
    for start in np.arange(0.0, track.length - 0.3 * period, period):
        dash = track.point_at(np.linspace(start, start + 0.5 * period, 6))
        canvas.line(view(dash), CENTRE, round(0.7 * line), joint="curve")


def paint_start(canvas: ImageDraw.ImageDraw, track: Track, view: View) -> None:
    """A chequered line across the road, and an arrow ahead of it."""
    x, y, yaw = track.start_pose(0.0)
    ahead = np.array([np.cos(yaw), np.sin(yaw)])
    left = np.array([-ahead[1], ahead[0]])
    width = float(np.median(track.project(track.centre[:-1]).width_m))
    squares = 8
    side = width / squares
    for row in range(2):
        for column in range(squares):
            corner = np.array([x, y]) + ahead * side * (row - 1) + left * (side * column - width / 2.0)
            colour = BORDER if (row + column) % 2 else INK
            canvas.polygon(
                view(corner + np.array([0 * ahead, side * ahead, side * (ahead + left), side * left])), colour
            )
    tip, half = 0.9 * width, 0.26 * width
    shape = np.array(
        [[0.0, 0.35], [0.5, 0.35], [0.5, 1.0], [1.0, 0.0], [0.5, -1.0], [0.5, -0.35], [0.0, -0.35]]
    )
    base = np.array([x, y]) + ahead * 0.35 * width
    arrow = base + shape[:, :1] * tip * ahead + shape[:, 1:] * half * left
    canvas.polygon(view(arrow), ACCENT)


def _waypoint_numbers(canvas: ImageDraw.ImageDraw, track: Track, view: View, unit: float) -> None:
    """Dots on the centre line, their row numbers beyond the border on the side with more room."""
    count = len(track.centre) - track.closed
    every = next(step for step in (1, 2, 5, 10, 20, 25, 50, 100, count) if count / step <= LABELS_WANTED + 1)
    font = font_for("0", 17 * unit)
    radius = 4.5 * unit
    outside = track.project(track.centre[:count:every]).width_m / 2.0 + 19.0 * unit / view.scale
    for row, away in zip(range(0, count, every), outside, strict=True):
        place = track.centre[row]
        heading = track.heading[min(row, len(track.heading) - 1)]
        square = np.array([-np.sin(heading), np.cos(heading)])
        sides = place + np.array([[away], [-away]]) * square
        free = [float(np.hypot(*(track.centre - side).T).min()) for side in sides]
        (label,) = view(sides[[int(free[1] >= free[0] - 0.1)]])
        ((x, y),) = view(place[None])
        if row > 0:
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), BORDER)
        canvas.text(label, str(row), PALE_INK, font, anchor="mm")


def _words(canvas: ImageDraw.ImageDraw, track: Track, picture: Image.Image, unit: float) -> None:
    left = 48 * unit
    canvas.text(
        (left, 34 * unit), track.title, INK, font_for(track.title, 40 * unit), stroke_width=0.6 * unit
    )
    if track.name != track.title:
        canvas.text((left, 86 * unit), track.name, PALE_INK, font_for(track.name, 20 * unit))
    width = float(np.median(track.project(track.centre).width_m))
    radius = (
        f"{track.tightest_radius:.2f} m"
        if np.isfinite(track.tightest_radius)
        else legible(_("straight"), "straight")
    )
    figures = (
        (legible(_("length"), "length"), f"{track.length:.2f} m"),
        (legible(_("width"), "width"), f"{width:.2f} m"),
        (legible(_("tightest radius"), "tightest radius"), radius),
        (legible(_("difficulty"), "difficulty"), f"{track.difficulty:.0f} / 100"),
    )
    top = picture.height - 72 * unit
    for word, figure in figures:
        canvas.text((left, top), word, PALE_INK, font_for(word, 17 * unit))
        canvas.text((left, top + 21 * unit), figure, INK, font_for(figure, 25 * unit))
        left += 185 * unit


def paint_scale_bar(canvas: ImageDraw.ImageDraw, view: View, picture: Image.Image, unit: float) -> None:
    """A bar of a round number of metres at the bottom right."""
    metres = next(m for m in (10.0, 5.0, 2.0, 1.0, 0.5) if m * view.scale <= 220 * unit or m == 0.5)
    right, bottom = picture.width - 48 * unit, picture.height - 34 * unit
    left = right - metres * view.scale
    canvas.line([(left, bottom), (right, bottom)], INK, round(3 * unit))
    for x in (left, right):
        canvas.line([(x, bottom - 7 * unit), (x, bottom + 7 * unit)], INK, round(3 * unit))
    text = f"{metres:g} m"
    canvas.text(((left + right) / 2.0, bottom - 12 * unit), text, INK, font_for(text, 19 * unit), anchor="mb")


def font_for(text: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font that has the letters of a text: Pillow's own, or a common Korean one where it has not."""
    name = _hangul_font() if any(ord(letter) > 0x2FFF for letter in text) else None
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


def legible(translated: str, english: str) -> str:
    """The translated word, unless that needs a font which this machine has not."""
    return translated if translated.isascii() or _hangul_font() else english


@cache
def _hangul_font() -> str | None:
    for name in HANGUL_FONTS:
        try:
            ImageFont.truetype(name, 10)
        except OSError:
            continue
        return name
    return None
