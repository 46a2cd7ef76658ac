"""Races as cards, to choose from."""

from collections.abc import Iterable

from nicegui import ui

from openracer.console.components import track_outline
from openracer.console.league.moments import moment_html
from openracer.console.league.words import phase_words, ranking_words, track_words
from openracer.console.wording import race_titles
from openracer.language import gettext as _
from openracer.league.race import Phase
from openracer.service.league.races import Format, HeldRace

_CHIPS = {Phase.OPEN: "running", Phase.UPCOMING: "queued", Phase.CLOSED: "finished"}


def race_cards(races: Iterable[HeldRace]) -> None:
    """A grid of cards that lead to the races."""
    with ui.element("div").classes("or-grid"):
        for race in races:
            _card(race)


def phase_chip(race: HeldRace) -> None:
    """Where a race stands, as a coloured word."""
    with ui.element("span").classes(f"or-chip or-chip--{_CHIPS[race.phase]}"):
        ui.label(phase_words(race.phase)).classes("or-inline")


def live_chip() -> None:
    """The mark of a race that is driven before everybody's eyes."""
    ui.label("LIVE").classes("lg-livechip")


def race_track(race: HeldRace) -> str:
    """The outline of a race's track; empty where it is gone."""
    try:
        return track_outline(race.track())
    except (ValueError, OSError):
        return ""


def when_html(race: HeldRace) -> str:
    """Until when a race is open, or from when on."""
    if race.phase is Phase.UPCOMING:
        return _("opens {time}").format(time=moment_html(race.rules.opens))
    words = _("closes {time}") if race.phase is Phase.OPEN else _("closed {time}")
    return words.format(time=moment_html(race.rules.closes))


def _card(race: HeldRace) -> None:
    with ui.link(target=f"/races/{race.id}").classes("or-card or-card--link or-card--flush lg-card"):
        with ui.element("div").classes("lg-card__track"):
            ui.html(race_track(race), sanitize=False).classes("or-track")
            if race.format is Format.LIVE:
                with ui.element("div").classes("lg-card__live"):
                    live_chip()
        with ui.element("div").classes("lg-card__words"):
            with ui.element("div").classes("or-line or-line--between"):
                ui.label(race.rules.name).classes("lg-card__name")
                phase_chip(race)
            ui.label(f"{track_words(race)} · {race_titles()[race.rules.race_type]}").classes(
                "or-muted or-small"
            )
            ui.label(ranking_words(race.rules)).classes("or-muted or-small")
            with ui.element("div").classes("or-line or-line--between or-small or-faint lg-card__foot"):
                ui.html(when_html(race), sanitize=False)
                racers = _("{count} racers").format(count=race.racers)
                ui.label(f"{racers} · {_('private')}" if race.is_private else racers)
