"""What a model may be called: the rule of the DeepRacer console."""

import re

from openracer.language import gettext as _
from openracer.models.ranges import MAX_NAME

_ALLOWED = re.compile(r"[a-zA-Z0-9-]+")


def check_name(name: str) -> None:
    """Refuse what cannot name a model.

    Raises:
        ValueError: with a sentence that names what is wrong.
    """
    rule = _("use 1 to {limit} letters, digits and hyphens").format(limit=MAX_NAME)
    if not name:
        raise ValueError(_("a model needs a name; {rule}").format(rule=rule))
    if len(name) > MAX_NAME:
        raise ValueError(
            _("the name {name}… has {count} characters; {rule}").format(
                name=name[:20], count=len(name), rule=rule
            )
        )
    if not _ALLOWED.fullmatch(name):
        wrong = next(character for character in name if not _ALLOWED.fullmatch(character))
        words = {" ": _("a space"), "_": _("an underscore"), "/": _("a slash"), ".": _("a dot")}
        called = words.get(wrong, repr(wrong))
        raise ValueError(
            _("the name {name!r} contains {called}; {rule}").format(name=name, called=called, rule=rule)
        )
