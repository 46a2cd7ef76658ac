"""The user's models: create, find, list, clone and delete them."""

import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.formats.atomic import WriteError, synchronise
from openracer.formats.checkpoints_index import CheckpointName, CheckpointsIndex, IndexEntry
from openracer.models.description import ContinuousActions, TrainingDescription
from openracer.models.folder import DESCRIPTION_FILE, ModelFolder
from openracer.models.names import check_name
from openracer.models.sentences import DescriptionError

ORIGIN = CheckpointName(0, 0)


class ModelNotFoundError(FileNotFoundError):
    """There is no such model; the text names those with similar names."""


class ModelExistsError(ValueError):
    """There is a model of that name already."""


def open_model(name: str | Path) -> ModelFolder:
    """The model of a name.

    Args:
        name: of one of the user's models, or the path of a model's folder anywhere.

    Raises:
        ModelNotFoundError: there is none.
    """
    for path in (locations.models_folder() / name, Path(name)):
        if (path / DESCRIPTION_FILE).is_file():
            return ModelFolder(path)
    if Path(name).is_dir():
        raise ModelNotFoundError(f"{name} is no model of OpenRacer: it has no {DESCRIPTION_FILE.as_posix()}")
    names = [model.name for model in list_models()]
    close = get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        hint = "openracer model list shows them all" if names else "openracer train makes one"
    raise ModelNotFoundError(f"there is no model {str(name)!r}; {hint}")


def list_models() -> list[ModelFolder]:
    """The user's models by name."""
    files = locations.models_folder().glob(f"[!.]*/{DESCRIPTION_FILE.as_posix()}")
    return [ModelFolder(path) for path in sorted(file.parent.parent for file in files)]


def create_model(description: TrainingDescription) -> ModelFolder:
    """Make the folder of a new model; it is there completely or not at all.

    Raises:
        ModelExistsError: the name is taken.
        WriteError: the folder cannot be written.
    """
    return _create(description, lambda _: None)


def _create(description: TrainingDescription, fill: Callable[[ModelFolder], None]) -> ModelFolder:
    path = locations.models_folder() / description.name
    if path.exists():
        raise ModelExistsError(
            f"there is a model {description.name!r} already; choose another name, or delete it with "
            f"openracer model delete {description.name}"
        )
    temporary = path.with_name(f".creating-{uuid.uuid4().hex}")
    folder = ModelFolder(temporary)
    try:
        folder.write_description(description)
        folder.traces_folder.mkdir()
        fill(folder)
        temporary.rename(path)
        synchronise(path.parent)
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return ModelFolder(path)


def delete_model(name: str | Path) -> None:
    """Delete a model and everything in its folder.

    Raises:
        ModelNotFoundError: there is none.
        WriteError: it cannot be deleted.
    """
    path = open_model(name).path
    doomed = path.with_name(f".deleted-{uuid.uuid4().hex}")
    try:
        # Renamed first, so that a process killed in between leaves no half of a model.
        path.rename(doomed)
        shutil.rmtree(doomed)
    except OSError as error:
        raise WriteError(path, error) from error


def clone_model(
    source: str | Path,
    new_name: str,
    changes: Mapping[str, Any] | None = None,
    checkpoint: str | int = "best",
) -> ModelFolder:
    """Make a new model that starts from another one's weights.

    Args:
        source: name or path of the other model.
        new_name: of the new one.
        changes: values of the description to change; groups of settings key by key. The kind and the number
            of actions, sensors, networks and the algorithm belong to the weights and cannot change.
        checkpoint: ``best``, ``last`` or the number of an iteration.

    Raises:
        FileNotFoundError: there is no such model or checkpoint.
        ValueError: the name is taken or not allowed, a value is wrong, or a change is not possible; one
        sentence.
        WriteError: the folder cannot be written.
    """
    original = open_model(source)
    check_name(new_name)
    before = original.description()
    after = before.with_changes({**(changes or {}), "name": new_name})
    check_clone(before, after)
    name = original.checkpoints.find(checkpoint)
    weights = original.checkpoints.load(name)

    def fill(folder: ModelFolder) -> None:
        origin = {"model": new_name, "cloned_from": f"{original.name} {name}"}
        folder.checkpoints.save(ORIGIN, weights, origin)
        entry = IndexEntry(ORIGIN, None, time.time())
        folder.checkpoints.publish(CheckpointsIndex(entry, entry))

    return _create(after, fill)


_FIXED = {
    "algorithm": "the algorithm",
    "sensor": "the sensors",
    "neural_network": "the network",
    "privileged_critic": "what the critic sees",
}


def check_clone(before: TrainingDescription, after: TrainingDescription) -> None:
    """Check that weights of one training can start another.

    Raises:
        DescriptionError: they cannot; one sentence.
    """
    for key, what in _FIXED.items():
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            raise DescriptionError(
                f"a clone keeps {what} of its source: {key} is {new!r}; it must be {old!r}"
            )
    old_kind, new_kind = (isinstance(d.action_space, ContinuousActions) for d in (before, after))
    words = {False: "discrete", True: "continuous"}
    if old_kind != new_kind:
        raise DescriptionError(
            f"a clone keeps the kind of actions of its source: action_space is {words[new_kind]}; "
            f"it must be {words[old_kind]}"
        )
    if not old_kind:
        old_count, new_count = (len(d.actions) for d in (before, after))  # type: ignore[arg-type]
        if old_count != new_count:
            raise DescriptionError(
                f"a clone keeps the number of actions of its source: action_space has {new_count}; "
                f"it must have {old_count}"
            )
