"""``openracer race``: let models drive against each other, and show who came in which place."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from rich.console import Console

    from openracer.models.race_records import RaceRecord


def race(
    models: Annotated[
        list[str],
        typer.Argument(
            help=_(
                "Two to eight models, by name or path of the folder; NAME@CHECKPOINT for another checkpoint than the "
                "best: last, or the number of an iteration."
            ),
            metavar="MODEL MODEL …",
        ),
    ],
    track: Annotated[str | None, typer.Option(help=_("Another track than the first model's."))] = None,
    reverse: Annotated[
        bool | None, typer.Option("--reverse/--no-reverse", help=_("Drive the other way round."))
    ] = None,
    laps: Annotated[int, typer.Option(help=_("Laps of the race, 1 to 100."))] = 3,
    trials: Annotated[
        int,
        typer.Option(
            help=_("How often the race is held, 1 to 100; each time the last of the grid starts first.")
        ),
    ] = 1,
    resets: Annotated[
        int | None,
        typer.Option(
            help=_("Times a car is put back on the track before it is out; without it, as often as it needs.")
        ),
    ] = None,
    off_track_penalty: Annotated[float, typer.Option(help=_("Seconds that each reset costs."))] = 5.0,
    collision_penalty: Annotated[float, typer.Option(help=_("Seconds that each crash costs."))] = 5.0,
    seed: Annotated[
        int, typer.Option(help=_("Seed of the step times; the same seed gives the same race."))
    ] = 0,
    video: Annotated[
        Path | None, typer.Option("--video", "-o", help=_("Write an MP4 of the race to this file."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))] = False,
) -> None:
    """Let models drive against each other in one world."""
    from rich.console import Console

    from openracer.models import library
    from openracer.runs.race_request import RaceRequest, split_entry
    from openracer.runs.request import MOST_RESETS

    folders = []
    for entry in models:
        name, checkpoint = split_entry(entry)
        folders.append((library.open_model(name), checkpoint))
    own = folders[0][0].description()
    request = RaceRequest(
        tuple(models),
        track if track is not None else own.track,
        reverse if reverse is not None else (own.reverse and track is None),
        laps,
        trials,
        MOST_RESETS if resets is None else resets,
        off_track_penalty,
        collision_penalty,
        seed,
    )
    if video is not None:
        from openracer.runs.video import check_place

        check_place(video)
    console = Console(stderr=as_json)
    with console.status(_("Driving …")):
        from openracer.runs.race import entrants_of, race_models

        record = race_models(entrants_of(folders), request).write()
    if as_json:
        typer.echo(json.dumps(record.as_json() | {"folder": str(record.path)}, indent=2, ensure_ascii=False))
    else:
        _print_tables(record)
    if video is not None:
        _film(record, video, console)


def _print_tables(record: "RaceRecord") -> None:
    """Show the result of each holding, and of several the mean places."""
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.simulation.overlay import format_race_time
    from openracer.tracks.catalogue import find

    console = table_console()
    settings = record.settings
    track = find(settings["track"], settings["reverse"])
    title = _("Race on {track}, laps: {laps}").format(track=track.title, laps=settings["laps"])
    console.print(
        title + (_(" (reverse)") if track.is_reversed else ""), style="bold", markup=False, highlight=False
    )
    for trial in range(1, record.trials + 1):
        table = Table(
            title=_("Race {number} of {count}").format(number=trial, count=record.trials)
            if record.trials > 1
            else None,
            title_justify="left",
        )
        for heading in (
            _("Place"),
            _("Model"),
            _("Start"),
            _("Laps"),
            _("Time"),
            _("Best lap"),
            _("Crashes"),
            _("Off-tracks"),
            _("Resets"),
            _("Status"),
        ):
            is_text = heading in (_("Model"), _("Status"))
            table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
        for result in (r for r in record.results if r.trial == trial):
            best = format_race_time(min(result.lap_times)) if result.lap_times else "–"
            table.add_row(
                str(result.place),
                record.names[result.car],
                str(result.start_place),
                f"{result.distance_laps:.2f}" if not result.is_finished else str(len(result.lap_times)),
                format_race_time(result.time_s) if result.is_finished else "–",
                best,
                str(result.crashes),
                str(result.off_tracks),
                str(result.resets),
                f"[green]{_(result.status)}[/]" if result.is_finished else f"[red]{_(result.status)}[/]",
            )
        console.print(table)
    if record.trials > 1:
        means = ", ".join(f"{name} {place:.2f}" for name, place in record.standings)
        console.print(_("Mean places: {places}").format(places=means), markup=False, highlight=False)
    console.print(_("Race: "), end="")
    console.print(str(record.path), markup=False, highlight=False, soft_wrap=True)


def _film(record: "RaceRecord", path: Path, console: "Console") -> None:
    from rich.progress import Progress

    from openracer.runs.race_film import film_race

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Filming"), total=1.0)
        film_race(path, record, lambda share: progress.update(task, completed=share))
    console.print(_("Video: "), end="")
    console.print(str(path), markup=False, highlight=False, soft_wrap=True)
