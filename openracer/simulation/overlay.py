"""Words over a view: what the race is, who drives, and how it goes, as the original's videos show it."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from openracer.language import gettext as _

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Fonts with Korean and Latin letters as the common systems install them, the nicest first.
_FONT_NAMES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKkr-Regular.otf",
    "NotoSansKR-Regular.otf",
    "NotoSansKR-Regular.ttf",
    "NotoSansKR[wght].ttf",
    "NanumGothic.ttf",
    "NanumBarunGothic.ttf",
    "AppleSDGothicNeo.ttc",
    "malgun.ttf",
    "UnDotum.ttf",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "wqy-zenhei.ttc",
)
_FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)


@dataclass(frozen=True)
class Caption:
    """What the overlay says.

    Attributes:
        model_name: of the driver.
        trial: number of the trial or lap, from 1.
        trials: how many there are.
        race_time: time of this trial so far, s.
        resets: how often the car was put back.
        speed: of the car, m/s.
        title: kind of the race, already in the reader's language; time trial evaluation if empty.
    """

    model_name: str
    trial: int
    trials: int
    race_time: float
    resets: int
    speed: float
    title: str = ""


def format_race_time(seconds: float) -> str:
    """Minutes, seconds and milliseconds, ``MM:SS.mmm``."""
    milliseconds = max(0, round(seconds * 1000))
    return f"{milliseconds // 60000:02d}:{milliseconds // 1000 % 60:02d}.{milliseconds % 1000:03d}"


def draw_caption(image: NDArray[np.uint8], caption: Caption) -> None:
    """Write the caption into the upper left corner of a view.

    Args:
        image: (H, W, 3) uint8, changed in place. Sizes follow its height.
        caption: what to write.
    """
    unit = max(image.shape[0] / 540.0, 0.4)
    lines = (
        (caption.title or _words(_("Time trial evaluation"), "Time trial evaluation"), 17, (206, 214, 226)),
        (caption.model_name, 26, (255, 255, 255)),
        (format_race_time(caption.race_time), 38, (255, 255, 255)),
        (f"{_words(_('Trial'), 'Trial')} {caption.trial}/{caption.trials}", 20, (255, 255, 255)),
        (f"{_words(_('Resets'), 'Resets')} {caption.resets}", 20, (255, 255, 255)),
        (f"{_words(_('Speed'), 'Speed')} {caption.speed:.2f} m/s", 20, (255, 255, 255)),
    )
    pad, gap = round(14 * unit), round(6 * unit)
    pieces = [text_stencil(text, round(size * unit)) for text, size, _colour in lines]
    width = max(max(piece.shape[1] for piece in pieces), round(200 * unit)) + 2 * pad
    height = sum(piece.shape[0] + gap for piece in pieces) - gap + 2 * pad
    panel = image[pad : pad + height, pad : pad + width]
    panel[:] = (panel * 0.38).astype(np.uint8)
    top = 2 * pad
    for piece, (_text, _size, colour) in zip(pieces, lines, strict=True):
        blend(image, piece, top, 2 * pad, colour)
        top += piece.shape[0] + gap


def blend(
    image: NDArray[np.uint8], cover: NDArray[np.uint8], top: int, left: int, colour: tuple[int, int, int]
) -> None:
    """Paint a colour through an (h, w) uint8 stencil into an (H, W, 3) uint8 image, cut off at its edges."""
    part = image[top : top + cover.shape[0], left : left + cover.shape[1]]
    share = cover[: part.shape[0], : part.shape[1], None] / 255.0
    part[:] = np.rint(part + share * (np.array(colour) - part)).astype(np.uint8)


@cache
def find_font(size: int) -> Font:
    """A font of that height in pixels, with Korean letters if the system has one.

    The environment variable ``OPENRACER_FONT`` names a font file to use instead.
    """
    chosen = os.environ.get("OPENRACER_FONT")
    for path in [Path(chosen)] if chosen else _font_files():
        try:
            return ImageFont.truetype(str(path), size)
        except OSError:
            continue
    return ImageFont.load_default(size)


@cache
def can_show(text: str) -> bool:
    """Whether the font has every letter of the text."""
    font = find_font(24)
    missing = font.getmask("\U0010fffe")
    blank = (missing.size, bytes(missing))
    return all(ord(letter) < 128 or _drawn(font, letter) != blank for letter in set(text))


def _drawn(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def _words(translated: str, english: str) -> str:
    """The translation, or the English words where no font on this machine has the letters for it."""
    return translated if can_show(translated) else english


@cache
def _font_files() -> tuple[Path, ...]:
    """The fonts of :data:`_FONT_NAMES` that are installed, in that order."""
    found: dict[str, Path] = {}
    for path in _all_fonts():
        found.setdefault(path.name, path)
    return tuple(found[name] for name in _FONT_NAMES if name in found)


def _all_fonts() -> Iterator[Path]:
    windows = sys.platform == "win32"
    for folder in _FONT_FOLDERS:
        if folder.startswith("C:") == windows or folder.startswith("~"):
            yield from Path(folder).expanduser().rglob("*.[ot]t[fc]")


@lru_cache(256)
def text_stencil(text: str, size: int) -> NDArray[np.uint8]:
    """A line of text as an (h, w) uint8 stencil; all lines of one size are equally high."""
    font = find_font(size)
    box = font.getbbox(text or " ")
    stencil = Image.new("L", (max(1, round(box[2])), round(size * 1.2)))
    ImageDraw.Draw(stencil).text((0, size), text, fill=255, font=font, anchor="ls")
    return np.asarray(stencil)
