"""Real frames beside their renderings, in colour, with labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benchmarks.camera_poses import Poses, TrackCamera
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.palette import Palette

_SCALE = 2
_GAP, _LABEL = 6, 20
_DIFFERENCE_GAIN = 3
_PAPER, _INK = (250, 250, 250), (30, 30, 30)
_TITLES = ("real", "rendered", f"{_DIFFERENCE_GAIN} times the grey difference")


def render_colours(camera: TrackCamera, poses: Poses, palette: Palette) -> NDArray[np.uint8]:
    """(N, 120, 160, 3) frames in red, green and blue: three grey renderings with the palette's channels."""
    channels = [np.ascontiguousarray(channel)[None] for channel in palette.rgb().T]
    return np.stack([camera.render(poses, channel) for channel in channels], axis=-1)


def save_sheet(
    path: Path,
    real: NDArray[np.uint8],
    rendered: NDArray[np.uint8],
    difference: NDArray[np.float64],
    labels: Sequence[str],
) -> None:
    """Write a sheet with one row of pictures a frame.

    Args:
        path: of the PNG file.
        real: (N, 120, 160, 3).
        rendered: (N, 120, 160, 3).
        difference: (N, 120, 160) grey levels, real less rendered.
        labels: (N,) what to write over each row.
    """
    width, height = _SCALE * FRAME_WIDTH, _SCALE * FRAME_HEIGHT
    sheet = Image.new("RGB", (3 * width + 4 * _GAP, len(labels) * (height + _LABEL + _GAP)), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    shown = np.clip(_DIFFERENCE_GAIN * np.abs(difference), 0, 255).astype(np.uint8)
    for row, label in enumerate(labels):
        top = row * (height + _LABEL + _GAP)
        pictures = (real[row], rendered[row], np.repeat(255 - shown[row][..., None], 3, axis=2))
        for column, (picture, title) in enumerate(zip(pictures, _TITLES, strict=True)):
            left = _GAP + column * (width + _GAP)
            draw.text((left, top + 2), f"{title}  {label}" if column == 0 else title, _INK, font)
            # Every pixel stays a square, so that edges can be judged.
            sheet.paste(
                Image.fromarray(picture).resize((width, height), Image.Resampling.NEAREST),
                (left, top + _LABEL),
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    # The scenes have few colours, and a palette of them makes the file a third as large.
    sheet.quantize(256).save(path, optimize=True)
