"""One plain sentence for the first thing that is wrong with a user's values, made from pydantic's findings."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from openracer.language import gettext as _
from openracer.models.ranges import Place

_TAGS = ("discrete", "continuous")
"""Parts of pydantic's locations that are no keys: which kind of action space a value was read as."""


class DescriptionError(ValueError):
    """A description of a training cannot be used; the text is one sentence for the user."""


class SettingsError(ValueError):
    """Settings that do not fit their ranges or one another; the text is the first sentence.

    Attributes:
        problems: the sentence for each place in the description.
    """

    def __init__(self, problems: Sequence[tuple[Place, str]]):
        super().__init__(problems[0][1])
        self.problems = dict(reversed(problems))


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


def sentences(error: ValidationError, groups: Mapping[tuple[str, ...], Iterable[str]]) -> dict[Place, str]:
    """What is wrong at each place, as :func:`sentence` says it of the first."""
    found: dict[Place, str] = {}
    for finding in error.errors():
        cause = finding.get("ctx", {}).get("error")
        if isinstance(cause, SettingsError):
            found = cause.problems | found
        else:
            place = tuple(part for part in finding["loc"] if part not in _TAGS)
            found.setdefault(place, _explain(finding, groups))
    return found


def _explain(finding: ErrorDetails, groups: Mapping[tuple[str, ...], Iterable[str]]) -> str:
    kind, what = finding["type"], _called(finding["loc"])
    if kind == "value_error":
        return str(finding["ctx"]["error"])
    if kind == "missing":
        is_key = isinstance(finding["loc"][-1], str)
        return (_("{what} is missing") if is_key else _("{what} is empty")).format(what=what)
    if finding["input"] is None:
        return _("{what} is empty").format(what=what)
    if kind == "extra_forbidden":
        return _unknown(finding["loc"], groups)
    if kind == "literal_error":
        expected = finding["ctx"]["expected"].replace(" or ", _(" or "))
    elif what == "action_space":
        expected = _("a list of actions, or ranges of steering_angle and speed")
    else:
        expected = _kind(kind.partition("_")[0]) or finding["msg"].lower()
    return _("{what} is {value}; it must be {expected}").format(
        what=what, value=_brief(finding["input"]), expected=expected
    )


def _kind(kind: str) -> str | None:
    """The kind of value that pydantic expected, in the reader's words; None for one that no setting has."""
    group = _("a group of settings")
    return {
        "int": _("a whole number"),
        "float": _("a number"),
        "finite": _("a number"),
        "bool": _("true or false"),
        "string": _("text"),
        "list": _("a list"),
        "tuple": _("a list"),
        "dict": group,
        "model": group,
        "mapping": group,
    }.get(kind)


def _called(location: tuple[int | str, ...]) -> str:
    """``speed of action 3``, ``low of speed``, ``batch_size``."""
    names = [part for part in location if part not in _TAGS]
    if len(names) == 3 and names[0] == "action_space":
        if isinstance(names[1], int):
            return _("{name} of action {index}").format(name=names[2], index=names[1])
        return _("{end} of {name}").format(end=names[2], name=names[1])
    if len(names) == 2 and names[0] == "action_space":
        if isinstance(names[1], int):
            return _("action {index}").format(index=names[1])
        return _("{end} of {name}").format(end=names[1], name="action_space")
    texts = [part for part in names if isinstance(part, str)]
    return texts[-1] if texts else _("the description")


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unknown(location: tuple[int | str, ...], groups: Mapping[tuple[str, ...], Iterable[str]]) -> str:
    key, group = str(location[-1]), tuple(str(part) for part in location[:-1])
    here = list(groups.get(group, ()))
    elsewhere = {name: ".".join((*path, name)) for path, names in groups.items() for name in names}
    if close := get_close_matches(key, here, n=1):
        return _("unknown key {key!r}; did you mean {name!r}?").format(key=key, name=close[0])
    if key in elsewhere:
        group_name = elsewhere[key].rpartition(".")[0] or _("the top")
        return _("unknown key {key!r} here; it belongs to {group}").format(key=key, group=group_name)
    if close := get_close_matches(key, elsewhere, n=1):
        return _("unknown key {key!r}; did you mean {name!r}?").format(key=key, name=elsewhere[close[0]])
    if not here:
        return _("unknown key {key!r}").format(key=key)
    return _("unknown key {key!r}; known are {names}").format(key=key, names=", ".join(here))
