"""Makes NiceGUI's elements quicker to build.

Every element asks Python for the signatures of the same five methods, which takes a third of the time in which a page
is built. Here each is asked for once.
"""

from collections.abc import Callable
from types import MethodType
from typing import Any

from nicegui import helpers

_asked = helpers.expects_arguments
_known: dict[Any, bool] = {}


def remember_signatures() -> None:
    """Let NiceGUI look up once for each method, not for each object, whether it expects arguments."""
    helpers.expects_arguments = _expects_arguments


def _expects_arguments(func: Callable[..., Any]) -> bool:
    # Other functions are mostly made for one visit, and would be kept for ever.
    if not isinstance(func, MethodType) or not func.__module__.startswith("nicegui."):
        return _asked(func)
    key = func.__func__
    if key not in _known:
        _known[key] = _asked(func)
    return _known[key]
