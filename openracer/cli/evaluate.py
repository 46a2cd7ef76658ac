"""``openracer evaluate``: let a trained model drive, and show its laps."""

from pathlib import Path
from typing import Annotated

import typer

from openracer.language import gettext as _


def evaluate(
    name: Annotated[str, typer.Argument(help=_("Name of a model, or path of its folder."))],
    track: Annotated[str | None, typer.Option(help=_("Another track than it was trained on."))] = None,
) -> None:
    """Drive some trials with the model's best actions."""
