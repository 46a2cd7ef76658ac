"""Two figures that show the same steps, on the map and over time, so that a selection in one is seen in the other."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from openracer.analysis.figures.style import BLUE, GREEN, ORANGE, SPEED_SCALE, dress, map_figure
from openracer.language import gettext as _
from openracer.tracks.track import Track

MOST_STEPS = 2500
"""More could no longer be selected smoothly."""


def linked_figures(placed: pd.DataFrame, track: Track, best: list[int]) -> dict[str, Any]:
    """A map and a time series of the same steps: the best episodes, and the last ones before the end.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        track: of the steps.
        best: unique numbers of the episodes, the best first.

    Returns:
        ``map`` and ``series``, figures as JSON values, the last trace of the map and every trace of the series with
        the same points; ``episode``, each point's number; ``words`` for a selection, with the placeholders
        ``{steps}`` and ``{episodes}``.
    """
    rows = _some(placed, best)
    seconds = rows["tstamp"] - rows.groupby("unique_episode")["tstamp"].transform("first")
    marked = {
        "selected": {"marker": {"opacity": 1.0, "size": 7}},
        "unselected": {"marker": {"opacity": 0.08}},
        "showlegend": False,
        "mode": "markers",
    }
    told = rows[["episode", "steps", "velocity", "steering_angle", "reward"]].to_numpy(np.float64).round(2)
    words = _(
        "episode %{customdata[0]}, step %{customdata[1]}<br>%{customdata[2]} m/s, %{customdata[3]}°<br>"
        "reward %{customdata[4]}<extra></extra>"
    )
    area = map_figure(_("On the track"), track, 520)
    area.add_trace(
        go.Scatter(
            x=rows["x"].round(3), y=rows["y"].round(3), customdata=told, hovertemplate=words,
            marker={"size": 5, "color": rows["velocity"].round(2), "colorscale": SPEED_SCALE,
                    "cmin": 0.0, "cmax": float(rows["velocity"].quantile(0.99)) if len(rows) else 1.0},
            **marked,
        )
    )  # fmt: skip
    area.update_layout(dragmode="select", hovermode="closest", margin={"l": 50, "r": 10})
    series = make_subplots(3, 1, shared_xaxes=True, vertical_spacing=0.05)
    for row, (column, colour, name) in enumerate(
        (
            ("velocity", BLUE, _("speed, m/s")),
            ("steering_angle", ORANGE, _("steering, °")),
            ("reward", GREEN, _("reward")),
        ),
        start=1,
    ):
        series.add_trace(
            go.Scatter(x=seconds.round(2), y=rows[column].round(3), customdata=told, hovertemplate=words,
                       marker={"size": 4, "color": colour, "opacity": 0.55}, **marked), row, 1,
        )  # fmt: skip
        series.update_yaxes(title=name, row=row, col=1)
    dress(series, _("Over time"), 520)
    series.update_xaxes(title=_("seconds since the episode began"), row=3, col=1)
    series.update_layout(dragmode="select", hovermode="closest", margin={"l": 60, "r": 10})
    return {
        "map": area.to_plotly_json(),
        "series": series.to_plotly_json(),
        "episode": [int(number) for number in rows["unique_episode"]],
        "words": _("{steps} steps of {episodes} episodes are selected; double-click to clear."),
    }


def _some(placed: pd.DataFrame, best: list[int]) -> pd.DataFrame:
    """Whole episodes, from the best and from the last in turn, until there are enough steps."""
    counts = placed.groupby("unique_episode").size()
    last = counts.index[::-1].tolist()
    chosen: list[int] = []
    total = 0
    for number in dict.fromkeys(number for pair in zip(best, last, strict=True) for number in pair):
        if chosen and total + counts[number] > MOST_STEPS:
            break
        chosen.append(number)
        total += counts[number]
    rows = placed[placed["unique_episode"].isin(chosen)]
    return rows.iloc[:: max(1, -(-len(rows) // (2 * MOST_STEPS)))]
