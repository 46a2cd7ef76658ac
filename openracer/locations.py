"""Where a user's own things live: models, imported tracks, and the cache of compiled kernels."""

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

_APPLICATION = "openracer"
_KERNEL_PACKAGES = ("agents", "environments", "simulation", "tracks")
_CACHE_LIFETIME_S = 30 * 24 * 3600.0
_homes: list[Callable[[], str | None]] = []


def data_folder() -> Path:
    """The folder that holds everything the current user owns: a sub-folder where many use one installation."""
    return home_folder(next((name for home in _homes if (name := home()) is not None), None))


def home_folder(name: str | None) -> Path:
    """The folder of the user of a name; None is the only user of an installation where nobody signs in."""
    return installation_folder() if name is None else installation_folder() / "people" / name


def ask_for_home(home: Callable[[], str | None]) -> None:
    """Let whoever knows tell the name of the current user's folder; None where there is but one user."""
    _homes.append(home)


def installation_folder() -> Path:
    """The folder that holds everything of all users of this installation.

    Returns:
        ``$OPENRACER_HOME`` if set, else the platform's usual place for application data. It may not exist yet.

    Raises:
        FileNotFoundError: the system knows no home folder.
    """
    chosen = os.environ.get("OPENRACER_HOME")
    try:
        if chosen:
            return Path(chosen).expanduser()
        return Path(platformdirs.user_data_dir(_APPLICATION, appauthor=False))
    except RuntimeError:
        # Not translated: language and locations know nothing of each other.
        raise FileNotFoundError(
            "this user has no home folder; set OPENRACER_HOME to the full path of a folder for models and tracks"
        ) from None


def models_folder() -> Path:
    """The folder with one sub-folder for each model."""
    return data_folder() / "models"


def tracks_folder() -> Path:
    """The folder of imported tracks."""
    return data_folder() / "tracks"


def console_folder() -> Path:
    """What the console keeps for itself: the database of its jobs, its token."""
    return installation_folder() / "console"


def league_folder() -> Path:
    """What belongs to races: their tracks, and what was submitted to them."""
    return installation_folder() / "league"


def drives_folder() -> Path:
    """The folder of what the user drove by hand, one sub-folder for each drive."""
    return data_folder() / "drives"


def races_folder() -> Path:
    """The folder of the races that the user's models drove against each other, one sub-folder for each race."""
    return data_folder() / "races"


def garage_folder() -> Path:
    """The folder of the user's vehicles."""
    return data_folder() / "garage"


def kernel_cache_folder() -> Path:
    """Where Numba keeps compiled kernels of exactly these sources.

    Numba itself only notices changes in a kernel's own file, not in kernels that it calls from other files; so every
    state of the sources has a folder of its own. When a new one is made, those older than a month are removed.
    """
    package = Path(__file__).parent
    fingerprint = hashlib.sha256()
    for source in sorted(source for name in _KERNEL_PACKAGES for source in (package / name).rglob("*.py")):
        fingerprint.update(source.read_bytes())
    caches = _writable_cache_folder() / "kernels"
    folder = caches / fingerprint.hexdigest()[:16]
    if not folder.is_dir():
        for old in caches.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # another process removes it just now
                if time.time() - old.stat().st_mtime > _CACHE_LIFETIME_S:
                    shutil.rmtree(old, ignore_errors=True)
    return folder


def _writable_cache_folder() -> Path:
    """The user's folder for caches, or where there is none to write in, one among the temporary files."""
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: the system knows no home folder
        folder = Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False))
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    shared = Path(tempfile.gettempdir()) / f"{_APPLICATION}-{os.getuid()}"
    with contextlib.suppress(OSError):
        shared.mkdir(mode=0o700, exist_ok=True)
        found = shared.lstat()
        # Numba's caches are pickles: one that somebody else could write to would run their code.
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
            return shared
    return Path(tempfile.mkdtemp(prefix=f"{_APPLICATION}-"))
