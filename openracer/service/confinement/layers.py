"""Which layers of the confinement this system has, in words that the console says at its start."""

import sys
from enum import StrEnum

from openracer.language import gettext as _

if sys.platform == "linux":
    from openracer.service.confinement import landlock, seccomp, user


class Layer(StrEnum):
    """One of the walls around user code."""

    LIMITS = "limits"
    USER = "user"
    FILES = "files"
    CALLS = "calls"


NEEDED = (Layer.FILES, Layer.CALLS, Layer.LIMITS)
"""Without one of these, strangers' code can reach what is not theirs; another user is there only for root."""


class NotConfinedError(ValueError):
    """This system cannot confine user code; the text is one sentence."""


def available() -> tuple[Layer, ...]:
    """The layers that are in force on this system for code that it runs."""
    if sys.platform != "linux":
        return ()
    found = {
        Layer.LIMITS: True,
        Layer.USER: user.number_for(0) is not None,
        Layer.FILES: landlock.abi() > 0,
        Layer.CALLS: seccomp.is_available(),
    }
    return tuple(layer for layer, is_there in found.items() if is_there)


def statement(layers: tuple[Layer, ...]) -> list[str]:
    """What is there and what is not, a line for each layer."""
    words = {
        Layer.LIMITS: _("limits of memory, processor time, files and threads"),
        Layer.USER: _("a user of its own (only where the console is started as root)"),
        Layer.FILES: _("files: only the own model can be changed (Landlock)"),
        Layer.CALLS: _("system calls: no network, no other processes (seccomp)"),
    }
    marks = {True: _("yes"), False: _("NO")}
    return [f"  {marks[layer in layers]:>3}  {words[layer]}" for layer in Layer]


def require(layers: tuple[Layer, ...]) -> None:
    """Refuse to run strangers' code without the layers that keep it in.

    Raises:
        NotConfinedError: one is missing.
    """
    if missing := [layer for layer in NEEDED if layer not in layers]:
        raise NotConfinedError(
            _(
                "this system cannot confine other people's code (missing: {layers}), so nobody is let in; use Linux "
                "5.13 or newer with Landlock and seccomp, or, if you trust everybody who can sign in with your files "
                "and your network, add --run-other-peoples-code-unconfined"
            ).format(layers=", ".join(missing))
        )
