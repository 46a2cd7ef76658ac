"""How a training went: progress panels, distributions, scatter of aggregates and quintiles, learner's curves."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from openracer.analysis.episodes import grouped, iteration_table
from openracer.analysis.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    dress,
    empty_figure,
    new_figure,
)
from openracer.analysis.updates import FROM_LEARNER
from openracer.language import gettext as _

MOST_POINTS = 3000
"""Dots of a scatter; of more episodes some are left out."""
_PALE = {BLUE: "rgba(35,104,196,0.16)", GREEN: "rgba(43,147,72,0.16)", ORANGE: "rgba(224,112,27,0.16)"}


def training_progress(episodes: pd.DataFrame) -> go.Figure:
    """Six panels by iteration: reward, progress, completion, episode time, lap time, steps.

    Args:
        episodes: see :func:`openracer.analysis.episodes.episode_table`.
    """
    title = _("Training progress")
    if not len(episodes):
        return empty_figure(title, _("There is no training in this log."))
    table = iteration_table(episodes)
    names = [
        _("Reward of an episode"), _("Progress, %"), _("Whole laps, %"),
        _("Time of an episode, s"), _("Lap time, s"), _("Steps of an episode"),
    ]  # fmt: skip
    figure = make_subplots(2, 3, subplot_titles=names, horizontal_spacing=0.07, vertical_spacing=0.16)
    dots = _thinned(episodes)
    places = dots["iteration"] + (dots.groupby("iteration").cumcount() + 0.5) / (
        dots.groupby("iteration")["iteration"].transform("size")
    )
    for row, col, column, colour in (
        (1, 1, "reward", BLUE),
        (1, 2, "progress", GREEN),
        (2, 1, "time", ORANGE),
        (2, 3, "steps", BLUE),
    ):
        _dots(figure, row, col, places - 0.5, dots[column], _("episode"))
        _band(figure, row, col, table, column, colour)
    figure.add_trace(
        go.Bar(x=table["iteration"], y=100.0 * table["complete"], marker={"color": GREEN}, name=_("whole laps"),
               hovertemplate="%{x}: %{y:.0f} %<extra></extra>", showlegend=False), 1, 3,
    )  # fmt: skip
    laps = dots[dots["complete"] == 1]
    _dots(figure, 2, 2, places[laps.index] - 0.5, laps["time"], _("lap"))
    for column, name, colour in (("lap_mean", _("mean"), PURPLE), ("lap_best", _("best"), GREEN)):
        figure.add_trace(
            go.Scatter(x=table["iteration"], y=table[column], mode="lines+markers", name=name, showlegend=False,
                       line={"color": colour, "width": 2}, marker={"size": 5}), 2, 2,
        )  # fmt: skip
    dress(figure, title, 640)
    figure.update_yaxes(range=[0, 102], row=1, col=2)
    figure.update_yaxes(range=[0, 102], row=1, col=3)
    figure.update_xaxes(title=_("iteration"), row=2)
    figure.update_layout(hovermode="closest")
    if not len(laps):
        _say_no_lap(figure, 2, 2)
    return figure


def _thinned(episodes: pd.DataFrame) -> pd.DataFrame:
    return episodes.iloc[:: max(1, -(-len(episodes) // MOST_POINTS))]


def _dots(figure: go.Figure, row: int, col: int, x: pd.Series, y: pd.Series, name: str) -> None:
    figure.add_trace(
        go.Scatter(x=x.round(2), y=y.round(3), mode="markers", marker={"size": 3.5, "color": GREY, "opacity": 0.55},
                   name=name, showlegend=False, hovertemplate="%{y:.2f}<extra>" + name + "</extra>"), row, col,
    )  # fmt: skip


def _band(figure: go.Figure, row: int, col: int, table: pd.DataFrame, column: str, colour: str) -> None:
    mean, spread = table[f"{column}_mean"], table[f"{column}_std"].fillna(0.0)
    edge = np.concatenate([mean + spread, (mean - spread)[::-1]])
    figure.add_trace(
        go.Scatter(x=np.concatenate([table["iteration"], table["iteration"][::-1]]), y=edge, fill="toself",
                   mode="lines", fillcolor=_PALE[colour], line={"width": 0}, hoverinfo="skip",
                   showlegend=False), row, col,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(x=table["iteration"], y=mean, mode="lines", line={"color": colour, "width": 2.5}, showlegend=False,
                   customdata=spread, hovertemplate="%{x}: %{y:.2f} ± %{customdata:.2f}<extra></extra>"), row, col,
    )  # fmt: skip


def distributions(episodes: pd.DataFrame) -> go.Figure:
    """Histograms of reward, length and progress of the episodes, the last fifth of the training set off."""
    title = _("Distribution of the episodes")
    if not len(episodes):
        return empty_figure(title, _("There is no episode in this log."))
    panels = [
        ("reward", _("Reward of an episode")),
        ("steps", _("Steps of an episode")),
        ("progress", _("Progress, %")),
    ]
    figure = make_subplots(1, 3, subplot_titles=[name for _column, name in panels], horizontal_spacing=0.07)
    late = episodes["quintile"] == "5th"
    for col, (column, _name) in enumerate(panels, start=1):
        values = episodes[column].to_numpy(np.float64)
        edges = np.linspace(values.min(), values.max() + 1e-9, 31)
        middles = (edges[:-1] + edges[1:]) / 2.0
        for part, colour, name in ((~late, GREY, _("first four fifths")), (late, BLUE, _("last fifth"))):
            figure.add_trace(
                go.Bar(x=middles, y=np.histogram(values[part], edges)[0], marker={"color": colour}, name=name,
                       legendgroup=name, showlegend=col == 1), 1, col,
            )  # fmt: skip
    dress(figure, title, 340)
    figure.update_layout(barmode="stack", bargap=0.05)
    figure.update_yaxes(title=_("episodes"), col=1)
    return figure


def scatter_aggregates(episodes: pd.DataFrame) -> go.Figure:
    """Time, steps, progress, reward and start of the episodes against each other, coloured by when they were."""
    title = _("Episodes compared")
    if not len(episodes):
        return empty_figure(title, _("There is no episode in this log."))
    words = {
        "time": _("time, s"), "steps": _("steps"), "progress": _("progress, %"), "reward": _("reward"),
        "start_at": _("start at waypoint"), "time_if_complete": _("time for a whole lap, s"),
    }  # fmt: skip
    pairs = [
        ("time", "progress"), ("time", "steps"), ("time", "reward"),
        ("start_at", "progress"), ("start_at", "time_if_complete"), ("start_at", "reward"),
    ]  # fmt: skip
    figure = make_subplots(2, 3, horizontal_spacing=0.08, vertical_spacing=0.17)
    dots = _thinned(episodes)
    for k, (x, y) in enumerate(pairs):
        row, col = divmod(k, 3)
        values = dots[y].clip(upper=dots[y].quantile(0.98)) if y == "time_if_complete" else dots[y]
        figure.add_trace(
            go.Scatter(
                x=dots[x].round(2), y=values.round(2), mode="markers", showlegend=False,
                marker={"size": 4, "opacity": 0.7, "color": dots["iteration"], "coloraxis": "coloraxis"},
                customdata=np.stack([dots["episode"], dots["iteration"]], axis=1),
                hovertemplate=_("episode %{customdata[0]}, iteration %{customdata[1]}<br>%{x}, %{y}<extra></extra>"),
            ),
            row + 1, col + 1,
        )  # fmt: skip
        figure.update_xaxes(title=words[x], row=row + 1, col=col + 1)
        figure.update_yaxes(title=words[y], row=row + 1, col=col + 1)
    dress(figure, title, 600)
    figure.update_layout(
        coloraxis={
            "colorscale": "Viridis",
            "colorbar": {"title": {"text": _("iteration"), "side": "right"}, "thickness": 14},
        },
        margin={"r": 90},
    )
    return figure


def quintiles(episodes: pd.DataFrame) -> go.Figure:
    """The fifths of a training beside each other: completion, progress, reward and lap time."""
    title = _("Fifths of the training")
    if not len(episodes):
        return empty_figure(title, _("There is no episode in this log."))
    table = grouped(episodes, "quintile")
    names = [_("Whole laps, %"), _("Mean progress, %"), _("Mean reward"), _("Best and mean lap time, s")]
    figure = make_subplots(1, 4, subplot_titles=names, horizontal_spacing=0.06)
    labels = [_("1st"), _("2nd"), _("3rd"), _("4th"), _("5th")][: len(table)]
    for col, (values, colour) in enumerate(
        ((100.0 * table["complete"], GREEN), (table["progress_mean"], GREEN), (table["reward_mean"], BLUE)),
        start=1,
    ):
        words = [f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}" for value in values]
        figure.add_trace(go.Bar(x=labels, y=values, marker={"color": colour}, showlegend=False,
                                text=words, textposition="outside", cliponaxis=False), 1, col)  # fmt: skip
    for column, name, colour in (("lap_mean", _("mean"), PURPLE), ("lap_best", _("best"), GREEN)):
        figure.add_trace(go.Scatter(x=labels, y=table[column], mode="lines+markers", name=name,
                                    line={"color": colour}), 1, 4)  # fmt: skip
    dress(figure, title, 330)
    for col in (1, 2):  # percent, with room for the words above a full bar
        figure.update_yaxes(range=[0.0, 112.0], row=1, col=col)
    if not table["complete"].any():
        _say_no_lap(figure, 1, 4)
    return figure


def _say_no_lap(figure: go.Figure, row: int, col: int) -> None:
    """Say in an empty panel of lap times why it is empty."""
    figure.update_yaxes(visible=False, row=row, col=col)
    figure.add_annotation(
        text=_("no whole lap yet"), showarrow=False, font={"color": MUTED}, row=row, col=col,
        xref="x domain", yref="y domain", x=0.5, y=0.5,
    )  # fmt: skip


def learner_curves(epochs: pd.DataFrame, learner: pd.DataFrame) -> go.Figure:
    """Entropy, KL divergence and losses, from the learner's log or its CSV.

    Args:
        epochs: of a recording; one row an epoch.
        learner: of a recording; rows of the learner's CSV.
    """
    title = _("Entropy, KL divergence and losses")
    panels: list[tuple[str, pd.Series, pd.Series]] = []
    if len(epochs):
        place = epochs["iteration"] + epochs["epoch"] / (epochs["epoch"].max() + 1.0)
        panels = [
            (_("Entropy"), place, epochs["entropy"]),
            (_("KL divergence"), place, epochs["kl_divergence"]),
            (_("Surrogate loss"), place, epochs["surrogate_loss"]),
        ]
    elif len(learner):
        updated = learner.dropna(
            subset=[name for name in FROM_LEARNER.values() if name in learner], how="all"
        )
        for column, words in (
            (FROM_LEARNER["entropy"], _("Entropy")), (FROM_LEARNER["kl_divergence"], _("KL divergence")),
            (FROM_LEARNER["policy_loss"], _("Policy loss")), (FROM_LEARNER["value_loss"], _("Value loss")),
        ):  # fmt: skip
            if column in updated and updated[column].notna().any():
                panels.append((words, updated["Training Iter"], updated[column]))
    if not panels:
        return empty_figure(title, _("Neither the learner's log nor its CSV is there."))
    figure = make_subplots(
        1, len(panels), subplot_titles=[name for name, _x, _y in panels], horizontal_spacing=0.07
    )
    for col, (name, x, y) in enumerate(panels, start=1):
        figure.add_trace(
            go.Scatter(
                x=x.round(2), y=y, mode="lines", line={"color": BLUE, "width": 2}, name=name, showlegend=False
            ),
            1,
            col,
        )
    dress(figure, title, 320)
    figure.update_xaxes(title=_("iteration"))
    return figure


def step_times(times: pd.DataFrame, table: pd.DataFrame) -> go.Figure:
    """How even the time between steps was.

    Args:
        times: see :func:`openracer.analysis.timing.step_times`.
        table: see :func:`openracer.analysis.timing.timing_table`.
    """
    title = _("Time between steps")
    if not len(times):
        return empty_figure(title, _("There are no steps in this log."))
    figure = make_subplots(1, 2, subplot_titles=[_("All steps"), _("By iteration")], horizontal_spacing=0.1)
    counts, edges = np.histogram(1e3 * times["seconds"].clip(upper=0.2), bins=np.arange(0.0, 204.0, 4.0))
    figure.add_trace(
        go.Bar(x=(edges[:-1] + edges[1:]) / 2, y=counts, marker={"color": BLUE}, showlegend=False), 1, 1
    )
    mean = table.groupby("iteration")[["avg_ms", "p95_ms", "max_ms"]].agg(
        {"avg_ms": "mean", "p95_ms": "max", "max_ms": "max"}
    )
    for column, name, colour in (
        ("avg_ms", _("mean"), BLUE),
        ("p95_ms", _("95th percentile"), ORANGE),
        ("max_ms", _("longest"), GREY),
    ):
        figure.add_trace(
            go.Scatter(x=mean.index, y=mean[column], mode="lines+markers", name=name, line={"color": colour}),
            1,
            2,
        )
    dress(figure, title, 340)
    figure.update_xaxes(title=_("milliseconds"), row=1, col=1)
    figure.update_yaxes(title=_("steps"), row=1, col=1)
    figure.update_xaxes(title=_("iteration"), row=1, col=2)
    figure.update_yaxes(title=_("milliseconds"), row=1, col=2, rangemode="tozero")
    return figure


def checkpoint_figure(table: pd.DataFrame) -> go.Figure:
    """How long each checkpoint drives for one clean lap, with its 90 % interval.

    Args:
        table: see :func:`openracer.analysis.race_choice.checkpoint_table`.
    """
    title = _("Which checkpoint to race: driving for one clean lap")
    able = table[table["completion"] > 0.0] if len(table) else table
    if not len(able):
        return empty_figure(title, _("No evaluated checkpoint has completed a lap."))
    figure = new_figure(title, 360)
    best = able["seconds"].idxmin()
    colours = [GREEN if k == best else BLUE for k in able.index]
    told = [able["trials"], 100 * able["completion"], able["lap_best"], 100 * able["chance"]]
    figure.add_trace(
        go.Scatter(
            x=able["iteration"], y=able["seconds"], mode="markers",
            marker={"size": 9, "color": colours, "line": {"color": "white", "width": 1}},
            error_y={"type": "data", "symmetric": False, "array": able["high"] - able["seconds"],
                     "arrayminus": able["seconds"] - able["low"], "color": GREY, "thickness": 1.5},
            customdata=np.stack(told, axis=1),
            hovertemplate=_(
                "iteration %{x}: %{y:.1f} s<br>%{customdata[1]:.0f} % of %{customdata[0]} trials complete<br>"
                "best lap %{customdata[2]:.2f} s<br>chance to be the best %{customdata[3]:.0f} %<extra></extra>"
            ),
            showlegend=False,
        )
    )  # fmt: skip
    row = able.loc[best]
    figure.add_annotation(x=row["iteration"], y=row["low"], text=_("<b>race this one</b>"), showarrow=True, ay=24, ax=0,
                          font={"color": INK})  # fmt: skip
    figure.update_xaxes(title=_("iteration of the checkpoint"))
    top = float(min(able["high"].max(), 4.0 * able["seconds"].min()))
    # From 0 on: there is always room for the words below the best.
    figure.update_yaxes(title=_("seconds of driving for one clean lap"), range=[0.0, 1.05 * top])
    return figure
