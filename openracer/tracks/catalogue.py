"""The catalogue: built-in tracks and the user's imported ones, found by world name or title."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from openracer import locations
from openracer.atomic import write_text
from openracer.language import gettext as _
from openracer.tracks import geometry, npy
from openracer.tracks.drawn import Drawing
from openracer.tracks.track import REVERSE, Track

_NAME = re.compile(r"\w[\w.-]{0,99}")


class UnknownTrackError(ValueError):
    """No track has that name; the message suggests some that exist."""


def find(name: str, reverse: bool = False) -> Track:
    """The track of a name.

    Args:
        name: world name ("reinvent_base") or title ("re:Invent 2018"), upper and lower case alike. An
            imported track comes before a built-in one of the same name.
        reverse: drive it the other way.

    Returns:
        The track.

    Raises:
        UnknownTrackError: there is none; the message names those with similar names.
        npy.TrackFileError: the imported track's file is broken.
    """
    titles = _titles()
    by_title = {title.casefold(): candidate for candidate, title in titles.items()}
    known = by_title | {candidate.casefold(): candidate for candidate in titles}
    wanted = name.strip().casefold()
    # The console called some tracks "Oval Track" that are "Oval" in its files.
    candidate = known.get(wanted) or known.get(wanted.removesuffix(" track"))
    if candidate is None:
        raise UnknownTrackError(_unknown(name, known, titles))
    track = _imported(candidate) if is_imported(candidate) else built_in(candidate)
    return track.reverse() if reverse else track


def find_directed(name: str) -> Track:
    """The track of a name that ends with ``:reverse`` where it is driven the other way.

    Raises what :func:`find` does.
    """
    return find(name.removesuffix(REVERSE), name.endswith(REVERSE))


def names() -> list[str]:
    """World names of all tracks, built-in ones first, in alphabetical order."""
    return list(_titles())


def all_tracks() -> list[Track]:
    """All tracks in the order of :func:`names`, in the direction of their files."""
    return [find(name) for name in names()]


def is_imported(name: str) -> bool:
    """Whether a world name is one of the user's imported tracks."""
    return _file(name).is_file()


def is_built_in(name: str) -> bool:
    """Whether a world name is one of the built-in tracks, whatever has been imported under it."""
    return name in _built_in_titles()


def import_npy(path: Path | str, name: str | None = None, title: str | None = None) -> Track:
    """Copy a DeepRacer track file, cleaned, into the user's catalogue.

    Args:
        path: the file; see :func:`openracer.tracks.npy.load`.
        name: world name; default: the file's name without its ending. A track imported before under the same
            name is replaced, a built-in one hidden.
        title: name for people; default: that of the built-in track of the same name, else the world name.

    Returns:
        The track as :func:`find` will return it.

    Raises:
        FileNotFoundError: no such file.
        npy.TrackFileError: the file is no usable track, or its name no usable name.
        OSError: the catalogue cannot be written; it is left as it was.
    """
    path = Path(path)
    name = path.stem if name is None else name
    check_name(name)
    built_in = _built_in_titles().get(name)
    track = npy.load(
        path,
        name,
        title or built_in or name.replace("_", " "),
        _("Imported from {file}.").format(file=path.name),
    )
    add(track)
    return track


def add(track: Track) -> None:
    """Put a track into the user's catalogue, in place of an imported one of the same name.

    Raises:
        npy.TrackFileError: its name is no usable name.
        OSError: the catalogue cannot be written; it is left as it was.
    """
    check_name(track.name)
    _keep(track, {})


def add_drawn(drawing: Drawing, name: str, title: str) -> Track:
    """Put a drawn track into the user's catalogue, in place of an imported one of the same name.

    Args:
        drawing: the track; it is kept beside the track, to be drawn on.
        name: world name.
        title: name for people.

    Returns:
        The track as :func:`find` will return it.

    Raises:
        ValueError: the drawing is no track, or the name no usable name; one sentence.
        OSError: the catalogue cannot be written; it is left as it was.
    """
    check_name(name)
    track = drawing.track(name, title)
    _keep(track, {"drawing": {"width": drawing.width, "points": drawing.points.round(3).tolist()}})
    return track


def drawing_of(name: str) -> Drawing | None:
    """The drawing that a track was made from; None for any other track."""
    card = _read_card(name) if _NAME.fullmatch(name) else {}
    drawing = card.get("drawing")
    if not isinstance(drawing, dict):
        return None
    try:
        return Drawing.of(drawing.get("points", ()), drawing.get("width", 0.0))
    except ValueError:
        return None


def check_name(name: str) -> None:
    """Refuse what cannot name a track.

    Raises:
        npy.TrackFileError: with a sentence that tells what a name has.
    """
    if not _NAME.fullmatch(name):
        raise npy.TrackFileError(
            _(
                "{name!r} cannot name a track; a name has letters, digits, dots, hyphens and "
                "underscores, at most 100 of them, and no space"
            ).format(name=name)
        )


def _keep(track: Track, more: Mapping[str, Any]) -> None:
    """Write a track and its card; if that fails, both are as before."""
    name = track.name
    card = {"title": track.title, "description": track.description, **more}
    before = _card(name).read_bytes() if _card(name).exists() else None
    write_text(_card(name), yaml.safe_dump(card, allow_unicode=True, sort_keys=False))
    try:
        npy.save(track, _file(name))
    except BaseException:
        _card(name).unlink() if before is None else _card(name).write_bytes(before)
        raise


def delete_imported(name: str) -> None:
    """Take an imported track out of the user's catalogue; a built-in one that it hid is seen again.

    Raises:
        UnknownTrackError: there is none of that world name.
        OSError: its file cannot be deleted.
    """
    if not _NAME.fullmatch(name) or not is_imported(name):
        if name in _built_in_titles():
            raise UnknownTrackError(
                _("{name} is a built-in track; only imported ones can be deleted").format(name=name)
            )
        raise UnknownTrackError(_unknown(name[:100], {}, {}))
    _file(name).unlink()
    _card(name).unlink(missing_ok=True)


def _file(name: str) -> Path:
    return locations.tracks_folder() / f"{name}.npy"


def _card(name: str) -> Path:
    """The file beside an imported track that keeps its title and description."""
    return locations.tracks_folder() / f"{name}.yaml"


def _titles() -> dict[str, str]:
    """Title of every world name."""
    imported = sorted(
        file.stem for file in locations.tracks_folder().glob("*.npy") if not file.name.startswith(".")
    )
    return _built_in_titles() | {name: _described(name)["title"] for name in imported}


def _described(name: str) -> dict[str, str]:
    fallback = {"title": _built_in_titles().get(name, name.replace("_", " ")), "description": ""}
    card = _read_card(name)
    return fallback | {key: str(card[key]) for key in fallback if key in card}


def _read_card(name: str) -> dict[str, Any]:
    """What stands on a track's card; nothing where there is none or it is damaged."""
    if not _card(name).is_file():
        return {}
    try:
        card = yaml.safe_load(_card(name).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return {}
    return card if isinstance(card, dict) else {}


def _imported(name: str) -> Track:
    described = _described(name)
    return npy.load(_file(name), name, described["title"], described["description"])


@cache
def _built_in_titles() -> dict[str, str]:
    folder = resources.files("openracer.tracks") / "builtin"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    return {file.name.removesuffix(".yaml"): _title(file.read_text(encoding="utf-8")) for file in files}


def _title(text: str) -> str:
    """The title of a built-in file, which stands in its first lines, without reading all of it."""
    return str(yaml.safe_load("\n".join(text.splitlines()[:2]))["title"])


@cache
def built_in(name: str) -> Track:
    """One of the tracks that come with OpenRacer, by its world name, whatever a user has imported."""
    file = resources.files("openracer.tracks") / "builtin" / f"{name}.yaml"
    return geometry.parse(file.read_text(encoding="utf-8"))


def _unknown(name: str, known: dict[str, str], titles: dict[str, str]) -> str:
    close: dict[str, None] = {}  # in the writing that resembles: somebody who types a title looks for a title
    for word in get_close_matches(name.casefold(), known, n=4, cutoff=0.5):
        candidate = known[word]
        if not close.keys() & {candidate, titles[candidate]}:
            close[candidate if candidate.casefold() == word else titles[candidate]] = None
    if close:
        hint = _("did you mean {names}?").format(names=_(" or ").join(close))
    else:
        hint = _("openracer track list shows them all")
    return _("there is no track {name!r}; {hint}").format(name=name, hint=hint)
