"""``openracer model``: the user's models, listed, shown, cloned and deleted."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openracer.cli.remote import RemoteConsole, Server, model_path
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.models.description import TrainingDescription
    from openracer.models.folder import ModelFolder

app = typer.Typer(no_args_is_help=True, help=_("Models: what you have trained, and what came of it."))

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))]
Name = Annotated[str, typer.Argument(help=_("Name of a model, or path of its folder."))]


@app.command("list", help=_("List your models."))
def list_(as_json: AsJson = False, server: Server = None) -> None:
    """List your models."""
    if server is None:
        from openracer.models import library

        rows = [_summary(folder) for folder in library.list_models()]
    else:
        rows = [_summary_there(model) for model in RemoteConsole(server).get("/models")]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        typer.echo(_("There is no model yet; openracer train makes one."))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    table = Table(_("Name"), _("Track"))
    for heading in (_("Iterations"), _("Episodes"), _("Steps"), _("Best progress")):
        table.add_column(heading, justify="right")
    for row in rows:
        if "problem" in row:
            table.add_row(escape(row["name"]), escape(row["problem"]))
            continue
        best = "" if row["best_progress"] is None else f"{int(row['best_progress'])} %"
        numbers = [f"{row[key]:,}" for key in ("iterations", "episodes", "steps")]
        track = row["track"] + _backwards(row["reverse"])
        table.add_row(escape(row["name"]), escape(track), *numbers, best)
    table_console().print(table)


@app.command(help=_("Show a model: its settings, checkpoints and evaluations."))
def show(name: Name, as_json: AsJson = False, server: Server = None) -> None:
    """Show a model: its settings, checkpoints and evaluations."""
    if server is not None:
        _show_there(RemoteConsole(server), name, as_json)
        return
    from openracer.models import library
    from openracer.models.evaluations import read_evaluations

    folder = library.open_model(name)
    description = folder.description()
    evaluations = read_evaluations(folder)
    summary = _summary(folder)
    checkpoints = [str(checkpoint) for checkpoint in folder.checkpoints.names()]
    if as_json:
        report = {
            **summary,
            "description": description.model_dump(mode="json"),
            "checkpoints": checkpoints,
            "evaluations": [_evaluation_row(evaluation) for evaluation in evaluations],
        }
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console

    console = table_console()
    facts = Table(show_header=False, box=None)
    for label, value in _facts(description, summary, checkpoints):
        facts.add_row(label, escape(value))
    facts.add_row(_("Folder"), escape(str(folder.path)))
    console.print(facts)
    if evaluations:
        table = Table(box=None, header_style="bold")
        table.add_column(_("Evaluation"), no_wrap=True)
        table.add_column(_("Track"), overflow="fold")
        for heading in (_("Trial"), _("Time"), _("Completed")):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column(_("Status"), no_wrap=True)
        for evaluation in evaluations:
            track = str(evaluation.settings.get("track", ""))
            track += _backwards(bool(evaluation.settings.get("reverse")))
            for row, trial in enumerate(evaluation.trials):
                table.add_row(
                    "" if row else evaluation.stamp,
                    "" if row else escape(track),
                    str(trial.trial),
                    _lap_time(trial.elapsed_time_in_milliseconds),
                    f"{trial.completion_percentage} %",
                    escape(_(trial.episode_status)),
                )
        console.print()
        console.print(table)


@app.command(
    help=_(
        "Make a new model that starts from the weights of another one.\n\n"
        "The number and kind of actions, the sensors, the network and the algorithm stay as they are."
    )
)
def clone(
    source: Name,
    new: Annotated[str, typer.Argument(help=_("Name of the new model."))],
    reward: Annotated[str | None, typer.Option(help=_("Another reward function: file or example."))] = None,
    track: Annotated[str | None, typer.Option(help=_("Another track."))] = None,
    config: Annotated[Path | None, typer.Option(help=_("YAML file with the settings that change."))] = None,
    checkpoint: Annotated[
        str, typer.Option(help=_("Weights to start from: best, last or an iteration."))
    ] = "best",
    server: Server = None,
) -> None:
    """Make a new model that starts from the weights of another one.

    The number and kind of actions, the sensors, the network and the algorithm stay as they are.
    """
    from openracer.models import library
    from openracer.models.description_files import choose_reward, read_config

    changes: dict[str, Any] = {} if config is None else read_config(config)
    if reward is not None:
        changes |= choose_reward(reward)
    if track is not None:
        changes["track"] = track
    if server is not None:
        console = RemoteConsole(server)
        request = {"name": new, "changes": changes, "checkpoint": checkpoint}
        console.post(f"{model_path(source)}/clone", request)
        place = f"{console.url}{model_path(new)}"
        typer.echo(_("Model {name} is ready: {folder}").format(name=new, folder=place))
        return
    if "track" in changes:
        from openracer.tracks.catalogue import find

        changes["track"] = find(str(changes["track"])).name
    folder = library.clone_model(source, new, changes, checkpoint)
    typer.echo(_("Model {name} is ready: {folder}").format(name=new, folder=folder.path))


@app.command(
    "import",
    help=_(
        "Import a model from AWS, DeepRacer-for-Cloud or a physical car.\n\n"
        "PATH is an archive for the physical car, a training's folder or archive with its checkpoint, a .pb, a .tflite "
        "or an .onnx file with model_metadata.json beside it."
    ),
)
def import_(
    path: Annotated[Path, typer.Argument(help=_("Archive, folder or file of the model."))],
    name: Annotated[str | None, typer.Option(help=_("Name of the new model."))] = None,
    checkpoint: Annotated[
        str, typer.Option(help=_("Of a training: best, last or the number of an iteration."))
    ] = "best",
    as_json: AsJson = False,
) -> None:
    """Import a model from AWS, DeepRacer-for-Cloud or a physical car."""
    from dataclasses import asdict

    from openracer.models.importing import import_model

    folder, report = import_model(path, name, checkpoint)
    if as_json:
        told = {"name": folder.name, "folder": str(folder.path), **asdict(report)}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for heading, sentences in report.sections():
        typer.secho(heading, bold=True)
        for sentence in sentences:
            typer.echo(f"  - {sentence}")
    typer.echo(_("Model {name} is ready: {folder}").format(name=folder.name, folder=folder.path))


class Target(StrEnum):
    """Who an export is for."""

    CAR = "car"
    AWS = "aws"
    DRFC = "drfc"
    ONNX = "onnx"
    TFLITE = "tflite"


@app.command(
    help=_(
        "Export a model: for the physical car, for further training on AWS or DeepRacer-for-Cloud, as ONNX or TFLite."
    )
)
def export(
    name: Name,
    to: Annotated[Target, typer.Option("--to", help=_("Who it is for."))] = Target.CAR,
    checkpoint: Annotated[str, typer.Option(help=_("best, last, or the number of an iteration."))] = "best",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=_("File to write, or folder for aws and drfc."))
    ] = None,
    float16: Annotated[
        bool, typer.Option("--float16", help=_("Half the size: the weights of a TFLite file in float16."))
    ] = False,
    distil: Annotated[
        bool,
        typer.Option(
            "--distil",
            help=_(
                "For aws and drfc: first teach a student model in AWS's network to drive like it, in minutes."
            ),
        ),
    ] = False,
) -> None:
    """Export a model for another program."""
    from openracer.models import library
    from openracer.models.exporting import SUFFIXES, export_model, why_not_to_aws

    folder = library.open_model(name)
    if float16 and to is not Target.TFLITE:
        raise ValueError(_("--float16 is for --to tflite only"))
    if distil:
        if to not in (Target.AWS, Target.DRFC):
            raise ValueError(_("--distil is for --to aws and --to drfc only"))
        if why_not_to_aws(folder.description()) is None:
            raise ValueError(
                _("{name} can be trained further on AWS as it is; leave --distil out").format(
                    name=folder.name
                )
            )
        folder = _distil(folder, checkpoint)
        checkpoint = "best"
    suffix = SUFFIXES.get(to.value, f"-{to.value}")
    path = output or Path(folder.name + suffix)
    for note in export_model(folder, to.value, path, checkpoint, float16):
        typer.echo(f"  - {note}")
    typer.echo(_("Written: {path}").format(path=path))


def _distil(folder: "ModelFolder", checkpoint: str) -> "ModelFolder":
    """Teach a student, and tell how it drives meanwhile."""
    from openracer.models import library
    from openracer.runs.distillation import distil

    typer.echo(_("A student model in AWS's network learns to drive like {name} …").format(name=folder.name))
    report = distil(folder, checkpoint, typer.echo)
    for sentence in report.sentences():
        typer.echo(sentence)
    return library.open_model(report.student)


@app.command(help=_("Delete a model with all its checkpoints and traces."))
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Do not ask."))] = False,
    server: Server = None,
) -> None:
    """Delete a model with all its checkpoints and traces."""
    if server is not None:
        console = RemoteConsole(server)
        question = _("Delete {name} with everything in {folder}?").format(name=name, folder=console.url)
        if not yes and not typer.confirm(question):
            raise typer.Exit(1)
        console.delete(model_path(name))
        typer.echo(_("Model {name} is deleted.").format(name=name))
        return
    from openracer.models import library

    folder = library.open_model(name)
    question = _("Delete {name} with everything in {folder}?").format(name=folder.name, folder=folder.path)
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    library.delete_model(folder.path)
    typer.echo(_("Model {name} is deleted.").format(name=folder.name))


def _summary(folder: "ModelFolder") -> dict[str, Any]:
    """What a list says of a model; a broken one is listed with its problem."""
    from openracer.models.run_state import read_progress

    try:
        description, progress = folder.description(), read_progress(folder)
    except (ValueError, OSError) as error:
        return {"name": folder.name, "folder": str(folder.path), "problem": str(error)}
    return {
        "name": folder.name,
        "folder": str(folder.path),
        "track": description.track,
        "reverse": description.reverse,
        "race_type": description.race_type,
        "preset": description.preset,
        "iterations": progress.iteration,
        "episodes": progress.episodes,
        "steps": progress.steps,
        "best_checkpoint": progress.best,
        "best_progress": progress.best_metric,
        "best_mean_lap_s": progress.best_mean_lap_s,
    }


def _summary_there(model: dict[str, Any]) -> dict[str, Any]:
    """What a list says of a model of a console; keys as in :func:`_summary`."""
    if model["problem"]:
        return {"name": model["name"], "problem": model["problem"]}
    kept = ("name", "track", "reverse", "race_type", "preset", "iterations", "episodes", "steps")
    return {**{key: model[key] for key in kept}, "best_progress": model["completion"]}


def _show_there(console: RemoteConsole, name: str, as_json: bool) -> None:
    """Show a model of a console.

    Raises:
        RemoteError: there is no such model, or the console cannot be reached.
    """
    model = console.get(model_path(name))
    evaluations = console.get(f"{model_path(name)}/evaluations")
    if as_json:
        typer.echo(json.dumps({**model, "evaluations": evaluations}, indent=2, ensure_ascii=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from openracer.cli.screen import table_console
    from openracer.models.description import TrainingDescription

    best = {key: model[key] for key in ("best_checkpoint", "best_mean_lap_s")}
    summary = _summary_there(model) | best
    facts = Table(show_header=False, box=None)
    description = TrainingDescription.from_values(model["training"])
    for label, value in _facts(description, summary, model["checkpoints"]):
        facts.add_row(label, escape(value))
    facts.add_row(_("Evaluations"), ", ".join(evaluation["stamp"] for evaluation in evaluations))
    table_console().print(facts)


def _facts(
    description: "TrainingDescription", summary: dict[str, Any], checkpoints: list[str]
) -> list[tuple[str, str]]:
    from openracer.models.track_words import tracks_words

    numbers = description.hyperparameters
    best = summary["best_checkpoint"] or ""
    if summary["best_progress"] is not None:
        best += _(", {progress} % of the lap on average").format(progress=int(summary["best_progress"]))
    if summary["best_mean_lap_s"] is not None:
        best += _(", {seconds:.2f} s a lap on average").format(seconds=summary["best_mean_lap_s"])
    return [
        (_("Name"), description.name),
        (_("Description"), description.description),
        (_("Track"), tracks_words(description)),
        (_("Reward function"), description.reward),
        (_("Preset"), description.preset),
        (_("Vehicle"), description.vehicle),
        (_("Randomisation"), description.randomisation.name),
        (_("Network"), description.neural_network),
        (
            _("Hyperparameters"),
            ", ".join(f"{key} {value}" for key, value in numbers.model_dump(exclude_none=True).items()),
        ),
        (
            _("Trained"),
            _("{iterations:,} iterations, {episodes:,} episodes, {steps:,} steps").format(**summary),
        ),
        (_("Best checkpoint"), best),
        (_("Checkpoints"), ", ".join(checkpoints)),
    ]


def _backwards(reverse: bool) -> str:
    """What follows a track's name where it is driven the other way round."""
    return _(" (reverse)") if reverse else ""


def _evaluation_row(evaluation: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "stamp": evaluation.stamp,
        "settings": dict(evaluation.settings),
        "trials": [asdict(trial) for trial in evaluation.trials],
    }


def _lap_time(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes:02d}:{rest / 1000:06.3f}"
