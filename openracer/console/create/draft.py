"""The model that somebody is about to make: values as typed, kept for each browser until the model is made."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from openracer import locations
from openracer.atomic import write_json
from openracer.language import gettext as _
from openracer.models import library
from openracer.models.description import TrainingDescription, find_problems, merge
from openracer.models.folder import ModelFolder
from openracer.models.library import check_clone
from openracer.models.presets import DEFAULT_PRESET, PRESETS, starting_values
from openracer.models.ranges import MAX_NAME, Place
from openracer.models.sentences import DescriptionError
from openracer.models.settings import ContinuousActions
from openracer.rewards import examples
from openracer.tracks import catalogue

BROWSER_COOKIE = "openracer_browser"
_BROWSER = re.compile(r"[0-9a-f]{32}")
_ALL_OF_PRESET = (
    "hyperparameters",
    "action_space",
    "neural_network",
    "collector",
    "steps_per_car",
    "cars",
    "privileged_critic",
    "slow_start",
    "stop",
    "evaluation",
)
"""What choosing another preset sets anew; track, reward function and names stay."""


def browser_of(cookies: Mapping[str, str]) -> str:
    """The name under which a browser's drafts are kept; a new one where it has none yet."""
    known = cookies.get(BROWSER_COOKIE, "")
    return known if _BROWSER.fullmatch(known) else secrets.token_hex(16)


@dataclass
class Draft:
    """Everything typed so far.

    Attributes:
        path: the file that keeps it.
        values: of a description, without what comes from the preset; what was typed may be wrong.
        step: where the wizard stands, from 0.
        space: the action space of the other kind, for who changes their mind.
        vehicle: name of the chosen vehicle in the garage.
        source: the model that is cloned; empty for a new one.
        checkpoint: of the source, ``best`` or ``last``.
        race: number of the race to which the model is submitted when its training has ended.
        is_resumed: it was read from its file.
    """

    path: Path
    values: dict[str, Any]
    step: int = 0
    space: Any = None
    vehicle: str = ""
    source: str = ""
    checkpoint: str = "best"
    race: int | None = None
    is_resumed: bool = False
    touched: set[Place] = field(default_factory=set)

    def value(self, *place: str) -> Any:
        """A value as it will count: the typed one, else the preset's."""
        found: Any = self.effective()
        for key in place:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def effective(self) -> dict[str, Any]:
        """All values, those of the preset included."""
        filled = merge(starting_values(self.values), self.values)
        if "reward_source" not in filled:
            filled["reward_source"] = examples.source(filled["reward"])
        return filled

    @property
    def preset(self) -> str:
        """Name of the preset."""
        chosen = self.values.get("preset", DEFAULT_PRESET)
        return chosen if chosen in PRESETS else DEFAULT_PRESET

    def set(self, value: Any, *place: str) -> None:
        """Set a value and keep it."""
        group = self.values
        for key in place[:-1]:
            group = group.setdefault(key, {})
        group[place[-1]] = value
        self.touched.add(place)
        self.save()

    def unset(self, *keys: str) -> None:
        """Go back to the preset's values."""
        for key in keys:
            self.values.pop(key, None)
        self.save()

    def choose_preset(self, name: str) -> None:
        """Take all settings of the learner from another preset."""
        self.values["preset"] = name
        self.space = None
        if "reward_source" in self.values and self.values["reward_source"] == _example_of(self.values):
            self.values.pop("reward", None)
            self.values.pop("reward_source", None)
        self.unset(*_ALL_OF_PRESET)

    def choose_race(self, race_type: str) -> None:
        """Race otherwise: with the reward function and settings that the race type brings."""
        self.values["race_type"] = race_type
        for key in ("objects", "opponent", "refresh_opponent"):
            self.values.pop(key, None)
        self.choose_preset(self.preset)

    @property
    def is_continuous(self) -> bool:
        """Whether the action space is one of ranges."""
        return isinstance(self.value("action_space"), Mapping)

    def problems(self) -> dict[Place, str]:
        """Everything that is wrong, at its place."""
        problems = find_problems(self.values)
        name = self.values.get("name", "")
        if ("name",) not in problems and (locations.models_folder() / name).exists():
            problems["name",] = _("there is a model {name!r} already; choose another name").format(name=name)
        if ("track",) not in problems:
            try:
                catalogue.find(str(self.value("track")))
            except ValueError as error:
                problems["track",] = str(error)
        if self.source and not problems:
            try:
                check_clone(library.own_model(self.source).description(), self.description())
            except FileNotFoundError as error:
                problems["name",] = str(error)
            except DescriptionError as error:
                problems["action_space",] = str(error)
        return problems

    def description(self) -> TrainingDescription:
        """The training that is described.

        Raises:
            DescriptionError: something is wrong; one sentence.
        """
        return TrainingDescription.from_values(self.values)

    def make(self) -> ModelFolder:
        """Make the model; the draft is forgotten then.

        Raises:
            ValueError: a value is wrong or the name is taken; one sentence.
            FileNotFoundError: the model to clone is gone.
            WriteError: the folder cannot be written.
        """
        description = self.description()
        if self.source:
            changes = description.model_dump(exclude={"name"})
            folder = library.clone_model(self.source, description.name, changes, self.checkpoint)
        else:
            folder = library.create_model(description)
        self.path.unlink(missing_ok=True)
        return folder

    def save(self) -> None:
        """Keep the draft.

        Raises:
            WriteError: it cannot be written.
        """
        kept = asdict(self)
        for name in ("path", "touched", "is_resumed"):
            del kept[name]
        write_json(self.path, kept)


def draft_of(browser: str, source: str = "") -> Draft:
    """The draft of a browser, or a new one.

    Args:
        browser: of :func:`browser_of`.
        source: the model to clone; empty for a new model.

    Raises:
        ModelNotFoundError: there is no such model to clone.
        ValueError: its files are damaged.
    """
    path = locations.console_folder() / "drafts" / f"{browser}{'-clone' if source else ''}.json"
    return _read(path, source) or new_draft(path, source)


def new_draft(path: Path, source: str = "") -> Draft:
    """A draft in which nothing is typed yet: the preset's values, or those of the model to clone."""
    if not source:
        return Draft(
            path, {"name": library.free_name("my-model"), "description": "", "preset": DEFAULT_PRESET}
        )
    original = library.own_model(source).description()
    values = original.model_dump(mode="json")
    values["name"] = library.free_name(f"{source[: MAX_NAME - 6]}-clone")
    if isinstance(original.action_space, ContinuousActions):
        return Draft(path, values, source=source)
    for action in values["action_space"]:
        action.pop("index", None)
    return Draft(path, values, source=source)


def _read(path: Path, source: str) -> Draft | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        draft = Draft(path, **kept, is_resumed=True)
    except (OSError, ValueError, TypeError):
        return None
    return draft if draft.source == source and isinstance(draft.values, dict) else None


def _example_of(values: Mapping[str, Any]) -> str | None:
    name = values.get("reward", "")
    return examples.source(name) if name in examples.names() else None
