"""Fields for numbers within limits; every wrong one is told at its field."""

from typing import Any

from nicegui import ui

from openracer.language import gettext as _
from openracer.models.ranges import RULES, Interval


def whole_field(
    label: str, value: int | None, low: int, high: int, explanation: str, may_be_empty: bool = False
) -> Any:
    """A field for a whole number.

    Args:
        label: of the field.
        value: that it begins with.
        low: the least.
        high: the greatest, which ``{limit}`` in the explanation becomes.
        explanation: below the field.
        may_be_empty: whether no number is right, too.
    """

    def is_right(given: float | None) -> bool:
        if given is None:
            return may_be_empty
        return low <= given <= high and given == int(given)

    message = _("Give a whole number from {low} to {high}.").format(low=low, high=high)
    # Without min and max, because NiceGUI would then change a wrong number silently instead of telling it.
    number = ui.number(label, value=value, step=1, validation={message: is_right})
    return explained(number, explanation.format(limit=high))


def decimal_field(label: str, value: float, low: float, high: float, explanation: str, step: float) -> Any:
    """A field for any number; ``{limit}`` in the explanation becomes the greatest."""
    message = _("Give a number from {low:g} to {high:g}.").format(low=low, high=high)
    right = {message: lambda given: given is not None and low <= given <= high}
    return explained(
        ui.number(label, value=value, step=step, validation=right), explanation.format(limit=high)
    )


def range_of(rule: str) -> tuple[float, float]:
    """The limits of a setting."""
    allowed = RULES[rule].own
    assert isinstance(allowed, Interval)
    return allowed.low, allowed.high


def explained(element: Any, explanation: str) -> Any:
    """A field with an explanation below."""
    return element.props("outlined").props(f'hint="{explanation}"')
