"""Where a user's own things live: models, imported tracks, compiled kernels' companions."""

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The folder that holds everything the user owns.

    Returns:
        ``$OPENRACER_HOME`` if set, else the platform's usual place for application data. It may not exist yet.
    """
    chosen = os.environ.get("OPENRACER_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("openracer", appauthor=False))


def models_folder() -> Path:
    """The folder with one sub-folder for each model."""
    return data_folder() / "models"


def tracks_folder() -> Path:
    """The folder of imported tracks."""
    return data_folder() / "tracks"
