"""An HTML file that holds everything, figures and what draws them included, and needs no network."""

import html
import json
from collections.abc import Iterable
from importlib import resources
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from openracer import __version__
from openracer.language import current_language
from openracer.language import gettext as _


def page(
    title: str,
    facts: str,
    tiles: list[tuple[str, str]],
    body: list[str],
    figures: dict[str, go.Figure],
    linked: dict[str, Any] | None = None,
) -> str:
    """The text of the file, in the reader's language.

    Args:
        title: plain text.
        facts: plain text beneath it.
        tiles: key figures, each with its name before it.
        body: parts of the page as HTML, with a place for each figure; see :func:`section`.
        figures: by their places.
        linked: two figures that show the same steps; see :func:`openracer.analysis.figures.linked.linked_figures`.
    """
    values = {
        "language": current_language(),
        "title": html.escape(title),
        "facts": html.escape(facts),
        "tiles": "".join(
            f'<div class="tile"><b>{html.escape(value)}</b><span>{html.escape(name)}</span></div>'
            for name, value in tiles
        ),
        "body": "\n".join(body),
        "footer": html.escape(_("Made with OpenRacer {version}.").format(version=__version__)),
        "plotly": get_plotlyjs(),
        "figures": _script({name: figure.to_plotly_json() for name, figure in figures.items()}),
        "linked": _script(linked),
    }
    # Each value is put in once, so that none can stand for another.
    first, *parts = (
        (resources.files("openracer.analysis") / "report_page.html").read_text("utf-8").split("{{")
    )
    filled = [first]
    for part in parts:
        name, _end, rest = part.partition("}}")
        filled += [values[name], rest]
    return "".join(filled)


def section(title: str, names: Iterable[str]) -> list[str]:
    """A heading and the places of some figures."""
    places = [f'<div class="card"><div id="{name}"></div></div>' for name in names]
    return [f"<h2>{html.escape(title)}</h2>", *places]


def notes(sentences: list[str]) -> str:
    """Sentences as a list; nothing where there are none."""
    if not sentences:
        return ""
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="findings" style="margin-top:16px">{items}</ul>'


def _script(value: Any) -> str:
    """A value as JavaScript that cannot end the script element around it."""
    text = json.dumps(value, cls=PlotlyJSONEncoder, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
