"""What the car's network sees of a picture: OpenCV's resizing without smoothing, and its greys.

The camera takes 640 x 480 pixels; aws-deepracer-camera-pkg makes 160 x 120 of them with OpenCV's bilinear ``resize``,
aws-deepracer-inference-pkg makes them grey with ``cvtColor``. The simulator smooths before it shrinks.
"""

import numpy as np
from numpy.typing import NDArray

FRAME_SHAPE = (120, 160)
_GREY = (0.299, 0.587, 0.114)


def network_frame(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The grey frame (120, 160) that the network gets of a picture (H, W, 3) red, green, blue."""
    resized = resize(picture)
    return np.floor(resized.astype(np.float64) @ np.array(_GREY) + 0.5).astype(np.uint8)


def resize(picture: NDArray[np.uint8], shape: tuple[int, int] = FRAME_SHAPE) -> NDArray[np.uint8]:
    """A picture (H, W, C) at another size (h, w), each pixel from its four nearest, as OpenCV does (INTER_LINEAR)."""
    if picture.shape[:2] == shape:
        return picture
    high, high_share = _sources(picture.shape[0], shape[0])
    wide, wide_share = _sources(picture.shape[1], shape[1])
    rows = _mixed(picture[high], picture[high + 1], high_share[:, np.newaxis, np.newaxis])
    columns = _mixed(rows[:, wide], rows[:, wide + 1], wide_share[np.newaxis, :, np.newaxis])
    return np.floor(columns + 0.5).astype(np.uint8)


def _sources(size: int, wanted: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each wanted place the first of two neighbours, and the share of the second."""
    place = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
    first = np.minimum(place.astype(np.int64), size - 2)
    return first, place - first


def _mixed(
    first: NDArray[np.generic], second: NDArray[np.generic], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    return first.astype(np.float64) * (1.0 - share) + second.astype(np.float64) * share
