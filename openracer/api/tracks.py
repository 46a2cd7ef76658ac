"""Routes of tracks: list, geometry, import, delete."""

import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Response, UploadFile
from pydantic import BaseModel

from openracer.api.errors import NotFoundError
from openracer.language import gettext as _
from openracer.models import track_use
from openracer.tracks import catalogue
from openracer.tracks.facts import facts
from openracer.tracks.track import Track

router = APIRouter(prefix="/tracks", tags=["tracks"])

LARGEST_FILE = 5_000_000
"""Bytes of a track file; the largest of DeepRacer's has 60 kB."""


class Pose(BaseModel):
    """A place on the road.

    Attributes:
        x: m.
        y: m.
        heading_deg: counter-clockwise from +x.
    """

    x: float
    y: float
    heading_deg: float


class TrackLine(BaseModel):
    """A track in one line.

    Attributes:
        name: world name.
        title: for people.
        description: of the track.
        length_m: of the centre line.
        width_m: median distance of the borders.
        narrowest_m: least distance of the borders.
        widest_m: greatest distance of the borders.
        tightest_radius_m: of the centre line's bends; None where it is straight.
        difficulty: 0 to 100, from its bends.
        closed: a circuit, not a stretch.
        direction: in which it is driven.
        directions: in which it can be driven, that of its file first.
        waypoints: points of the centre line.
        start: of a lap.
        source: who made it known.
    """

    name: str
    title: str
    description: str
    length_m: float
    width_m: float
    narrowest_m: float
    widest_m: float
    tightest_radius_m: float | None
    difficulty: float
    closed: bool
    direction: str
    directions: list[str]
    waypoints: int
    start: Pose
    source: Literal["built-in", "imported"]


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


def _line(track: Track) -> dict[str, Any]:
    return facts(track)


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
    """Delete an imported track on which no model trains."""
    try:
        track_use.delete_track(name)
    except catalogue.UnknownTrackError as error:
        raise NotFoundError(str(error)) from None
    return Response(status_code=204)
