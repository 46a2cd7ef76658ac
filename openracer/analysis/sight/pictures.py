"""Camera frames to ask a model about: those of a recorded drive, rendered again, and a user's own pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.runs.film import camera_frames
from openracer.simulation.body import FRONT_POINT_AHEAD
from openracer.simulation.lens import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.palette import PALETTES
from openracer.simulation.scenery import Scenery
from openracer.tracks.track import Track

Frames = NDArray[np.uint8]
"""``(K, 120, 160)`` grey frames."""

SUFFIXES = (".png", ".jpg", ".jpeg")
LUMA = (0.2989, 0.5870, 0.1140)
"""Weights of red, green and blue (aws-deepracer-community/deepracer-simapp, the camera's ``sensors``)."""


class Pictures(Protocol):
    """Frames that are made when they are asked for, so that a long drive needs no more memory than a short one."""

    def __len__(self) -> int:
        """How many there are."""

    def frames(self, which: Sequence[int] | NDArray[np.int64]) -> Frames:
        """Some of them, ``(K, 120, 160)``."""

    def name(self, number: int) -> str:
        """What to call one of them."""


@dataclass(frozen=True, eq=False)
class DrivePictures:
    """What the car saw in the rows of a drive: the simulator renders it again from the poses.

    Attributes:
        rows: steps of :func:`openracer.analysis.load`; ``x``, ``y``, ``yaw``, ``episode`` and ``steps`` are read.
        track: that they were driven on.
    """

    rows: pd.DataFrame
    track: Track

    def __len__(self) -> int:
        """One frame for each row."""
        return len(self.rows)

    def frames(self, which: Sequence[int] | NDArray[np.int64]) -> Frames:
        """The frames of some rows, ``(K, 120, 160)``."""
        x, y, yaw = self.poses
        chosen = np.asarray(which, np.int64)
        return camera_frames(self._scenery, x[chosen], y[chosen], yaw[chosen])

    @cached_property
    def poses(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Origin of the car, m, and its heading, rad; a trace has its front point and degrees."""
        x, y, yaw_deg = self.rows[["x", "y", "yaw"]].to_numpy(np.float64).T
        yaw = np.radians(yaw_deg)
        return x - FRONT_POINT_AHEAD * np.cos(yaw), y - FRONT_POINT_AHEAD * np.sin(yaw), yaw

    def name(self, number: int) -> str:
        """Episode and step."""
        row = self.rows.iloc[number]
        return _("episode {episode}, step {step}").format(episode=int(row["episode"]), step=int(row["steps"]))

    @cached_property
    def _scenery(self) -> Scenery:
        return Scenery([self.track], PALETTES[:1])


@dataclass(frozen=True)
class FilePictures:
    """Pictures of a folder, of any size, made into frames as the simulator does it.

    Attributes:
        files: PNG or JPEG.
    """

    files: tuple[Path, ...]

    def __len__(self) -> int:
        """One frame for each file."""
        return len(self.files)

    def frames(self, which: Sequence[int] | NDArray[np.int64]) -> Frames:
        """The frames of some files, ``(K, 120, 160)``.

        Raises:
            FormatError: one is no picture.
        """
        chosen = [read_picture(self.files[int(number)]) for number in which]
        return np.stack(chosen) if chosen else np.empty((0, FRAME_HEIGHT, FRAME_WIDTH), np.uint8)

    def name(self, number: int) -> str:
        """Name of the file."""
        return self.files[number].name


def pictures_in(folder: Path) -> FilePictures:
    """The pictures of a folder in the order of their names.

    Raises:
        FileNotFoundError: there is none.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise FileNotFoundError(_("there is no PNG or JPG picture in {folder}").format(folder=folder))
    return FilePictures(tuple(files))


def read_picture(path: Path) -> NDArray[np.uint8]:
    """A picture as a frame ``(120, 160)``: resized bilinearly, then grey.

    Raises:
        FormatError: it is no picture.
    """
    try:
        with Image.open(path) as picture:
            colours = picture.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise FormatError(
            _("{file} is no picture that can be read; it must be a PNG or JPG").format(file=path)
        ) from None
    small = colours.resize((FRAME_WIDTH, FRAME_HEIGHT), Image.Resampling.BILINEAR)
    return (np.asarray(small, np.float64) @ np.array(LUMA)).astype(np.uint8)
