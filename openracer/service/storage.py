"""How much room the user's data take on the disk."""

import os
from dataclasses import dataclass
from pathlib import Path

from openracer import locations
from openracer.models.trash import discarded_models


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes.

    Attributes:
        models: of all models.
        trash: of the deleted models that can still be had back.
        rest: of everything else in the data folder.
        free: on the disk.
    """

    models: int
    trash: int
    rest: int
    free: int


def used_storage() -> Storage:
    """Add up the files of the data folder; takes a moment where there are many."""
    trash = sum(size_of(model.path) for model in discarded_models())
    models = size_of(locations.models_folder()) - trash
    everything = size_of(locations.data_folder())
    return Storage(models, trash, max(everything - models - trash, 0), _free(locations.data_folder()))


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += Path(place, name).lstat().st_size
            except OSError:  # deleted meanwhile
                continue
    return total


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
