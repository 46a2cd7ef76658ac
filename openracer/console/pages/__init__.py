"""The pages, one module for each."""

from openracer.console.pages import (
    account,
    circuit,
    class_dashboard,
    compare,
    create,
    drive,
    garage,
    get_started,
    home,
    live_race,
    model,
    model_races,
    models,
    not_found,
    people,
    race,
    race_entry,
    race_setup,
    racer,
    races,
    resources,
    settings,
    track_editor,
    tracks,
    usage,
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
    model_races,
    circuit,
    races,
    race_setup,
    race,
    race_entry,
    live_race,
    racer,
    resources,
    settings,
    not_found,
)


def register_pages() -> None:
    """Define the routes of all pages."""
    for page in _PAGES:
        page.register()


def register_pages_of_people() -> None:
    """Define the routes of the pages for which there must be people who sign in."""
    for page in (account, usage, class_dashboard, people):
        page.register()
