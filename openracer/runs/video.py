"""MP4 files from RGB frames."""

import errno
import os
import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

from openracer.language import gettext as _

_QUALITY = {"crf": "23", "preset": "veryfast", "threads": "1"}


class VideoWriter:
    """Writes an H.264 video (MPEG-4 where the encoder is missing) that browsers play while it loads.

    A context manager: the file appears under its name when the block ends well, and not at all when it ends with an
    exception; until then the video is in a temporary file beside it.

    Args:
        path: of the file, usually ending in ``.mp4``.
        width: of the frames, pixels, an even number.
        height: of the frames, pixels, an even number.
        frames_per_second: of the video.

    Raises:
        ValueError: width or height is not a positive even number, or the frame rate not positive.
        OSError: the file cannot be written, with the reason.
    """

    def __init__(self, path: Path, width: int, height: int, frames_per_second: float) -> None:
        if width <= 0 or height <= 0 or width % 2 or height % 2:
            raise ValueError(f"video {path}: size is {width}x{height}; both must be positive even numbers")
        if frames_per_second <= 0:
            raise ValueError(f"video {path}: frame rate is {frames_per_second}; it must be positive")
        self._path = path
        self._temporary = path.with_name(f".{path.name}.part")
        self._size = (height, width)
        rate = Fraction(frames_per_second).limit_denominator(1001)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._container = av.open(
                str(self._temporary), "w", format="mp4", options={"movflags": "faststart"}
            )
        except OSError as error:
            raise _explain(path, error) from error
        has_h264 = "libx264" in av.codecs_available
        self._stream = self._container.add_stream("libx264" if has_h264 else "mpeg4", rate=rate)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        if has_h264:
            self._stream.options = dict(_QUALITY)
        else:
            self._stream.bit_rate = 4_000_000

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Append a frame.

        Args:
            frame: (height, width, 3) uint8, red, green, blue.

        Raises:
            ValueError: the frame has another shape or type.
            OSError: the file cannot be written, with the reason.
        """
        if frame.shape != (*self._size, 3) or frame.dtype != np.uint8:
            raise ValueError(
                f"video {self._path}: frame is {frame.dtype} of shape {frame.shape}; "
                f"it must be uint8 of shape {(*self._size, 3)}"
            )
        self._encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24"))

    def close(self) -> None:
        """Finish the video and put it under its name.

        Raises:
            OSError: the file cannot be written, with the reason.
        """
        self._encode(None)
        try:
            self._container.close()
            self._temporary.replace(self._path)
        except OSError as error:
            self.abandon()
            raise _explain(self._path, error) from error

    def abandon(self) -> None:
        """Give the video up and leave nothing behind."""
        try:
            self._container.close()
        except OSError:
            pass  # the disk is full or gone; there is nothing left to save
        finally:
            self._temporary.unlink(missing_ok=True)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        """Encode a frame, or what the encoder still holds back."""
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except OSError as error:
            self.abandon()
            raise _explain(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def check_place(path: Path) -> None:
    """Find out whether a video can be written, before the work for it is done.

    Args:
        path: of the file; its folder is made if it is missing.

    Raises:
        OSError: it cannot, with the reason.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: OSError) -> OSError:
    """The error as one sentence, without its number in front."""
    plain = OSError(_("video {file} cannot be written: {reason}").format(file=path, reason=error.strerror))
    plain.errno = error.errno
    return plain
