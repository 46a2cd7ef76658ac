"""What people read of the tracks of a training."""

from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.tracks import catalogue
from openracer.tracks.track import REVERSE


def track_words(name: str, reverse: bool) -> str:
    """The title of a track, and whether it is driven the other way; the name where the track is gone."""
    try:
        title = catalogue.find(name).title
    except (ValueError, OSError):
        title = name
    return title + (_(" (reverse)") if reverse else "")


def tracks_words(description: TrainingDescription) -> str:
    """All tracks of a training, each with its direction."""
    return track_words(description.track, description.reverse) + further_tracks_words(description)


def further_tracks_words(description: TrainingDescription) -> str:
    """What follows the first track: the others; nothing where there are none."""
    others = [
        track_words(name.removesuffix(REVERSE), name.endswith(REVERSE)) for name in description.other_tracks
    ]
    words = "".join(f", {other}" for other in others)
    return words + (_(" (both directions)") if description.alternate_direction else "")
