"""Finding the reward function that a user names: a file of theirs or one of the examples."""

from pathlib import Path

from openracer.language import gettext as _
from openracer.rewards import examples


def read_reward(choice: str) -> str:
    """The code that a user chose.

    Args:
        choice: path of a Python file, or the name of an example. What exists as a file is taken as one.

    Raises:
        FileNotFoundError: it looks like a path, and there is no such file.
        ValueError: it is neither, or the file is no text.
    """
    path = Path(choice)
    if path.is_file():
        return read_file(path)
    if path.suffix or len(path.parts) != 1:
        raise FileNotFoundError(
            _("{file}: there is no such file; a reward function is a Python file").format(file=path)
        )
    return examples.source(choice)


def read_file(path: Path) -> str:
    """The code in a file.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no UTF-8 text.
    """
    if not path.is_file():
        raise FileNotFoundError(_("{file}: there is no such file").format(file=path))
    try:
        return path.read_text(
            encoding="utf-8-sig"
        )  # editors on Windows put a mark before the first character
    except UnicodeDecodeError as error:
        message = _("{file}: not a text file in UTF-8 (byte {byte}); save it as UTF-8")
        raise ValueError(message.format(file=path, byte=error.start)) from error
