"""The official virtual circuit: a season's current race, schedule, standings, rules, and its final."""

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    empty_state,
    heading,
    in_thread,
    page_heading,
    plain_button,
    plain_link,
    primary_button,
    primary_link,
)
from openracer.console.layout import frame
from openracer.console.league import season_dialog
from openracer.console.league.board import board_html
from openracer.console.league.bracket import bracket_svg
from openracer.console.league.moments import write_local_times
from openracer.console.league.race_cards import phase_chip, race_track, when_html
from openracer.console.league.season_tables import schedule_html, standings_html
from openracer.console.league.words import division_words, ranking_words, track_words
from openracer.console.wording import race_titles
from openracer.language import gettext as _
from openracer.league.circuit import POINTS, Division, RaceOutcome
from openracer.league.race import Phase
from openracer.service.accounts import Role
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.boards import BoardRow
from openracer.service.league.people import may_manage
from openracer.service.league.races import HeldRace
from openracer.service.league.seasons import Final, Season, StandingRow


def register() -> None:
    """Define the page's routes."""

    @ui.page("/circuit")
    async def _page(season: int | None = None) -> None:
        person = current_person()
        seasons = await in_thread(current_league().seasons.seasons)
        chosen = next((found for found in seasons if found.id == season), seasons[0] if seasons else None)
        with frame(_("Official virtual circuit"), active="circuit"):
            for name in ("watch.css", "league.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(name)}">')
            write_local_times()
            if chosen is None:
                _nothing(person.may(Role.ORGANISER))
                return
            _heading(chosen, seasons)
            found = await in_thread(_Found, chosen)
            _Circuit(chosen, found)


class _Found:
    """What the page shows of a season, looked up at once.

    Args:
        season: which.
    """

    def __init__(self, season: Season):
        seasons = current_league().seasons
        self.outcomes: tuple[RaceOutcome, ...] = seasons.outcomes(season)
        self.standings: dict[Division, tuple[StandingRow, ...]] = {
            division: seasons.standings(season.id, division) for division in Division
        }
        self.final: Final | None = seasons.final(season.id)
        self.race: HeldRace | None = _current(season)
        self.boards: dict[Division, tuple[BoardRow, ...]] = {}
        if self.race is not None:
            self.boards = {division: seasons.leaderboard(self.race, division) for division in Division}


def _current(season: Season) -> HeldRace | None:
    """The race that is open; else the next, else the last."""
    for phase in (Phase.OPEN, Phase.UPCOMING):
        for race in season.races:
            if race.phase is phase:
                return race
    return season.races[-1] if season.races else None


def _nothing(may_make: bool) -> None:
    page_heading(_("Official virtual circuit"))
    with empty_state(
        "o_emoji_events",
        _("There is no season yet"),
        _("A season is a series of races, month after month, in two divisions, with points and a final."),
    ):
        if may_make:
            primary_button(_("New season"), "add", season_dialog.ask_for_new)


def _heading(season: Season, seasons: list[Season]) -> None:
    person = current_person()
    with page_heading(_("Official virtual circuit"), season.name):
        if len(seasons) > 1:
            ui.select(
                {found.id: found.name for found in seasons},
                value=season.id,
                label=_("Season"),
                on_change=lambda event: ui.navigate.to(f"/circuit?season={event.value}"),
            ).props("outlined dense options-dense").classes("lg-seasons")
        if may_manage(person, season.organiser):
            primary_link(_("Add a race"), f"/races/create?season={season.id}", "add")
            with ui.button(icon="o_more_vert").props(f'flat round aria-label="{_("More")}"'), ui.menu():
                ui.menu_item(_("Change the season"), lambda: season_dialog.ask_for_change(season))
                ui.menu_item(_("Delete the season"), lambda: season_dialog.ask_to_delete(season))
                ui.menu_item(_("New season"), season_dialog.ask_for_new)
        elif person.may(Role.ORGANISER):
            plain_button(_("New season"), "add", season_dialog.ask_for_new)


class _Circuit:
    def __init__(self, season: Season, found: _Found):
        self._season, self._found = season, found
        if found.final is not None and season.champion is not None:
            champion = found.final.racers.get(str(season.champion))
            if champion is not None:
                with ui.element("div").classes("bc-winner lg-below"):
                    ui.label("🏆").classes("bc-winner__cup")
                    ui.label(_("{racer} has won the season.").format(racer=champion.alias)).classes(
                        "lg-card__name"
                    )
        with ui.element("div").classes("or-stack or-stack--loose"):
            if found.race is not None:
                self._current(found.race)
            with card(_("Standings")):
                self._of_divisions(
                    {
                        division: standings_html(found.standings[division], season.races)
                        for division in Division
                    }
                )
            if found.final is not None:
                with card(_("Final")), ui.element("div").classes("lg-bracketbox"):
                    names = {number: racer.alias for number, racer in found.final.racers.items()}
                    rounds = found.final.rounds
                    ui.html(bracket_svg(rounds, names, _round_titles(len(rounds))), sanitize=False)
            with card(_("Schedule")):
                ui.html(schedule_html(season.races, found.outcomes), sanitize=False)
            with card(_("Rules")):
                self._rules()

    def _current(self, race: HeldRace) -> None:
        words = {
            Phase.OPEN: _("This month's race"),
            Phase.UPCOMING: _("The next race"),
            Phase.CLOSED: _("The last race"),
        }
        with card(words[race.phase]), ui.element("div").classes("lg-two"):
            with ui.element("div"):
                self._of_divisions(
                    {
                        division: board_html(rows[:10], race.id, current_person().id)
                        for division, rows in self._found.boards.items()
                    }
                )
            with ui.element("div"), ui.element("div").classes("or-stack"):
                ui.html(race_track(race), sanitize=False).classes("lg-form__picture")
                with ui.element("div").classes("or-line or-line--between"):
                    heading(3, race.rules.name)
                    phase_chip(race)
                rules = race.rules
                ui.label(f"{track_words(race)} · {race_titles()[rules.race_type]}").classes("or-muted")
                ui.label(ranking_words(rules)).classes("or-muted")
                ui.html(when_html(race), sanitize=False).classes("or-muted")
                with ui.element("div"):
                    plain_link(_("To the race"), f"/races/{race.id}", "o_flag")

    def _of_divisions(self, tables: dict[Division, str]) -> None:
        """A table of each division, of which one is shown at a time."""
        with ui.tabs().props("align=left no-caps dense").classes("or-tabs") as tabs:
            for division in tables:
                ui.tab(division, label=division_words(division))
        with ui.tab_panels(tabs, value=Division.OPEN, animated=False).classes("or-panels"):
            for division, html in tables.items():
                with ui.tab_panel(division):
                    ui.html(html, sanitize=False)

    def _rules(self) -> None:
        season = self._season
        rules = [
            _("Submit as often as you like while a race is open; your best result counts."),
            _(
                "Everybody begins in the Open division. The best tenth of it in a race rises to Pro when the race is "
                "decided."
            ),
            _("The first {count} of a division get points: {points}.").format(
                count=len(POINTS), points=", ".join(map(str, POINTS))
            ),
            _("A model's weights drive, with the same seed for everybody; its reward function is never run."),
        ]
        if season.final_size:
            rules.append(
                _(
                    "The winners of races, then the best of the standings, {count} in all, meet in a knock-out final."
                ).format(count=season.final_size)
            )
        with ui.element("ul").classes("lg-rules"):
            for rule in rules:
                with ui.element("li"):
                    ui.label(rule)


def _round_titles(count: int) -> list[str]:
    """The names of a final's rounds."""
    last = [_("Final"), _("Semi-final"), _("Quarter-final")]
    titles = [
        last[left] if left < len(last) else _("Round of {count}").format(count=2 ** (left + 1))
        for left in range(count)
    ]
    return titles[::-1]
