"""``openracer vehicle``: list and show presets of the simulated car, and fit one to recorded drives."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.analysis.vehicle_identification import Errors, Identification
    from openracer.simulation.vehicle import VehiclePreset

app = typer.Typer(no_args_is_help=True, help=_("Vehicles: list, show, identify from logs."))

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))]


@app.command("list", help=_("Show the built-in generations of the simulated car."))
def list_vehicles(as_json: AsJson = False) -> None:
    """Show the built-in generations of the simulated car."""
    from openracer.simulation.presets import PRESETS

    if as_json:
        typer.echo(json.dumps({name: preset._asdict() for name, preset in PRESETS.items()}, indent=2))
        return
    _print_constants(PRESETS)


@app.command("show", help=_("Show one preset's constants."))
def show_vehicle(
    name: Annotated[str, typer.Argument(help=_("v4, v5, v6, or a YAML file of `vehicle identify`."))],
    as_json: AsJson = False,
) -> None:
    """Show one preset's constants."""
    from openracer.simulation.presets import find_preset

    if name.endswith((".yaml", ".yml")):
        from openracer.analysis.preset_files import read_preset

        preset, _gains = read_preset(Path(name))
    else:
        preset = find_preset(name)
    if as_json:
        typer.echo(json.dumps(preset._asdict(), indent=2))
        return
    _print_constants({name: preset})


@app.command(
    "identify", help=_("Fit the simulated car to drives recorded elsewhere: your simulator, your car.")
)
def identify_vehicle(
    logs: Annotated[list[Path], typer.Argument(help=_("Text logs, simtrace files, archives or folders."))],
    output: Annotated[Path, typer.Option("--output", "-o", help=_("YAML file to write."))],
    based_on: Annotated[
        str | None,
        typer.Option("--from", help=_("Preset to start from; default: the closest of v4, v5 and v6.")),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1.0, help=_("Search for so long at most."))] = 90.0,
    plot: Annotated[
        Path | None, typer.Option(help=_("PNG file of the errors; default: beside the YAML file."))
    ] = None,
    seed: Annotated[int, typer.Option(help=_("Seed of the search."))] = 0,
    as_json: AsJson = False,
) -> None:
    """Fit the simulated car to drives recorded elsewhere: your simulator, your car."""
    from openracer.analysis import vehicle_identification as identification
    from openracer.analysis.error_plot import error_plot
    from openracer.analysis.preset_files import write_preset
    from openracer.atomic import write_bytes
    from openracer.formats.logs import read_logs
    from openracer.simulation.presets import find_preset

    if based_on is not None:
        find_preset(based_on)
    drives = identification.prepare([log for path in logs for log in read_logs(path)])
    start = based_on or identification.closest_preset(drives)
    found = _search(drives, start, seconds, seed, quiet=as_json)
    figures = {"before": _medians(found.before), "after": _medians(found.after)}
    notes = {
        "based_on": start,
        "logs": [path.name for path in logs],
        "test_errors": figures,
    }
    write_preset(output, found.preset, found.observer, notes)
    picture = plot or output.with_suffix(".png")
    curves = (found.before, found.after)
    write_bytes(picture, error_plot((start, output.stem), [c[0] for c in curves], [c[1] for c in curves]))
    if as_json:
        result = {**notes, "output": str(output), "plot": str(picture), "constants": found.preset._asdict()}
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    _print_errors(figures, start, output.stem)
    typer.echo(_("Written: {preset} and {plot}").format(preset=output, plot=picture))


def _search(drives: Any, start: str, seconds: float, seed: int, quiet: bool) -> "Identification":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from openracer.analysis.vehicle_identification import identify

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[loss]}"),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as bar:
        task = bar.add_task(_("Fitting"), total=1.0, loss="")

        def show(share: float, loss: float) -> None:
            bar.update(task, completed=share, loss=_("loss {loss:.4f}").format(loss=loss))

        return identify(drives, start, seconds, seed, show)


def _medians(errors: "Errors") -> dict[str, dict[str, float]]:
    """Median position (cm) and heading (degrees) errors by number of steps."""
    import numpy as np

    from openracer.analysis.replay import HORIZONS

    position, heading = errors
    figures = {}
    for column, steps in enumerate(HORIZONS):
        if np.isfinite(position[:, column]).any():
            figures[str(steps)] = {
                "position_cm": round(100.0 * float(np.nanmedian(position[:, column])), 2),
                "heading_deg": round(float(np.degrees(np.nanmedian(heading[:, column]))), 2),
            }
    return figures


def _print_errors(figures: dict[str, dict[str, dict[str, float]]], before: str, after: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, title=_("Median error on test episodes"))
    table.add_column(_("Steps"), justify="right")
    for name in (before, after):
        table.add_column(f"{name}, cm", justify="right")
        table.add_column(f"{name}, °", justify="right")
    for steps in figures["before"]:
        cells = [
            figures[which][steps][key]
            for which in ("before", "after")
            for key in ("position_cm", "heading_deg")
        ]
        table.add_row(steps, *(f"{cell:.2f}" for cell in cells))
    Console().print(table)


def _print_constants(presets: "dict[str, VehiclePreset]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(_("Constant"))
    for name in presets:
        table.add_column(Path(name).name, justify="right")
    first = next(iter(presets.values()))
    for field in first._fields:
        table.add_row(field, *(f"{getattr(preset, field):.5g}" for preset in presets.values()))
    Console().print(table)
