"""A figure of the analysis on a page."""

import plotly.graph_objects as go
from nicegui import ui


def show_figure(figure: go.Figure) -> None:
    """Show a figure, as wide as its place and as high as it says."""
    values = figure.to_plotly_json()
    values["config"] = {"responsive": True, "displaylogo": False}
    ui.plotly(values).classes("or-plot").style(f"height: {values['layout'].get('height', 460)}px")
