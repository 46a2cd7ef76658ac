"""How the command line prints: how wide, how it breaks lines of Korean, what help says of an option."""

import os

import typer.core
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_UNLIMITED = 10_000


def table_console() -> Console:
    """The console for tables: as wide as the terminal.

    Without a limit where a file or another program reads, so that every row stays one line with its names whole.
    """
    console = Console()
    if console.is_terminal or "COLUMNS" in os.environ:
        return console
    return Console(width=_UNLIMITED)


def measure_line_ends_in_cells() -> None:
    """Teach rich to drop the space at which it broke a line, also after letters that are two cells wide.

    rich (15.0) compares the number of letters with the width in cells. A line of Korean that exactly fills its
    column therefore keeps that space, is one cell too long, and loses its last letter to an ellipsis.
    """
    Text.rstrip_end = _rstrip_end  # type: ignore[method-assign, assignment]


def hide_types_of_flags() -> None:
    """Teach Typer's help to say ``--json`` and not ``--json <bool>``: a flag takes no value.

    Typer (0.29) writes the type of every option there.
    """
    written = getattr(typer.core.TyperOption, "display_type_rich", None)
    if written is not None:
        typer.core.TyperOption.display_type_rich = (  # type: ignore[method-assign]
            lambda option, ctx: None if option.is_flag else written(option, ctx)  # type: ignore[assignment]
        )


def _rstrip_end(text: Text, size: int) -> None:
    """Remove the spaces beyond ``size`` cells at the end."""
    excess = cell_len(text.plain) - size
    if excess > 0:
        spaces = len(text.plain) - len(text.plain.rstrip())
        text.right_crop(min(spaces, excess))
