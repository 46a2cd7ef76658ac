"""What a model sees, as one HTML file."""

import html

import plotly.graph_objects as go

from openracer.analysis.figures import sight as figures
from openracer.analysis.page import notes, page, section
from openracer.analysis.sight.look import Sight
from openracer.analysis.sight.pictures import DrivePictures
from openracer.language import gettext as _


def sight_report(model: str, sight: Sight) -> str:
    """The file's text, in the reader's language.

    Args:
        model: name of the model.
        sight: see :func:`openracer.analysis.sight.look.see`.
    """
    drawn = {"sheet": figures.contact_sheet(sight.looks), "certainty": figures.certainty(sight.answers)}
    maps = opinion_maps(sight)
    close = {f"look-{look.number}": figures.close_look(look) for look in sight.looks}
    body = [
        notes(verdicts(sight)),
        *section(_("At a glance"), ["sheet"]),
        *section(_("How sure it is"), ["certainty", *maps]),
        *section(_("Picture by picture"), []),
        f'<p class="hint">{html.escape(explanation())}</p>',
        *(f'<div class="card"><div id="{name}"></div></div>' for name in close),
    ]
    drawn |= maps | close
    return page(_("What {model} sees").format(model=model), _facts(sight), _tiles(sight), body, drawn)


def opinion_maps(sight: Sight) -> dict[str, go.Figure]:
    """What the model thinks along the lap; nothing for pictures without a place, and of what is the same everywhere."""
    pictures = sight.pictures
    if not isinstance(pictures, DrivePictures):
        return {}
    opinions, maps = sight.opinions, {}
    for column, title, unit in (
        ("entropy", _("How undecided it is along the lap"), _("entropy, nats")),
        ("steering", _("How it means to steer along the lap"), _("steering, degrees")),
        ("value", _("What it expects along the lap"), _("value, units of reward")),
    ):
        if column in opinions and opinions[column].nunique() > 1:
            maps[column] = figures.opinion_map(title, pictures.rows, opinions[column], pictures.track, unit)
    return maps


def verdicts(sight: Sight) -> list[str]:
    """Whether each kind of map may be believed, in words."""
    trust = sight.trust
    if not len(trust):
        return []
    sentences = []
    for method, rows in trust[trust["main"]].groupby("method"):
        share = float(rows["passed"].mean())
        if share >= 0.9:
            words = _("{method}: believe it. It beats chance in {passed} of {count} checks.")
        elif share >= 0.5:
            words = _(
                "{method}: with care. It beats chance in {passed} of {count} checks; look at each verdict."
            )
        else:
            words = _("{method}: do not rely on it. It beats chance in only {passed} of {count} checks.")
        sentences.append(
            words.format(
                method=figures.method_words(str(method)), passed=int(rows["passed"].sum()), count=len(rows)
            )
        )
    return sentences


def explanation() -> str:
    """How to read a close look."""
    return _(
        "Bright places matter for the chosen action; the menu changes it. Grad-CAM asks the network's last "
        "convolution, covering blurs one place after the other and looks at what changes. The curves check both: if a "
        "map is right, covering its brightest places first takes the choice away at once, and showing them first "
        "brings it back. The grey band is what maps of chance achieve; believe only what is clear of it."
    )


def _facts(sight: Sight) -> str:
    count = len(sight.pictures)
    words = [
        _("checkpoint {checkpoint}").format(checkpoint=sight.eye.name),
        _("{count} frames").format(count=count),
    ]
    if isinstance(sight.pictures, DrivePictures):
        words.insert(1, sight.pictures.track.title)
    return " · ".join(words)


def _tiles(sight: Sight) -> list[tuple[str, str]]:
    opinions = sight.opinions
    tiles = [(_("median entropy, nats"), f"{opinions['entropy'].median():.2f}")]
    if "separation" in opinions:
        tiles.append((_("median of best less second best"), f"{opinions['separation'].median():.2f}"))
        used = opinions["best"].nunique()
        tiles.append((_("actions that are ever the best"), f"{used} / {len(sight.eye.questions)}"))
    else:
        tiles.append((_("spread of steering, degrees"), f"{opinions['steering_sigma'].mean():.1f}"))
        tiles.append((_("spread of speed, m/s"), f"{opinions['speed_sigma'].mean():.2f}"))
    if "value" in opinions:
        tiles.append((_("median value"), f"{opinions['value'].median():.1f}"))
    return tiles
