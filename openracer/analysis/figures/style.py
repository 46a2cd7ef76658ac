"""What all figures share: colours, fonts, axes of a map, and the road drawn beneath everything."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from openracer.language import gettext as _
from openracer.tracks.track import Track

INK, MUTED, GRID, PAPER = "#1f2933", "#66727f", "#e6e9ed", "#ffffff"
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#2368c4", "#e0701b", "#2b9348", "#cf2e3b", "#7b4bb7", "#9aa5b1"
ROAD, BORDER = "#eef0f3", "#b8c1cc"
SEQUENCE = (BLUE, ORANGE, GREEN, PURPLE, RED, "#00838f", "#8d6e63", "#ad1457")
"""Colours of series, in this order."""

SPEED_SCALE = "Turbo"
FONT = (
    "Inter, 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', system-ui, sans-serif"
)


def status_words(status: str) -> str:
    """DeepRacer's label of how an episode ended, in the reader's language."""
    words = {
        "lap_complete": _("lap complete"),
        "off_track": _("off track"),
        "crashed": _("crashed"),
        "reversed": _("reversed"),
        "immobilized": _("immobilized"),
        "time_up": _("time up"),
        "in_progress": _("unfinished"),
    }
    return words.get(status, status or _("unknown"))


STATUS_COLOURS = {
    "lap_complete": GREEN,
    "off_track": RED,
    "crashed": PURPLE,
    "reversed": ORANGE,
    "immobilized": "#8d6e63",
}


def new_figure(title: str, height: int = 460) -> go.Figure:
    """An empty figure in the common style."""
    figure = go.Figure()
    dress(figure, title, height)
    return figure


def dress(figure: go.Figure, title: str, height: int) -> None:
    """Give a figure its title, fonts and margins."""
    figure.update_layout(
        title={"text": title, "x": 0.01, "xanchor": "left", "font": {"size": 17, "color": INK}},
        font={"family": FONT, "size": 13, "color": INK},
        template="plotly_white",
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        height=height,
        margin={"l": 64, "r": 24, "t": 64, "b": 56},
        colorway=list(SEQUENCE),
        legend={
            "orientation": "h",
            "yref": "container",
            "y": 0.985,
            "yanchor": "top",
            "x": 1.0,
            "xanchor": "right",
        },
        hoverlabel={"font": {"family": FONT}},
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID, linecolor=GRID)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID, linecolor=GRID)


def empty_figure(title: str, why: str) -> go.Figure:
    """A figure that says why there is nothing to show."""
    figure = new_figure(title, 220)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=why, showarrow=False, font={"size": 15, "color": MUTED})
    return figure


def map_figure(title: str, track: Track, height: int = 560) -> go.Figure:
    """A figure with the road and equal axes in metres, for whatever is put onto it."""
    figure = new_figure(title, height)
    draw_road(figure, track)
    left, right, bottom, top = bounds(track)
    figure.update_xaxes(title=_("x, m"), range=[left, right], showgrid=False, zeroline=False)
    figure.update_yaxes(
        title=_("y, m"), range=[bottom, top], showgrid=False, zeroline=False, scaleanchor="x", scaleratio=1
    )
    return figure


def bounds(track: Track, margin_m: float = 0.5) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of what a map shows, m."""
    low = np.minimum(track.inner.min(0), track.outer.min(0)) - margin_m
    high = np.maximum(track.inner.max(0), track.outer.max(0)) + margin_m
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def draw_road(figure: go.Figure, track: Track, **place: Any) -> None:
    """Put the road beneath everything: its surface, borders, centre line and start line.

    Args:
        figure: to draw into.
        track: whose road.
        place: ``row`` and ``col`` of a subplot.
    """
    ring = np.concatenate([track.outer, track.inner[::-1], track.outer[:1]])
    common = {"hoverinfo": "skip", "showlegend": False}
    figure.add_trace(
        go.Scatter(
            x=ring[:, 0].round(3), y=ring[:, 1].round(3), fill="toself", fillcolor=ROAD,
            line={"width": 0}, mode="lines", **common,
        ),
        **place,
    )  # fmt: skip
    for line, style in (
        (track.outer, {"color": BORDER, "width": 1.5}),
        (track.inner, {"color": BORDER, "width": 1.5}),
        (track.centre, {"color": BORDER, "width": 1, "dash": "dash"}),
        (np.stack([track.inner[0], track.outer[0]]), {"color": INK, "width": 3}),
    ):
        figure.add_trace(
            go.Scatter(x=line[:, 0].round(3), y=line[:, 1].round(3), mode="lines", line=style, **common),
            **place,
        )
