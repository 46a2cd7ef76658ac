"""Pictures drawn as SVG on the server: tracks on which a car drives, and curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from math import floor, log10

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
        One ``<svg>``, 480 units wide and 240 high, which keeps its shape.
    """
    seen = [(x, y) for curve in curves for x, y in curve.points if y is not None]
    step_x = _nice_step(max((x for x, _ in seen), default=1.0) or 1.0)
    right = step_x * -(-max((x for x, _ in seen), default=1.0) // step_x)
    low = min([0.0, *(y for _, y in seen)])
    high = max((y for _, y in seen), default=1.0) if top is None else top
    step = _nice_step((high - low) or 1.0)
    high = max(step * -(-high // step), step)
    low = step * (low // step)

    def place(x: float, y: float) -> str:
        return f"{50 + 420 * x / right:.1f} {208 - 194 * (y - low) / (high - low):.1f}"

    parts = ['<svg class="or-chart" viewBox="0 0 480 240" role="img">']
    for index in range(round((high - low) / step) + 1):
        value = low + index * step
        y = place(0.0, value).split()[1]
        parts.append(f'<path class="or-chart__grid" d="M50 {y}H470"/>')
        parts.append(f'<text x="42" y="{y}" dy="4" text-anchor="end">{value:g}{escape(unit)}</text>')
    for index in range(round(right / step_x) + 1):
        x = place(index * step_x, low).split()[0]
        parts.append(f'<text x="{x}" y="230" text-anchor="middle">{index * step_x:,g}</text>')
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
    """One, two or five times a power of ten, which divides a span into four to ten."""
    magnitude = 10.0 ** floor(log10(span / 4.0))
    return next(times * magnitude for times in (5.0, 2.0, 1.0) if times * magnitude <= span / 4.0)


def vehicle_picture(colour: str) -> str:
    """A car from its side, with its camera.

    Args:
        colour: of the body, as CSS has it.
    """
    return f"""<svg class="vehicle" viewBox="0 0 260 132" role="img" style="--body: {colour}">
<ellipse class="vehicle__shadow" cx="130" cy="116" rx="112" ry="8"/>
<path class="vehicle__post" d="M112 48V26h20v20"/>
<rect class="vehicle__post" x="104" y="14" width="34" height="20" rx="5"/>
<circle class="vehicle__lens" cx="139" cy="24" r="6.5"/>
<path class="vehicle__body" d="M16 88C14 70 24 58 44 55l44-6c16-13 34-17 54-15 20 2 33 9 42 21 26 2 50 8 58 20 4 6 3
12 2 15l-24 2a29 29 0 0 0-58-2H98a29 29 0 0 0-58 2z"/>
<path class="vehicle__glass" d="M102 52c10-7 22-10 36-9 12 1 21 5 28 12-20 3-42 2-64-3z"/>
<path class="vehicle__stripe" d="M20 82c40-8 150-8 222-4"/>
<g class="vehicle__wheel"><circle cx="69" cy="92" r="24"/><circle cx="191" cy="92" r="24"/></g>
<g class="vehicle__rim"><circle cx="69" cy="92" r="11"/><circle cx="191" cy="92" r="11"/></g></svg>"""
