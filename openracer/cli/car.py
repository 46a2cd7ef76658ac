"""``openracer car``: an archive for the physical car, checked, driven in the simulator, asked about pictures."""

import json
from pathlib import Path
from typing import Annotated

import typer

from openracer.language import gettext as _

app = typer.Typer(
    no_args_is_help=True, help=_("The physical car: check an archive, drive it here, look at pictures.")
)

Archive = Annotated[Path, typer.Argument(help=_("Archive for the car, .tar.gz."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))]


@app.command(help=_("Say before an upload which cars load an archive, and what will go wrong."))
def check(archive: Archive, as_json: AsJson = False) -> None:
    """Say before an upload which cars load an archive, and what will go wrong."""
    from openracer.car.check import SOFTWARE, check_archive

    result = check_archive(archive)
    if as_json:
        findings = [{"prevents": f.prevents, "sentence": f.sentence} for f in result.findings]
        loads = {software: result.loads(software) for software in SOFTWARE}
        typer.echo(json.dumps({"loads": loads, "findings": findings}, indent=2, ensure_ascii=False))
    else:
        for software, title in titles().items():
            drives = result.loads(software)
            word = typer.style(_("drives it") if drives else _("does not"), fg="green" if drives else "red")
            typer.echo(f"{title}: {word}")
        for finding in result.findings:
            typer.echo(f"  - {finding.sentence}")
    if not result.loads_everywhere:
        raise typer.Exit(1)


def titles() -> dict[str, str]:
    """Cars by their software, in words."""
    from openracer.car.check import OPENVINO, STOCK, TFLITE

    return {
        STOCK: _("Car as AWS made it"),
        OPENVINO: _("Community software on the old computer"),
        TFLITE: _("Community software on a Raspberry Pi"),
    }


@app.command(help=_("Drive an archive in the simulator with the car's own eyes, commands and rate."))
def drive(
    archive: Archive,
    track: Annotated[str, typer.Option(help=_("Name or title of the track."))] = "reinvent_base",
    reverse: Annotated[bool, typer.Option("--reverse", help=_("Drive the other way round."))] = False,
    laps: Annotated[int, typer.Option(help=_("Number of laps, 1 to 20."), min=1, max=20)] = 3,
    rate: Annotated[int, typer.Option(help=_("Pictures a second: 15 (stock) or 30 (community)."))] = 15,
    top_speed: Annotated[
        float | None, typer.Option(help=_("Speed at full throttle, m/s; the model's fastest without it."))
    ] = None,
    slider: Annotated[float, typer.Option(help=_("The speed slider of the car's page, 0 to 1."))] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Drive an archive in the simulator with the car's own eyes, commands and rate."""
    from openracer.car.archive import read_car_model
    from openracer.car.drive import RATES
    from openracer.car.drive import drive as drive_model
    from openracer.tracks.catalogue import find

    if rate not in RATES:
        raise ValueError(_("rate is {rate}; it must be 15 or 30").format(rate=rate))
    if not 0.0 < slider <= 1.0:
        raise ValueError(_("slider is {slider:g}; it must be above 0, at most 1").format(slider=slider))
    if top_speed is not None and not 0.1 <= top_speed <= 12.0:
        raise ValueError(_("top-speed is {speed:g} m/s; it must be from 0.1 to 12").format(speed=top_speed))
    result = drive_model(read_car_model(archive), find(track, reverse), laps, rate, top_speed, slider)
    pulses = sorted({command.pulses for command in result.commands}, key=str)
    if as_json:
        told = {
            "laps": [
                {"time_s": lap.time_s, "progress": lap.progress, "status": lap.status} for lap in result.laps
            ],
            "commands": [
                {"steering": c.steering, "throttle": c.throttle, "pulses_ns": c.pulses}
                for c in result.commands
            ],
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.simulation.overlay import format_race_time

    console, table = table_console(), Table()
    for heading in (_("Lap"), _("Time"), _("Completed")):
        table.add_column(heading, justify="right")
    table.add_column(_("Status"))
    for number, lap in enumerate(result.laps, 1):
        table.add_row(str(number), format_race_time(lap.time_s), f"{int(lap.progress)} %", _(lap.status))
    console.print(table)
    signals = Table(_("Meant"), title=_("What servo and motor get"))
    for heading in (_("Steering"), _("Throttle"), _("Steering pulse, ns"), _("Motor pulse, ns"), _("Times")):
        signals.add_column(heading, justify="right")
    for pulse in pulses[:40]:
        same = [command for command in result.commands if command.pulses == pulse]
        first = same[0]
        signals.add_row(
            f"{first.angle_deg:.1f}°, {first.speed:.2f} m/s",
            _("dropped") if first.steering is None else f"{first.steering:+.2f}",
            _("dropped") if first.throttle is None else f"{first.throttle:.2f}",
            *("" if length is None else f"{length:,}" for length in pulse),
            str(len(same)),
        )
    console.print(signals)
    if len(pulses) > 40:
        console.print(_("… and {count} more; --json lists every command").format(count=len(pulses) - 40))
    if result.dropped:
        console.print(
            _("The servo dropped {count} of {all} commands; openracer car check says why.").format(
                count=result.dropped, all=len(result.commands)
            )
        )


@app.command(help=_("Ask a model what it would do on pictures of a real camera."))
def infer(
    archive: Archive,
    images: Annotated[list[Path], typer.Argument(help=_("Pictures of the car's camera."))],
    as_json: AsJson = False,
) -> None:
    """Ask a model what it would do on pictures of a real camera."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    from openracer.car.archive import read_car_model
    from openracer.car.drive import infer as ask

    model = read_car_model(archive)
    rows = []
    for path in images:
        try:
            with Image.open(path) as image:
                picture = np.asarray(image.convert("RGB"))
        except (UnidentifiedImageError, Image.DecompressionBombError):
            raise ValueError(_("{file} is no picture").format(file=path.name)) from None
        output, command = ask(model, picture)
        rows.append((path, output.tolist(), command))
    if as_json:
        told = [
            {"image": str(path), "output": output, "steering": c.steering, "throttle": c.throttle}
            for path, output, c in rows
        ]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for path, output, command in rows:
        typer.secho(path.name, bold=True)
        typer.echo(f"  {command.angle_deg:+.1f}°  {command.speed:.2f} m/s")
        space = model.metadata.action_space
        if isinstance(space, tuple):
            for action, share in sorted(zip(space, output, strict=True), key=lambda pair: -pair[1])[:5]:
                typer.echo(
                    f"    {100 * share:5.1f} %  {action.steering_angle_deg:+.1f}°  {action.speed:.2f} m/s"
                )
