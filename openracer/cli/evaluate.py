"""``openracer evaluate``: let a trained model drive, and show its laps."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.cli.objects import (
    BotSpeed,
    LaneChanges,
    Number,
    Opponent,
    Places,
    Race,
    Shuffled,
    object_settings,
)
from openracer.cli.remote import RemoteConsole, RemoteError, Server, model_path, wait_for
from openracer.language import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from openracer.models.description import TrainingDescription
    from openracer.models.folder import ModelFolder
    from openracer.runs.report import EvaluationReport
    from openracer.runs.request import EvaluationRequest


def evaluate(
    name: Annotated[str, typer.Argument(help=_("Name of a model, or path of its folder."))],
    track: Annotated[
        list[str] | None,
        typer.Option(
            help=_(
                "Another track than it was trained on; for several give it several times. Without it, all tracks of "
                "the training."
            )
        ),
    ] = None,
    reverse: Annotated[
        bool | None, typer.Option("--reverse/--no-reverse", help=_("Drive the other way round."))
    ] = None,
    trials: Annotated[int, typer.Option(help=_("Number of trials, 1 to 100."))] = 3,
    laps: Annotated[int, typer.Option(help=_("Laps of each trial, driven without a stop, 1 to 100."))] = 1,
    checkpoint: Annotated[str, typer.Option(help=_("best, last, or the number of an iteration."))] = "best",
    resets: Annotated[
        int, typer.Option(help=_("Times the car is put back on the track; 0: leaving it ends the trial."))
    ] = 0,
    off_track_penalty: Annotated[float, typer.Option(help=_("Seconds that each reset costs."))] = 5.0,
    collision_penalty: Annotated[float, typer.Option(help=_("Seconds that each crash costs."))] = 5.0,
    race: Race = None,
    opponent: Opponent = None,
    objects: Number = None,
    object_at: Places = None,
    random: Shuffled = None,
    bot_speed: BotSpeed = None,
    lane_changes: LaneChanges = None,
    seed: Annotated[
        int,
        typer.Option(
            help=_("Seed of the step times and of random places; the same seed gives the same laps.")
        ),
    ] = 0,
    video: Annotated[Path | None, typer.Option(help=_("Write an MP4 of the trials to this file."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))] = False,
    server: Server = None,
) -> None:
    """Drive some trials with the model's best actions."""
    from rich.console import Console

    from openracer.models import library
    from openracer.models.description import TrainingDescription
    from openracer.runs.request import EvaluationRequest
    from openracer.tracks.catalogue import find

    request = EvaluationRequest(
        None,
        reverse,
        trials,
        checkpoint,
        resets,
        off_track_penalty,
        seed,
        laps,
        collision_penalty,
        race if race is not None or opponent is None else "head_to_model",
        object_settings(objects, object_at, random, bot_speed, lane_changes),
        opponent,
    )
    if server is not None:
        if video is not None:
            raise ValueError(_("--video films what was driven on this machine; it does not go with --server"))
        there = RemoteConsole(server)
        trained = TrainingDescription.from_values(there.get(model_path(name))["training"])
        told = [_evaluate_there(there, name, one) for one in _on_each_track(request, track or [], trained)]
        reports, titles = zip(*told, strict=True)
    else:
        folder = library.open_model(name)
        requests = _on_each_track(request, track or [], folder.description())
        if video is not None:
            from openracer.runs.video import check_place

            check_place(video)
            if len(requests) > 1:
                raise ValueError(_("--video films one track; name it with --track"))
        console = Console(stderr=as_json)
        reports = tuple(_evaluate_here(folder, one, console) for one in requests)
        titles = tuple(find(report.track).title for report in reports)
    if as_json:
        values = [report.as_json() for report in reports]
        typer.echo(json.dumps(values if len(values) > 1 else values[0], indent=2, ensure_ascii=False))
    else:
        for report, title in zip(reports, titles, strict=True):
            _print_table(report, title, trials * laps)
    if video is not None:
        _film(folder, reports[0], video, console)


def _on_each_track(
    request: "EvaluationRequest", names: list[str], trained: "TrainingDescription"
) -> "list[EvaluationRequest]":
    """The request for each of the tracks that are named, or else of those of the training."""
    from dataclasses import replace

    from openracer.tracks.track import REVERSE

    if not names:
        if not trained.other_tracks and not trained.alternate_direction:
            return [request]
        return [
            replace(request, track=track.name, reverse=track.is_reversed) for track in trained.find_tracks()
        ]
    return [
        replace(
            request,
            track=name.removesuffix(REVERSE),
            reverse=True if name.endswith(REVERSE) else request.reverse,
        )
        for name in names
    ]


def _evaluate_here(
    folder: "ModelFolder", request: "EvaluationRequest", console: "Console"
) -> "EvaluationReport":
    """Evaluate a model on this machine."""
    from openracer.runs.evaluation_process import EvaluationProcess

    with EvaluationProcess(folder, request) as process:
        with console.status(_("Driving …")):
            for _moment in process.watch():
                pass
        # What the reward function prints must not mix with the table or the JSON.
        typer.echo(process.output(), nl=False, err=True)
        return process.report()


def _print_table(report: "EvaluationReport", track: str, wanted: int) -> None:
    """Show the trials, and how many of the wanted laps were completed; of several laps each has a row."""
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.simulation.overlay import format_race_time

    console = table_console()
    title = _("{name}, checkpoint {checkpoint}, on {track}").format(
        name=report.model, checkpoint=report.checkpoint, track=track
    )
    if report.reverse:
        title += _(" (reverse)")
    console.print(title, style="bold", markup=False, highlight=False)
    table = Table()
    several = wanted > len({trial.trial for trial in report.trials})
    lap = [_("Lap")] if several else []
    crashed = any(trial.crashes for trial in report.trials)
    crash = [_("Crashes"), _("Crash penalty")] if crashed else []
    for heading in (
        _("Trial"),
        *lap,
        _("Time"),
        _("Completed"),
        _("Status"),
        _("Off-tracks"),
        *crash,
        _("Resets"),
    ):
        table.add_column(heading, justify="left" if heading == _("Status") else "right", no_wrap=True)
    for trial in report.trials:
        table.add_row(
            str(trial.trial),
            *([str(trial.lap)] if several else []),
            format_race_time(trial.time_s),
            f"{int(trial.progress)} %",  # 100 only for a whole lap, as in the metrics file
            f"[green]{_(trial.status)}[/]" if trial.is_complete else f"[red]{_(trial.status)}[/]",
            str(trial.off_tracks),
            *([str(trial.crashes), f"{trial.crash_penalty_s:g} s"] if crashed else []),
            str(trial.resets),
        )
    console.print(table)
    times = [trial.time_s for trial in report.trials if trial.is_complete]
    if times:
        console.print(
            _("{complete} of {trials} laps completed; best {best}, mean {mean}").format(
                complete=len(times),
                trials=wanted,
                best=format_race_time(min(times)),
                mean=format_race_time(sum(times) / len(times)),
            ),
            highlight=False,
        )
        _print_confidence(report)
    else:
        console.print(_("No lap was completed; train longer, or evaluate another checkpoint."))


def _print_confidence(report: "EvaluationReport") -> None:
    """Say how sure the results of many trials are; of ten or fewer nothing."""
    from openracer.cli.screen import table_console
    from openracer.simulation.overlay import format_race_time

    confidence = report.confidence
    if confidence is None:
        return
    low, high = confidence.completion_percent
    words = _("95 % confidence: {low:.0f} to {high:.0f} % of laps completed").format(low=low, high=high)
    if confidence.mean_lap_s is not None:
        quickest, slowest = map(format_race_time, confidence.mean_lap_s)
        words += _(", mean lap {low} to {high}").format(low=quickest, high=slowest)
    table_console().print(words, highlight=False)


def _evaluate_there(
    console: RemoteConsole, name: str, request: "EvaluationRequest"
) -> "tuple[EvaluationReport, str]":
    """Have a console evaluate a model; what came of it, and the title of the track.

    Raises:
        RemoteError: the console refuses, the evaluation failed, or it cannot be reached.
    """
    from dataclasses import asdict

    from openracer.runs.report import EvaluationReport

    asked = console.post("/evaluations", {"model": name, **asdict(request)})
    job = wait_for(console, f"/evaluations/{asked['id']}")
    if job["state"] == "stopped":
        raise RemoteError(_("the evaluation was stopped"))
    folder = f"{console.url}{model_path(name)}/evaluation-{job['result']['evaluation']}"
    told = job["result"]["report"] | {"folder": folder}
    return EvaluationReport.from_json(told), console.get(f"/tracks/{told['track']}")["title"]


def _film(folder: "ModelFolder", report: "EvaluationReport", path: Path, console: "Console") -> None:
    from rich.progress import Progress

    from openracer.models.evaluations import read_evaluation
    from openracer.runs.film import film
    from openracer.simulation.scenery import Scenery
    from openracer.tracks.catalogue import find

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Filming"), total=1.0)
        film(
            path,
            read_evaluation(folder, report.stamp).drives(),
            Scenery([find(report.track, report.reverse)]),
            report.model,
            lambda share: progress.update(task, completed=share),
        )
    console.print(_("Video: "), end="")
    console.print(str(path), markup=False, highlight=False, soft_wrap=True)
