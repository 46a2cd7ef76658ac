"""``openracer track``: list, show and import tracks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openracer.cli.raceline import race_line
from openracer.cli.remote import RemoteConsole, Server
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
def list_tracks(as_json: AsJson = False, server: Server = None) -> None:
    """Show all tracks, the built-in ones and those you imported, from easy to hard."""
    if server is None:
        from openracer.tracks import catalogue
        from openracer.tracks.facts import facts

        figures = [facts(track) for track in catalogue.all_tracks()]
    else:
        figures = RemoteConsole(server).get("/tracks")
    figures.sort(key=lambda figure: figure["difficulty"])
    if as_json:
        typer.echo(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.tracks.facts import radius_words

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
    for fact in figures:
        ways = " ".join(ARROWS[word] for word in fact["directions"])
        source = _("imported") if fact["source"] == "imported" else _("built-in")
        table.add_row(
            escape(fact["title"]),
            fact["name"],
            f"{fact['length_m']:.2f} m",
            f"{fact['width_m']:.2f} m",
            radius_words(fact["tightest_radius_m"]),
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
    from openracer.tracks.facts import direction_words, facts, radius_words, width_words

    figures = facts(track)
    if as_json:
        typer.echo(json.dumps(figures | ({"png": str(png)} if png else {}), indent=2, ensure_ascii=False))
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
    table.add_row(_("Length"), f"{figures['length_m']:.2f} m")
    table.add_row(_("Width"), width_words(figures))
    table.add_row(_("Tightest radius"), radius_words(figures["tightest_radius_m"]))
    table.add_row(_("Difficulty"), f"{figures['difficulty']:.0f} / 100")
    table.add_row(_("Direction"), direction_words(figures["direction"]))
    table.add_row(_("Waypoints"), str(figures["waypoints"]))
    table.add_row(
        _("Start"), _("x {x:.2f} m, y {y:.2f} m, heading {heading_deg:.1f}°").format(**figures["start"])
    )
    table.add_row(_("Source"), _("imported") if figures["source"] == "imported" else _("built-in"))
    if png is not None:
        table.add_row(_("Picture"), escape(str(png)))
    console.print(table)
