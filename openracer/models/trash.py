"""Deleted models wait here for a month, so that a deletion can be taken back."""

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from openracer import locations
from openracer.atomic import WriteError, synchronise
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder
from openracer.models.library import ModelExistsError, ModelNotFoundError
from openracer.models.lock import ModelLock

LIFETIME_S = 30 * 24 * 3600.0
_ENTRY = re.compile(r"(\d{20})-(.+)")


@dataclass(frozen=True)
class DiscardedModel:
    """A model in the trash.

    Attributes:
        name: it had.
        path: where it lies.
        time: when it was discarded, seconds of the epoch.
    """

    name: str
    path: Path
    time: float


def discard_model(folder: ModelFolder) -> DiscardedModel:
    """Move one of the user's models into the trash, and forget what has been there for a month.

    Raises:
        ModelInUseError: it is being trained.
        WriteError: it cannot be moved.
    """
    now = time.time_ns()
    target = _trash() / f"{now:020d}-{folder.name}"
    with ModelLock(folder):
        try:
            target.parent.mkdir(exist_ok=True)
            folder.path.rename(target)
            synchronise(folder.path.parent)
        except OSError as error:
            raise WriteError(folder.path, error) from error
    empty_trash(older_than_s=LIFETIME_S)
    return DiscardedModel(folder.name, target, now / 1e9)


def discarded_models() -> list[DiscardedModel]:
    """What is in the trash, the latest first."""
    found = []
    for path in _trash().glob("*"):
        if match := _ENTRY.fullmatch(path.name):
            found.append(DiscardedModel(match[2], path, int(match[1]) / 1e9))
    return sorted(found, key=lambda model: model.time, reverse=True)


def restore_model(discarded: DiscardedModel) -> ModelFolder:
    """Take a model out of the trash.

    Raises:
        ModelNotFoundError: it is no longer there.
        ModelExistsError: another model has its name now.
        WriteError: it cannot be moved.
    """
    target = locations.models_folder() / discarded.name
    if not discarded.path.is_dir():
        raise ModelNotFoundError(_("{name} is no longer in the trash").format(name=discarded.name))
    if target.exists():
        raise ModelExistsError(
            _("there is another model {name!r} now; delete that first").format(name=discarded.name)
        )
    try:
        discarded.path.rename(target)
        synchronise(target.parent)
    except OSError as error:
        raise WriteError(target, error) from error
    return ModelFolder(target)


def empty_trash(older_than_s: float = 0.0) -> None:
    """Delete for good what has been in the trash for longer than so many seconds."""
    for model in discarded_models():
        if time.time() - model.time >= older_than_s:
            shutil.rmtree(model.path, ignore_errors=True)


def _trash() -> Path:
    # Inside the folder of models, so that a model is moved within one file system; lists pass over hidden names.
    return locations.models_folder() / ".trash"
