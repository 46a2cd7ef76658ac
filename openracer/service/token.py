"""The console's token: made at its start, and left in the data folder for the command line of the same user."""

import os
import secrets
from pathlib import Path

from openracer import locations
from openracer.atomic import replacing

ENVIRONMENT = "OPENRACER_TOKEN"


def make_token(folder: Path | None = None) -> str:
    """Make a token and write it where only this user can read it.

    Args:
        folder: of the console; None is the one in the user's data folder.

    Returns:
        What the variable OPENRACER_TOKEN says, else something that nobody can guess.

    Raises:
        WriteError: it cannot be written.
    """
    token = os.environ.get(ENVIRONMENT) or secrets.token_urlsafe(32)
    with replacing(_file(folder)) as temporary:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
    return token


def known_token() -> str | None:
    """The token to use towards a console: the variable's, or that of this user's own console."""
    if token := os.environ.get(ENVIRONMENT):
        return token
    path = _file(None)
    return path.read_text().strip() if path.is_file() else None


def _file(folder: Path | None) -> Path:
    return (folder or locations.console_folder()) / "token"
