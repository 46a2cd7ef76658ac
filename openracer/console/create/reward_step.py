"""Fifth step: the reward function, its check, its picture on the track, and what its parameters mean."""

import asyncio
import contextlib
from collections.abc import Sequence

from nicegui import ui

from openracer.analysis.drives import track_shape
from openracer.analysis.reward_map import Situation, grid_of, grid_values, map_values, paint
from openracer.console.components import card, confirm, in_thread, plain_button
from openracer.console.create import reward_reference
from openracer.console.create.form import Form
from openracer.console.module_view import ModuleView
from openracer.console.visitor import theme_of
from openracer.console.wording import example_title
from openracer.language import gettext as _
from openracer.models.ranges import MAX_REWARD
from openracer.rewards import examples
from openracer.rewards.problems import Problem
from openracer.rewards.validation import validate
from openracer.tracks import catalogue
from openracer.tracks.track import Track

PLACES = ("reward", "reward_source")

PAUSE_S = 0.6
"""Time without typing before the map is painted anew."""


def build(form: Form) -> None:
    """Show the step."""
    RewardStep(form)


class RewardStep:
    """Editor on one side, map and reference on the other."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._track = _track_of(form)
        self._situation = Situation()
        self._grid = grid_of(self._track)
        self._typed = 0
        self._painted = -1
        self._is_painting = False
        with ui.element("div").classes("rs-split"):
            with card().classes("rs-editor"):
                self._tools()
                self._editor = self._code()
                self._count = ui.label().classes("or-faint or-small or-number")
                self._result = (
                    ui.element("div").classes("or-stack or-stack--tight").props('aria-live="polite"')
                )
            with ui.element("div").classes("rs-side"):
                with ui.tabs().props("no-caps align=left dense").classes("rs-tabs") as tabs:
                    on_track = ui.tab("map", _("On the track"))
                    ui.tab("reference", _("Parameters"))
                with ui.tab_panels(tabs, value=on_track).props("keep-alive").classes("rs-panels"):
                    with ui.tab_panel("map"):
                        self._map_panel()
                    with ui.tab_panel("reference"):
                        reward_reference.build(self._track)
        self._show_count()
        self._is_ready = False
        self._map.on("ready", self._begin)
        self._timer = ui.timer(0.15, self._repaint)
        self._form.on_change(self._show_count)

    @property
    def _source(self) -> str:
        return str(self._form.draft.value("reward_source"))

    def _tools(self) -> None:
        with ui.element("div").classes("rs-tools"):
            with plain_button(_("Examples"), icon="o_library_books"), ui.menu().props("anchor='bottom left'"):
                for name in examples.names():
                    item = ui.menu_item(on_click=lambda name=name: self._take(name)).classes("rs-example")
                    with item, ui.element("div"):
                        ui.label(example_title(name)).classes("cf-choice__title")
                        ui.label(_(examples.description(name))).classes("cf-help")
            plain_button(_("Reset"), icon="o_restart_alt", on_click=self._reset)
            ui.element("div").classes("or-grow")
            plain_button(_("Validate"), icon="o_task_alt", on_click=self._validate)

    def _code(self) -> ui.codemirror:
        dark = {"light": False, "dark": True, "system": None}[theme_of(ui.context.client.request.cookies)]
        editor = ui.codemirror(
            self._source,
            language="Python",
            theme="githubDark" if dark else "githubLight",
            on_change=lambda event: self._change(event.value),
        ).classes("rs-code")
        if dark is None:
            # Only the browser knows the system's theme.
            async def follow() -> None:
                with contextlib.suppress(TimeoutError):  # the page was left, or its browser has much to do
                    if await ui.run_javascript("document.body.classList.contains('body--dark')"):
                        editor.set_theme("githubDark")

            ui.timer(0.05, follow, once=True)
        # A pasted file of megabytes would break the connection; the message for a few characters too many comes below.
        editor.on("paste.capture", js_handler=_REFUSE_HUGE % (5 * MAX_REWARD))
        return editor

    def _map_panel(self) -> None:
        top = self._fastest()
        self._situation = Situation(speed_mps=round(min(max(0.5 * top, 1.0), top), 1))
        options = {
            "shape": track_shape(self._track),
            "corners": grid_values(self._grid),
            "situation": {"turn": 0.0, "steering": 0.0},
            "words": {"picture": _("The reward on the track"), "reward": _("Reward")},
        }
        self._map = ModuleView("reward_map.js", options)
        self._map_note = ui.label().classes("or-small rs-note")
        with ui.element("div").classes("rs-sliders"):
            self._slider(_("Speed"), "speed_mps", 0.1, max(top, 0.2), 0.1, "m/s")
            self._slider(_("Heading against the road"), "turn_deg", -90, 90, 5, "°")
            self._slider(_("Steering angle"), "steering_deg", -30, 30, 1, "°")
        ui.label(
            _(
                "Each place shows what one step there pays at this speed and heading, with one step before it. "
                "Positive angles are to the left."
            )
        ).classes("or-faint or-small")

    def _slider(self, label: str, name: str, low: float, high: float, step: float, unit: str) -> None:
        with ui.element("div").classes("rs-slider"):
            ui.label(label)
            value = ui.label().classes("or-number")

            def move(amount: float) -> None:
                value.set_text(f"{amount:g} {unit}".replace(" °", "°"))
                self._situation = Situation(**{**vars(self._situation), name: float(amount)})
                turn, steering = self._situation.turn_deg, self._situation.steering_deg
                self._map.run("setSituation", {"turn": turn, "steering": steering})
                self._typed += 1

            start = getattr(self._situation, name)
            value.set_text(f"{start:g} {unit}".replace(" °", "°"))
            ui.slider(
                min=low, max=high, step=step, value=start, on_change=lambda event: move(event.value)
            ).props(f'aria-label="{label}" dense').classes("rs-slider__bar")

    def _fastest(self) -> float:
        space = self._form.draft.value("action_space")
        if self._form.draft.is_continuous:
            speeds = [space["speed"]["high"]]
        else:
            speeds = [action.get("speed") for action in space]
        known = [float(speed) for speed in speeds if isinstance(speed, int | float)]
        return min(max(known, default=2.0), 12.0)

    def _change(self, source: str) -> None:
        self._form.draft.values["reward"] = "reward_function.py"
        self._form.change(source, "reward_source")
        self._typed += 1
        self._mark([])
        self._result.clear()

    def _take(self, name: str) -> None:
        source = examples.source(name)
        self._editor.set_value(source)
        self._change(source)
        self._form.change(name, "reward")

    async def _reset(self) -> None:
        if self._source in map(examples.source, examples.names()) or await confirm(
            _("Reset the reward function?"),
            _("What you typed is replaced by the example of the preset."),
            _("Reset"),
        ):
            self._form.draft.unset("reward", "reward_source")
            self._take(str(self._form.draft.value("reward")))

    def _show_count(self) -> None:
        problem = self._form.problem_at("reward_source")
        self._count.set_text(
            problem
            or _("{count} of {limit} characters").format(
                count=f"{len(self._source):,}", limit=f"{MAX_REWARD:,}"
            )
        )
        self._count.classes(add="cf-problem" if problem else "", remove="" if problem else "cf-problem")

    async def _validate(self) -> None:
        source = self._source
        self._result.clear()
        with self._result:
            ui.spinner(size="1.6em")
        problems = await in_thread(validate, source, self._track)
        if source != self._source:
            return
        self._tell(problems)
        if not problems:
            with self._result, ui.element("div").classes("rs-good"):
                ui.icon("o_check_circle")
                ui.label(_("This reward function can be used."))

    def _tell(self, problems: Sequence[Problem]) -> None:
        self._mark(problems)
        self._result.clear()
        with self._result:
            for problem in problems:
                with ui.element("div").classes("or-error"):
                    ui.icon("o_error_outline")
                    with ui.element("div"):
                        if problem.line is not None:
                            ui.label(_("Line {line}").format(line=problem.line)).classes("rs-line")
                        ui.label(problem.message)

    def _mark(self, problems: Sequence[Problem]) -> None:
        """Mark lines in the editor, with what is wrong there under the pointer."""
        count = self._source.count("\n") + 1
        marked: dict[int, str] = {}
        for problem in problems:
            if problem.line is not None and 1 <= problem.line <= count:
                marked.setdefault(problem.line, problem.message)
        if not marked and not self._editor.decorations:
            return
        self._editor.decorations = [{"kind": "line", "line": line, "class": "rs-bad"} for line in marked]
        self._editor.line_tooltips = marked

    async def _repaint(self) -> None:
        """Paint the map anew once nothing was typed for a moment; one at a time, the newest wins."""
        if not self._is_ready or self._is_painting or self._painted == self._typed:
            return
        self._is_painting = True
        try:
            if self._painted >= 0:
                await self._pause()
            version = self._typed
            self._map.run("wait")
            painted = await in_thread(paint, self._source[:MAX_REWARD], self._grid, self._situation)
            self._painted = version
            if version != self._typed:
                return
            self._map.run("setMap", map_values(painted))
            if painted.problems:
                self._tell(painted.problems)
            self._map_note.set_text(_map_words(painted.is_coarse, bool(painted.problems)))
        finally:
            self._is_painting = False

    def _begin(self) -> None:
        self._is_ready = True

    async def _pause(self) -> None:
        """Wait until nothing was typed for a moment."""
        version = -1
        while version != self._typed:
            version = self._typed
            await asyncio.sleep(PAUSE_S)


def _map_words(is_coarse: bool, has_failed: bool) -> str:
    if has_failed:
        return _("There is no picture while the function fails.")
    return _("The function is slow, so this picture is coarse.") if is_coarse else ""


def _track_of(form: Form) -> Track:
    try:
        return catalogue.find(str(form.draft.value("track")), bool(form.draft.value("reverse")))
    except ValueError:  # said at the first step
        return catalogue.find("reinvent_base")


_REFUSE_HUGE = """(event) => {
  if ((event.clipboardData?.getData("text") ?? "").length > %d) { event.preventDefault(); event.stopPropagation(); }
}"""
