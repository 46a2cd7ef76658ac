"""``openracer evaluate``: let a trained model drive, and show its laps."""

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from openracer.runs.evaluation import EvaluationResult


def evaluate(
    name: Annotated[str, typer.Argument(help=_("Name of a model, or path of its folder."))],
    track: Annotated[str | None, typer.Option(help=_("Another track than it was trained on."))] = None,
    reverse: Annotated[
        bool | None, typer.Option("--reverse/--no-reverse", help=_("Drive the other way round."))
    ] = None,
    trials: Annotated[int, typer.Option(help=_("Number of trials, 1 to 100."))] = 3,
    checkpoint: Annotated[str, typer.Option(help=_("best, last, or the number of an iteration."))] = "best",
    resets: Annotated[
        int, typer.Option(help=_("Times the car is put back on the track; 0: leaving it ends the trial."))
    ] = 0,
    off_track_penalty: Annotated[float, typer.Option(help=_("Seconds that each reset costs."))] = 5.0,
    seed: Annotated[
        int, typer.Option(help=_("Seed of the step times; the same seed gives the same laps."))
    ] = 0,
    video: Annotated[Path | None, typer.Option(help=_("Write an MP4 of the trials to this file."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))] = False,
) -> None:
    """Drive some trials with the model's best actions."""
    from rich.console import Console

    from openracer.models import library
    from openracer.runs.evaluation import evaluate as run
    from openracer.runs.request import EvaluationRequest
    from openracer.runs.video import check_place

    folder = library.open_model(name)
    request = EvaluationRequest(track, reverse, trials, checkpoint, resets, off_track_penalty, seed)
    if video is not None:
        check_place(video)
    console = Console(stderr=as_json)
    # What the reward function prints must not mix with the table or the JSON.
    with console.status(_("Driving …")), contextlib.redirect_stdout(sys.stderr):
        result = run(folder, request)
    if as_json:
        report = {
            "model": folder.name,
            "track": result.track.name,
            "reverse": result.track.is_reversed,
            "checkpoint": str(result.checkpoint),
            "trials": [trial.as_row() for trial in result.trials],
            "folder": str(result.folder),
        }
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _print_table(folder.name, result)
    if video is not None:
        _film(result, folder.name, video, console)


def _print_table(name: str, result: "EvaluationResult") -> None:
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.simulation.overlay import format_race_time

    console = table_console()
    title = _("{name}, checkpoint {checkpoint}, on {track}").format(
        name=name, checkpoint=result.checkpoint, track=result.track.title
    )
    if result.track.is_reversed:
        title += _(" (reverse)")
    console.print(title, style="bold", markup=False, highlight=False)
    table = Table()
    for heading in (_("Trial"), _("Time"), _("Completed"), _("Status"), _("Off-tracks"), _("Resets")):
        table.add_column(heading, justify="left" if heading == _("Status") else "right", no_wrap=True)
    for trial in result.trials:
        table.add_row(
            str(trial.trial),
            format_race_time(trial.time_s),
            f"{int(trial.progress)} %",  # 100 only for a whole lap, as in the metrics file
            f"[green]{_(trial.status)}[/]" if trial.is_complete else f"[red]{_(trial.status)}[/]",
            str(trial.off_tracks),
            str(trial.resets),
        )
    console.print(table)
    times = [trial.time_s for trial in result.trials if trial.is_complete]
    if times:
        console.print(
            _("{complete} of {trials} laps completed; best {best}, mean {mean}").format(
                complete=len(times),
                trials=len(result.trials),
                best=format_race_time(min(times)),
                mean=format_race_time(sum(times) / len(times)),
            ),
            highlight=False,
        )
    else:
        console.print(_("No lap was completed; train longer, or evaluate another checkpoint."))


def _film(result: "EvaluationResult", name: str, path: Path, console: "Console") -> None:
    from rich.progress import Progress

    from openracer.models.drives import drives_of
    from openracer.models.episodes import columns_of
    from openracer.runs.film import film

    columns = columns_of(result.traces, 0, result.is_continuous)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Filming"), total=1.0)
        film(
            path,
            drives_of(columns, starts=[0.0] * len(result.traces)),
            result.scenery,
            name,
            lambda share: progress.update(task, completed=share),
        )
    console.print(_("Video: "), end="")
    console.print(str(path), markup=False, highlight=False, soft_wrap=True)
