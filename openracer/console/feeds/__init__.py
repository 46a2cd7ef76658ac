"""What canvases of the console ask for besides the pages: live poses, drives, camera pictures, films and archives."""

from openracer.console.feeds import downloads, drive, live, look, model_races, replays


def register() -> None:
    """Define the routes."""
    for feed in (live, look, replays, downloads, drive, model_races):
        feed.register()
