"""What a model may be called: the rule of the DeepRacer console."""

import re

from openracer.models.ranges import MAX_NAME

_ALLOWED = re.compile(r"[a-zA-Z0-9-]+")
_RULE = f"use 1 to {MAX_NAME} letters, digits and hyphens"


def check_name(name: str) -> None:
    """Refuse what cannot name a model.

    Raises:
        ValueError: with a sentence that names what is wrong.
    """
    if not name:
        raise ValueError(f"a model needs a name; {_RULE}")
    if len(name) > MAX_NAME:
        raise ValueError(f"the name {name[:20]}… has {len(name)} characters; {_RULE}")
    if not _ALLOWED.fullmatch(name):
        wrong = next(character for character in name if not _ALLOWED.fullmatch(character))
        called = {" ": "a space", "_": "an underscore", "/": "a slash", ".": "a dot"}.get(wrong, repr(wrong))
        raise ValueError(f"the name {name!r} contains {called}; {_RULE}")
