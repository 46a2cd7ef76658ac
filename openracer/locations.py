"""Where a user's own things live: models, imported tracks, and the cache of compiled kernels."""

import hashlib
import os
import shutil
import time
from pathlib import Path

import platformdirs

_APPLICATION = "openracer"
_KERNEL_PACKAGES = ("agents", "environments", "simulation", "tracks")
_CACHE_LIFETIME_S = 30 * 24 * 3600.0


def data_folder() -> Path:
    """The folder that holds everything the user owns.

    Returns:
        ``$OPENRACER_HOME`` if set, else the platform's usual place for application data. It may not exist yet.
    """
    chosen = os.environ.get("OPENRACER_HOME")
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_data_dir(_APPLICATION, appauthor=False))


def models_folder() -> Path:
    """The folder with one sub-folder for each model."""
    return data_folder() / "models"


def tracks_folder() -> Path:
    """The folder of imported tracks."""
    return data_folder() / "tracks"


def kernel_cache_folder() -> Path:
    """Where Numba keeps compiled kernels of exactly these sources.

    Numba itself only notices changes in a kernel's own file, not in kernels that it calls from other files; so every
    state of the sources has a folder of its own. Folders that were not used for a month are removed.
    """
    package = Path(__file__).parent
    fingerprint = hashlib.sha256()
    for source in sorted(source for name in _KERNEL_PACKAGES for source in (package / name).rglob("*.py")):
        fingerprint.update(source.read_bytes())
    caches = Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False)) / "kernels"
    folder = caches / fingerprint.hexdigest()[:16]
    if not folder.is_dir():
        for old in caches.glob("*"):
            if time.time() - old.stat().st_mtime > _CACHE_LIFETIME_S:
                shutil.rmtree(old, ignore_errors=True)
    return folder
