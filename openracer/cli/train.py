"""``openracer train``: train a new model, or go on with one, and watch it learn."""

from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from openracer.cli.remote import RemoteConsole, RemoteTraining, Server, model_path
from openracer.language import gettext as _

if TYPE_CHECKING:
    from openracer.models.description import TrainingDescription
    from openracer.models.folder import ModelFolder

_OPTIONS = {"race_type": "race", "other_tracks": "track", "randomisation": "randomise"}
"""Options whose settings are called otherwise."""


def train(
    name: Annotated[
        str | None, typer.Option(help=_("Name of the model: letters, digits and hyphens."))
    ] = None,
    description: Annotated[str | None, typer.Option(help=_("A note for yourself."))] = None,
    track: Annotated[
        list[str] | None,
        typer.Option(
            help=_(
                "Track, by its world name or title; several, with commas or given several times, are learned at "
                "once, those with :reverse behind them the other way round."
            )
        ),
    ] = None,
    alternate_direction: Annotated[
        bool | None, typer.Option("--alternate-direction", help=_("Drive every track both ways round."))
    ] = None,
    reverse: Annotated[bool | None, typer.Option("--reverse", help=_("Drive the other way round."))] = None,
    race: Race = None,
    opponent: Opponent = None,
    refresh_opponent: Annotated[
        int | None,
        typer.Option(help=_("Iterations after which the opponent self takes over the newest weights.")),
    ] = None,
    objects: Number = None,
    object_at: Places = None,
    random: Shuffled = None,
    bot_speed: BotSpeed = None,
    lane_changes: LaneChanges = None,
    reward: Annotated[
        str | None, typer.Option(help=_("Reward function: a file, or the name of an example."))
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help=_("YAML file with any setting; options given here win over it."))
    ] = None,
    hyperparameters: Annotated[
        Path | None, typer.Option(help=_("hyperparameters.json of DeepRacer; wins over the YAML file."))
    ] = None,
    metadata: Annotated[
        Path | None, typer.Option(help=_("model_metadata.json of DeepRacer: its action space and network."))
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help=_("fast (default), race (fastest lap) or aws (the console's settings).")),
    ] = None,
    randomise: Annotated[
        str | None,
        typer.Option(
            help=_(
                "How much worlds, cameras and cars differ from episode to episode: off (default), light, real_car, "
                "or settings as in real_car,noise=4."
            )
        ),
    ] = None,
    vehicle: Annotated[
        str | None, typer.Option(help=_("Generation of the simulated car: v4, v5 or v6."))
    ] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            help=_(
                "What the car sees with: camera or stereo, with a comma and lidar, sector_lidar or "
                "discretized_sector_lidar if you like."
            )
        ),
    ] = None,
    algorithm: Annotated[
        str | None,
        typer.Option(help=_("clipped_ppo (default), or sac, which learns again from everything it drove.")),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help=_("Neural network, by its name in model_metadata.json."))
    ] = None,
    minutes: Annotated[float | None, typer.Option(help=_("Stop after this time of training."))] = None,
    iterations: Annotated[int | None, typer.Option(help=_("Stop after so many updates."))] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help=_("clean-laps: stop when every trial of two evaluations in a row completes its lap.")
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help=_("Seed of all random numbers."))] = None,
    device: Annotated[
        str,
        typer.Option(help=_("Where the networks compute: auto (a GPU if there is one), cpu, cuda or mps.")),
    ] = "auto",
    resume: Annotated[
        str | None, typer.Option(help=_("Go on with this model, for example after a power cut."))
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Delete a model of the same name first."))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=_("Print events as JSON lines instead of a display."))
    ] = False,
    server: Server = None,
) -> None:
    """Train a model until a stop condition holds; Ctrl-C finishes the iteration and saves."""
    from openracer.agents.devices import find_device
    from openracer.cli.training_display import show_training, shown_here
    from openracer.models import library
    from openracer.runs.supervisor import TrainingProcess

    if server is not None and device != "auto":
        raise ValueError(_("--device is of this machine; it does not go with --server"))
    if device not in ("auto", "cpu"):  # these two are everywhere, and looking for others takes a second
        find_device(device)
    stop = {"minutes": minutes, "iterations": iterations, "until": until}
    options: dict[str, Any] = {
        "name": name,
        "description": description,
        **_track_settings(track or [], reverse),
        "alternate_direction": alternate_direction,
        "race_type": race if race is not None or opponent is None else "head_to_model",
        "opponent": opponent,
        "refresh_opponent": refresh_opponent,
        "objects": object_settings(objects, object_at, random, bot_speed, lane_changes) or None,
        "preset": preset,
        "vehicle": vehicle,
        "randomisation": randomise,
        "sensor": sensor,
        "algorithm": algorithm,
        "neural_network": network,
        "seed": seed,
        "stop": {key: value for key, value in stop.items() if value is not None} or None,
    }
    given = {key: value for key, value in options.items() if value is not None}
    if resume is not None:
        others = {
            "reward": reward,
            "config": config,
            "hyperparameters": hyperparameters,
            "metadata": metadata,
            "replace": replace or None,
        }
        given |= {key: value for key, value in others.items() if value is not None}
        if server is not None:
            raise typer.Exit(_resume_there(RemoteConsole(server), resume, given, as_json))
        folder = _resumed(resume, given)
    elif server is not None:
        files = _read_files(config, hyperparameters, metadata)
        raise typer.Exit(_train_there(RemoteConsole(server), given, files, reward, replace, as_json))
    else:
        wanted = _described(given, _read_files(config, hyperparameters, metadata), reward)
        if replace and any(model.name == wanted.name for model in library.list_models()):
            library.delete_model(wanted.name)
        folder = library.create_model(wanted)
    raise typer.Exit(show_training(TrainingProcess(folder.path, device), shown_here(folder), as_json))


def _track_settings(given: list[str], reverse: bool | None) -> dict[str, Any]:
    """The tracks that options name, by the names of a description; ``--reverse`` turns each of them round."""
    from openracer.tracks.track import REVERSE

    names = [name.strip() for text in given for name in ([text] if _is_track(text) else text.split(","))]
    if not names:
        return {"reverse": reverse}
    if reverse:
        names = [name.removesuffix(REVERSE) + REVERSE for name in names]
    first, *others = names
    return {
        "track": first.removesuffix(REVERSE),
        "reverse": True if first.endswith(REVERSE) else None,
        "other_tracks": others,
    }


def _is_track(text: str) -> bool:
    """Whether a text with a comma is the title of one track."""
    from openracer.tracks import catalogue

    try:
        catalogue.find_directed(text)
    except ValueError:
        return False
    return True


def _read_files(
    config: Path | None, hyperparameters: Path | None, metadata: Path | None
) -> dict[Path, Mapping[str, Any]]:
    """The values of a description in each file that is given.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: one is damaged; one sentence.
    """
    from openracer.models.description_files import hyperparameter_values, metadata_values, read_config

    readers = ((config, read_config), (hyperparameters, hyperparameter_values), (metadata, metadata_values))
    return {path: read(path) for path, read in readers if path is not None}


def _resumed(name: str, given: dict[str, Any]) -> "ModelFolder":
    """The model to go on with, its stop conditions changed as given; nothing else can change.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: something else is given, a value is wrong, or the model is being trained.
    """
    from openracer.models import library

    stop = _changed_stop(given)
    folder = library.open_model(name)
    _check_reward(folder.description())
    if stop is not None:
        library.change_stop_conditions(folder, stop)
    return folder


def _changed_stop(given: dict[str, Any]) -> dict[str, Any] | None:
    """The stop conditions among the options of a training that goes on.

    Raises:
        ValueError: something else is given.
    """
    others = given.keys() - {"stop"}
    if others:
        raise ValueError(
            _(
                "--resume goes on with the model as it is, but --{option} is given; use openracer model clone"
            ).format(option=_OPTIONS.get(option := min(others), option.replace("_", "-")))
        )
    return given.get("stop")


def _train_there(
    console: RemoteConsole,
    given: dict[str, Any],
    files: dict[Path, Mapping[str, Any]],
    reward: str | None,
    replace: bool,
    as_json: bool,
) -> int:
    """Have a console make and train a model, and show it; gives the exit code.

    Raises:
        FileNotFoundError: there is no such reward function.
        ValueError: the console refuses, or cannot be reached.
    """
    from openracer.models.description import merge
    from openracer.models.description_files import choose_reward

    names = {model["name"] for model in console.get("/models")}
    values: dict[str, Any] = {"name": _free_name(names)}
    for configured in files.values():
        values = merge(values, configured)
    values = merge(values, given)
    if reward is not None:
        values |= choose_reward(reward)
    if replace and values["name"] in names:
        console.delete(model_path(values["name"]))
    model = console.post("/models", values)
    return _show_there(console, model, {"model": model["name"]}, as_json)


def _resume_there(console: RemoteConsole, name: str, given: dict[str, Any], as_json: bool) -> int:
    """Have a console go on with a model, and show it; gives the exit code.

    Raises:
        ValueError: something else than stop conditions is given, or the console refuses or cannot be reached.
    """
    request: dict[str, Any] = {"model": name, "stop": _changed_stop(given)}
    return _show_there(console, console.get(model_path(name)), request, as_json)


def _show_there(console: RemoteConsole, model: dict[str, Any], request: dict[str, Any], as_json: bool) -> int:
    from openracer.cli.training_display import Shown, show_training
    from openracer.models.description import TrainingDescription

    description = TrainingDescription.from_values(model["training"])
    track = console.get(f"/tracks/{description.track}")
    place = _("Model: ") + f"{console.url}{model_path(model['name'])}"
    shown = Shown(description, track["title"], track["length_m"], place)
    job = console.post("/trainings", request)
    return show_training(RemoteTraining(console, job["id"]), shown, as_json)


def _described(
    given: dict[str, Any], files: dict[Path, Mapping[str, Any]], reward: str | None
) -> "TrainingDescription":
    """The training that files and options describe; a later file wins over an earlier one, options over both.

    Raises:
        FileNotFoundError: there is no such reward function.
        ValueError: a value is wrong, there is no such track, or the reward function cannot be used.
    """
    from openracer.models import library
    from openracer.models.description import TrainingDescription, merge
    from openracer.models.description_files import choose_reward
    from openracer.models.sentences import DescriptionError

    values: dict[str, Any] = {"name": _free_name({folder.name for folder in library.list_models()})}
    preset = {"preset": given["preset"]} if "preset" in given else {}
    blamed = None
    for path, configured in files.items():
        values = merge(values, configured)
        try:
            TrainingDescription.from_values(merge(values, preset), path.name)
        except (
            DescriptionError
        ) as error:  # an option may still correct it; if none does, the sentence names the file
            blamed = blamed or error
    values = merge(values, given)
    if reward is not None:
        values |= choose_reward(reward)
    try:
        wanted = TrainingDescription.from_values(values)
    except DescriptionError as error:
        raise (blamed or error) from None
    wanted = wanted.with_world_names()
    _check_reward(wanted)
    return wanted


def _check_reward(description: "TrainingDescription") -> None:
    """Try a reward function that is not one of the examples.

    Raises:
        ValueError: it cannot be used; one sentence.
    """
    from openracer.rewards import examples
    from openracer.rewards.validation import validate

    if description.reward_source in map(examples.source, examples.names()):
        return
    problems = validate(description.reward_source, description.find_track())
    if problems:
        place = description.reward
        if problems[0].line is not None:
            place = _("{file}, line {line}").format(file=place, line=problems[0].line)
        raise ValueError(f"{place}: {problems[0].message}")


def _free_name(taken: Container[str]) -> str:
    """The first of model-1, model-2, … that is not taken."""
    number = 1
    while f"model-{number}" in taken:
        number += 1
    return f"model-{number}"
