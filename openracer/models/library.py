"""The user's models: create, find, list, clone and delete them."""

import itertools
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.atomic import WriteError, synchronise
from openracer.formats.checkpoints_index import CheckpointName, CheckpointsIndex, IndexEntry
from openracer.language import gettext as _
from openracer.models.description import TrainingDescription
from openracer.models.folder import DESCRIPTION_FILE, ModelFolder
from openracer.models.lock import ModelLock
from openracer.models.names import check_name
from openracer.models.opponents import keep_opponent, opponent_of
from openracer.models.ranges import MAX_NAME
from openracer.models.sentences import DescriptionError
from openracer.models.settings import ContinuousActions

ORIGIN = CheckpointName(0, 0)
_LONGEST_FILE_NAME = 200
_checks: list[Callable[[], None]] = []


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
        ValueError: a file in it is a link.
    """
    for path in (locations.models_folder() / name, Path(name)):
        if (path / DESCRIPTION_FILE).is_file():
            folder = ModelFolder(path if path.name not in ("", "..") else path.resolve())
            _refuse_links(folder)
            return folder
    raise _not_found(name)


def own_model(name: str) -> ModelFolder:
    """The user's own model of a name that came from a browser: never a path that leads elsewhere.

    Raises:
        ModelNotFoundError: there is none.
        ValueError: a file in it is a link.
    """
    is_name = 0 < len(name) < _LONGEST_FILE_NAME and name.isprintable() and not name.startswith(".")
    if not is_name or Path(name).name != name:
        raise ModelNotFoundError(
            _("there is no model {name!r}").format(name=name if len(name) <= MAX_NAME else name[:20] + "…")
        )
    if not (locations.models_folder() / name / DESCRIPTION_FILE).is_file():
        raise _not_found(name)
    return open_model(name)


def _not_found(name: str | Path) -> ModelNotFoundError:
    if Path(name).is_dir():
        return ModelNotFoundError(
            _("{name} is no model of OpenRacer: it has no {file}").format(
                name=name, file=DESCRIPTION_FILE.as_posix()
            )
        )
    names = [model.name for model in list_models()]
    close = get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        hint = _("did you mean {names}?").format(names=_(" or ").join(close))
    else:
        hint = _("openracer model list shows them all") if names else _("openracer train makes one")
    return ModelNotFoundError(_("there is no model {name!r}; {hint}").format(name=str(name), hint=hint))


def _refuse_links(folder: ModelFolder) -> None:
    """Raise a ValueError if a file or folder of the model is a link: a stranger's may lead to your own files.

    Training and evaluating append to, cut off and delete files of the model.
    """
    for place, folders, files in os.walk(folder.path):
        for name in (*folders, *files):
            if (path := Path(place, name)).is_symlink():
                raise ValueError(
                    _("{file} is a link; a model's folder must hold the file itself").format(file=path)
                )


def list_models() -> list[ModelFolder]:
    """The user's models by name."""
    files = locations.models_folder().glob(f"[!.]*/{DESCRIPTION_FILE.as_posix()}")
    return [ModelFolder(path) for path in sorted(file.parent.parent for file in files)]


def free_name(wanted: str) -> str:
    """The wanted name, or where a model has it already, the name with the first number that makes it free."""
    taken = {folder.name.casefold() for folder in list_models()}
    candidates = itertools.chain(
        [wanted], (f"{wanted[: MAX_NAME - 5]}-{number}" for number in itertools.count(2))
    )
    return next(name for name in candidates if name.casefold() not in taken)


def create_model(description: TrainingDescription) -> ModelFolder:
    """Make the folder of a new model; it is there completely or not at all.

    Raises:
        ModelExistsError: the name is taken.
        FileNotFoundError: there is no such opponent, or it has no checkpoint.
        WriteError: the folder cannot be written.
    """
    return create_model_with(description, _opponent_keeper(description))


def _opponent_keeper(description: TrainingDescription) -> Callable[[ModelFolder], None]:
    """What copies the opponent of a training, if there is one, into the model's folder.

    Raises:
        FileNotFoundError: there is no such model, or it has no checkpoint.
        ValueError: a file of it is damaged.
    """
    if (name := description.kept_opponent) is None:
        return lambda _folder: None
    opponent = own_model(name)
    opponent.checkpoints.find("best")
    return _keeper_of(opponent)


def _keeper_of(opponent: ModelFolder) -> Callable[[ModelFolder], None]:
    return lambda folder: keep_opponent(opponent, opponent_of(folder).path)


def ask_before_creating(check: Callable[[], None]) -> None:
    """Have a function refuse new models, by an error, where there may be no more."""
    _checks[:] = [check]


def create_model_with(description: TrainingDescription, fill: Callable[[ModelFolder], None]) -> ModelFolder:
    """Make the folder of a new model with something in it; it is there completely or not at all.

    Args:
        description: of the training.
        fill: writes what else belongs into the folder, which has another name until it is complete.

    Raises:
        ModelExistsError: the name is taken.
        WriteError: the folder cannot be written.
    """
    for check in _checks:
        check()
    path = locations.models_folder() / description.name
    if path.exists():
        raise ModelExistsError(
            _(
                "there is a model {name!r} already; choose another name, or delete it with openracer "
                "model delete {name}"
            ).format(name=description.name)
        )
    temporary = path.with_name(f".creating-{uuid.uuid4().hex}")
    folder = ModelFolder(temporary)
    try:
        folder.write_description(description)
        folder.traces_folder.mkdir()
        fill(folder)
        temporary.rename(path)
        synchronise(path.parent)
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return ModelFolder(path)


def change_stop_conditions(folder: ModelFolder, stop: Mapping[str, Any]) -> None:
    """Let a training end at other conditions than before when it goes on.

    Args:
        folder: of the model.
        stop: new values of some of :class:`openracer.models.description.StopConditions`.

    Raises:
        DescriptionError: a value is wrong; one sentence.
        ModelInUseError: it is being trained.
        WriteError: the description cannot be written.
    """
    changed = folder.description().with_changes({"stop": stop})
    with ModelLock(folder):
        folder.write_description(changed)


def delete_model(name: str | Path) -> None:
    """Delete a model and everything in its folder; where that is a link, the link alone.

    Raises:
        ModelNotFoundError: there is none.
        ModelInUseError: it is being trained.
        WriteError: it cannot be deleted.
    """
    folder = open_model(name)
    doomed = folder.path.with_name(f".deleted-{uuid.uuid4().hex}")
    with ModelLock(folder):
        try:
            # Renamed first, so that a process killed in between leaves no half of a model.
            folder.path.rename(doomed)
            if doomed.is_symlink():
                doomed.unlink()
            else:
                shutil.rmtree(doomed)
        except OSError as error:
            raise WriteError(folder.path, error) from error


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
    kept = opponent_of(original)
    stays = after.kept_opponent == before.kept_opponent and kept.path.is_dir()
    keep = _keeper_of(kept) if stays else _opponent_keeper(after)

    def fill(folder: ModelFolder) -> None:
        origin = {"model": new_name, "cloned_from": f"{original.name} {name}"}
        original.checkpoints.copy(name, folder.checkpoints, ORIGIN, origin)
        entry = IndexEntry(ORIGIN, None, time.time())
        folder.checkpoints.publish(CheckpointsIndex(entry, entry))
        keep(folder)

    return create_model_with(after, fill)


def check_clone(before: TrainingDescription, after: TrainingDescription) -> None:
    """Check that weights of one training can start another.

    Raises:
        DescriptionError: they cannot; one sentence.
    """
    fixed = {
        "algorithm": _("the algorithm"),
        "sensor": _("the sensors"),
        "neural_network": _("the network"),
        "privileged_critic": _("what the critic sees"),
    }
    for key, what in fixed.items():
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            raise DescriptionError(
                _("a clone keeps {what} of its source: {key} is {new!r}; it must be {old!r}").format(
                    what=what, key=key, new=new, old=old
                )
            )
    old_kind, new_kind = (isinstance(d.action_space, ContinuousActions) for d in (before, after))
    words = {False: _("discrete"), True: _("continuous")}
    if old_kind != new_kind:
        raise DescriptionError(
            _(
                "a clone keeps the kind of actions of its source: action_space is {new}; it must be {old}"
            ).format(new=words[new_kind], old=words[old_kind])
        )
    if not old_kind:
        old_count, new_count = (len(d.actions) for d in (before, after))  # type: ignore[arg-type]
        if old_count != new_count:
            raise DescriptionError(
                _(
                    "a clone keeps the number of actions of its source: action_space has {new}; it "
                    "must have {old}"
                ).format(new=new_count, old=old_count)
            )
