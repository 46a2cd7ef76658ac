"""Third step: the action space, as ranges in a sector graph or as a list with a polar graph."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from nicegui import ui

from openracer.console.components import card, plain_button
from openracer.console.create.form import Form, limits, number, number_field, written
from openracer.console.module_view import ModuleView
from openracer.language import gettext as _
from openracer.models.presets import PRESETS
from openracer.models.ranges import RULES, Interval

PLACES = ("action_space",)

STEERING_GRANULARITIES = (3, 5, 7)
SPEED_GRANULARITIES = (1, 2, 3)
"""Those of the DeepRacer console."""


def build(form: Form, rebuild: Callable[[], None]) -> None:
    """Show the step; ``rebuild`` shows it anew."""
    with (
        card(),
        ui.element("div")
        .classes("cf-choices cf-choices--two")
        .props(f'role="radiogroup" aria-label="{_("Kind of action space")}"'),
    ):
        _kind(form, False, rebuild)
        _kind(form, True, rebuild)
    with ui.element("div").classes("or-split or-section"):
        if form.draft.is_continuous:
            _continuous(form, rebuild)
        else:
            DiscreteActions(form, rebuild)


def _kind(form: Form, continuous: bool, rebuild: Callable[[], None]) -> None:
    titles = {True: _("Continuous"), False: _("Discrete")}
    words = {
        True: _("Any steering angle and any speed within ranges. Finer driving, longer training."),
        False: _("One of a list of actions, each a steering angle with a speed. Learned in less time."),
    }
    chosen = form.draft.is_continuous == continuous
    button = ui.element("button").classes("cf-choice" + (" is-chosen" if chosen else ""))
    button.props(
        f'type="button" role="radio" aria-checked="{str(chosen).lower()}" '
        f'data-space="{"continuous" if continuous else "discrete"}"'
    )
    if form.draft.source and not chosen:
        button.props("disabled")
        words[continuous] = _("A clone keeps the kind of actions of its source.")

    def choose() -> None:
        if form.draft.is_continuous == continuous:
            return
        here = form.draft.value("action_space")
        other = form.draft.space or (ranges_of(here) if continuous else _default_list(form))
        form.draft.space = here
        form.change(other, "action_space")
        rebuild()

    button.on("click", choose)
    with button:
        ui.icon("o_tune" if continuous else "o_grid_view").classes("cf-choice__icon")
        with ui.element("div"):
            ui.label(titles[continuous]).classes("cf-choice__title")
            ui.label(words[continuous]).classes("cf-help")


def ranges_of(actions: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The ranges that a list of actions spans; the console's where it spans none."""
    found = {}
    for name, fallback in (("steering_angle", (-30.0, 30.0)), ("speed", (0.5, 2.0))):
        values = [action[name] for action in actions if isinstance(action.get(name), int | float)]
        low, high = (min(values), max(values)) if values else fallback
        found[name] = dict(zip(("low", "high"), (low, high) if low < high else fallback, strict=True))
    return found


def generated(steepest_deg: float, angles: int, fastest_mps: float, speeds: int) -> list[dict[str, float]]:
    """The DeepRacer console's list of actions.

    Args:
        steepest_deg: largest steering angle to each side.
        angles: number of steering angles, from right to left.
        fastest_mps: highest speed.
        speeds: number of speeds, evenly spaced, the lowest not 0.
    """
    return [
        {"steering_angle": round(float(angle), 2), "speed": round(fastest_mps * (step + 1) / speeds, 3)}
        for angle in np.linspace(-steepest_deg, steepest_deg, angles)
        for step in range(speeds)
    ]


def _default_list(form: Form) -> list[dict[str, float]]:
    return [dict(action) for action in PRESETS[form.draft.preset]["action_space"]]


def _own_limits(form: Form) -> dict[str, list[float]]:
    scope = "aws" if form.draft.preset == "aws" else "own"
    found = {}
    for name in ("steering_angle", "speed"):
        allowed = RULES[name][scope]  # type: ignore[index]
        assert isinstance(allowed, Interval)
        found[name] = [allowed.low, allowed.high]
    return found


def _words() -> dict[str, str]:
    return {
        "graph": _("Action space"),
        "left": _("left"),
        "right": _("right"),
        "steering_left": _("Steering limit left"),
        "steering_right": _("Steering limit right"),
        "speed_high": _("Highest speed"),
        "speed_low": _("Lowest speed"),
    }


def _continuous(form: Form, rebuild: Callable[[], None]) -> None:
    space = form.draft.value("action_space")
    with card(_("Sector graph")):
        options = {"mode": "continuous", "space": space, "limits": _own_limits(form), "words": _words()}
        graph = ModuleView("sector_graph.js", options).classes("sg-box")
        ui.label(_("Drag the arrows, or type the numbers.")).classes("or-faint or-small")
    with card(_("Limits")):
        fields: dict[tuple[str, ...], Any] = {}
        labels = {
            ("steering_angle", "high"): (_("Steering limit left"), _("Degrees; left is positive.")),
            ("steering_angle", "low"): (_("Steering limit right"), _("Degrees; right is negative.")),
            ("speed", "high"): (_("Highest speed"), _("m/s")),
            ("speed", "low"): (_("Lowest speed"), _("m/s")),
        }
        with ui.element("div").classes("or-stack"):
            for (name, end), (label, help_text) in labels.items():
                field = number_field(form, ("action_space", name, end), label, help_text)
                field.props["hint"] = limits(form.draft, name)
                fields[name, end] = field
        _reset_button(form, rebuild)
    # The space as a whole belongs to the draft from here on: what is typed must not end in the preset's own list.
    form.draft.values["action_space"] = space

    def dragged(event: Any) -> None:
        for name, end in fields:
            value = event.args[name][end]
            form.draft.set(value, "action_space", name, end)
            fields[name, end].set_value(written(value))
        form.check()

    graph.on("change", dragged)

    def typed() -> None:
        graph.run("set", form.draft.value("action_space"))

    form.on_change(typed)
    graph.on("ready", typed)


def _reset_button(form: Form, rebuild: Callable[[], None]) -> None:
    def reset() -> None:
        if form.draft.is_continuous:
            form.change(ranges_of(_default_list(form)), "action_space")
        else:
            form.change(_default_list(form), "action_space")
        rebuild()

    if not form.draft.source:
        with ui.element("div").classes("cf-actions"):
            plain_button(_("Reset to defaults"), icon="o_restart_alt", on_click=reset)


class DiscreteActions:
    """A list of actions that can be generated and edited, beside its polar graph."""

    def __init__(self, form: Form, rebuild: Callable[[], None]) -> None:
        self._form = form
        with ui.element("div").classes("or-stack"):
            with card(_("Polar graph")):
                options = {
                    "mode": "discrete",
                    "space": self._actions,
                    "limits": _own_limits(form),
                    "words": _words(),
                }
                self._graph = ModuleView("sector_graph.js", options).classes("sg-box")
            if not form.draft.source:
                with card(_("Generate a list")):
                    self._generator()
        with card(_("Actions")):
            self._problem = ui.label().classes("cf-problem")
            self._table = ui.element("div").classes("da-list")
            with ui.element("div").classes("cf-actions"):
                if not form.draft.source:
                    plain_button(_("Add action"), icon="o_add", on_click=self._add)
            _reset_button(form, rebuild)
        self._graph.on("ready", self._draw)
        self._graph.on("choose", lambda event: self._mark(int(event.args)))
        form.on_change(self._show_problems)
        self._fill()

    @property
    def _actions(self) -> list[dict[str, Any]]:
        return [dict(action) for action in self._form.draft.value("action_space")]

    def _generator(self) -> None:
        ui.label(_("Every steering angle with every speed.")).classes("or-muted")
        with ui.element("div").classes("cf-grid cf-grid--tight"):
            steepest = ui.input(_("Largest steering angle"), value="30").props("outlined dense suffix=°")
            angles = ui.select(
                dict(zip(STEERING_GRANULARITIES, map(str, STEERING_GRANULARITIES), strict=True)),
                value=5,
                label=_("Steering angles"),
            ).props("outlined dense options-dense")
            fastest = ui.input(_("Highest speed"), value="2").props("outlined dense suffix=m/s")
            speeds = ui.select(
                dict(zip(SPEED_GRANULARITIES, map(str, SPEED_GRANULARITIES), strict=True)),
                value=2,
                label=_("Speeds"),
            ).props("outlined dense options-dense")

        def generate() -> None:
            angle, speed = number(steepest.value), number(fastest.value)
            steepest.error = None if isinstance(angle, int | float) else _("a number is needed here")
            fastest.error = None if isinstance(speed, int | float) else _("a number is needed here")
            if isinstance(angle, int | float) and isinstance(speed, int | float):
                self._replace(generated(angle, angles.value, speed, speeds.value))

        with ui.element("div").classes("cf-actions"):
            plain_button(_("Generate"), icon="o_auto_awesome", on_click=generate)

    def _fill(self) -> None:
        self._form.forget("action_space")
        self._table.clear()
        with self._table:
            with ui.element("div").classes("da-row da-head"):
                for title in ("#", _("Steering angle"), _("Speed"), ""):
                    ui.label(title)
            for index, action in enumerate(self._actions):
                self._row(index, action)
        self._show_problems()

    def _row(self, index: int, action: Mapping[str, Any]) -> None:
        with ui.element("div").classes("da-row").props(f"data-row={index}"):
            ui.label(str(index)).classes("da-index")
            for name, unit, label in (
                ("steering_angle", "°", _("Steering angle")),
                ("speed", "m/s", _("Speed")),
            ):
                field = ui.input(
                    value=written(action.get(name)),
                    on_change=lambda event, name=name: self._typed(index, name, event.value),
                ).props(
                    f'outlined dense debounce=250 inputmode=decimal suffix="{unit}" hide-bottom-space '
                    f'aria-label="{label} {index}"'
                )
                field.on("focus", lambda: self._graph.run("choose", index))
                self._form.add(("action_space", index, name), field)
            if not self._form.draft.source:
                ui.button(icon="o_delete", on_click=lambda: self._remove(index)).props(
                    f'flat round dense aria-label="{_("Remove action {index}").format(index=index)}"'
                )

    def _typed(self, index: int, name: str, text: str) -> None:
        actions = self._actions
        actions[index][name] = number(text)
        self._form.change(actions, "action_space")
        self._draw()

    def _replace(self, actions: list[dict[str, Any]]) -> None:
        self._form.change(actions, "action_space")
        self._draw()
        self._fill()

    def _draw(self) -> None:
        """Show the list in the graph, without what is no number yet."""
        actions = [
            {key: value if isinstance(value, int | float) else None for key, value in action.items()}
            for action in self._actions
        ]
        self._graph.run("set", actions)

    def _add(self) -> None:
        actions = self._actions
        actions.append(dict(actions[-1]) if actions else {"steering_angle": 0.0, "speed": 1.0})
        self._replace(actions)

    def _remove(self, index: int) -> None:
        actions = self._actions
        del actions[index]
        self._replace(actions)

    def _mark(self, index: int) -> None:
        ui.run_javascript(
            f"document.querySelector('.da-row[data-row=\"{index}\"] input')?.focus({{preventScroll: false}})"
        )

    def _show_problems(self) -> None:
        problem = self._form.problem_at("action_space")
        self._problem.set_text(problem or "")
        self._problem.set_visibility(problem is not None)
