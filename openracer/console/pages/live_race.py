"""A live race from inside: the drive that is shown, the leaderboard, and the organiser's queue with its controls."""

from collections.abc import Callable
from html import escape

from nicegui import ui

from openracer.console.assets import asset
from openracer.console.components import (
    card,
    confirm,
    error_toast,
    in_thread,
    page_heading,
    plain_button,
    plain_link,
    primary_button,
)
from openracer.console.layout import frame
from openracer.console.league.figures import result_words
from openracer.console.league.helmet import country_badge, helmet_svg
from openracer.console.league.public import stage_options
from openracer.console.league.race_cards import live_chip
from openracer.console.league.submit_dialog import ask_for_model
from openracer.console.module_view import ModuleView
from openracer.console.pages.race import missing_race
from openracer.language import gettext as _
from openracer.service.identity import current_person
from openracer.service.league import current_league
from openracer.service.league.live import LivePhase, LiveState, QueueEntry
from openracer.service.league.people import may_manage
from openracer.service.league.submissions import SubmissionState

_LOOK_S = 1.0


def register() -> None:
    """Define the page's routes."""

    @ui.page("/races/{number:int}/live")
    async def _page(number: int) -> None:
        try:
            state = await in_thread(current_league().live.state, number, current_person())
        except OSError as error:
            missing_race(str(error))
            return
        with frame(state.race.rules.name, active="races"):
            for name in ("watch.css", "league.css"):
                ui.add_head_html(f'<link rel="stylesheet" href="{asset(name)}">')
            _LivePage(state)


class _LivePage:
    def __init__(self, state: LiveState):
        self._race, self._person = state.race, current_person()
        self._may_manage = may_manage(self._person, self._race.organiser)
        self._shown: object = None
        self._is_setting = False
        with page_heading(self._race.rules.name), ui.element("div").classes("lg-actions"):
            plain_link(_("The race"), f"/races/{self._race.id}", "o_arrow_back")
            plain_link(_("Broadcast view"), f"/board/{self._race.id}/live", "o_cast").props("target=_blank")
            self._submit = plain_button(
                _("Submit a model"), "o_flag", lambda: ask_for_model(self._race, lambda: None)
            )
        with ui.element("div").classes("bc-title lg-below"):
            live_chip()
            self._word = ui.label().classes("or-muted").props('role="status"')
        with ui.element("div").classes("bc"):
            with ui.element("div").classes("bc-main"):
                # What changes in these comes with the events that the stage follows.
                ui.element("div").props("id=banner")
                ModuleView("broadcast.js", stage_options(self._race))
                ui.element("div").props("id=figures").classes("bc-figures")
            with ui.element("div").classes("bc-side"):
                if self._may_manage:
                    self._build_controls()
                with card(_("Queue")).classes("bc-card"):
                    self._queue = ui.element("div").classes("or-stack or-stack--tight")
                with card(_("Leaderboard")).classes("bc-card"):
                    ui.element("div").props("id=board")
                with card(_("Has driven")).classes("bc-card") as self._done_card:
                    self._done = ui.element("div").classes("or-stack or-stack--tight")
        self._show(state)
        ui.timer(_LOOK_S, self._look)

    def _build_controls(self) -> None:
        live, person, number = current_league().live, self._person, self._race.id
        with card(_("Race control")).classes("bc-card"), ui.element("div").classes("or-stack"):
            with ui.element("div").classes("bc-controls"):
                self._launch = primary_button(
                    _("Launch the next"),
                    "o_rocket_launch",
                    lambda: self._do(lambda: live.launch(person, number)),
                )
                self._winner = plain_button(_("Declare the winner"), "o_emoji_events", self._declare)
                plain_button(_("Begin anew"), "o_restart_alt", self._clear)
            self._auto = ui.switch(
                _("Launch the next ones by themselves"),
                on_change=lambda event: self._set(
                    lambda: live.set_auto_launch(person, number, bool(event.value))
                ),
            )
            self._entries = ui.switch(
                _("Take submissions"),
                on_change=lambda event: self._set(
                    lambda: live.open_entries(person, number, bool(event.value))
                ),
            )

    async def _look(self) -> None:
        try:
            state = await in_thread(current_league().live.state, self._race.id, self._person)
        except OSError:
            return  # it has been deleted meanwhile
        self._show(state)

    def _show(self, state: LiveState) -> None:
        # Only the time always differs.
        told = (
            state.phase,
            state.current,
            state.queue,
            state.done,
            state.auto_launch,
            state.entries_open,
            state.winner,
        )
        if told == self._shown:
            return
        self._shown = told
        self._state = state
        self._word.set_text(_phase_words(state))
        self._submit.set_visibility(state.entries_open)
        if self._may_manage:
            self._is_setting = True
            self._auto.set_value(state.auto_launch)
            self._entries.set_value(state.entries_open)
            self._is_setting = False
            self._launch.set_enabled(state.phase is LivePhase.WAITING and bool(state.queue))
            self._winner.set_enabled(state.phase is LivePhase.WAITING and bool(state.done))
        self._queue.clear()
        with self._queue:
            if not state.queue:
                ui.label(_("Nobody waits.")).classes("lg-nothing")
            for entry in state.queue:
                self._waiting(entry)
        self._done_card.set_visibility(bool(state.done))
        self._done.clear()
        with self._done:
            for entry in state.done:
                self._driven(entry)

    def _waiting(self, entry: QueueEntry) -> None:
        live, person, number = current_league().live, self._person, self._race.id
        submission = entry.submission.number
        with ui.element("div").classes("bc-entry"):
            ui.label(str(entry.position)).classes("bc-queue__place")
            _racer(entry)
            if not self._may_manage:
                return
            with ui.element("div").classes("bc-entry__tools"):
                if self._state.phase is LivePhase.WAITING:
                    _tool(
                        "o_rocket_launch",
                        _("Launch"),
                        lambda: self._do(lambda: live.launch(person, number, submission)),
                    )
                if entry.position > 1:
                    _tool("o_arrow_upward", _("Earlier"), lambda: self._move(entry.position - 1, -1))
                if entry.position < len(self._state.queue):
                    _tool("o_arrow_downward", _("Later"), lambda: self._move(entry.position - 1, 1))
                _tool(
                    "o_close",
                    _("Take out"),
                    lambda: self._do(lambda: live.remove(person, number, submission)),
                )

    def _driven(self, entry: QueueEntry) -> None:
        live, person, number = current_league().live, self._person, self._race.id
        submission = entry.submission
        with ui.element("div").classes("bc-entry"):
            _racer(entry)
            if submission.state is SubmissionState.FAILED:
                ui.label(_("Failed")).classes("or-chip or-chip--failed").tooltip(submission.reason)
            elif submission.result is None:
                ui.label(_("not finished")).classes("or-faint")
            else:
                ui.label(result_words(self._race.rules, submission)).classes("or-number lg-time")
            if self._may_manage:
                with ui.element("div").classes("bc-entry__tools"):
                    _tool(
                        "o_restart_alt",
                        _("Drive again"),
                        lambda: self._do(lambda: live.reset(person, number, submission.number)),
                    )

    def _move(self, place: int, by: int) -> None:
        order = [entry.submission.number for entry in self._state.queue]
        order[place], order[place + by] = order[place + by], order[place]
        self._do(lambda: current_league().live.reorder(self._person, self._race.id, order))

    def _set(self, action: Callable[[], object]) -> None:
        if not self._is_setting:
            self._do(action)

    def _do(self, action: Callable[[], object]) -> None:
        """Do what the organiser asks for, and show what came of it."""
        try:
            action()
        except (ValueError, OSError) as error:
            error_toast(error)
        self._shown = None
        self._show(current_league().live.state(self._race.id, self._person))

    async def _clear(self) -> None:
        if await confirm(
            _("Begin the race anew?"),
            _("All results are forgotten, and everybody waits in the queue again."),
            _("Begin anew"),
        ):
            self._do(lambda: current_league().live.clear(self._person, self._race.id))

    async def _declare(self) -> None:
        rows = await in_thread(current_league().boards.leaderboard, self._race.id, self._person)
        if not rows:
            error_toast(_("Nobody has a result yet."))
            return
        first = rows[0].racer
        if await confirm(
            _("Declare {racer} the winner?").format(racer=first.alias),
            _("The first of the leaderboard wins; after that nobody drives any more."),
            _("Declare the winner"),
        ):
            self._do(lambda: current_league().live.declare_winner(self._person, self._race.id, first.id))


def _racer(entry: QueueEntry) -> None:
    ui.html(
        f"{helmet_svg(entry.racer.avatar)}<b>{escape(entry.racer.alias)}</b>"
        f"{country_badge(entry.racer.country)}",
        sanitize=False,
    ).classes("lg-racer bc-entry__racer")


def _tool(icon: str, words: str, action: Callable[[], object]) -> None:
    with ui.button(icon=icon, on_click=action, color=None).props(f'flat round dense aria-label="{words}"'):
        ui.tooltip(words)


def _phase_words(state: LiveState) -> str:
    if state.phase is LivePhase.OVER:
        return _("The race is over.")
    if state.current is None:
        return _("Nobody drives now.")
    words = _("{racer} gets ready") if state.phase is LivePhase.PREPARING else _("{racer} drives")
    return words.format(racer=state.current.racer.alias)
