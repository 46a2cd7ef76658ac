"""Single drives on the map: their paths with speed, an animation of them, where they ended, and evaluation laps."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from openracer.analysis.figures.style import (
    GREY,
    MUTED,
    SEQUENCE,
    SPEED_SCALE,
    STATUS_COLOURS,
    bounds,
    draw_road,
    dress,
    empty_figure,
    map_figure,
    status_words,
)
from openracer.language import gettext as _
from openracer.tracks.track import Track

MOST_PATHS = 8
FRAMES = 120


def paths(placed: pd.DataFrame, track: Track, episodes: list[int]) -> go.Figure:
    """The paths of some episodes, coloured by the speed really driven.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        track: of the steps.
        episodes: their unique numbers; at most eight are drawn.
    """
    shown = episodes[:MOST_PATHS]
    rows = placed[placed["unique_episode"].isin(shown)]
    figure = map_figure(_("Paths, coloured by the speed driven"), track)
    fastest = float(rows["velocity"].quantile(0.99)) if len(rows) else 1.0
    for k, number in enumerate(shown):
        drive = rows[rows["unique_episode"] == number]
        if not len(drive):
            continue
        figure.add_trace(
            go.Scatter(
                x=drive["x"].round(3), y=drive["y"].round(3), mode="lines+markers",
                line={"color": "rgba(90,100,110,0.35)", "width": 1},
                marker={"size": 6, "color": drive["velocity"].round(2), "colorscale": SPEED_SCALE, "cmin": 0.0,
                        "cmax": fastest, "showscale": k == 0,
                        "colorbar": {"title": {"text": _("speed driven, m/s"), "side": "right"}, "thickness": 14}},
                customdata=_hover(drive),
                hovertemplate=_hover_words(), name=_("episode {number}").format(number=int(drive["episode"].iloc[0])),
                showlegend=len(shown) > 1,
            )
        )  # fmt: skip
    figure.update_layout(legend={"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0, "xanchor": "left"})
    return figure


def _hover(drive: pd.DataFrame) -> np.ndarray:
    names = ["steps", "velocity", "speed", "steering_angle", "reward", "progress"]
    return drive[names].to_numpy(np.float64).round(2)


def _hover_words() -> str:
    return _(
        "step %{customdata[0]}<br>driven %{customdata[1]} m/s, command %{customdata[2]} m/s, "
        "%{customdata[3]}°<br>reward %{customdata[4]}, progress %{customdata[5]} %"
    )


def animation(placed: pd.DataFrame, track: Track, episodes: list[int]) -> go.Figure:
    """Some episodes driven at the same time, with a button to play and a slider of the seconds since each began.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        track: of the steps.
        episodes: their unique numbers; at most eight are drawn.
    """
    shown = episodes[:MOST_PATHS]
    drives = [placed[placed["unique_episode"] == number] for number in shown]
    drives = [drive for drive in drives if len(drive) > 1]
    figure = map_figure(_("Drives side by side"), track)
    if not drives:
        return figure
    clocks = [drive["tstamp"].to_numpy() - drive["tstamp"].iloc[0] for drive in drives]
    ends = max(float(clock[-1]) for clock in clocks)
    road = len(figure.data)
    for k, drive in enumerate(drives):
        name = _("episode {number}").format(number=int(drive["episode"].iloc[0]))
        colour = SEQUENCE[k % len(SEQUENCE)]
        figure.add_trace(go.Scatter(x=drive["x"].round(2), y=drive["y"].round(2), mode="lines", hoverinfo="skip",
                                    line={"color": colour, "width": 1}, opacity=0.35, showlegend=False))  # fmt: skip
    for k, drive in enumerate(drives):
        name = _("episode {number}").format(number=int(drive["episode"].iloc[0]))
        figure.add_trace(go.Scatter(x=drive["x"].iloc[:1], y=drive["y"].iloc[:1], mode="markers", name=name,
                                    marker={"size": 13, "color": SEQUENCE[k % len(SEQUENCE)],
                                            "line": {"color": "white", "width": 2}}))  # fmt: skip
    moving = list(range(road + len(drives), road + 2 * len(drives)))
    seconds = np.linspace(0.0, ends, FRAMES)
    figure.frames = [
        go.Frame(
            name=f"{moment:.1f}",
            traces=moving,
            data=[
                go.Scatter(x=[round(float(np.interp(moment, clock, drive["x"])), 3)],
                           y=[round(float(np.interp(moment, clock, drive["y"])), 3)])
                for clock, drive in zip(clocks, drives, strict=True)
            ],
        )
        for moment in seconds
    ]  # fmt: skip
    pace = {
        "frame": {"duration": 1000.0 * ends / FRAMES, "redraw": False},
        "transition": {"duration": 0},
        "fromcurrent": True,
    }
    still = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate", "transition": {"duration": 0}}
    figure.update_layout(
        updatemenus=[{
            "type": "buttons", "direction": "left", "x": 0.0, "y": -0.14, "xanchor": "left", "yanchor": "top",
            "pad": {"r": 8, "t": 6}, "showactive": False,
            "buttons": [
                {"label": "▶ " + _("play"), "method": "animate", "args": [None, pace]},
                {"label": "❚❚ " + _("pause"), "method": "animate", "args": [[None], still]},
            ],
        }],
        sliders=[{
            "x": 0.24, "len": 0.76, "y": -0.14, "yanchor": "top", "pad": {"t": 6},
            "currentvalue": {"prefix": _("seconds: "), "font": {"color": MUTED}},
            "steps": [
                {"label": frame.name, "method": "animate", "args": [[frame.name], still]} for frame in figure.frames
            ],
        }],
        margin={"b": 120},
        height=640,
    )  # fmt: skip
    return figure


def exits(placed: pd.DataFrame, episodes: pd.DataFrame, track: Track) -> go.Figure:
    """Where episodes ended before the lap was complete, by how they ended.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`.
        episodes: see :func:`openracer.analysis.episodes.episode_table`.
        track: of the steps.
    """
    figure = map_figure(_("Where episodes ended"), track)
    last = placed.groupby("unique_episode", sort=False).tail(1).set_index("unique_episode")
    last = last[["x", "y", "speed", "steering_angle"]].rename(columns={"speed": "last_speed"})
    ended = episodes.set_index("unique_episode").join(last)
    for status, group in ended[ended["complete"] == 0].groupby("status", observed=True):
        colour = STATUS_COLOURS.get(str(status), GREY)
        figure.add_trace(
            go.Scatter(
                x=group["x"].round(3), y=group["y"].round(3), mode="markers",
                name=f"{status_words(str(status))} ({len(group)})",
                marker={"size": 7, "opacity": 0.7, "symbol": "x-thin", "color": colour,
                        "line": {"width": 2, "color": colour}},
                customdata=np.stack([group["episode"], group["iteration"], group["progress"].round(1),
                                     group["last_speed"], group["steering_angle"].round(1)], axis=1),
                hovertemplate=_("episode %{customdata[0]}, iteration %{customdata[1]}<br>"
                                "progress %{customdata[2]} %<br>"
                                "last command %{customdata[3]} m/s, %{customdata[4]}°<extra></extra>"),
                showlegend=True,
            )
        )  # fmt: skip
    return figure


def evaluation_laps(placed: pd.DataFrame, episodes: pd.DataFrame, track: Track) -> go.Figure:
    """Evaluation laps in a grid, each coloured by speed, with distance, time, average throttle and velocity.

    Args:
        placed: see :func:`openracer.analysis.places.with_places`, of evaluations.
        episodes: of these, see :func:`openracer.analysis.episodes.episode_table`.
        track: of the steps.
    """
    title = _("Evaluation laps")
    shown = episodes.head(9)
    if not len(shown):
        return empty_figure(title, _("There is no evaluation in this log."))
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    titles = [
        _("{progress:.0f} %, {time:.2f} s · {dist:.1f} m<br>throttle {speed:.2f} · velocity {velocity:.2f} m/s").format(
            progress=lap.progress, time=lap.time, dist=lap.dist, speed=lap.speed,
            velocity=lap.dist / lap.time if lap.time > 0 else 0.0,
        )
        for lap in shown.itertuples()
    ]  # fmt: skip
    figure = make_subplots(
        rows, columns, subplot_titles=titles, horizontal_spacing=0.02, vertical_spacing=0.17 / rows
    )
    left, right, bottom, top = bounds(track, 0.2)
    for k, number in enumerate(shown["unique_episode"].tolist()):
        place = {"row": k // columns + 1, "col": k % columns + 1}
        draw_road(figure, track, **place)
        drive = placed[placed["unique_episode"] == number]
        figure.add_trace(
            go.Scatter(x=drive["x"].round(3), y=drive["y"].round(3), mode="markers", showlegend=False,
                       marker={"size": 4, "color": drive["velocity"].round(2), "coloraxis": "coloraxis"},
                       customdata=_hover(drive), hovertemplate=_hover_words() + "<extra></extra>"), **place,
        )  # fmt: skip
        figure.update_xaxes(range=[left, right], visible=False, **place)
        axis = "x" if k == 0 else f"x{k + 1}"
        figure.update_yaxes(range=[bottom, top], visible=False, scaleanchor=axis, scaleratio=1, **place)
    dress(figure, title, 120 + 300 * rows)
    figure.update_annotations(font={"size": 12})
    figure.update_layout(
        coloraxis={
            "colorscale": SPEED_SCALE,
            "colorbar": {"title": {"text": _("speed driven, m/s"), "side": "right"}, "thickness": 14},
        },
        margin={"t": 100, "r": 90, "b": 20},
    )
    return figure
