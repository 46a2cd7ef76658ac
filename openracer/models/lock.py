"""One process at a time may change a model: the one that trains it, or the one that deletes it."""

import fcntl
import os
from types import TracebackType
from typing import Self

from openracer.atomic import WriteError
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder


class ModelInUseError(ValueError):
    """Another process holds the model."""


class ModelLock:
    """Holds a model until it is closed, or, if child processes inherit the descriptor, until the last of them ends.

    The system releases it however the processes end. A context manager.

    Args:
        folder: of the model.

    Attributes:
        descriptor: the open lock file, to give to a child process.

    Raises:
        ModelInUseError: another process holds it.
        WriteError: the lock file cannot be made.
    """

    def __init__(self, folder: ModelFolder):
        path = folder.own_folder / "lock"
        try:
            self.descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise WriteError(path, error) from error
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self.descriptor)
            raise ModelInUseError(
                _("model {name} is being trained by another process; wait for it or stop it first").format(
                    name=folder.name
                )
            ) from None

    def close(self) -> None:
        """Let go of it in this process."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
