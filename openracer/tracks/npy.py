"""DeepRacer track files: reading ``.npy`` files as they are in the wild, and writing clean ones."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openracer.atomic import write_bytes
from openracer.language import gettext as _
from openracer.tracks.measures import arc_length, signed_area
from openracer.tracks.track import Track

Array = NDArray[np.float64]

MAXIMUM_BYTES = 50_000_000
MAXIMUM_ROWS = 10_000
"""DeepRacer's tracks have at most 401 rows."""
SHORTEST_M = 1.0
LARGEST_AREA_M2 = 1500.0
"""Of the rectangle around a track: 292 m² around the largest DeepRacer track we know. The camera's ground map grows
with it, by a third of a megabyte for each square metre."""
CLOSING_TOLERANCE_M = 1e-3


class TrackFileError(ValueError):
    """A track file that cannot be used; the message says which, what is wrong and what would be right."""


def load(path: Path, name: str, title: str, description: str) -> Track:
    """Read a track file.

    Args:
        path: a NumPy file of rows (N, 6) or wider, in metres: centre x, y, inner x, y, outer x, y.
        name: name of the track.
        title: its name for people.
        description: a sentence about it.

    Returns:
        The track. Rows keep their order and number, duplicated points included; only a loop without its
        closing row is given one, and borders whose columns are swapped are swapped back.

    Raises:
        FileNotFoundError: no such file.
        TrackFileError: anything that is not a usable track.
    """
    rows = _read(path)
    try:
        return from_rows(rows, name, title, description)
    except ValueError as error:
        raise TrackFileError(f"{path}: {error}") from None


def from_rows(rows: ArrayLike, name: str, title: str, description: str) -> Track:
    """Make a track of rows as they stand in a track file.

    Args:
        rows: (N, 6) or wider, m: centre x, y, inner x, y, outer x, y; further columns are ignored.
        name: name of the track.
        title: its name for people.
        description: a sentence about it.

    Returns:
        The track, cleaned as :func:`load` says.

    Raises:
        ValueError: rows that make no track, in one sentence.
    """
    table = _as_table(rows)
    _refuse_other_units(table)
    table, closed = _close(table)
    centre, inner, outer = table[:, 0:2], table[:, 2:4], table[:, 4:6]
    track = _in_order(Track(name, title, description, centre, inner, outer, closed))
    _refuse_crossed_borders(track)
    return track


def save(track: Track, path: Path) -> None:
    """Write a track file: its rows in their order as float64 (N, 6).

    Raises:
        openracer.atomic.WriteError: the file cannot be written; nothing is left behind.
    """
    rows = np.concatenate([track.centre, track.inner, track.outer], axis=1)
    content = BytesIO()
    np.save(content, rows, allow_pickle=False)
    write_bytes(path, content.getvalue())


def _read(path: Path) -> NDArray[np.generic]:
    if not path.is_file():
        raise FileNotFoundError(_("{path}: there is no such track file").format(path=path))
    if path.stat().st_size > MAXIMUM_BYTES:
        raise TrackFileError(
            _("{path}: a track file has at most {limit} MB").format(
                path=path, limit=MAXIMUM_BYTES // 1_000_000
            )
        )
    with path.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"PK"):
        raise TrackFileError(
            _("{path}: it is an archive of arrays; a track file is one .npy array of shape (N, 6)").format(
                path=path
            )
        )
    if magic != b"\x93NUMPY":
        raise TrackFileError(
            _("{path}: it is not a NumPy .npy file; a track file is one, of shape (N, 6)").format(path=path)
        )
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, SyntaxError, MemoryError, OverflowError, TokenError) as error:
        if "allow_pickle" in str(error):
            message = _("it holds Python objects, which are never loaded; save plain numbers of shape (N, 6)")
        else:
            message = _("it is damaged or cut short; a track file is a NumPy array of shape (N, 6)")
        raise TrackFileError(f"{path}: {message}") from None


def _as_table(rows: ArrayLike) -> Array:
    table = np.asarray(rows)
    if table.ndim != 2 or table.shape[1] < 6:
        raise ValueError(
            _(
                "its shape is {shape}; a track has rows of six numbers: centre x, y, inner x, y, outer x, y"
            ).format(shape=table.shape)
        )
    if table.dtype.kind not in "fiu":
        raise ValueError(
            _("its values are of type {type}; they must be real numbers, in metres").format(type=table.dtype)
        )
    if len(table) > MAXIMUM_ROWS:
        raise ValueError(
            _("it has {count} rows; a track has at most {limit}").format(count=len(table), limit=MAXIMUM_ROWS)
        )
    table = table[:, :6].astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise ValueError(
            _("row {row} has a value that is not a finite number; every coordinate must be one").format(
                row=bad[0]
            )
        )
    distinct = 1 + int((np.diff(table[:, :2], axis=0) != 0.0).any(axis=1).sum()) if len(table) else 0
    if distinct < 3:
        raise ValueError(
            _("it has {count} different points in a row; a track needs at least 3").format(count=distinct)
        )
    return table


def _refuse_other_units(table: Array) -> None:
    """Raise a ValueError if a road is too short or too large to be driven; most often it is not in metres."""
    length = float(arc_length(table[:, :2])[-1])
    width, height = np.ptp(table.reshape(-1, 2), axis=0).tolist()
    if length < SHORTEST_M:
        raise ValueError(
            _("its centre line is {length:.2g} m long; it must be at least {limit:g} m").format(
                length=length, limit=SHORTEST_M
            )
        )
    if width * height > LARGEST_AREA_M2:
        raise ValueError(
            _(
                "it covers {width:.4g} x {height:.4g} m; a track covers at most {limit:g} square metres"
            ).format(width=width, height=height, limit=LARGEST_AREA_M2)
        )


def _close(table: Array) -> tuple[Array, bool]:
    """The rows with a closing row if they are a loop, and whether they are one.

    A loop without a closing row shows in a gap between its ends no longer than twice its longest step.
    """
    centre = table[:, :2]
    gap = float(np.hypot(*(centre[-1] - centre[0])))
    steps = np.diff(arc_length(centre))
    if gap <= CLOSING_TOLERANCE_M:
        table[-1] = table[0]
        closed = True
    elif len(table) >= 8 and gap <= 2.0 * float(steps.max()):
        table = np.concatenate([table, table[:1]])
        closed = True
    else:
        closed = False
    if closed and len(table) < 4:
        raise ValueError(_("it is a loop of fewer than 3 points; a track needs at least 3"))
    return table, closed


def _in_order(track: Track) -> Track:
    """The track with its borders swapped if the file has them the wrong way round."""
    if track.closed:
        swapped = abs(signed_area(track.inner)) > abs(signed_area(track.outer))
    else:
        away = (track.inner - track.outer)[:-1]
        left = np.cos(track.heading) * away[:, 1] - np.sin(track.heading) * away[:, 0]
        swapped = float(np.median(left)) < 0.0
    return replace(track, inner=track.outer, outer=track.inner) if swapped else track


def _refuse_crossed_borders(track: Track) -> None:
    """Raise a ValueError if the centre line leaves the road.

    Rows of old files pair a centre point with border points far ahead or behind (Tokyo_Training_track),
    so only the rings as a whole can say whether the centre line runs between them.
    """
    ends = slice(None) if track.closed else slice(1, -1)
    wrong = np.flatnonzero(~track.on_road(track.centre[ends]))
    if len(wrong):
        raise ValueError(
            _(
                "its centre line touches or crosses a border at row {row}; it must run between the "
                "inner and the outer border"
            ).format(row=wrong[0] + (ends.start or 0))
        )
