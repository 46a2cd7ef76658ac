"""One process at a time may train a model."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from openracer.language import gettext as _


class ModelInUseError(ValueError):
    """Another process is training the model."""


class ModelLock:
    """Holds a model for this process; the system releases it when the process ends, however it ends.

    Args:
        path: of the lock file; made if it is missing.
        name: of the model, for the error.

    Raises:
        ModelInUseError: another process holds it.
    """

    def __init__(self, path: Path, name: str):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            _lock(self._file)
        except OSError:
            os.close(self._file)
            raise ModelInUseError(
                _("model {name} is being trained by another process; wait for it or stop it first").format(
                    name=name
                )
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
