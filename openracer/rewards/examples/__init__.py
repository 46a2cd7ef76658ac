"""Reward functions to start from, one file each; the first sentence of a file's docstring describes it."""

import ast
import difflib
from pathlib import Path

from openracer.language import gettext as _

DEFAULT = "follow_the_centre_line"

_FOLDER = Path(__file__).parent
_NAMES = (
    DEFAULT, "stay_inside_the_borders", "prevent_zigzag", "race_fast", "avoid_objects", "overtake_bots", "constant",
)  # fmt: skip


def names() -> tuple[str, ...]:
    """The examples, the default first."""
    return _NAMES


def source(name: str) -> str:
    """The code of an example.

    Args:
        name: one of :func:`names`; ``-`` may stand for ``_``.

    Raises:
        ValueError: there is no such example.
    """
    wanted = name.replace("-", "_").lower()
    if wanted not in _NAMES:
        close = difflib.get_close_matches(wanted, _NAMES, n=1)
        hint = _("did you mean {name}?").format(name=close[0]) if close else _("choose one of {names}")
        message = _("there is no example reward function {name}; {hint}")
        raise ValueError(message.format(name=name, hint=hint.format(names=", ".join(_NAMES))))
    return (_FOLDER / f"{wanted}.py").read_text(encoding="utf-8")


def description(name: str) -> str:
    """What an example rewards, in one sentence."""
    docstring = ast.get_docstring(ast.parse(source(name))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ")
