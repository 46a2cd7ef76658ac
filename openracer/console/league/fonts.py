"""Where a system has a font with Korean letters; we ship none, because each takes megabytes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_FILES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 1),
    ("NotoSansKR-Regular.otf", "NotoSansKR-Bold.otf", 0),
    ("NanumGothic.ttf", "NanumGothicBold.ttf", 0),
    ("AppleSDGothicNeo.ttc", "AppleSDGothicNeo.ttc", 0),
    ("malgun.ttf", "malgunbd.ttf", 0),
)
"""Regular and bold face with the number of the Korean font in the file: Debian, Google, Naver, macOS, Windows."""


@dataclass(frozen=True)
class KoreanFont:
    """Files of a font: regular, bold, and which font in them."""

    regular: Path
    bold: Path
    number: int


@cache
def korean_font() -> KoreanFont | None:
    """The first that is there; None without one."""
    for regular, bold, number in _FILES:
        for folder in map(Path, _FOLDERS):
            found = {
                path.name: path for path in folder.expanduser().rglob(f"{regular[:5]}*") if path.is_file()
            }
            if regular in found:
                return KoreanFont(found[regular], found.get(bold, found[regular]), number)
    return None
