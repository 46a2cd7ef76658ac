"""The pages, one module for each."""

from openracer.console.pages import (
    compare,
    create,
    drive,
    garage,
    get_started,
    home,
    model,
    models,
    not_found,
    resources,
    settings,
    track_editor,
    tracks,
)

_PAGES = (
    home,
    get_started,
    models,
    compare,
    create,
    # After the pages below /models/ that have names of their own.
    model,
    garage,
    # Before the page of a track, which would take its address.
    track_editor,
    tracks,
    drive,
    resources,
    settings,
    not_found,
)


def register_pages() -> None:
    """Define the routes of all pages."""
    for page in _PAGES:
        page.register()
