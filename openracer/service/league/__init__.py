"""The league of an installation: races, submissions, leaderboards, seasons and live races, over one database."""

from openracer.service.league.league import League

__all__ = ["League", "current_league", "set_current_league"]

_current: League | None = None


def current_league() -> League:
    """The league of this console.

    Raises:
        RuntimeError: this process is no console.
    """
    if _current is None:
        raise RuntimeError("no console has been started in this process")
    return _current


def set_current_league(league: League | None) -> None:
    """Make a league that of this process."""
    global _current
    _current = league
