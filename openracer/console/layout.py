"""What every page has around its content: header, menu, language and theme switches."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from nicegui import ui

from openracer import language
from openracer.api.gate import needed_role
from openracer.console.assets import asset
from openracer.console.visitor import LANGUAGE_COOKIE, LANGUAGE_NAMES, THEME_COOKIE, theme_of
from openracer.language import gettext as _
from openracer.service import current_queue
from openracer.service.accounts import Role
from openracer.service.identity import current_person, is_shared

_QUASAR_LANGUAGES = {"en": "en-US", "ko": "ko-KR"}
_SHORT_NAMES = {"en": "EN", "ko": "한"}
_DARK = {"light": False, "dark": True, "system": None}
_LOOP = "M10.5 24.5C5 22 4.5 13.5 9 9.5s10-2 13-1.5 6.5 5 4.5 9-5 3-8 4.5-4.5 4.5-8 3z"
_LOGO = (
    f'<svg viewBox="0 0 32 32" aria-hidden="true"><path d="{_LOOP}" fill="none" stroke="currentColor" '
    'stroke-width="4.5" stroke-linejoin="round"/><circle cx="9" cy="9.5" r="3.6" class="or-brand__car"/></svg>'
)
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" '
    f'fill="#0d7a5f"/><g transform="translate(4.5 4.5) scale(.72)"><path d="{_LOOP}" fill="none" '
    'stroke="#fff" stroke-width="4.5"/><circle cx="9" cy="9.5" r="3.8" fill="#ffb74a"/></g></svg>'
)


@dataclass(frozen=True)
class _Entry:
    key: str
    path: str
    icon: str
    title: str


def _menu() -> list[tuple[str, list[_Entry]]]:
    """Groups of the menu with their entries, in the reader's language."""
    return [
        ("", [_Entry("home", "/", "home", _("Home"))]),
        (
            _("Racing league"),
            [
                _Entry("circuit", "/circuit", "emoji_events", _("Official virtual circuit")),
                _Entry("races", "/races", "sports_score", _("Community races")),
                _Entry("head_to_head", "/head-to-head", "compare_arrows", _("Model against model")),
                _Entry("racer", "/racers/me", "sports_motorsports", _("Your racer profile")),
            ],
        ),
        (
            _("Reinforcement learning"),
            [
                _Entry("get_started", "/get-started", "school", _("Get started")),
                _Entry("models", "/models", "psychology", _("Your models")),
                _Entry("create", "/models/create", "add_circle", _("Create model")),
                _Entry("garage", "/garage", "garage", _("Your garage")),
            ],
        ),
        (
            _("Tracks and driving"),
            [
                _Entry("tracks", "/tracks", "route", _("Tracks")),
                _Entry("drive", "/drive", "sports_esports", _("Drive it yourself")),
            ],
        ),
        *_of_people(),
        (
            _("Help and settings"),
            [
                _Entry("resources", "/resources", "menu_book", _("Resources")),
                _Entry("settings", "/settings", "settings", _("Settings")),
            ],
        ),
    ]


def _of_people() -> list[tuple[str, list[_Entry]]]:
    """The group for people who sign in, with what the current one may open."""
    if not is_shared():
        return []
    entries = [
        _Entry("account", "/account", "person", _("Your account")),
        _Entry("usage", "/usage", "data_usage", _("Your usage")),
        _Entry("class", "/class", "groups", _("Class")),
        _Entry("people", "/people", "manage_accounts", _("People and limits")),
    ]
    person = current_person()
    return [(person.alias, [entry for entry in entries if person.may(needed_role(entry.path) or Role.RACER)])]


@contextmanager
def frame(title: str, *, active: str) -> Iterator[None]:
    """Build a page: what is made inside is its content.

    Args:
        title: of the page, for the browser's tab.
        active: key of the menu's entry that the page belongs to: home, get_started, models, create, garage,
            tracks, drive, head_to_head, circuit, races, racer, account, usage, class, people, resources or settings.
    """
    _dress(title)
    with ui.element("a").props('href="#content"').classes("or-skip"):
        ui.label(_("Skip to content"))
    with ui.element("header").classes("or-header"):
        _header()
    ui.element("div").classes("or-scrim").on("click", js_handler=_TOGGLE_MENU)
    ui.html(_entries(active), sanitize=False, tag="nav").classes("or-nav").props(f'aria-label="{_("Menu")}"')
    with ui.element("main").classes("or-main").props("id=content"):
        yield


_TOGGLE_MENU = "() => document.body.classList.toggle('or-nav-open')"


def _dress(title: str) -> None:
    """Language, theme and style sheet of the page that is being built."""
    client = ui.context.client
    # A page's settings belong to its route; a copy makes them this visitor's.
    page = copy.copy(client.page)
    page.language = _QUASAR_LANGUAGES[language.current_language()]  # type: ignore[assignment]
    page.dark = _DARK[theme_of(client.request.cookies)]
    client.page = page
    ui.page_title(f"{title} · OpenRacer")
    ui.add_head_html(f'<link rel="stylesheet" href="{asset("console.css")}">')


def _header() -> None:
    ui.button(icon="o_menu", color=None).props(f'flat round dense aria-label="{_("Menu")}"').classes(
        "or-header__menu"
    ).on("click", js_handler=_TOGGLE_MENU)
    with ui.link(target="/").classes("or-brand"):
        ui.html(_LOGO, sanitize=False).classes("or-brand__logo")
        ui.label("OpenRacer")
    ui.element("div").classes("or-grow")
    if running := len(current_queue().jobs(active=True)):
        with ui.link(target="/").classes("or-chip or-chip--running or-header__running"):
            ui.label(_("{count} running").format(count=running))
    with ui.element("div").classes("or-wide"):
        choice(LANGUAGE_COOKIE, LANGUAGE_NAMES, language.current_language(), _("Language"))
    with ui.element("div").classes("or-narrow"):
        choice(LANGUAGE_COOKIE, _SHORT_NAMES, language.current_language(), _("Language"))
    theme = theme_of(ui.context.client.request.cookies)
    following = {"system": "dark", "dark": "light", "light": "system"}[theme]
    icon = {"system": "o_brightness_auto", "dark": "o_dark_mode", "light": "o_light_mode"}[theme]
    words = {
        "system": _("Theme: as the system"),
        "dark": _("Theme: dark"),
        "light": _("Theme: light"),
    }[theme]
    with (
        ui.button(icon=icon, color=None)
        .props(f'flat round dense aria-label="{words}"')
        .classes("or-header__icon")
        .on("click", js_handler=_keep(THEME_COOKIE, following))
    ):
        ui.tooltip(words)
    if is_shared():
        with (
            ui.button(icon="o_logout", color=None)
            .props(f'flat round dense aria-label="{_("Sign out")}"')
            .classes("or-header__icon")
            .on("click", js_handler=_SIGN_OUT)
        ):
            ui.tooltip(_("Sign out"))


_SIGN_OUT = "() => fetch('/sign-out', {method: 'POST'}).finally(() => location.assign('/sign-in?out=true'))"


def choice(cookie: str, options: Mapping[str, str], chosen: str, title: str) -> None:
    """A row of buttons of which one is pressed; pressing another keeps it in a cookie and builds the page anew.

    Args:
        cookie: its name.
        options: words on the buttons, by the value to keep.
        chosen: the value that is pressed.
        title: what is chosen, for readers of the screen.
    """
    with ui.element("div").classes("or-switch").props(f'role="group" aria-label="{title}"'):
        for value, words in options.items():
            button = ui.element("button").classes(
                "or-switch__choice" + (" is-chosen" if value == chosen else "")
            )
            button.props(f'type="button" aria-pressed="{str(value == chosen).lower()}"')
            button.on("click", js_handler=_keep(cookie, value))
            with button:
                ui.label(words)


def _keep(cookie: str, value: str) -> str:
    """The script that keeps a choice for a year and builds the page anew."""
    return (
        f"() => {{ document.cookie = '{cookie}={value};path=/;max-age=31536000;samesite=lax'; "
        "location.reload(); }"
    )


def _entries(active: str) -> str:
    """The menu as one piece of HTML: every page has it, and elements take long to build."""
    parts = []
    for group, entries in _menu():
        if group:
            parts.append(f'<div class="or-nav__group">{escape(group)}</div>')
        for entry in entries:
            chosen = ' is-active" aria-current="page' if entry.key == active else ""
            icon = f'<i class="q-icon material-icons-outlined" aria-hidden="true">{entry.icon}</i>'
            parts.append(
                f'<a class="or-nav__item{chosen}" href="{entry.path}">{icon}<div>{escape(entry.title)}</div></a>'
            )
    return "".join(parts)
