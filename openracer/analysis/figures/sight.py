"""What a model sees: frames with maps of attention, how sure checkpoints are, and where along the lap they are not."""

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image
from plotly.subplots import make_subplots

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
    map_figure,
)
from openracer.analysis.sight.faithfulness import STEPS, Check, area
from openracer.analysis.sight.look import CloseLook
from openracer.language import gettext as _
from openracer.tracks.track import Track

HEIGHT, WIDTH = 120, 160
_LEVELS = 64
_GLOW = ((255, 90, 0), (255, 235, 60))
"""Colours of little and of much attention: they stand out from any grey."""
METHOD_COLOURS = {"cam": ORANGE, "cover": PURPLE}


def method_words(method: str) -> str:
    """What a method is called."""
    return {"cam": "Grad-CAM", "cover": _("Covering")}[method]


def close_look(look: CloseLook) -> go.Figure:
    """A frame, what the model makes of it, and from where, with a menu of the questions.

    Args:
        look: at one picture.
    """
    figure = make_subplots(
        2, 3, vertical_spacing=0.16, horizontal_spacing=0.06, row_heights=[0.56, 0.44],
        subplot_titles=["frame", "cam", "cover", "answer", "deletion", "insertion"],
    )  # fmt: skip
    dress(figure, look.name, 640)
    for column in (1, 2, 3):
        _picture_axes(figure, 1, column)
    _answer_panel(figure, look)
    first = len(figure.data)
    for column in (2, 3):
        _curve_traces(figure, column)
    _curve_axes(figure)
    shown = _view(look, look.main_question)
    for trace, y in zip(figure.data[first:], shown["curves"], strict=True):
        trace.y = y
    frame = picture_source(look.frame)
    images = _picture_layers(frame, None, "")
    for axis, method in zip(("2", "3"), METHOD_COLOURS, strict=True):
        images += _picture_layers(frame, look.maps[method][look.main_question], axis)
    figure.update_layout(images=images)
    for annotation, text in zip(figure.layout.annotations, shown["titles"], strict=True):
        annotation.text = text
        annotation.font = {"size": 13, "color": INK}
    _question_menu(figure, look, first)
    figure.update_layout(
        margin={"t": 116, "b": 60},
        legend={
            "orientation": "h",
            "yref": "paper",
            "y": -0.12,
            "x": 1.0,
            "xanchor": "right",
            "yanchor": "top",
        },
    )
    return figure


def _picture_axes(figure: go.Figure, row: int, column: int) -> None:
    axis = "x" if column == 1 and row == 1 else f"x{(row - 1) * 3 + column}"
    figure.add_trace(go.Scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip"), row, column)
    figure.update_xaxes(range=[0, WIDTH], visible=False, constrain="domain", row=row, col=column)
    figure.update_yaxes(
        range=[HEIGHT, 0], visible=False, scaleanchor=axis, constrain="domain", row=row, col=column
    )


def _answer_panel(figure: go.Figure, look: CloseLook) -> None:
    """Bars of probabilities; or the density of the steering angle."""
    place = {"row": 2, "col": 1}
    answer = look.answer
    if "best" in answer:
        values = [answer[f"p{action}"] for action in range(len(look.questions))]
        colours = [BLUE if action == look.main_question else GREY for action in range(len(values))]
        figure.add_trace(
            go.Bar(y=list(look.questions), x=np.round(values, 4), orientation="h", marker={"color": colours},
                   hovertemplate="%{y}: %{x:.1%}<extra></extra>", showlegend=False), **place,
        )  # fmt: skip
        figure.update_xaxes(tickformat=".0%", rangemode="tozero", **place)
        figure.update_yaxes(tickfont={"size": 11}, automargin=True, **place)
        return
    mean, sigma = answer["steering"], answer["steering_sigma"]
    angle = np.linspace(mean - 4 * sigma, mean + 4 * sigma, 81)
    density = np.exp(-0.5 * ((angle - mean) / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))
    figure.add_trace(
        go.Scatter(x=angle.round(3), y=density.round(6), fill="tozeroy", line={"color": BLUE}, showlegend=False,
                   hovertemplate="%{x:.1f}°<extra></extra>"), **place,
    )  # fmt: skip
    font = {"size": 12}
    figure.update_xaxes(title={"text": _("steering, degrees"), "font": font}, **place)
    figure.update_yaxes(title={"text": _("density, 1/degree"), "font": font}, rangemode="tozero", **place)


def _curve_traces(figure: go.Figure, column: int) -> None:
    """Empty traces: the band of chance (two), then a line for each method."""
    covered = np.linspace(0.0, 100.0, STEPS + 1)
    place: dict[str, Any] = {"row": 2, "col": column}
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": "chance", "x": covered}
    figure.add_trace(go.Scatter(**band, showlegend=False), **place)
    figure.add_trace(
        go.Scatter(**band, fill="tonexty", fillcolor="rgba(120,130,140,0.25)", name=_("maps of chance"),
                   showlegend=column == 2), **place,
    )  # fmt: skip
    for method, colour in METHOD_COLOURS.items():
        figure.add_trace(
            go.Scatter(x=covered, mode="lines", name=method_words(method), legendgroup=method, showlegend=column == 2,
                       line={"color": colour, "width": 2.5}, hovertemplate="%{x:.0f} %: %{y:.2f}<extra></extra>"),
            **place,
        )  # fmt: skip


def _curve_axes(figure: go.Figure) -> None:
    font = {"size": 12}
    figure.update_xaxes(title={"text": _("covered, % of the frame"), "font": font}, row=2, col=2)
    figure.update_xaxes(title={"text": _("uncovered, % of the frame"), "font": font}, row=2, col=3)
    for column in (2, 3):
        figure.update_yaxes(rangemode="tozero", row=2, col=column)


def _view(look: CloseLook, question: int) -> dict[str, list[Any]]:
    """What depends on the question: maps, curves and titles."""
    checks = {method: found[question] for method, found in look.checks.items()}
    curves = []
    for kind in ("deletion", "insertion"):
        chance = getattr(checks["cam"], f"chance_{kind}")
        curves += [chance.min(axis=0).round(4), chance.max(axis=0).round(4)]
        curves += [getattr(checks[method], kind).round(4) for method in METHOD_COLOURS]
    titles = [
        _("What the camera sees"),
        *(_map_title(method, checks[method], look.maps[method][question]) for method in METHOD_COLOURS),
        _answer_title(look),
        _("Important places covered first: what is left"),
        _("Important places shown first: what comes back"),
    ]
    glows = [glow_source(look.maps[method][question]) for method in METHOD_COLOURS]
    return {"glows": glows, "curves": curves, "titles": titles}


def _answer_title(look: CloseLook) -> str:
    if "best" in look.answer:
        return _("How probable each action is")
    return _(
        "Steering {steering:+.1f}° ± {steering_sigma:.1f}°, speed {speed:.2f} ± {speed_sigma:.2f} m/s"
    ).format(**look.answer)


def _map_title(method: str, found: Check, importance: NDArray[np.float32]) -> str:
    if not importance.any():
        return _("{method}: nothing in the frame speaks for it").format(method=method_words(method))
    verdict = _("✓ better than chance") if found.passed else _("✗ no better than chance")
    numbers = _(
        "deletion {deletion:.2f}, insertion {insertion:.2f}; chance {chance_deletion:.2f}, {chance_insertion:.2f}"
    )
    told = numbers.format(
        deletion=area(found.deletion), insertion=area(found.insertion),
        chance_deletion=area(found.chance_deletion.mean(axis=0)),
        chance_insertion=area(found.chance_insertion.mean(axis=0)),
    )  # fmt: skip
    colour = GREEN if found.passed else MUTED
    return (
        f'{method_words(method)} <span style="color:{colour}">{verdict}</span>'
        f'<br><span style="font-size:11px;color:{MUTED}">{told}</span>'
    )


def _question_menu(figure: go.Figure, look: CloseLook, first: int) -> None:
    glows = [f"images[{k}].source" for k, image in enumerate(figure.layout.images) if image.layer == "above"]
    buttons = []
    for question, words in enumerate(look.questions):
        view = _view(look, question)
        layout = dict(zip(glows, view["glows"], strict=True))
        layout |= {f"annotations[{k}].text": text for k, text in enumerate(view["titles"])}
        buttons.append(
            {
                "label": words,
                "method": "update",
                "args": [
                    {"y": view["curves"]},
                    layout,
                    list(range(first, first + len(view["curves"]))),
                ],
            }
        )
    figure.update_layout(
        updatemenus=[
            {
                "buttons": buttons, "active": look.main_question, "x": 1.0, "xanchor": "right", "y": 1.23,
                "yanchor": "top", "pad": {"t": 0}, "showactive": True,
            }
        ]
    )  # fmt: skip


def _picture_layers(frame: str, importance: NDArray[np.float32] | None, axis: str) -> list[dict[str, Any]]:
    """A frame and, above it, a map; plotly takes two images at the same place in one layer for the same."""
    place = {
        "xref": f"x{axis}", "yref": f"y{axis}", "x": 0, "y": 0, "sizex": WIDTH, "sizey": HEIGHT, "sizing": "stretch",
    }  # fmt: skip
    layers = [{"source": frame, "layer": "below", **place}]
    if importance is not None:
        layers.append({"source": glow_source(importance), "layer": "above", **place})
    return layers


def contact_sheet(looks: list[CloseLook]) -> go.Figure:
    """The pictures that were looked at closely, side by side, with what matters in them and what the model chooses."""
    title = _("What the model sees, and what it does then")
    if not looks:
        return empty_figure(title, _("There is no picture to look at."))
    columns = min(4, len(looks))
    rows = -(-len(looks) // columns)
    figure = make_subplots(
        rows, columns, subplot_titles=[_caption(look) for look in looks], horizontal_spacing=0.015,
        vertical_spacing=0.22 / rows,
    )  # fmt: skip
    dress(figure, title, 90 + 250 * rows)
    images = []
    for k, look in enumerate(looks):
        axis = "" if k == 0 else str(k + 1)
        place = {"row": k // columns + 1, "col": k % columns + 1}
        figure.add_trace(go.Scatter(x=[None], y=[None], showlegend=False, hoverinfo="skip"), **place)
        figure.update_xaxes(range=[0, WIDTH], visible=False, constrain="domain", **place)
        figure.update_yaxes(
            range=[HEIGHT, 0], visible=False, scaleanchor=f"x{axis}", constrain="domain", **place
        )
        images += _picture_layers(picture_source(look.frame), look.maps["cover"][look.main_question], axis)
    figure.update_layout(images=images, margin={"l": 12, "r": 12, "t": 100, "b": 12})
    figure.update_annotations(font={"size": 12})
    return figure


def _caption(look: CloseLook) -> str:
    if "best" in look.answer:
        share = look.answer[f"p{look.main_question}"]
        choice = f"{look.questions[look.main_question]} ({share:.0%})"
    else:
        choice = _("{angle:+.0f}°, {speed:.1f} m/s").format(
            angle=look.answer["steering"], speed=look.answer["speed"]
        )
    return f'<b>{choice}</b><br><span style="font-size:11px;color:{MUTED}">{look.name}</span>'


def certainty(answers: dict[str, pd.DataFrame]) -> go.Figure:
    """How sure each checkpoint is: the separation of the best action from the second, or the spread of its commands.

    Args:
        answers: opinions by the name of the checkpoint, the earliest first.
    """
    if all("separation" in table for table in answers.values()):
        return _separation(answers)
    return _spread(answers)


def _separation(answers: dict[str, pd.DataFrame]) -> go.Figure:
    figure = make_subplots(len(answers), 1, shared_xaxes=True, vertical_spacing=0.03)
    for row, (name, table) in enumerate(answers.items(), start=1):
        middle = float(table["separation"].median())
        figure.add_trace(
            go.Histogram(x=table["separation"].round(4), xbins={"start": 0.0, "end": 1.0, "size": 0.02},
                         histnorm="percent", marker={"color": BLUE}, showlegend=False,
                         hovertemplate="%{x}: %{y:.1f} %<extra></extra>"), row, 1,
        )  # fmt: skip
        figure.add_vline(x=middle, line={"color": ORANGE, "width": 2}, row=row, col=1)
        figure.add_annotation(
            x=1.0, y=1.0, xref="x domain", yref="y domain", xanchor="right", yanchor="top", showarrow=False,
            row=row, col=1,
            text=_("{checkpoint}: half of the frames below {middle:.2f}").format(checkpoint=name, middle=middle),
        )  # fmt: skip
        figure.update_yaxes(title="%", row=row, col=1)
    dress(figure, _("How sure each checkpoint is: best action less second best"), 130 + 130 * len(answers))
    farthest = max(float(table["separation"].max()) for table in answers.values())
    figure.update_xaxes(range=[0.0, min(1.0, max(0.2, 0.05 + farthest))])
    figure.update_xaxes(
        title=_("probability of the best action less that of the second"), row=len(answers), col=1
    )
    return figure


def _spread(answers: dict[str, pd.DataFrame]) -> go.Figure:
    names = [_("steering, degrees"), _("speed, m/s")]
    figure = make_subplots(1, 2, subplot_titles=names, horizontal_spacing=0.1)
    for column, key in enumerate(("steering_sigma", "speed_sigma"), start=1):
        values = [float(table[key].mean()) for table in answers.values()]
        figure.add_trace(
            go.Bar(x=list(answers), y=np.round(values, 3), marker={"color": BLUE}, showlegend=False,
                   texttemplate="%{y:.2f}", textposition="outside", cliponaxis=False), 1, column,
        )  # fmt: skip
    dress(figure, _("How sure each checkpoint is: standard deviation of its commands"), 380)
    figure.update_layout(margin={"t": 90})
    figure.update_annotations(font={"size": 13})
    figure.update_yaxes(rangemode="tozero")
    return figure


def opinion_map(title: str, rows: pd.DataFrame, values: pd.Series, track: Track, unit: str) -> go.Figure:
    """A quantity of the model's opinion along a drive.

    Args:
        title: of the figure.
        rows: of the drive.
        values: one for each of them, for example the entropy.
        track: that was driven on.
        unit: words for the colour bar.
    """
    figure = map_figure(title, track)
    figure.add_trace(
        go.Scatter(
            x=rows["x"].round(3), y=rows["y"].round(3), mode="markers", showlegend=False,
            marker={"size": 8, "color": values.round(4), "colorscale": "Viridis", "showscale": True,
                    "colorbar": {"title": {"text": unit, "side": "right"}, "thickness": 14, "len": 0.85}},
            customdata=np.stack([rows["steps"], values.round(3)], axis=1),
            hovertemplate=_("step %{customdata[0]}<br>%{customdata[1]}") + "<extra></extra>",
        )
    )  # fmt: skip
    return figure


def picture_source(frame: NDArray[np.uint8]) -> str:
    """A grey frame as an address that holds the picture itself."""
    return _address(Image.fromarray(frame))


def glow_source(importance: NDArray[np.float32]) -> str:
    """A map of attention as a layer: the more a place matters, the brighter and the less transparent."""
    levels = (np.clip(importance, 0.0, 1.0) * (_LEVELS - 1)).round().astype(np.uint8)
    picture = Image.fromarray(levels, "P")
    share = np.linspace(0.0, 1.0, _LEVELS)[:, None]
    palette = (1.0 - share) * np.array(_GLOW[0]) + share * np.array(_GLOW[1])
    picture.putpalette(palette.round().astype(np.uint8).tobytes())
    return _address(picture, transparency=bytes((200.0 * share[:, 0] ** 0.8).astype(np.uint8)))


def _address(picture: Image.Image, **options: Any) -> str:
    content = io.BytesIO()
    picture.save(content, "PNG", **options)
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
