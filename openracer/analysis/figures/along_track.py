"""What happens along the lap: actions in each section, speed and steering profiles, time lost against the ideal."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from openracer.analysis.actions import Actions, action_table
from openracer.analysis.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    RED,
    dress,
    empty_figure,
)
from openracer.analysis.places import along_lap
from openracer.analysis.sections import Section
from openracer.language import gettext as _
from openracer.tracks.track import Track

STEPS_TO_SPEED = 15
"""A car that is put down somewhere needs a second until its speed tells about the place."""


def action_breakdown(placed: pd.DataFrame, actions: Actions, sections: list[Section]) -> go.Figure:
    """How often each action is taken in each section, and over the whole drive.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        actions: of its steps, see :func:`openracer.analysis.actions.actions_of`.
        sections: of the track.
    """
    table = action_table(placed, actions, sections)
    shape = len(actions.names), len(sections)
    share = 100.0 * table["share"].to_numpy().reshape(shape)
    count = table["count"].to_numpy().reshape(shape)
    total = 100.0 * count.sum(1) / max(count.sum(), 1)
    figure = make_subplots(
        1, 2, column_widths=[0.78, 0.22], horizontal_spacing=0.03, shared_yaxes=True,
        subplot_titles=[_("Share of a section's steps, %"), _("Share of all steps, %")],
    )  # fmt: skip
    labels = [f"<b>{section.code}</b><br>{section.words.replace(' ', '<br>')}" for section in sections]
    figure.add_trace(
        go.Heatmap(
            z=share.round(1), x=labels, y=actions.names, colorscale="Blues", zmin=0.0, xgap=1, ygap=1, showscale=False,
            customdata=count, texttemplate="%{z:.0f}" if shape[1] <= 18 else None, textfont={"size": 11},
            hovertemplate=_("%{y} in %{x}<br>%{z} % of its steps (%{customdata})<extra></extra>"),
        ), 1, 1,
    )  # fmt: skip
    figure.add_trace(
        go.Bar(x=total.round(1), y=actions.names, orientation="h", showlegend=False, texttemplate="%{x:.1f}",
               textposition="outside", cliponaxis=False,
               marker={"color": [RED if share < 0.5 else BLUE for share in total]}), 1, 2,
    )  # fmt: skip
    title = _("Action breakdown by section")
    if actions.continuous:
        title = _("Action breakdown by section (continuous actions in bins)")
    dress(figure, title, max(360, 150 + 26 * shape[0]))
    figure.update_layout(margin={"l": 150 if actions.continuous else 100, "b": 84})
    figure.update_xaxes(showgrid=False, row=1, col=1)
    figure.update_xaxes(range=[0, 1.25 * float(total.max(initial=1.0))], row=1, col=2)
    figure.update_yaxes(showgrid=False)
    return figure


def profiles(
    placed: pd.DataFrame, track: Track, sections: list[Section], line: pd.DataFrame | None
) -> go.Figure:
    """Speed and steering along the lap, with the minimum-time line's.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        track: of the steps.
        sections: of the track.
        line: see :func:`openracer.analysis.sectors.line_along`.
    """
    title = _("Speed and steering along the lap")
    driving = placed[placed["velocity"] > 0.0]
    rolling = driving[driving["steps"] > STEPS_TO_SPEED]
    driving = rolling if len(rolling) > len(driving) / 2 else driving
    if not len(driving):
        return empty_figure(title, _("There are no steps in this log."))
    figure = make_subplots(
        2, 1, shared_xaxes=True, vertical_spacing=0.06,
        row_heights=[0.58, 0.42],
    )  # fmt: skip
    speed, steering = along_lap(driving, "velocity", track), along_lap(driving, "steering_angle", track)
    for row, table, colour, fill, name in (
        (1, speed, BLUE, "rgba(35,104,196,0.15)", _("driven (median)")),
        (2, steering, ORANGE, "rgba(224,112,27,0.15)", _("command (median)")),
    ):
        x = np.concatenate([table["distance"], table["distance"][::-1]]).round(2)
        edge = np.concatenate([table["high"], table["low"][::-1]]).round(2)
        figure.add_trace(go.Scatter(x=x, y=edge, fill="toself", mode="lines", fillcolor=fill, line={"width": 0},
                                    hoverinfo="skip", name=_("middle 80 % of the steps"),
                                    showlegend=row == 1), row, 1)  # fmt: skip
        figure.add_trace(go.Scatter(x=table["distance"].round(2), y=table["median"].round(2), mode="lines", name=name,
                                    line={"color": colour, "width": 2.5}), row, 1)  # fmt: skip
    if line is not None:
        for row, column in ((1, "speed"), (2, "steering")):
            figure.add_trace(
                go.Scatter(x=line["distance"].round(2), y=line[column].round(2), mode="lines", showlegend=row == 1,
                           name=_("minimum-time line"), line={"color": GREEN, "width": 2, "dash": "dash"}), row, 1,
            )  # fmt: skip
    dress(figure, title, 560)
    _mark_sections(figure, sections, track)
    figure.update_yaxes(title=_("speed, m/s"), rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title=_("steering, degrees"), row=2, col=1)
    figure.update_xaxes(range=[0, track.length])
    figure.update_xaxes(title=_("distance along the centre line, m"), row=2, col=1)
    # Beneath the panels there is room for all its entries, on narrow screens too.
    figure.update_layout(margin={"t": 84, "b": 92}, legend={"y": 0.01, "yanchor": "bottom"})
    return figure


def _mark_sections(figure: go.Figure, sections: list[Section], track: Track) -> None:
    for section in sections:
        for shift in (0.0, -track.length):
            start, end = max(section.start_m + shift, 0.0), min(section.end_m + shift, track.length)
            if end - start < 0.05:
                continue
            if section.is_bend:
                figure.add_vrect(
                    x0=start, x1=end, fillcolor="#8b97a5", opacity=0.10, line_width=0, layer="below"
                )
            if end - start > 0.02 * track.length:
                figure.add_annotation(
                    x=(start + end) / 2, y=1.0, xref="x", yref="paper", yanchor="bottom", text=section.code,
                    showarrow=False, font={"size": 12, "color": INK if section.is_bend else MUTED},
                )  # fmt: skip


def time_lost(table: pd.DataFrame) -> go.Figure:
    """Time in each section: median, best and the minimum-time line's; and what is lost against the last.

    Args:
        table: see :func:`openracer.analysis.sectors.sector_table`.
    """
    title = _("Time in each section")
    known = table[table["passages"] > 0]
    if not len(known):
        return empty_figure(title, _("No drive passed through a whole section."))
    has_ideal = "ideal" in table and bool(known["ideal"].notna().any())
    figure = make_subplots(
        1, 2 if has_ideal else 1, horizontal_spacing=0.08,
        subplot_titles=[_("Seconds"), _("Lost against the minimum-time line, s")][: 2 if has_ideal else 1],
    )  # fmt: skip
    names = known["section"].str.replace(" ", "<br>", n=1)
    series = [("median", _("median"), BLUE), ("best", _("best"), GREY)]
    if has_ideal:
        series.append(("ideal", _("minimum-time line"), GREEN))
    for column, name, colour in series:
        figure.add_trace(go.Bar(x=names, y=known[column].round(3), name=name, marker={"color": colour}), 1, 1)
    if has_ideal:
        colours = [RED if lost == known["lost"].max() else ORANGE for lost in known["lost"]]
        figure.add_trace(
            go.Bar(x=names, y=known["lost"].round(3), showlegend=False, texttemplate="%{y:.2f}",
                   textposition="outside", cliponaxis=False, marker={"color": colours}),
            1, 2,
        )  # fmt: skip
    dress(figure, title, 400)
    figure.update_layout(margin={"b": 90})
    return figure
