"""The figures of a track that lists and pages show, and the words for them."""

from functools import lru_cache
from typing import Any

import numpy as np

from openracer.language import gettext as _
from openracer.tracks import catalogue
from openracer.tracks.track import Track


def facts(track: Track) -> dict[str, Any]:
    """The figures of a track as they stand in JSON; keys name their units.

    Returns:
        ``name``, ``title``, ``description``, ``length_m``, ``width_m`` (median), ``narrowest_m``, ``widest_m``,
        ``tightest_radius_m`` (None for a straight road), ``difficulty``, ``closed``, ``direction`` and ``directions``
        (that of the file first), ``waypoints``, ``start`` (``x``, ``y``, ``heading_deg``) and ``source``.
    """
    directions = ["counter-clockwise", "clockwise"] if track.closed else ["forward", "backward"]
    direction = directions[not track.is_counter_clockwise]
    if (direction == directions[0]) == track.is_reversed:
        directions.reverse()  # the direction of the file first
    return {
        "name": track.name,
        "title": track.title,
        "description": track.description,
        **_measured(track),
        "closed": track.closed,
        "direction": direction,
        "directions": directions,
        "waypoints": len(track.centre),
        "source": "imported" if catalogue.is_imported(track.name) else "built-in",
    }


@lru_cache(maxsize=64)
def _measured(track: Track) -> dict[str, Any]:
    """What its lines say; kept, because pages show all tracks at once."""
    x, y, yaw = track.start_pose(0.0)
    width = track.project(track.centre).width_m
    return {
        "length_m": round(track.length, 3),
        "width_m": round(float(np.median(width)), 3),
        "narrowest_m": round(float(width.min()), 3),
        "widest_m": round(float(width.max()), 3),
        "tightest_radius_m": round(track.tightest_radius, 3) if np.isfinite(track.tightest_radius) else None,
        "difficulty": round(track.difficulty, 1),
        "start": {"x": round(x, 3), "y": round(y, 3), "heading_deg": round(float(np.degrees(yaw)), 1)},
    }


def width_words(figures: dict[str, Any]) -> str:
    """The width of a track, or from where to where it changes."""
    if figures["widest_m"] - figures["narrowest_m"] < 0.02:
        return f"{figures['width_m']:.2f} m"
    return _("{narrowest_m:.2f} to {widest_m:.2f} m").format(**figures)


def radius_words(radius: float | None) -> str:
    """The radius of the tightest corner."""
    return _("straight") if radius is None else f"{radius:.2f} m"


def direction_words(direction: str) -> str:
    """The word for a driving direction."""
    words = {
        "counter-clockwise": _("counter-clockwise"),
        "clockwise": _("clockwise"),
        "forward": _("forward"),
        "backward": _("backward"),
    }
    return words[direction]
