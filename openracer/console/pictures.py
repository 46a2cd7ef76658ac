"""Pictures drawn as SVG on the server: tracks on which a car drives, and curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from openracer.tracks import catalogue
from openracer.tracks.outline import line_path, outline_svg

_CAR = (
    '<g class="track-car"><path d="M-.42-.2h.62c.14 0 .26.09.26.2s-.12.2-.26.2h-.62z"/>'
    '<path class="track-car__glass" d="M.02-.13h.12c.08 0 .13.06.13.13s-.05.13-.13.13H.02z"/>{motion}</g>'
)


@cache
def driven_track(name: str, lap_s: float = 9.0) -> str:
    """A built-in track on which a car drives its laps for ever."""
    track = catalogue.find(name)
    motion = (
        f'<animateMotion dur="{lap_s:g}s" repeatCount="indefinite" rotate="auto" '
        f'path="{line_path(track.centre, track.closed)}"/>'
    )
    return outline_svg(track).removesuffix("</svg>") + _CAR.format(motion=motion) + "</svg>"


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a chart: its name, and its points from left to right; a missing y leaves a gap."""

    name: str
    points: Sequence[tuple[float, float | None]]


def chart(curves: Sequence[Curve], unit: str = "", top: float | None = None) -> str:
    """Curves over one axis, in the colours ``--series-1`` to ``--series-4`` of the style sheet.

    Args:
        curves: up to four.
        unit: of the y values, for example `` %``.
        top: of the y axis; None fits it to the curves.

    Returns:
        One ``<svg>``, 640 units wide and 260 high, which keeps its shape.
    """
    seen = [(x, y) for curve in curves for x, y in curve.points if y is not None]
    right = max((x for x, _ in seen), default=1.0) or 1.0
    low = min([0.0, *(y for _, y in seen)])
    high = max((y for _, y in seen), default=1.0) if top is None else top
    step = _nice_step((high - low) or 1.0)
    high = max(step * -(-high // step), step)
    low = step * (low // step)

    def place(x: float, y: float) -> str:
        return f"{54 + 574 * x / right:.1f} {222 - 206 * (y - low) / (high - low):.1f}"

    parts = ['<svg class="or-chart" viewBox="0 0 640 260" role="img">']
    ticks = round((high - low) / step)
    for index in range(ticks + 1):
        value = low + index * step
        y = place(0.0, value).split()[1]
        parts.append(f'<path class="or-chart__grid" d="M54 {y}H628"/>')
        parts.append(f'<text x="46" y="{y}" dy="4" text-anchor="end">{value:g}{escape(unit)}</text>')
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = place(share * right, low).split()[0]
        parts.append(f'<text x="{x}" y="246" text-anchor="middle">{round(share * right):,}</text>')
    for number, curve in enumerate(curves, start=1):
        path, pen = [], "M"
        for point_x, point_y in curve.points:
            if point_y is not None:
                path.append(pen + place(point_x, point_y))
                pen = "L"
        parts.append(
            f'<path class="or-chart__line" style="stroke: var(--series-{number})" d="{"".join(path)}">'
            f"<title>{escape(curve.name)}</title></path>"
        )
    return "".join(parts) + "</svg>"


def _nice_step(span: float) -> float:
    """A round number that divides a span into about five."""
    magnitude = 10.0 ** (len(str(int(span / 5.0))) - 1) if span >= 5.0 else 0.1
    while span / magnitude > 6.0:
        magnitude *= 2.0 if str(magnitude)[0] != "2" else 2.5
    return magnitude
