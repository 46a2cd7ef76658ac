"""The parts that many pages are built from."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from typing import ParamSpec, TypeVar

from nicegui import ui
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from openracer import language
from openracer.language import gettext as _
from openracer.service.identity import current_person, set_current_person
from openracer.tracks.outline import outline_svg
from openracer.tracks.track import Track

P = ParamSpec("P")
T = TypeVar("T")
_outlines: dict[tuple[str, bool, bytes], str] = {}


def page_heading(title: str, explanation: str = "") -> ui.element:
    """A page's title with one sentence below; the returned row at its right takes the page's main buttons."""
    with ui.element("div").classes("or-heading"):
        with ui.element("div").classes("or-heading__words"):
            heading(1, title)
            if explanation:
                ui.label(explanation).classes("or-lead")
        return ui.element("div").classes("or-heading__actions")


def heading(level: int, text: str) -> ui.element:
    """A heading, ``<h1>`` to ``<h4>``."""
    with ui.element(f"h{level}").classes(f"or-h{level}") as element:
        ui.label(text).classes("or-inline")
    return element


def card(title: str = "") -> ui.element:
    """A surface with room inside, and a title where one is given; use it as a context."""
    with ui.element("section").classes("or-card") as element:
        if title:
            heading(2, title)
    return element


def fact_list(facts: Iterable[tuple[str, str]]) -> ui.html:
    """Names with their values; one element, because each costs the server time on every visit."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return ui.html(f'<dl class="or-facts">{rows}</dl>', sanitize=False)


def python_code(source: str) -> ui.html:
    """Code to read, with its syntax in colours; whatever is in it, it stays text."""
    return ui.html(f'<pre class="or-code"><code>{_highlighted(source)}</code></pre>', sanitize=False)


@lru_cache(maxsize=8)
def _highlighted(source: str) -> str:
    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)))


def primary_button(
    text: str, icon: str | None = None, on_click: Callable[..., object] | None = None
) -> ui.button:
    """The one button of a page or dialog that does what it is for."""
    return (
        ui.button(text, icon=icon, on_click=on_click, color=None)
        .props("unelevated no-caps")
        .classes("or-primary")
    )


def primary_link(text: str, target: str, icon: str | None = None) -> ui.button:
    """A primary button that leads to another page, which may be opened in a new tab as any link."""
    return primary_button(text, icon).props(f'href="{target}"')


def plain_link(text: str, target: str, icon: str | None = None) -> ui.button:
    """A plain button that leads to another page."""
    return plain_button(text, icon).props(f'href="{target}"')


def plain_button(
    text: str, icon: str | None = None, on_click: Callable[..., object] | None = None
) -> ui.button:
    """Any other button."""
    return ui.button(text, icon=icon, on_click=on_click, color=None).props("flat no-caps").classes("or-plain")


def empty_state(icon: str, title: str, explanation: str) -> ui.element:
    """What stands where there is nothing yet; the returned row takes the button that changes this."""
    with ui.element("div").classes("or-empty"):
        ui.icon(icon).classes("or-empty__icon")
        ui.label(title).classes("or-empty__title")
        ui.label(explanation).classes("or-empty__text")
        return ui.element("div").classes("or-empty__actions")


def error_message(text: str) -> ui.element:
    """A problem, said at its place."""
    with ui.element("div").classes("or-error").props('role="alert"') as element:
        ui.icon("o_error_outline")
        ui.label(_sentence(text))
    return element


def error_toast(problem: Exception | str) -> None:
    """Tell what went wrong with what the user has just asked for.

    Args:
        problem: an error that the user can cause (ValueError or OSError), whose text is one sentence, or the
            sentence. Any other error is a fault of ours: it is logged and told as such.
    """
    if isinstance(problem, str | ValueError | OSError):
        text = str(problem)
    else:
        logging.getLogger(__name__).error("a page failed", exc_info=problem)
        text = _("Something went wrong here that is our fault; the console's output has the details.")
    ui.notify(_sentence(text), type="negative", multi_line=True, timeout=8000, close_button=_("Close"))


def _sentence(text: str) -> str:
    """An error's text as a sentence; a name of a setting at its beginning stays as it is."""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() else text


def success_toast(text: str) -> None:
    """Tell that what the user has just asked for is done."""
    ui.notify(text, type="positive", timeout=3000)


def undo_toast(text: str, undo: Callable[[], object]) -> None:
    """Tell that something is done, and offer for ten seconds to take it back."""
    with ui.context.client.content, ui.element("div").classes("or-toast").props('role="status"') as toast:
        ui.label(text)

        def take_back() -> None:
            toast.delete()
            undo()

        ui.button(_("Undo"), on_click=take_back, color=None).props("flat no-caps dense").classes(
            "or-toast__action"
        )
        ui.timer(10.0, toast.delete, once=True)


async def confirm(question: str, explanation: str, action: str) -> bool:
    """Ask before something that cannot be taken back easily.

    Args:
        question: short, with a question mark.
        explanation: what will happen.
        action: the words on the button that does it.

    Returns:
        Whether the user wants it.
    """
    with ui.dialog() as dialog, ui.card().classes("or-dialog"):
        heading(2, question)
        ui.label(explanation).classes("or-muted")
        with ui.element("div").classes("or-dialog__actions"):
            plain_button(_("Cancel"), on_click=lambda: dialog.submit(False))
            primary_button(action, on_click=lambda: dialog.submit(True)).classes("or-danger")
    try:
        return bool(await dialog)
    finally:
        dialog.delete()


def track_svg(track: Track) -> ui.html:
    """The outline picture of a track, which fills its box."""
    return (
        ui.html(track_outline(track), sanitize=False).classes("or-track").props(f'aria-label="{track.name}"')
    )


def track_outline(track: Track) -> str:
    """The SVG of the same."""
    key = (track.name, track.is_reversed, track.centre.tobytes())
    if key not in _outlines:
        _outlines[key] = outline_svg(track)
    return _outlines[key]


def stat(name: str) -> ui.label:
    """A figure with its name below; the returned label takes the value."""
    with ui.element("div").classes("or-stat"):
        value = ui.label("–").classes("or-stat__value")
        ui.label(name).classes("or-stat__name")
    return value


def lap_time(seconds: float | None) -> str:
    """A time as the console shows it, MM:SS.mmm; a dash where there is none."""
    if seconds is None:
        return "–"
    minutes, milliseconds = divmod(round(1000.0 * seconds), 60_000)
    return f"{minutes:02d}:{milliseconds / 1000.0:06.3f}"


def percent(value: float | None) -> str:
    """A share of the lap, rounded down as DeepRacer does; a dash where there is none."""
    return "–" if value is None else f"{int(value)} %"


_STATE_WORDS: dict[str, Callable[[], str]] = {
    "new": lambda: _("Not trained"),
    "queued": lambda: _("Queued"),
    "training": lambda: _("In training"),
    "evaluating": lambda: _("Evaluating"),
    "ready": lambda: _("Ready"),
    "broken": lambda: _("Damaged"),
    "running": lambda: _("Running"),
    "stopping": lambda: _("Stopping"),
    "finished": lambda: _("Finished"),
    "stopped": lambda: _("Stopped"),
    "failed": lambda: _("Failed"),
}


def state_words(state: str) -> str:
    """The word for the state of a job or a model."""
    return _STATE_WORDS[state]()


def state_chip(state: str) -> ui.element:
    """The state of a job or a model as a coloured word with a dot.

    Args:
        state: a value of ``JobState`` or ``ModelState``.
    """
    with ui.element("span").classes(f"or-chip or-chip--{state}") as element:
        ui.label(state_words(state)).classes("or-inline")
    return element


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run something slow beside the event loop, in the language and for the person of the page that asked for it."""
    tag, person = language.current_language(), current_person()

    def call() -> T:
        language.set_language(tag)
        set_current_person(person)
        return function(*args, **kwargs)

    return await asyncio.to_thread(call)
