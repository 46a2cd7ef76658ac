"""Tracks as cards with their outlines, to search, sort and choose from."""

from collections.abc import Callable
from html import escape
from typing import Any

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import track_outline
from openracer.language import gettext as _
from openracer.tracks import catalogue
from openracer.tracks.facts import direction_words, facts
from openracer.tracks.track import Track

ARROWS = {"counter-clockwise": "↺", "clockwise": "↻", "forward": "→", "backward": "←"}


class TrackCards:
    """All tracks of the catalogue as cards, with a field to search and a choice of order above them.

    Args:
        chosen: world name of the marked track; None for none.
        on_choose: called with the world name of the card that is clicked.
        link: makes the address that a card leads to, from a world name; instead of ``on_choose``.
    """

    def __init__(
        self,
        chosen: str | None = None,
        on_choose: Callable[[str], None] | None = None,
        link: Callable[[str], str] | None = None,
    ) -> None:
        self._chosen = chosen
        self._on_choose = on_choose
        self._link = link
        self._tracks = [(track, facts(track)) for track in catalogue.all_tracks()]
        self._search = ""
        self._order = "difficulty"
        ui.add_head_html(f'<link rel="stylesheet" href="{asset("create.css")}">')
        with ui.element("div").classes("tc-tools"):
            search = ui.input(placeholder=_("Search tracks"), on_change=lambda event: self._find(event.value))
            search.props(f'outlined dense clearable debounce=150 aria-label="{_("Search tracks")}"')
            search.classes("tc-search")
            with search.add_slot("prepend"):
                ui.icon("o_search")
            orders = {
                "difficulty": _("Easy ones first"),
                "length_m": _("Short ones first"),
                "title": _("By name"),
            }
            ui.select(orders, value=self._order, on_change=lambda event: self._sort(event.value)).props(
                f'outlined dense options-dense aria-label="{_("Order")}"'
            ).classes("tc-order")
        self._grid = (
            ui.element("div")
            .classes("tc-grid")
            .props(f'role="{"radiogroup" if on_choose else "list"}" aria-label="{_("Tracks")}"')
        )
        self._fill()

    def choose(self, name: str) -> None:
        """Mark another track."""
        self._chosen = name
        self._fill()

    def _find(self, text: str | None) -> None:
        self._search = (text or "").strip().casefold()
        self._fill()

    def _sort(self, order: str) -> None:
        self._order = order
        self._fill()

    def _fill(self) -> None:
        self._grid.clear()
        found = [
            (track, figures)
            for track, figures in self._tracks
            if self._search
            in f"{track.name} {track.title} {_(track.description) if track.description else ''}".casefold()
        ]
        found.sort(key=lambda entry: entry[1][self._order])
        with self._grid:
            for track, figures in found:
                self._card(track, figures)
            if not found:
                ui.label(_("No track is called so.")).classes("or-muted")

    def _card(self, track: Track, figures: dict[str, Any]) -> None:
        chosen = track.name == self._chosen
        if self._link is not None:
            card: ui.element = ui.link(target=self._link(track.name))
        else:
            card = ui.element("button").props(
                f'type="button" role="radio" aria-checked="{str(chosen).lower()}"'
            )
            card.on("click", lambda: self._clicked(track.name))
        card.classes("tc-card" + (" is-chosen" if chosen else "")).props(f'data-track="{track.name}"')
        with card:
            ui.html(_content(track, figures), sanitize=False).classes("tc-content")

    def _clicked(self, name: str) -> None:
        self.choose(name)
        if self._on_choose is not None:
            self._on_choose(name)


def _content(track: Track, figures: dict[str, Any]) -> str:
    """What stands on a card, as one piece of HTML: as elements, all cards together would take long to build."""
    badge = f'<div class="tc-badge">{escape(_("Yours"))}</div>' if figures["source"] == "imported" else ""
    words = escape(_(track.description)) if track.description else ""
    direction = figures["direction"]
    shown = (
        (_("Length"), f"{figures['length_m']:.1f} m"),
        (_("Width"), f"↔ {figures['width_m']:.2f} m"),
        (direction_words(direction), ARROWS[direction]),
    )
    spans = "".join(f'<div title="{escape(title)}">{value}</div>' for title, value in shown)
    outline = f'<div class="or-track" aria-label="{escape(track.name)}">{track_outline(track)}</div>'
    return (
        f'<div class="tc-picture">{outline}</div><div class="tc-words">'
        f'<div class="tc-title"><div class="tc-name">{escape(track.title)}</div>{badge}</div>'
        + (f'<div class="tc-description">{words}</div>' if words else "")
        + f'<div class="tc-facts">{spans}</div>{difficulty_meter(figures["difficulty"])}</div>'
    )


def difficulty_meter(difficulty: float) -> str:
    """How hard a track is, 0 to 100, as a bar with its number; HTML."""
    return (
        f'<div class="tc-meter"><div>{escape(_("Difficulty"))}</div><span class="tc-bar">'
        f'<span style="width: {difficulty:.0f}%"></span></span><div class="or-number">{difficulty:.0f}</div></div>'
    )
