"""``openracer train``: train a new model, or go on with one, and watch it learn."""

from pathlib import Path
from typing import Annotated, Any

import typer

from openracer.language import gettext as _


def train(
    name: Annotated[
        str | None, typer.Option(help=_("Name of the model: letters, digits and hyphens."))
    ] = None,
    description: Annotated[str | None, typer.Option(help=_("A note for yourself."))] = None,
    track: Annotated[str | None, typer.Option(help=_("Track, by its world name or title."))] = None,
    reverse: Annotated[bool | None, typer.Option("--reverse", help=_("Drive the other way round."))] = None,
    race: Annotated[str | None, typer.Option(help=_("Race type: time_trial."))] = None,
    reward: Annotated[
        str | None, typer.Option(help=_("Reward function: a file, or the name of an example."))
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help=_("YAML file with any setting; options given here win over it."))
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=_("fast (default) or aws (the console's settings)."))
    ] = None,
    vehicle: Annotated[
        str | None, typer.Option(help=_("Generation of the simulated car: v4, v5 or v6."))
    ] = None,
    minutes: Annotated[float | None, typer.Option(help=_("Stop after this time of training."))] = None,
    iterations: Annotated[int | None, typer.Option(help=_("Stop after so many updates."))] = None,
    until: Annotated[
        str | None,
        typer.Option(help=_("clean-laps: stop when every trial of an evaluation completes its lap.")),
    ] = None,
    seed: Annotated[int | None, typer.Option(help=_("Seed of all random numbers."))] = None,
    resume: Annotated[
        str | None, typer.Option(help=_("Go on with this model, for example after a power cut."))
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Delete a model of the same name first."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print events as JSON lines instead of a display."))
    ] = False,
) -> None:
    """Train a model until a stop condition holds; Ctrl-C finishes the iteration and saves."""
    from openracer.cli.training_display import show_training
    from openracer.models import library
    from openracer.models.description import TrainingDescription
    from openracer.models.description_files import choose_reward, read_config
    from openracer.runs.supervisor import TrainingProcess

    stop = {"minutes": minutes, "iterations": iterations, "until": until}
    options: dict[str, Any] = {
        "name": name,
        "description": description,
        "track": track,
        "reverse": reverse,
        "race_type": race,
        "preset": preset,
        "vehicle": vehicle,
        "seed": seed,
        "stop": {key: value for key, value in stop.items() if value is not None} or None,
    }
    given = {key: value for key, value in options.items() if value is not None}
    if resume is not None:
        unexpected = sorted((given.keys() | ({"reward"} if reward else set())) - {"stop"})
        if unexpected:
            raise ValueError(
                _(
                    "--resume goes on with the model as it is, but --{option} is given; use openracer model clone"
                ).format(option=unexpected[0])
            )
        folder = library.open_model(resume)
        if "stop" in given:
            folder.write_description(folder.description().with_changes({"stop": given["stop"]}))
    else:
        values = {**read_config(config), **given} if config is not None else given
        if config is not None and "stop" in given:
            values["stop"] = {**(read_config(config).get("stop") or {}), **given["stop"]}
        if reward is not None:
            values |= choose_reward(reward)
        values.setdefault("name", _free_name())
        wanted = TrainingDescription.from_values(values)
        wanted.find_track()
        if replace and any(model.name == wanted.name for model in library.list_models()):
            library.delete_model(wanted.name)
        folder = library.create_model(wanted)
    raise typer.Exit(show_training(TrainingProcess(folder.path), folder, as_json))


def _free_name() -> str:
    """The first of model-1, model-2, … that is not taken."""
    from openracer.models import library

    taken = {folder.name for folder in library.list_models()}
    number = 1
    while f"model-{number}" in taken:
        number += 1
    return f"model-{number}"
