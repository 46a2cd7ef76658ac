"""One plain sentence for the first thing that is wrong with a user's values, made from pydantic's findings."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a group of settings",
    "model": "a group of settings",
    "mapping": "a group of settings",
}


class DescriptionError(ValueError):
    """A description of a training cannot be used; the text is one sentence for the user."""


def sentence(error: ValidationError, where: str, groups: Mapping[tuple[str, ...], Iterable[str]]) -> str:
    """What is wrong, where, and what would be right.

    Args:
        error: pydantic's findings; the first one counts.
        where: name of the file the values came from, or empty.
        groups: the known keys of each group of settings, by the names that lead to the group.

    Returns:
        For example ``hyperparameters.json: batch_size is 100; it must be one of 32, 64, 128, 256, 512``.
    """
    # An unknown key is often the cause of another finding (the key that was meant is missing).
    findings = sorted(error.errors(), key=lambda finding: finding["type"] != "extra_forbidden")
    return f"{where}: {_explain(findings[0], groups)}" if where else _explain(findings[0], groups)


def _explain(finding: ErrorDetails, groups: Mapping[tuple[str, ...], Iterable[str]]) -> str:
    kind, what = finding["type"], _called(finding["loc"])
    if kind == "value_error":
        return str(finding["ctx"]["error"])
    if kind == "missing":
        return f"{what} is missing" if isinstance(finding["loc"][-1], str) else f"{what} is empty"
    if kind == "extra_forbidden":
        return _unknown(finding["loc"], groups)
    if kind == "literal_error":
        return f"{what} is {finding['input']!r}; it must be {finding['ctx']['expected']}"
    expected = _KINDS.get(kind.split("_")[0], finding["msg"].lower())
    if what == "action_space":
        expected = "a list of actions, or ranges of steering_angle and speed"
    return f"{what} is {_brief(finding['input'])}; it must be {expected}"


def _called(location: tuple[int | str, ...]) -> str:
    """``speed of action 3``, ``low of speed``, ``batch_size``."""
    names = [part for part in location if part not in ("discrete", "continuous")]
    if len(names) == 3 and names[0] == "action_space":
        return (
            f"{names[2]} of action {names[1]}" if isinstance(names[1], int) else f"{names[2]} of {names[1]}"
        )
    if len(names) == 2 and names[0] == "action_space":
        return f"action {names[1]}" if isinstance(names[1], int) else f"{names[1]} of action_space"
    texts = [part for part in names if isinstance(part, str)]
    return texts[-1] if texts else "the description"


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unknown(location: tuple[int | str, ...], groups: Mapping[tuple[str, ...], Iterable[str]]) -> str:
    key, group = str(location[-1]), tuple(str(part) for part in location[:-1])
    here = list(groups.get(group, ()))
    elsewhere = {name: ".".join((*path, name)) for path, names in groups.items() for name in names}
    if close := get_close_matches(key, here, n=1):
        return f"unknown key {key!r}; did you mean {close[0]!r}?"
    if key in elsewhere:
        return f"unknown key {key!r} here; it belongs to {elsewhere[key].rpartition('.')[0] or 'the top'}"
    if close := get_close_matches(key, elsewhere, n=1):
        return f"unknown key {key!r}; did you mean {elsewhere[close[0]]!r}?"
    return f"unknown key {key!r}" + (f"; known are {', '.join(here)}" if here else "")
