"""Routes of tracks: list, geometry, import, delete."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import BaseModel

from openracer.api.errors import NotFoundError
from openracer.language import gettext as _
from openracer.tracks import catalogue
from openracer.tracks.track import Track

router = APIRouter(prefix="/tracks", tags=["tracks"])

LARGEST_FILE = 5_000_000
"""Bytes of a track file; the largest of DeepRacer's has 60 kB."""


class TrackLine(BaseModel):
    """A track in one line.

    Attributes:
        name: world name.
        title: for people.
        description: of the track.
        length_m: of the centre line.
        width_m: mean distance of the borders.
        difficulty: 0 to 100, from its bends.
        is_closed: a circuit, not a stretch.
        is_imported: by the user.
    """

    name: str
    title: str
    description: str
    length_m: float
    width_m: float
    difficulty: float
    is_closed: bool
    is_imported: bool


class TrackGeometry(TrackLine):
    """A track with its geometry.

    Attributes:
        reverse: driven the other way round.
        centre: points of the centre line, m.
        inner: points of the inner border, m.
        outer: points of the outer border, m.
    """

    reverse: bool
    centre: list[tuple[float, float]]
    inner: list[tuple[float, float]]
    outer: list[tuple[float, float]]


def _line(track: Track) -> dict[str, str | float | bool]:
    return {
        "name": track.name,
        "title": track.title,
        "description": track.description,
        "length_m": round(track.length, 3),
        "width_m": round(float(track.width.mean()), 3),
        "difficulty": round(track.difficulty, 1),
        "is_closed": track.closed,
        "is_imported": catalogue.is_imported(track.name),
    }


def _find(name: str, reverse: bool) -> Track:
    try:
        return catalogue.find(name[:200], reverse)
    except catalogue.UnknownTrackError as error:
        raise NotFoundError(str(error)) from None


@router.get("")
def list_tracks() -> list[TrackLine]:
    """All tracks, built-in ones first."""
    return [TrackLine.model_validate(_line(track)) for track in catalogue.all_tracks()]


@router.get("/{name}")
def get_track(
    name: str, reverse: Annotated[bool, Query(description="The other way round.")] = False
) -> TrackGeometry:
    """A track and its geometry."""
    track = _find(name, reverse)
    lines = {"centre": track.centre.tolist(), "inner": track.inner.tolist(), "outer": track.outer.tolist()}
    return TrackGeometry.model_validate({**_line(track), "reverse": track.is_reversed, **lines})


@router.post("", status_code=201)
def import_track(
    file: UploadFile,
    name: Annotated[str | None, Form(description="World name; by default the file's.")] = None,
    title: Annotated[str | None, Form(description="Name for people.")] = None,
) -> TrackLine:
    """Import a DeepRacer track file (``.npy``)."""
    content = file.file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(_("a track file has at most {limit} MB").format(limit=LARGEST_FILE // 1_000_000))
    given = Path(file.filename or "").name
    with tempfile.TemporaryDirectory(prefix="openracer-track-") as folder:
        path = Path(folder) / "track.npy"
        path.write_bytes(content)
        chosen = name or Path(given).stem
        return TrackLine.model_validate(_line(catalogue.import_npy(path, chosen, title)))


@router.delete("/{name}", status_code=204)
def delete_track(name: str) -> Response:
    """Delete an imported track."""
    try:
        catalogue.delete_imported(name)
    except catalogue.UnknownTrackError as error:
        raise NotFoundError(str(error)) from None
    return Response(status_code=204)
