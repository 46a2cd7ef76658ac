"""One entry of a race: its laps, its replay against the ghost of any other, and its log."""

from typing import Any

from nicegui import ui

from openracer.analysis.drives import track_shape
from openracer.console.assets import asset
from openracer.console.components import card, fact_list, in_thread, lap_time, page_heading, plain_link
from openracer.console.layout import frame
from openracer.console.league.figures import result_words
from openracer.console.league.helmet import helmet_svg
from openracer.console.league.moments import moment_html, write_local_times
from openracer.console.league.race_drives import is_shown
from openracer.console.module_view import ModuleView
from openracer.console.pages.race import missing_race
from openracer.console.stage import replay_words, stage_words
from openracer.language import gettext as _
from openracer.service.accounts import Person
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.races import HeldRace
from openracer.service.league.submissions import Submission

_MOST_GHOSTS = 100


def register() -> None:
    """Define the page's routes."""

    @ui.page("/races/{number:int}/entries/{entry:int}")
    async def _page(number: int, entry: int) -> None:
        person = current_person()
        league = current_league()
        try:
            race = await in_thread(league.races.race, number, person)
            submission = await in_thread(league.submissions.submission, entry, person)
            if submission.race != number or not is_shown(submission):
                raise FileNotFoundError(_("this drive cannot be watched yet"))
            profile = await in_thread(league.profiles.profile, submission.person, person)
        except (ValueError, OSError) as error:
            missing_race(str(error))
            return
        title = _("{racer} in {race}").format(racer=profile.racer.alias, race=race.rules.name)
        with frame(title, active="races"):
            for name in ("watch.css", "league.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(name)}">')
            write_local_times()
            with page_heading(profile.racer.alias, race.rules.name):
                plain_link(_("Back to the race"), f"/races/{number}", "o_arrow_back")
                plain_link(_("Log (CSV)"), f"/board/{number}/entries/{entry}/log.csv", "o_download")
            _Entry(race, submission, profile.racer.avatar, person)


class _Entry:
    def __init__(self, race: HeldRace, submission: Submission, avatar: str, person: Person):
        self._race, self._submission, self._person = race, submission, person
        with ui.element("div").classes("or-stack"):
            with card(_("Replay")):
                options = {
                    "drives": _drive_address(race, submission.number),
                    "shape": track_shape(race.track()),
                    "words": stage_words() | replay_words() | {"trial": _("Drive {number}"), "reward": None},
                }
                self._replay = ModuleView("replay.js", options)
                with ui.element("div").classes("or-form__end"):
                    self._select = (
                        ui.select(
                            {"": _("No ghost")}, value="", label=_("Race against"), on_change=self._ghost
                        )
                        .props("outlined dense")
                        .classes("or-ghost")
                    )
                    ui.label(
                        _("Space: play, arrows: a second, comma and full stop: a step, V: view, F: follow")
                    ).classes("or-faint or-small or-wide")
            with ui.element("div").classes("or-grid or-grid--2"):
                with card(_("Result")):
                    self._facts(avatar)
                with card(_("Laps")):
                    ui.html(_laps(submission), sanitize=False)
        ui.timer(0.05, self._find_ghosts, once=True)

    def _facts(self, avatar: str) -> None:
        submission, race = self._submission, self._race
        ui.html(helmet_svg(avatar), sanitize=False).classes("lg-profile")
        facts = [
            (_("Time"), result_words(race.rules, submission)),
            (_("Laps completed"), f"{len(submission.laps)} / {race.rules.laps}"),
            (_("Resets"), str(sum(lap.resets for lap in submission.laps))),
            (_("Attempt"), str(submission.nth)),
        ]
        if current_league().submissions.may_see_model(submission, self._person):
            facts.append((_("Model"), submission.model))
        fact_list(facts)
        ui.html(moment_html(submission.submitted), sanitize=False).classes("or-faint or-small lg-below")

    async def _find_ghosts(self) -> None:
        rows = await in_thread(current_league().boards.leaderboard, self._race.id, self._person)
        options = {"": _("No ghost")}
        for row in rows[:_MOST_GHOSTS]:
            if row.submission != self._submission.number:
                options[str(row.submission)] = f"{row.rank}. {row.racer.alias} · {lap_time(row.time_s)}"
        for other in current_league().submissions.submissions(self._race.id, self._person):
            if other.number != self._submission.number and is_shown(other):
                options.setdefault(
                    str(other.number),
                    _("Your submission {number}").format(number=other.nth)
                    + f" · {result_words(self._race.rules, other)}",
                )
        self._select.set_options(options)

    def _ghost(self, change: Any) -> None:
        number = str(change.value or "")
        choice = {"address": _drive_address(self._race, int(number))} if number else None
        self._replay.run("setGhost", choice)


def _drive_address(race: HeldRace, entry: int) -> str:
    return f"/board/{race.id}/entries/{entry}/drive"


def _laps(submission: Submission) -> str:
    if not submission.laps:
        return f'<p class="lg-nothing">{_("No lap was completed.")}</p>'
    fastest = min(lap.time_ms for lap in submission.laps)
    rows = "".join(
        f'<tr><td class="is-number">{number}</td>'
        f'<td class="is-number{" lg-time" if lap.time_ms == fastest else ""}">{lap_time(lap.time_ms / 1000.0)}</td>'
        f'<td class="is-number">{lap.resets}</td></tr>'
        for number, lap in enumerate(submission.laps, start=1)
    )
    head = "".join(f'<th class="is-number">{title}</th>' for title in (_("Lap"), _("Time"), _("Resets")))
    return f'<table class="or-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
