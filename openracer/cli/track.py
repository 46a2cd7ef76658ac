"""``openracer track``: list, show and import tracks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.cli.raceline import race_line
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.tracks.track import Track

app = typer.Typer(no_args_is_help=True, help=_("List, show and import tracks."))
app.command(
    "raceline",
    help=_("Find the fastest line around a track, and the lap time that the car's limits allow."),
)(race_line)

ARROWS = {"counter-clockwise": "↺", "clockwise": "↻", "forward": "→", "backward": "←"}
_WIDTH_OF_ALL = 100
"""A terminal of fewer columns gets the list without directions and sources, which `track show` tells."""

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))]


@app.command("list", help=_("Show all tracks: the built-in ones and those you imported."))
def list_tracks(as_json: AsJson = False) -> None:
    """Show all tracks, the built-in ones and those you imported, from easy to hard."""
    from openracer.tracks import catalogue

    tracks = sorted(catalogue.all_tracks(), key=lambda track: track.difficulty)
    facts = [_facts(track, imported=catalogue.is_imported(track.name)) for track in tracks]
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    console = table_console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(_("Track"), min_width=10)
    table.add_column(_("Name"), no_wrap=True)  # it is typed again, and searched for: never in two pieces
    for heading in (_("Length"), _("Width"), _("Tightest"), _("Difficulty")):
        table.add_column(heading, justify="right", no_wrap=True)
    is_wide = console.width >= _WIDTH_OF_ALL
    if is_wide:
        table.add_column(_("Ways"), no_wrap=True)
        table.add_column(_("Source"), no_wrap=True)
    for fact in facts:
        ways = " ".join(ARROWS[word] for word in fact["directions"])
        source = _("imported") if fact["source"] == "imported" else _("built-in")
        table.add_row(
            escape(fact["title"]),
            fact["name"],
            f"{fact['length_m']:.2f} m",
            f"{fact['width_m']:.2f} m",
            _radius(fact["tightest_radius_m"]),
            f"{fact['difficulty']:.0f}",
            *((ways, source) if is_wide else ()),
        )
    console.print(table)


@app.command("show", help=_("Show one track's figures and description."))
def show_track(
    name: Annotated[str, typer.Argument(help=_("World name or title, such as reinvent_base."))],
    png: Annotated[Path | None, typer.Option(help=_("Also draw the track into this PNG file."))] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help=_("Drive it the other way."))] = False,
    as_json: AsJson = False,
) -> None:
    """Show one track's figures and description."""
    from openracer.tracks import catalogue

    track = catalogue.find(name, reverse=reverse)
    if png is not None:
        from openracer.atomic import write_bytes
        from openracer.tracks import drawing

        write_bytes(png, drawing.png(track))
    _print(track, as_json=as_json, png=png)


@app.command(
    "import",
    help=_("Add a DeepRacer track file to your catalogue; it wins over a built-in track of the same name."),
)
def import_track(
    file: Annotated[Path, typer.Argument(help=_("A DeepRacer track file (.npy)."))],
    name: Annotated[str | None, typer.Option(help=_("World name; default: the file's name."))] = None,
    title: Annotated[str | None, typer.Option(help=_("Name for people."))] = None,
    as_json: AsJson = False,
) -> None:
    """Add a DeepRacer track file to your catalogue; it wins over a built-in track of the same name."""
    from openracer.tracks import catalogue

    _print(catalogue.import_npy(file, name=name, title=title), as_json=as_json, png=None)


def _print(track: "Track", *, as_json: bool, png: Path | None) -> None:
    from openracer.tracks import catalogue

    facts = _facts(track, imported=catalogue.is_imported(track.name))
    if as_json:
        typer.echo(json.dumps(facts | ({"png": str(png)} if png else {}), indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    console = table_console()
    console.print(f"[bold]{escape(track.title)}[/bold]  {track.name}", highlight=False)
    if track.description:
        console.print(escape(_(track.description)), highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column()
    table.add_row(_("Length"), f"{facts['length_m']:.2f} m")
    table.add_row(_("Width"), _width(facts))
    table.add_row(_("Tightest radius"), _radius(facts["tightest_radius_m"]))
    table.add_row(_("Difficulty"), f"{facts['difficulty']:.0f} / 100")
    table.add_row(_("Direction"), _direction(facts["direction"]))
    table.add_row(_("Waypoints"), str(facts["waypoints"]))
    table.add_row(
        _("Start"), _("x {x:.2f} m, y {y:.2f} m, heading {heading_deg:.1f}°").format(**facts["start"])
    )
    table.add_row(_("Source"), _("imported") if facts["source"] == "imported" else _("built-in"))
    if png is not None:
        table.add_row(_("Picture"), escape(str(png)))
    console.print(table)


def _facts(track: "Track", *, imported: bool) -> dict[str, Any]:
    """The figures of a track as they stand in JSON; keys name their units."""
    import numpy as np

    x, y, yaw = track.start_pose(0.0)
    width = track.project(track.centre).width_m
    directions = ["counter-clockwise", "clockwise"] if track.closed else ["forward", "backward"]
    direction = directions[not track.is_counter_clockwise]
    if (direction == directions[0]) == track.is_reversed:
        directions.reverse()  # the direction of the file first
    return {
        "name": track.name,
        "title": track.title,
        "description": track.description,
        "length_m": round(track.length, 3),
        "width_m": round(float(np.median(width)), 3),
        "narrowest_m": round(float(width.min()), 3),
        "widest_m": round(float(width.max()), 3),
        "tightest_radius_m": round(track.tightest_radius, 3) if np.isfinite(track.tightest_radius) else None,
        "difficulty": round(track.difficulty, 1),
        "closed": track.closed,
        "direction": direction,
        "directions": directions,
        "waypoints": len(track.centre),
        "start": {"x": round(x, 3), "y": round(y, 3), "heading_deg": round(float(np.degrees(yaw)), 1)},
        "source": "imported" if imported else "built-in",
    }


def _width(facts: dict[str, Any]) -> str:
    if facts["widest_m"] - facts["narrowest_m"] < 0.02:
        return f"{facts['width_m']:.2f} m"
    return _("{narrowest_m:.2f} to {widest_m:.2f} m").format(**facts)


def _radius(radius: float | None) -> str:
    return _("straight") if radius is None else f"{radius:.2f} m"


def _direction(word: str) -> str:
    words = {
        "counter-clockwise": _("counter-clockwise"),
        "clockwise": _("clockwise"),
        "forward": _("forward"),
        "backward": _("backward"),
    }
    return words[word]
