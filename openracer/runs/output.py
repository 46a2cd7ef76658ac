"""What user code prints while a model trains: kept in a file that cannot grow without end."""

import io
from typing import TextIO

LIMIT = 10_000_000
"""Characters: a reward function that prints its ``params`` at every step would fill the disk within minutes."""


class LimitedOutput(io.TextIOBase):
    """A text stream that passes on so many characters and then drops all that follows, having said so once.

    Args:
        stream: where the text goes.
        limit: characters.
    """

    def __init__(self, stream: TextIO, limit: int = LIMIT) -> None:
        self._stream = stream
        self._left = limit

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Pass on as much of the text as is still wanted."""
        if self._left > 0:
            self._stream.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._stream.write("\n... what is printed from here on is not kept.\n")
                self._stream.flush()
        return len(text)

    def flush(self) -> None:
        """Pass it on."""
        self._stream.flush()
