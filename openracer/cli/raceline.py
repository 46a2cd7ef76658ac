"""``openracer track raceline``: the minimum-time line of a track, shown and written to files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.simulation.raceline.line import RaceLine
    from openracer.simulation.tracking import Driven
    from openracer.tracks.track import Track


def race_line(
    name: Annotated[str, typer.Argument(help=_("World name or title, such as reinvent_base."))],
    max_speed: Annotated[float, typer.Option(help=_("Highest speed command, m/s."))] = 4.0,
    vehicle: Annotated[str, typer.Option(help=_("Generation of the car: v4, v5 or v6."))] = "v5",
    reverse: Annotated[bool, typer.Option("--reverse", help=_("Drive it the other way."))] = False,
    margin: Annotated[
        float,
        typer.Option(help=_("Distance between wheels and border, m; below 0 wheels may leave the road.")),
    ] = 0.02,
    png: Annotated[Path | None, typer.Option(help=_("Draw the flying lap into this PNG file."))] = None,
    csv: Annotated[
        Path | None, typer.Option(help=_("Write the flying lap's points to this CSV file."))
    ] = None,
    drive: Annotated[
        bool, typer.Option("--drive", help=_("Also drive both lines in the simulator, as a check."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))] = False,
) -> None:
    """Find the fastest line around a track, and the lap time that the car's limits allow."""
    from rich.console import Console

    from openracer.atomic import write_bytes, write_text
    from openracer.simulation.presets import find_preset
    from openracer.simulation.raceline import picture, table
    from openracer.simulation.raceline.line import minimum_time_line
    from openracer.tracks import catalogue

    track, preset = catalogue.find(name, reverse=reverse), find_preset(vehicle)
    lines: dict[str, RaceLine] = {}
    driven: dict[str, Driven] = {}
    with Console(stderr=True).status(_("Looking for the fastest line …")) as status:
        for kind in ("flying", "standing") if track.closed else ("standing",):

            def report(seconds: float, kind: str = kind) -> None:
                word = _("flying lap") if kind == "flying" else _("standing lap")
                status.update(
                    _("Looking for the fastest line: {lap} {seconds:.2f} s").format(lap=word, seconds=seconds)
                )

            lines[kind] = minimum_time_line(
                track, preset, max_speed, standing=kind == "standing", margin=margin, report=report
            )
        if drive:
            from openracer.simulation import tracking

            status.update(_("Driving …"))
            driven = {kind: tracking.drive(track, line, preset, max_speed, 4) for kind, line in lines.items()}
    shown = lines.get("flying", lines["standing"])
    if csv is not None:
        write_text(csv, table.csv_text(shown))
    if png is not None:
        note = _("{vehicle}, up to {speed:g} m/s").format(vehicle=vehicle, speed=max_speed)
        write_bytes(png, picture.png(track, shown, note))
    if as_json:
        described = {kind: _facts(line, driven.get(kind)) for kind, line in lines.items()}
        setting = {"vehicle": vehicle, "max_speed_mps": max_speed, "margin_m": margin, "reversed": reverse}
        typer.echo(json.dumps({"track": track.name, "title": track.title} | setting | described, indent=2))
        return
    _print(track, lines, driven)


def _facts(line: "RaceLine", driven: "Driven | None") -> dict[str, Any]:
    """Figures of one line; keys name their units."""
    facts: dict[str, Any] = {
        "lap_time_s": round(line.lap_time_s, 3),
        "sector_times_s": [round(seconds, 3) for seconds in line.sector_times_s],
        "top_speed_mps": round(float(line.speed_mps.max()), 3),
        "min_speed_mps": round(float(line.speed_mps.min()), 3),
        "length_m": round(float(line.distance_m[-1]), 3),
    }
    if driven is not None:
        facts["driven"] = {
            "lap_times_s": [round(seconds, 3) for seconds in driven.lap_times_s],
            "clock_times_s": [round(seconds, 3) for seconds in driven.clock_times_s],
            "status": driven.status.name.lower(),
            "rows_with_wheels_off": driven.rows_with_wheels_off,
        }
    return facts


def _print(track: "Track", lines: "dict[str, RaceLine]", driven: "dict[str, Driven]") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{track.title}[/bold]  {track.name}", highlight=False)
    grid = Table(box=None, header_style="bold", pad_edge=False)
    grid.add_column()
    words = {"flying": _("Flying lap"), "standing": _("Standing lap")}
    for kind in lines:
        grid.add_column(words[kind], justify="right")
    facts = [_facts(line, driven.get(kind)) for kind, line in lines.items()]
    grid.add_row(_("Lap time"), *(f"[bold]{fact['lap_time_s']:.3f} s[/bold]" for fact in facts))
    for number in range(len(facts[0]["sector_times_s"])):
        word = _("Sector {number}").format(number=number + 1)
        grid.add_row(word, *(f"{fact['sector_times_s'][number]:.3f} s" for fact in facts))
    grid.add_row(_("Top speed"), *(f"{fact['top_speed_mps']:.2f} m/s" for fact in facts))
    grid.add_row(_("Lowest speed"), *(f"{fact['min_speed_mps']:.2f} m/s" for fact in facts))
    grid.add_row(_("Length of the line"), *(f"{fact['length_m']:.2f} m" for fact in facts))
    if driven:
        grid.add_row(_("Driven"), *(_driven_words(kind, lap) for kind, lap in driven.items()))
    console.print(grid)


def _driven_words(kind: str, driven: "Driven") -> str:
    """The best driven lap of a kind, or how the attempt ended."""
    laps = driven.lap_times_s[1:] if kind == "flying" else driven.lap_times_s
    return f"{min(laps):.3f} s" if laps else driven.status.name.lower().replace("_", " ")
