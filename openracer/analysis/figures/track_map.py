"""The track itself: waypoints with their numbers, and its sections."""

import numpy as np
import plotly.graph_objects as go

from openracer.analysis.figures.style import BLUE, INK, ORANGE, map_figure
from openracer.analysis.sections import Section
from openracer.language import gettext as _
from openracer.tracks.track import Track


def track_figure(track: Track, sections: list[Section], every: int | None = None) -> go.Figure:
    """The road with waypoints and the names of its sections.

    Args:
        track: in its driving direction.
        sections: of the track; see :func:`openracer.analysis.sections.find_sections`.
        every: number one waypoint in so many; default: about 25 of them.
    """
    figure = map_figure(_("{track}: waypoints and sections").format(track=track.title), track)
    count = len(track.centre) - 1 if track.closed else len(track.centre)
    every = every or max(1, round(count / 25 / 5) * 5)
    numbers = np.arange(count)
    figure.add_trace(
        go.Scatter(
            x=track.centre[:count, 0].round(3),
            y=track.centre[:count, 1].round(3),
            mode="markers+text",
            text=[str(number) if number % every == 0 else "" for number in numbers],
            textposition="top center",
            textfont={"size": 10, "color": BLUE},
            marker={"size": 4, "color": BLUE},
            customdata=np.stack([numbers, track.arc_length[:count].round(2)], axis=1),
            hovertemplate=_("waypoint %{customdata[0]}<br>%{customdata[1]:.2f} m<extra></extra>"),
            showlegend=False,
        )
    )
    label_sections(figure, track, sections)
    return figure


def label_sections(figure: go.Figure, track: Track, sections: list[Section]) -> None:
    """Write each section's name beside the road and mark where it begins.

    Args:
        figure: a map of the track.
        track: in its driving direction.
        sections: of the track.
    """
    for section in sections:
        middle = (section.start_m + section.end_m) / 2.0
        here, ahead = track.point_at([middle - 0.1, middle + 0.1])
        place = (here + ahead) / 2.0
        normal = np.array([here[1] - ahead[1], ahead[0] - here[0]])
        normal /= max(float(np.hypot(*normal)), 1e-9)
        # Beside the road on the outside of a bend, where there is room.
        away = -np.sign(section.turn_deg or 1.0) * (float(np.median(track.width)) / 2.0 + 0.22)
        figure.add_annotation(
            x=float(place[0] + away * normal[0]),
            y=float(place[1] + away * normal[1]),
            text=f"<b>{section.code}</b>",
            showarrow=False,
            font={"size": 13, "color": ORANGE if section.is_bend else INK},
            hovertext=section.label,
        )
        border = track.project(track.point_at(section.start_m))
        width = float(border.width_m[0]) / 2.0
        a, b = track.point_at([section.start_m - 0.05, section.start_m + 0.05])
        across = np.array([a[1] - b[1], b[0] - a[0]])
        across *= width / max(float(np.hypot(*across)), 1e-9)
        ends = np.stack([(a + b) / 2.0 - across, (a + b) / 2.0 + across])
        figure.add_shape(
            type="line", x0=ends[0, 0], y0=ends[0, 1], x1=ends[1, 0], y1=ends[1, 1],
            line={"color": ORANGE, "width": 1, "dash": "dot"},
        )  # fmt: skip
