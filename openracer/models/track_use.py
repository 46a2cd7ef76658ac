"""Which models need a track, and the deletion of an imported one that none needs."""

from openracer.language import gettext as _
from openracer.models.summary import models_on
from openracer.tracks import catalogue

_NAMED = 5


class TrackInUseError(ValueError):
    """A track that models train on cannot be deleted."""


def check_unused(track: str, title: str) -> None:
    """Raise :class:`TrackInUseError` if models train on a track of some world name."""
    names = models_on(track)
    if names:
        raise TrackInUseError(
            _(
                "{track} cannot be deleted: {models} train on it. Delete or clone them to another track first."
            ).format(track=title, models=", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else ""))
        )


def delete_track(name: str) -> None:
    """Delete an imported track.

    Raises:
        UnknownTrackError: there is none of that name.
        TrackInUseError: models train on it.
    """
    check_unused(name, name)
    catalogue.delete_imported(name)
