"""The report: what a recording tells, as one HTML file."""

import html
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go

from openracer.analysis.diagnosis import Finding
from openracer.analysis.episodes import episode_table
from openracer.analysis.figures.linked import linked_figures
from openracer.analysis.gallery import gallery
from openracer.analysis.key_figures import key_figures
from openracer.analysis.loading import Recording
from openracer.analysis.page import notes, page, section
from openracer.analysis.study import Study, checkpoints_of
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.simulation.raceline.line import RaceLine

FASTEST_LAPS = 10


def report(recording: Recording, study: Study | None, line: "RaceLine | None" = None, note: str = "") -> str:
    """The report as the text of an HTML file, in the reader's language.

    Args:
        recording: see :func:`openracer.analysis.load`.
        study: of it on its track; None where the track is not known: then there is no map.
        line: the minimum-time line, to compare with.
        note: a sentence to show on top, for example why there is no map.
    """
    episodes = episode_table(recording.steps) if study is None else study.episodes
    checkpoints = checkpoints_of(recording)
    figures: dict[str, go.Figure] = {}
    body = [notes([*([note] if note else []), *recording.problems])]
    linked: dict[str, Any] | None = None
    if study is not None and len(study.placed):
        linked = linked_figures(study.placed, study.track, study.best)
        body += [_diagnosis(study.findings), _LINKED.format(**_linked_words())]
    for group, drawn in gallery(recording, study, line).items():
        figures |= {name: draw() for name, draw in drawn.items()}
        body += section(group.words, drawn)
    body.append(_lap_rows(episodes))
    tiles = key_figures(episodes, checkpoints)
    return page(_title(recording), _facts(recording, study), tiles, body, figures, linked)


def _title(recording: Recording) -> str:
    return PurePath(recording.source.rstrip("/")).name or recording.source


def _facts(recording: Recording, study: Study | None) -> str:
    facts = recording.facts
    words = [
        study.track.title if study is not None else recording.world_name or _("unknown track"),
        _("{length:.1f} m").format(length=study.track.length) if study is not None else "",
        facts.training_algorithm or "",
        _("simulator {version:g}").format(version=facts.simulator_version) if facts.simulator_version else "",
        ", ".join(dict.fromkeys(_kind_words(job.kind) for job in recording.jobs)),
    ]
    return " · ".join(word for word in words if word)


def _kind_words(kind: str) -> str:
    words = {"training": _("training"), "evaluation": _("evaluation"), "leaderboard": _("race")}
    return words.get(kind, _("unknown"))


def _diagnosis(findings: list[Finding]) -> str:
    items = "".join(
        f'<li class="{finding.weight.value}">{html.escape(finding.text)}</li>' for finding in findings
    )
    if not items:
        return ""
    return f'<h2>{html.escape(_("Diagnosis"))}</h2><ul class="findings">{items}</ul>'


_LINKED = """<h2>{title}</h2>
<p class="hint" id="linked-told">{hint}</p>
<div class="card linked"><div id="linked-map"></div><div id="linked-series"></div></div>"""


def _linked_words() -> dict[str, str]:
    hint = _(
        "Draw a box on the map or in the time series: the same steps light up in the other. A click shows one episode."
    )
    return {"title": html.escape(_("Map and time together")), "hint": html.escape(hint)}


def _lap_rows(episodes: pd.DataFrame) -> str:
    laps = episodes[episodes["complete"] == 1].nsmallest(FASTEST_LAPS, "time")
    if not len(laps):
        return ""
    heads = [
        _("episode"),
        _("iteration"),
        _("lap time"),
        _("steps"),
        _("reward"),
        _("distance"),
        _("mean command"),
    ]
    rows = [
        f"<tr><td>{lap.episode:.0f}</td><td>{lap.iteration:.0f}</td><td>{lap.time:.3f} s</td><td>{lap.steps:.0f}</td>"
        f"<td>{lap.reward:.2f}</td><td>{lap.dist:.2f} m</td><td>{lap.speed:.2f} m/s</td></tr>"
        for lap in laps.itertuples()
    ]
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    title = html.escape(_("The fastest laps"))
    return f'<h2>{title}</h2><div class="card scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'
