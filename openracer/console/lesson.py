"""The drawn pictures of the lesson in reinforcement learning: small animated SVGs in the colours of the style sheet."""

import json
from functools import cache
from typing import Any

from openracer.console.assets import FOLDER
from openracer.language import gettext as _
from openracer.tracks import catalogue
from openracer.tracks.outline import line_path, outline_svg

TRACK = "reinvent_base"
_BANDS = ((0.76, "far"), (0.5, "near"), (0.2, "centre"))
"""Widths of the strokes along the centre line, m, that show where the reward is low, higher and highest."""


def cycle_picture() -> str:
    """Agent and environment, and what goes to and fro between them."""
    return f"""<svg class="lesson-svg" viewBox="0 0 460 250" role="img">
<rect class="lesson-box lesson-box--agent" x="20" y="85" width="140" height="80" rx="14"/>
<text class="lesson-strong" x="90" y="120" text-anchor="middle">{_("Agent")}</text>
<text x="90" y="142" text-anchor="middle">{_("the car's network")}</text>
<rect class="lesson-box" x="300" y="85" width="140" height="80" rx="14"/>
<text class="lesson-strong" x="370" y="120" text-anchor="middle">{_("Environment")}</text>
<text x="370" y="142" text-anchor="middle">{_("the track")}</text>
<path class="lesson-wire" id="lesson-there" d="M90 85C90 20 370 20 370 85"/>
<path class="lesson-wire" id="lesson-back" d="M370 165C370 240 90 240 90 165"/>
<circle class="lesson-dot lesson-dot--action" r="8">
<animateMotion dur="2.4s" repeatCount="indefinite" keyPoints="0;1;1" keyTimes="0;.5;1" calcMode="linear">
<mpath href="#lesson-there"/></animateMotion>
<animate attributeName="opacity" values="1;1;0;0" keyTimes="0;.49;.5;1" dur="2.4s" repeatCount="indefinite"/></circle>
<circle class="lesson-dot" r="8">
<animateMotion dur="2.4s" repeatCount="indefinite" keyPoints="0;0;1" keyTimes="0;.5;1" calcMode="linear">
<mpath href="#lesson-back"/></animateMotion>
<animate attributeName="opacity" values="0;0;1;1" keyTimes="0;.5;.51;1" dur="2.4s" repeatCount="indefinite"/></circle>
<text class="lesson-strong" x="230" y="26" text-anchor="middle">{_("action")}</text>
<text x="230" y="66" text-anchor="middle">{_("steer and speed")}</text>
<text x="230" y="196" text-anchor="middle">{_("picture and points")}</text>
<text class="lesson-strong" x="230" y="242" text-anchor="middle">{_("state and reward")}</text></svg>"""


def action_picture() -> str:
    """A car with a ray for each steering angle, longer where it is likelier, which changes as the road does."""
    rays = []
    for angle, first, then in ((-30, 20, 74), (-15, 44, 62), (0, 92, 30), (15, 52, 22), (30, 26, 18)):
        short, long = f"M0-36V-{36 + first}", f"M0-36V-{36 + then}"
        # Twice the angle, so that the rays stand apart.
        rays.append(
            f'<g transform="rotate({2 * angle})"><path class="lesson-ray" d="{short}">'
            f'<animate attributeName="d" dur="5s" repeatCount="indefinite" calcMode="spline" '
            f'values="{short};{short};{long};{long};{short}" '
            f'keyTimes="0;.2;.5;.7;1" keySplines=".4 0 .2 1;.4 0 .2 1;.4 0 .2 1;.4 0 .2 1"/></path>'
            f'<text class="lesson-faint" transform="translate(0 -146) rotate({-2 * angle})" dy="5" '
            f'text-anchor="middle">{abs(angle)}°</text></g>'
        )
    return f"""<svg class="lesson-svg" viewBox="-230 -166 460 206" role="img">
{"".join(rays)}<g class="track-car" transform="rotate(-90) scale(52)"><path
d="M-.42-.2h.62c.14 0 .26.09.26.2s-.12.2-.26.2h-.62z"/><path class="track-car__glass"
d="M.02-.13h.12c.08 0 .13.06.13.13s-.05.13-.13.13H.02z"/></g>
<text x="-150" y="10" text-anchor="middle">{_("left")}</text>
<text x="150" y="10" text-anchor="middle">{_("right")}</text></svg>"""


@cache
def reward_picture() -> str:
    """The road, painted by how much an example rewards each place, and a car that earns as it drives."""
    track = catalogue.find(TRACK)
    centre = line_path(track.centre, track.closed)
    bands = "".join(
        f'<path class="lesson-reward lesson-reward--{name}" style="stroke-width:{width}" d="{centre}"/>'
        for width, name in _BANDS
    )
    head, tail = outline_svg(track).split('<path class="track-start"')
    car = (
        '<g class="track-car"><path d="M-.42-.2h.62c.14 0 .26.09.26.2s-.12.2-.26.2h-.62z"/>'
        f'<animateMotion dur="10s" repeatCount="indefinite" rotate="auto" path="{centre}"/></g>'
    )
    return head + bands + '<path class="track-start"' + tail.removesuffix("</svg>") + car + "</svg>"


@cache
def _attempts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "lesson_attempts.json").read_text("utf-8"))
    return found


@cache
def attempts_picture(stage: int) -> str:
    """Recorded episodes of a real training over the track.

    Args:
        stage: 0 is its beginning, 1 in between, 2 its end.
    """
    lines = "".join(f'<path class="lesson-path" d="{path}"/>' for path in _attempts()[stage]["paths"])
    return outline_svg(catalogue.find(TRACK)).removesuffix("</svg>") + lines + "</svg>"


def attempts_words(stage: int) -> tuple[str, str]:
    """Which episodes a picture of :func:`attempts_picture` shows, and how far they got."""
    attempt = _attempts()[stage]
    return (
        _("From episode {number}").format(number=attempt["first_episode"]),
        # A no-break space, so that a number keeps its sign on narrow screens.
        _("{percent} % of the lap on average").format(percent=attempt["completion"]).replace(" %", "\u00a0%"),
    )


def exploration_picture() -> str:
    """Two bars that change places: trying something new, and using what is known."""
    return f"""<svg class="lesson-svg" viewBox="0 0 460 190" role="img">
<text x="20" y="30">{_("Exploration: try something else")}</text>
<rect class="lesson-track" x="20" y="44" width="420" height="22" rx="11"/>
<rect class="lesson-bar lesson-bar--explore" x="20" y="44" height="22" rx="11" width="400">
<animate attributeName="width" dur="7s" repeatCount="indefinite" values="400;300;120;36;36;400"
keyTimes="0;.2;.5;.75;.95;1"/></rect>
<text x="20" y="108">{_("Exploitation: do what has worked")}</text>
<rect class="lesson-track" x="20" y="122" width="420" height="22" rx="11"/>
<rect class="lesson-bar" x="20" y="122" height="22" rx="11" width="30">
<animate attributeName="width" dur="7s" repeatCount="indefinite" values="30;130;310;394;394;30"
keyTimes="0;.2;.5;.75;.95;1"/></rect>
<text class="lesson-faint" x="20" y="178">{_("first iteration")}</text>
<text class="lesson-faint" x="440" y="178" text-anchor="end">{_("last iteration")}</text>
<path class="lesson-wire" d="M150 173H310" marker-end="url(#lesson-tip)"/>
<defs><marker id="lesson-tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6"
orient="auto"><path class="lesson-tip" d="M0 0L10 5L0 10z"/></marker></defs></svg>"""
