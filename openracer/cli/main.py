"""The command ``openracer``: one sub-command for each noun, and how errors are told."""

import os
import sys

import typer

from openracer import __version__
from openracer.atomic import plain_reason
from openracer.cli import (
    car,
    console,
    evaluate,
    league,
    logs,
    model,
    notebook,
    people,
    race,
    reward,
    track,
    train,
    vehicle,
)
from openracer.cli.screen import hide_types_of_flags, measure_line_ends_in_cells
from openracer.language import gettext as _

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=_("Train a small race car to drive from its camera, and race it."),
)
app.command(
    "train",
    help=_("Train a model until a stop condition holds; Ctrl-C finishes the iteration and saves."),
)(train.train)
app.command("evaluate", help=_("Drive some trials with the model's best actions."))(evaluate.evaluate)
app.command("race", help=_("Let two to eight models drive against each other in one world."))(race.race)
app.command("console", help=_("Everything from a browser: the console, on this machine."))(console.console)
app.command("notebook", help=_("Copy the notebooks of training and analysis, and open them in Jupyter."))(
    notebook.notebook
)
app.add_typer(track.app, name="track", help=_("Tracks: list, draw, import."))
app.add_typer(reward.app, name="reward", help=_("Reward functions: examples and validation."))
app.add_typer(model.app, name="model", help=_("Models: list, show, clone, import, export, delete."))
app.add_typer(
    car.app, name="car", help=_("The physical car: check an archive, drive it here, look at pictures.")
)
app.add_typer(vehicle.app, name="vehicle", help=_("Vehicles: list, show, identify from logs."))
app.add_typer(people.app, name="people", help=_("People: accounts of a console that many use."))
app.add_typer(league.app, name="league", help=_("Races and seasons: make, enter, leaderboards, verify."))
app.add_typer(
    logs.app, name="logs", help=_("Logs: summary, comparison, report, what a model sees, download.")
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"openracer {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help=_("Print the version.")
    ),
) -> None:
    """Options of the command itself."""


def main() -> None:
    """Run the command; a user's mistake ends it with one sentence and exit code 2."""
    measure_line_ends_in_cells()
    hide_types_of_flags()
    try:
        app()
    except (ValueError, OSError) as error:
        if os.environ.get("OPENRACER_DEBUG"):
            raise
        label = typer.style(_("Error:"), fg=typer.colors.RED, bold=True)
        typer.echo(f"{label} {_sentence(error)}", err=True)
        sys.exit(2)


def _sentence(error: ValueError | OSError) -> str:
    """Our own errors are sentences; the system's become one, without their number."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {plain_reason(error)}"
    return str(error)
