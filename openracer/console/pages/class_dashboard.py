"""How a class is doing: who is stuck, who trains, who has lapped."""

from nicegui import ui

from openracer.console.components import empty_state, in_thread, lap_time, page_heading, percent
from openracer.console.layout import frame
from openracer.console.wording import date_words, standing_words
from openracer.language import gettext as _
from openracer.service import current_people, current_queue
from openracer.service.class_overview import Progress, Standing, class_overview

_REFRESH_S = 15.0
_CHIPS = {
    Standing.STUCK: "failed",
    Standing.NEW: "new",
    Standing.TRAINS: "training",
    Standing.ON_THE_WAY: "queued",
    Standing.LAPPED: "ready",
}


def register() -> None:
    """Define the page's routes."""

    @ui.page("/class")
    async def _page() -> None:
        with frame(_("Class"), active="class"):
            page_heading(_("Class"), _("Everybody at a glance; those who may need help come first."))
            place = ui.element("div")
            await _show(place)
            ui.timer(_REFRESH_S, lambda: _show(place), immediate=False)


async def _show(place: ui.element) -> None:
    people = current_people()
    found = await in_thread(class_overview, people.accounts, people.quotas, current_queue())
    place.clear()
    with place:
        if not found:
            empty_state("o_groups", _("There is nobody yet"), _("An administrator invites people."))
            return
        _counts(found)
        with (
            ui.element("div").classes("or-tablebox or-card or-section"),
            ui.element("table").classes("or-table or-classlist"),
        ):
            with ui.element("thead"), ui.element("tr"):
                for title in (
                    _("Person"), _("How it goes"), _("Models"), _("Completion"), _("Best lap"), _("Hours"),
                    _("Last job"),
                ):  # fmt: skip
                    with ui.element("th"):
                        ui.label(title)
            with ui.element("tbody"):
                for progress in found:
                    _row(progress)


def _counts(found: list[Progress]) -> None:
    with ui.row().classes("items-center"):
        for standing in Standing:
            count = sum(progress.standing is standing for progress in found)
            with ui.element("span").classes(f"or-chip or-chip--{_CHIPS[standing]}"):
                ui.label(f"{standing_words(standing)}: {count}").classes("or-inline")


def _row(progress: Progress) -> None:
    with ui.element("tr"):
        with ui.element("td"):
            ui.label(progress.person.alias).classes("or-strong")
            ui.label(progress.person.name).classes("or-faint or-small")
        with ui.element("td"):
            with ui.element("span").classes(f"or-chip or-chip--{_CHIPS[progress.standing]}"):
                ui.label(standing_words(progress.standing)).classes("or-inline")
            if progress.trouble:
                ui.label(progress.trouble.splitlines()[0]).classes("or-faint or-small")
        last = "–" if progress.last is None else date_words(progress.last)
        for value in (
            str(progress.models),
            percent(progress.completion),
            lap_time(progress.best_lap_s),
            f"{progress.compute_s / 3600.0:.1f}",
            last,
        ):
            with ui.element("td").classes("or-number or-nowrap"):
                ui.label(value)
