"""The opponent of a model: another one whose weights are kept with it, so that it stays as it was."""

import shutil
from pathlib import Path

from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder


def opponent_of(folder: ModelFolder) -> ModelFolder:
    """Where a model's opponent is kept, as a small model folder of its own; it may not be there."""
    return ModelFolder(folder.own_folder / "opponent")


def keep_opponent(opponent: ModelFolder, target: Path) -> None:
    """Copy what an opponent needs to drive into a folder: its description and its best checkpoint.

    Raises:
        FileNotFoundError: it has no checkpoint.
        ValueError: a file of it is damaged.
        OSError: the folder cannot be written.
    """
    name = opponent.checkpoints.find("best")
    opponent.description()
    kept = ModelFolder(target)
    for source, copy in (
        (opponent.description_file, kept.description_file),
        (opponent.reward_file, kept.reward_file),
        (opponent.checkpoints.path(name), kept.checkpoints.path(name)),
    ):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def kept_opponent(folder: ModelFolder) -> ModelFolder:
    """The opponent that is kept with a model.

    Raises:
        FormatError: it is not there.
    """
    kept = opponent_of(folder)
    if not kept.description_file.is_file():
        raise FormatError(
            _("the opponent of {name} is missing; it is kept in {folder}").format(
                name=folder.name, folder=kept.path
            )
        )
    return kept
