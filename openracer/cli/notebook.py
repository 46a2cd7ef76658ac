"""``openracer notebook``: the notebooks of training and analysis, copied to a folder of the user's and opened."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from openracer.language import current_language
from openracer.language import gettext as _


def notebook(
    name: Annotated[
        str | None,
        typer.Argument(help=_("Model or log that the notebooks look at; default: one that they train.")),
    ] = None,
    folder: Annotated[Path, typer.Option(help=_("Where the copies go; those that are there stay."))] = Path(
        "openracer-notebooks"
    ),
    open_them: Annotated[bool, typer.Option("--open/--no-open", help=_("Open them in Jupyter."))] = True,
) -> None:
    """Copy the notebooks and open Jupyter."""
    from openracer.analysis.notebooks import copy_notebooks

    if name is not None:
        _check_source(name)
    chosen = folder if name is None else folder / Path(name).stem
    for copy in copy_notebooks(chosen, None if name is None else _place(name)):
        typer.echo(str(copy))
    if not open_them:
        return
    if importlib.util.find_spec("jupyterlab") is None:
        message = _(
            "the notebooks are in {folder}; to open them, install Jupyter with pip install 'openracer[notebook]'"
        )
        raise ValueError(message.format(folder=chosen))
    environment = os.environ | {"OPENRACER_LANGUAGE": current_language()}
    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(chosen)], env=environment))


def _check_source(name: str) -> None:
    """Refuse what is neither a model nor a file or folder.

    Raises:
        FileNotFoundError: it is none.
    """
    from openracer.models.library import open_model

    if not Path(name).exists():
        open_model(name)


def _place(name: str) -> str:
    """A path that is found from the notebooks' folder; a model's name as it is."""
    path = Path(name)
    return str(path.resolve()) if path.exists() else name
