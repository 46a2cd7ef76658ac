"""Fields of the wizard: each shows its value, its limits, and what is wrong with it, at its place."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from openracer.console.components import error_toast
from openracer.console.create.draft import Draft
from openracer.language import gettext as _
from openracer.models.ranges import RULES, Place

_LONGEST_WHOLE = 18
"""Digits; longer ones stay text, which no range allows."""


class Form:
    """The draft as the fields of one step show it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.problems = draft.problems()
        self._fields: dict[Place, ValidationElement[Any]] = {}
        self._listeners: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Forget the fields of the step before."""
        self._fields.clear()
        self._listeners.clear()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have something called after every change."""
        self._listeners.append(listener)

    def add(self, place: Place, field: ValidationElement[Any]) -> None:
        """Show at a field what is wrong at its place."""
        self._fields[place] = field.without_auto_validation()
        self._show(place, field)

    def forget(self, group: str) -> None:
        """Forget the fields of a group that are about to be built anew."""
        self._fields = {place: field for place, field in self._fields.items() if place[0] != group}

    def change(self, value: Any, *place: str) -> None:
        """Take over what was typed."""
        try:
            self.draft.set(value, *place)
        except OSError as error:
            error_toast(error)
        self.check()

    def check(self) -> None:
        """Find out what is wrong now and say it."""
        self.problems = self.draft.problems()
        for place, field in self._fields.items():
            self._show(place, field)
        for listener in [*self._listeners]:
            listener()

    def reveal(self, groups: Collection[str]) -> dict[Place, str]:
        """Say what is wrong also where nothing was typed yet.

        Args:
            groups: first keys of the places that are asked for.

        Returns:
            What is wrong there.
        """
        found = {place: text for place, text in self.problems.items() if place and place[0] in groups}
        self.draft.touched |= found.keys()
        for place, field in self._fields.items():
            self._show(place, field)
        return found

    def problem_at(self, *place: str | int) -> str | None:
        """What is wrong at a place."""
        return self.problems.get(place)

    def _show(self, place: Place, field: ValidationElement[Any]) -> None:
        wrong = self.problems.get(place)
        # What could not be right from the start is said at once, what is missing only when it was left so.
        is_typed = bool(field.value) or place in self.draft.touched
        field.error = wrong if is_typed else None


def text_field(
    form: Form, place: tuple[str, ...], label: str, help_text: str, lines: int = 1
) -> ValidationElement[Any]:
    """A field for words."""
    with labelled(label, help_text):
        build = ui.input if lines == 1 else ui.textarea
        field = build(
            value=str(form.draft.value(*place) or ""),
            on_change=lambda event: form.change(event.value or "", *place),
        ).props(f'outlined dense debounce=250 aria-label="{label}"')
        if lines > 1:
            field.props("autogrow")
    form.add(place, field)
    return field


def number_field(form: Form, place: tuple[str, ...], label: str, help_text: str) -> ValidationElement[Any]:
    """A field for a number, with its range below."""
    with labelled(label, help_text, place[-1]):
        field = ui.input(
            value=written(form.draft.value(*place)),
            on_change=lambda event: form.change(number(event.value), *place),
        ).props(f'outlined dense debounce=250 inputmode=decimal aria-label="{label}"')
        field.props["hint"] = limits(form.draft, place[-1])
    form.add(place, field)
    return field


def choice_field(
    form: Form, place: tuple[str, ...], label: str, help_text: str, options: Mapping[Any, str]
) -> ValidationElement[Any]:
    """A field with a few values to choose from."""
    with labelled(label, help_text, place[-1]):
        value = form.draft.value(*place)
        field = ui.select(
            dict(options),
            value=value if value in options else None,
            on_change=lambda event: form.change(event.value, *place),
        ).props(f'outlined dense options-dense aria-label="{label}"')
    form.add(place, field)
    return field


def switch_field(form: Form, place: tuple[str, ...], label: str, help_text: str) -> None:
    """A setting that is on or off."""
    with ui.element("div").classes("cf-field"):
        ui.switch(
            label,
            value=bool(form.draft.value(*place)),
            on_change=lambda event: form.change(bool(event.value), *place),
        ).classes("cf-switch")
        ui.label(help_text).classes("cf-help")


def labelled(label: str, help_text: str, key: str = "") -> ui.element:
    """A box with a field's label and help; the field goes into it."""
    with ui.element("div").classes("cf-field") as box:
        with ui.element("div").classes("cf-label"):
            ui.label(label)
            if key:
                ui.label(key).classes("cf-key")
        if help_text:
            ui.label(help_text).classes("cf-help")
    return box


def limits(draft: Draft, rule: str) -> str:
    """The range of a setting in words, as it binds with the draft's preset."""
    if rule not in RULES:
        return ""
    binds_aws = draft.preset == "aws"
    allowed = RULES[rule]["aws" if binds_aws else "own"]
    if binds_aws and RULES[rule].aws != RULES[rule].own:
        return _("on AWS {allowed}").format(allowed=allowed)
    return str(allowed)


def number(text: object) -> object:
    """What was typed as a number; text that is none stays, to be refused as such. Nothing is None."""
    if not isinstance(text, str):
        return text
    words = text.strip().replace(",", ".") if text.count(",") == 1 and "." not in text else text.strip()
    if not words:
        return None
    try:
        if words.lstrip("+-").isdecimal() and len(words) <= _LONGEST_WHOLE:
            return int(words)
        value = float(words)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


def written(value: object) -> str:
    """A value as its field shows it."""
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
