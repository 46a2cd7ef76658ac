"""A racer as everybody sees one: alias, helmet, country, best results, history; one's own can be changed."""

from html import escape

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    empty_state,
    heading,
    in_thread,
    lap_time,
    page_heading,
    plain_link,
)
from openracer.console.layout import frame
from openracer.console.league.helmet import country_badge, helmet_svg
from openracer.console.league.moments import moment_html, write_local_times
from openracer.console.league.words import phase_words, ranking_words, track_words
from openracer.console.profile_form import ProfileForm
from openracer.language import gettext as _
from openracer.service import current_people
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.profiles import Profile, RaceResult


def register() -> None:
    """Define the page's routes."""

    @ui.page("/racers/me")
    async def _own() -> None:
        await _show(current_person().id)

    @ui.page("/racers/{number:int}")
    async def _other(number: int) -> None:
        await _show(number)


async def _show(number: int) -> None:
    person = current_person()
    is_own = number == person.id
    title = _("Your racer profile") if is_own else _("Racer profile")
    with frame(title, active="racer" if is_own else "races"):
        ui.add_head_html(f'<link rel="stylesheet" href="{asset("league.css")}">')
        write_local_times()
        try:
            profile = await in_thread(current_league().profiles.profile, number, person)
        except (ValueError, OSError) as error:
            page_heading(title)
            with empty_state("o_search_off", _("There is no such racer"), str(error)):
                plain_link(_("All races"), "/races", "o_arrow_back")
            return
        page_heading(title)
        with ui.element("div").classes("lg-two" if is_own else "lg-one"):
            with ui.element("div"):
                _about(profile)
                _history(profile)
            if is_own:
                with ui.element("div"), card(_("What others see")):
                    ProfileForm(current_people().accounts.person(number), lambda: ui.navigate.reload())


def _about(profile: Profile) -> None:
    racer = profile.racer
    with card(), ui.element("div").classes("lg-profile"):
        ui.html(helmet_svg(racer.avatar), sanitize=False)
        with ui.element("div"):
            with ui.element("div").classes("or-line"):
                heading(2, racer.alias)
                ui.html(country_badge(racer.country), sanitize=False)
            with ui.element("div").classes("or-stats lg-profile__figures"):
                for name, value in (
                    (_("races"), len(profile.history)),
                    (_("submissions"), profile.submissions),
                    (_("wins"), profile.wins),
                    (_("times among the first three"), profile.podiums),
                ):
                    with ui.element("div").classes("or-stat"):
                        ui.label(str(value)).classes("or-stat__value")
                        ui.label(name).classes("or-stat__name")


def _history(profile: Profile) -> None:
    with card(_("Races")):
        if not profile.history:
            ui.label(_("No race yet.")).classes("lg-nothing")
            return
        titles = (_("Race"), _("Rank"), _("Time"), "")
        head = "".join(f"<th>{escape(title)}</th>" for title in titles)
        rows = "".join(map(_row, profile.history))
        ui.html(
            f'<div class="or-tablebox"><table class="or-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
            "</table></div>",
            sanitize=False,
        )


def _row(found: RaceResult) -> str:
    race = found.race
    below = f"{track_words(race)} · {ranking_words(race.rules)}"
    rank = "–" if found.row is None else f"{found.row.rank} / {found.racers}"
    time = "–" if found.row is None else lap_time(found.row.time_s)
    watch = ""
    if found.row is not None:
        address, title = f"/races/{race.id}/entries/{found.row.submission}", escape(_("Watch"))
        watch = f'<a class="lg-watch" href="{address}" title="{title}" aria-label="{title}">▶</a>'
    return (
        f'<tr><td><a href="/races/{race.id}"><b>{escape(race.rules.name)}</b></a> '
        f'<span class="or-faint or-small">{escape(phase_words(race.phase))}</span>'
        f'<div class="or-faint or-small">{escape(below)} · {moment_html(found.last)}</div></td>'
        f'<td class="or-number or-nowrap">{rank}</td><td class="or-number lg-time">{time}</td>'
        f"<td>{watch}</td></tr>"
    )
