"""A track as a small SVG: road, borders, centre line, start, in colours that a page's style sheet chooses."""

import numpy as np
from numpy.typing import NDArray

from openracer.tracks.track import Track

_MARGIN_M = 0.35


def outline_svg(track: Track) -> str:
    """Draw a track's road for pages: cards, tables, backgrounds of a live picture.

    The SVG has no colours of its own; the classes ``track-road``, ``track-border``, ``track-centre``,
    ``track-start`` and ``track-arrow`` name its parts. One unit is one metre, y points up on the picture.

    Args:
        track: as it is driven; the arrow shows its direction.

    Returns:
        One ``<svg>`` element without width and height, which fills its box and keeps its shape.
    """
    everything = np.concatenate([track.inner, track.outer])
    low, high = everything.min(axis=0) - _MARGIN_M, everything.max(axis=0) + _MARGIN_M
    width, height = (high - low).tolist()
    road = line_path(track.road_outline, closed=True)
    if len(track.road_hole):
        road += line_path(track.road_hole, closed=True)
    inner, outer = (line_path(line, track.closed) for line in (track.inner, track.outer))
    start, arrow = _start(track)
    return (
        f'<svg class="track" viewBox="{low[0]:.2f} {-high[1]:.2f} {width:.2f} {height:.2f}" role="img" '
        f'preserveAspectRatio="xMidYMid meet" xmlns="http://www.w3.org/2000/svg">'
        f'<path class="track-road" fill-rule="evenodd" d="{road}"/>'
        f'<path class="track-border" fill="none" d="{inner}{outer}"/>'
        f'<path class="track-centre" fill="none" d="{line_path(track.centre, track.closed)}"/>'
        f'<path class="track-start" fill="none" d="{start}"/>'
        f'<path class="track-arrow" d="{arrow}"/></svg>'
    )


def line_path(points: NDArray[np.float64], closed: bool) -> str:
    """The data of an SVG path through points (M, 2) in m, in the picture's coordinates.

    Args:
        points: of the world.
        closed: the last point leads back to the first.
    """
    pixels = [f"{x:.2f} {-y:.2f}" for x, y in points.tolist()]
    kept = [pixel for index, pixel in enumerate(pixels) if index == 0 or pixel != pixels[index - 1]]
    return "M" + "L".join(kept) + ("Z" if closed else "")


def _start(track: Track) -> tuple[str, str]:
    """The paths of the start line and of the arrow ahead of it."""
    x, y, yaw = track.start_pose(0.0)
    width = float(np.median(track.width))
    ahead = np.array([np.cos(yaw), np.sin(yaw)])
    left = np.array([-ahead[1], ahead[0]])
    here = np.array([x, y])
    line = np.stack([here + left * width / 2.0, here - left * width / 2.0])
    base = here + ahead * 0.35 * width
    arrow = np.stack([base + left * 0.34 * width, base + ahead * 0.75 * width, base - left * 0.34 * width])
    return line_path(line, closed=False), line_path(arrow, closed=True)
