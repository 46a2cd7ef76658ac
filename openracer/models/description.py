"""The description of a training: the one model that CLI, console, REST API and job queue pass around."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from openracer.formats.hyperparameters import Hyperparameters
from openracer.formats.model_metadata import Action, ActionRanges, ModelMetadata
from openracer.language import gettext as _
from openracer.models.garage import Colour
from openracer.models.names import check_name
from openracer.models.network_names import AWS_NETWORKS, NeuralNetwork
from openracer.models.presets import starting_values
from openracer.models.races import HEAD_TO_BOT, HEAD_TO_MODEL, SELF, TIME_TRIAL, race_of
from openracer.models.randomisation import RandomisationSettings, randomisation_values
from openracer.models.ranges import MAX_DESCRIPTION, MAX_REWARD, RULES, Place, Scope, violations
from openracer.models.sentences import DescriptionError, SettingsError, sentence, sentences
from openracer.models.settings import (
    ActionSpace,
    ContinuousActions,
    EvaluationSettings,
    HyperparameterSettings,
    ObjectSettings,
    Settings,
    StopConditions,
)
from openracer.rewards import examples
from openracer.simulation.bodies import BOT, BOX
from openracer.simulation.obstacles import NO_OBJECTS, Objects, Position
from openracer.simulation.sensors import Sensor, canonical_name, find_sensors
from openracer.tracks import catalogue
from openracer.tracks.track import REVERSE, Track

BEST_MODEL_METRICS = {"progress": "progress", "lap_time": "laptime"}
"""What the best checkpoint is chosen by, and DeepRacer's word for it."""


class TrainingDescription(Settings):
    """Everything that determines a training. What is not given comes from the preset.

    Attributes:
        name: of the model.
        description: a note of the user.
        preset: ``fast``, ``race`` or ``aws``; the last keeps to AWS's ranges.
        track: world name or title; :meth:`find_track` looks it up.
        reverse: drive it the other way.
        other_tracks: more tracks, over all of which the cars are spread evenly: names, with ``:reverse`` behind those
            that are driven the other way.
        alternate_direction: drive every track both ways, by half of its cars each.
        race_type: ``time_trial``, ``object_avoidance`` (boxes), ``head_to_bot`` (bot cars) or ``head_to_model``
            (another model, or itself).
        objects: boxes or bot cars of the last two.
        opponent: of ``head_to_model``: the name of another model, whose best checkpoint is kept with this one, or
            ``self``.
        refresh_opponent: iterations after which an opponent ``self`` takes over the newest weights.
        reward: name of the example or file that the reward function came from.
        reward_source: its code.
        algorithm: ``clipped_ppo``, or ``sac`` for ranges of actions.
        hyperparameters: numbers of the learner.
        action_space: list of actions, or ranges.
        sensor: one camera, and perhaps one kind of LIDAR.
        neural_network: name of the network.
        vehicle: generation of the simulated car.
        colour: of its body on screens; no camera sees it.
        collector: ``episodes`` gathers complete episodes between updates, ``steps`` a fixed number of steps.
        steps_per_car: steps of each car between updates, for the collector ``steps``.
        cars: how many drive at once.
        privileged_critic: the critic sees the car's exact state instead of its camera.
        slow_start: how much a new policy prefers slow actions, as a factor of e for each m/s; 0 treats all alike.
        laps: of an episode; with more than one all but the first begin flying.
        step_jitter: standard deviation of the time between two frames, s.
        randomisation: how much worlds, cameras and cars differ from episode to episode, while the model trains.
        seed: of all random numbers.
        stop: when the training ends.
        evaluation: evaluations during the training.
        change_start_position: start episodes all around the track.
        round_robin_advance_dist: distance between two starts, share of the lap.
    """

    name: str
    description: str
    preset: Literal["fast", "race", "aws"]
    track: str
    reverse: bool
    other_tracks: tuple[str, ...]
    alternate_direction: bool
    race_type: Literal["time_trial", "object_avoidance", "head_to_bot", "head_to_model"]
    objects: ObjectSettings
    opponent: str
    refresh_opponent: int
    reward: str
    reward_source: str
    algorithm: Literal["clipped_ppo", "sac"]
    hyperparameters: HyperparameterSettings
    action_space: ActionSpace
    sensor: tuple[str, ...]
    neural_network: NeuralNetwork
    vehicle: Literal["v4", "v5", "v6"]
    colour: Colour
    collector: Literal["steps", "episodes"]
    steps_per_car: int
    cars: int
    privileged_critic: bool
    slow_start: float
    laps: int
    step_jitter: float
    randomisation: RandomisationSettings
    seed: int
    stop: StopConditions
    evaluation: EvaluationSettings
    change_start_position: bool
    round_robin_advance_dist: float

    @classmethod
    def from_values(cls, values: Mapping[str, Any], where: str = "") -> Self:
        """Check values as a user gives them, missing ones being the preset's.

        Args:
            values: nested mappings, for example of a YAML file.
            where: what to call their origin in errors, for example the file's name.

        Raises:
            DescriptionError: something is wrong; one sentence.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise DescriptionError(sentence(error, where, KEYS)) from None

    def with_changes(self, changes: Mapping[str, Any], where: str = "") -> Self:
        """The same description with some values changed; groups of settings are changed key by key.

        Raises:
            DescriptionError: something is wrong; one sentence.
        """
        values = self.model_dump()
        if "reward" in changes and "reward_source" not in changes:
            del values["reward_source"]
        return self.from_values(merge(values, changes), where)

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        if isinstance(values.get("race_type"), str):
            values = {**values, "race_type": race_of(values)}
        filled = merge(starting_values(values), values)
        if "reward_source" not in filled and isinstance(filled["reward"], str):
            # Only examples: a description may come from the network, which must not read files here.
            filled["reward_source"] = examples.source(filled["reward"])
        return filled

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        check_name(name)
        return name

    @field_validator("opponent")
    @classmethod
    def _check_opponent(cls, name: str) -> str:
        check_name(name)
        return name

    @field_validator("description", "reward", "reward_source")
    @classmethod
    def _check_text(cls, text: str, info: ValidationInfo) -> str:
        try:
            text.encode()
        except UnicodeEncodeError as error:  # JSON can hold half of a surrogate pair, files cannot
            raise ValueError(
                _("{name} has half of a character at place {place}; type it again").format(
                    name=info.field_name, place=error.start + 1
                )
            ) from None
        return text

    @field_validator("sensor", mode="before")
    @classmethod
    def _find_sensors(cls, names: object) -> object:
        """A text lists them with commas, in any case; the camera comes first."""
        if isinstance(names, str):
            names = names.split(",")
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            return names
        return [sensor.name for sensor in find_sensors([canonical_name(name) for name in names])]

    @field_validator("other_tracks", mode="before")
    @classmethod
    def _split_tracks(cls, names: object) -> object:
        """A text lists them with commas."""
        return [part.strip() for part in names.split(",")] if isinstance(names, str) else names

    @field_validator("randomisation", mode="before")
    @classmethod
    def _find_randomisation(cls, value: object) -> object:
        """A text names it, or lists settings."""
        return randomisation_values(value) if isinstance(value, str) else value

    @field_validator("description")
    @classmethod
    def _check_description(cls, text: str) -> str:
        if len(text) > MAX_DESCRIPTION:
            raise ValueError(
                _("the description has {count} characters; it may have {limit}").format(
                    count=len(text), limit=MAX_DESCRIPTION
                )
            )
        return text

    @field_validator("reward_source")
    @classmethod
    def _check_reward(cls, source: str) -> str:
        if not 0 < len(source) <= MAX_REWARD:
            raise ValueError(
                _("the reward function has {count} characters; it must have 1 to {limit}").format(
                    count=len(source), limit=MAX_REWARD
                )
            )
        return source

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        if problems := [
            *self._out_of_range("aws" if self.preset == "aws" else "own"),
            *self._contradictions(),
        ]:
            raise SettingsError(problems)
        return self

    def check_for_aws(self) -> None:
        """Check that AWS would take this description.

        Raises:
            DescriptionError: it would not; one sentence.
        """
        for _place, wrong in self._out_of_range("aws"):
            raise DescriptionError(wrong)

    def _out_of_range(self, scope: Scope) -> Iterator[tuple[Place, str]]:
        for place, wrong in violations(self._numbers(), scope):
            # AWS trains SAC after each episode, and does not ask.
            is_asked = scope == "own" or self.algorithm != "sac"
            if is_asked or place[-1] != "num_episodes_between_training":
                yield place, wrong
        if scope == "aws" and self.neural_network not in AWS_NETWORKS:
            yield (
                ("neural_network",),
                _("neural_network is {network}, which AWS does not have; it must be {known}").format(
                    network=self.neural_network, known=_(" or ").join(AWS_NETWORKS)
                ),
            )

    def _contradictions(self) -> Iterator[tuple[Place, str]]:
        yield from self._misfits()
        rollout = self.cars * (self.steps_per_car + 1) if self.collector == "steps" else 40_000 + self.cars
        if self.algorithm == "sac" and self.hyperparameters.replay_frames < rollout:
            yield (
                ("hyperparameters", "replay_frames"),
                _(
                    "replay_frames is {frames}; it must be at least {rollout}, what is driven between two updates"
                ).format(frames=self.hyperparameters.replay_frames, rollout=rollout),
            )
        yield from self._contradictory_tracks()
        space = self.action_space
        if not isinstance(space, ContinuousActions):
            if self.algorithm == "sac":
                yield (
                    ("algorithm",),
                    _(
                        "algorithm is sac, whose actions are numbers, but action_space is a list of actions; "
                        "give ranges of steering_angle and speed"
                    ),
                )
            return
        for name, bounds in (("steering_angle", space.steering_angle), ("speed", space.speed)):
            if bounds.low >= bounds.high:
                yield (
                    ("action_space", name, "low"),
                    _("low of {name} is {low:g}; it must be less than high, which is {high:g}").format(
                        name=name, low=bounds.low, high=bounds.high
                    ),
                )
        if self.hyperparameters.exploration_type == "e-greedy":
            yield (
                ("hyperparameters", "exploration_type"),
                _("exploration_type is e-greedy, which needs a discrete action_space"),
            )

    def _contradictory_tracks(self) -> Iterator[tuple[Place, str]]:
        first = self.track + (REVERSE if self.reverse else "")
        names = [first, *self.other_tracks]
        roads = [name.removesuffix(REVERSE) for name in names] if self.alternate_direction else names
        for number, name in enumerate(roads):
            if name in roads[:number]:
                yield ("other_tracks",), _("{track} is there twice; name each track once").format(track=name)
        ways = len(names) * (2 if self.alternate_direction else 1)
        if self.cars < ways:
            yield (
                ("cars",),
                _("cars is {cars}; it must be at least {ways}, one for each track and direction").format(
                    cars=self.cars, ways=ways
                ),
            )

    def _numbers(self) -> Iterator[tuple[Place, str, str, float | None]]:
        groups: tuple[tuple[Place, BaseModel], ...] = (
            (("hyperparameters",), self.hyperparameters),
            (("stop",), self.stop),
            (("evaluation",), self.evaluation),
            (("objects",), self.objects),
            (("randomisation",), self.randomisation),
            ((), self),
        )
        for place, group in groups:
            for name in type(group).model_fields:
                if name in RULES:
                    yield (*place, name), name, name, getattr(group, name)
        for index, position in enumerate(self.objects.positions):
            what = _("{name} of position {index}").format(name="fraction", index=index)
            yield ("objects", "positions", index, "fraction"), "fraction", what, position.fraction
        if isinstance(self.action_space, ContinuousActions):
            for name in ("steering_angle", "speed"):
                for end in ("low", "high"):
                    what = _("{end} of {name}").format(end=end, name=name)
                    yield (
                        ("action_space", name, end),
                        name,
                        what,
                        getattr(getattr(self.action_space, name), end),
                    )
            return
        yield ("action_space",), "actions", _("the number of actions"), len(self.action_space)
        for index, action in enumerate(self.action_space):
            for name in ("steering_angle", "speed"):
                what = _("{name} of action {index}").format(name=name, index=index)
                yield ("action_space", index, name), name, what, getattr(action, name)

    def _misfits(self) -> Iterator[tuple[Place, str]]:
        settings = self.objects
        if settings.lane_change_min > settings.lane_change_max:
            yield (
                ("objects", "lane_change_min"),
                _(
                    "lane_change_min is {low:g}; it must not be more than lane_change_max, which is {high:g}"
                ).format(low=settings.lane_change_min, high=settings.lane_change_max),
            )
        if self.race_type in (TIME_TRIAL, HEAD_TO_MODEL):
            return
        with suppress(catalogue.UnknownTrackError):  # told where the track is looked up
            place = "positions" if settings.positions else "number"
            for track in self.find_tracks():
                for misfit in self.objects_on_road.misfits(track.length):
                    yield ("objects", place), misfit
                    return

    @property
    def objects_on_road(self) -> Objects:
        """What the simulator puts on the road."""
        if self.race_type in (TIME_TRIAL, HEAD_TO_MODEL):
            return NO_OBJECTS
        settings = self.objects
        is_race = self.race_type == HEAD_TO_BOT
        return Objects(
            kind=BOT if is_race else BOX,
            count=settings.number,
            positions=tuple(Position(place.fraction, place.lane) for place in settings.positions),
            is_random=settings.random,
            min_distance=settings.min_distance,
            speed=settings.bot_speed if is_race else 0.0,
            changes_lanes=is_race and settings.lane_changes,
            lane_change_s=(settings.lane_change_min, settings.lane_change_max),
            penalty=settings.bot_penalty,
        )

    @property
    def has_opponent(self) -> bool:
        """Whether another car that is driven by a model is on the road."""
        return self.race_type == HEAD_TO_MODEL

    @property
    def kept_opponent(self) -> str | None:
        """Name of the other model that is kept with this one; None if there is none or it is its own opponent."""
        return self.opponent if self.has_opponent and self.opponent != SELF else None

    @property
    def around(self) -> int:
        """How many boxes, bots or opponents are around each car."""
        return self.objects_on_road.number + self.has_opponent

    def find_track(self) -> Track:
        """The track, in the direction of the training; of several the first.

        Raises:
            openracer.tracks.catalogue.UnknownTrackError: there is no such track.
        """
        return catalogue.find(self.track, self.reverse)

    def find_tracks(self) -> list[Track]:
        """All tracks of the training, each in its direction, or in both; the first is :meth:`find_track`'s.

        Raises:
            openracer.tracks.catalogue.UnknownTrackError: there is no track of one of the names.
        """
        tracks = [self.find_track(), *map(catalogue.find_directed, self.other_tracks)]
        return [*tracks, *(track.reverse() for track in tracks)] if self.alternate_direction else tracks

    def with_world_names(self) -> Self:
        """The same with the tracks by their world names, however they were written.

        Raises:
            openracer.tracks.catalogue.UnknownTrackError: there is no track of one of the names.
            DescriptionError: a track is there twice; one sentence.
        """
        others = [catalogue.find_directed(name).directed_name for name in self.other_tracks]
        return self.with_changes({"track": self.find_track().name, "other_tracks": others})

    def on_track(self, name: str, reverse: bool) -> Self:
        """The same on one track alone."""
        return self.with_changes(
            {"track": name, "reverse": reverse, "other_tracks": (), "alternate_direction": False}
        )

    @property
    def actions(self) -> tuple[Action, ...] | ActionRanges:
        """The action space as ``model_metadata.json`` has it."""
        space = self.action_space
        if isinstance(space, ContinuousActions):
            steering, speed = space.steering_angle, space.speed
            return ActionRanges(steering.low, steering.high, speed.low, speed.high)
        return tuple(Action(action.steering_angle, action.speed) for action in space)

    @property
    def sensors(self) -> tuple[Sensor, ...]:
        """What the cars see with, the camera first."""
        return find_sensors(self.sensor)

    @property
    def metadata(self) -> ModelMetadata:
        """The content of ``model_metadata.json``."""
        version = float(self.vehicle.removeprefix("v"))
        return ModelMetadata(self.actions, self.sensor, self.neural_network, version, self.algorithm)

    @property
    def deepracer_hyperparameters(self) -> Hyperparameters:
        """The content of ``hyperparameters.json``."""
        ours = (
            "beta_entropy_end", "entropy_steps", "gae_lambda", "lr_end", "updates_per_step", "replay_frames",
            "random_shift",
        )  # fmt: skip
        return Hyperparameters(**self.hyperparameters.model_dump(exclude=set(ours)))


KEYS: dict[tuple[str, ...], tuple[str, ...]] = {
    (): tuple(TrainingDescription.model_fields),
    ("hyperparameters",): tuple(HyperparameterSettings.model_fields),
    ("stop",): tuple(StopConditions.model_fields),
    ("evaluation",): tuple(EvaluationSettings.model_fields),
    ("objects",): tuple(ObjectSettings.model_fields),
    ("randomisation",): tuple(RandomisationSettings.model_fields),
}
"""The keys of every group of settings, by the names that lead to it."""


def find_problems(values: Mapping[str, Any]) -> dict[Place, str]:
    """Everything that is wrong with values as a user gives them, for forms that tell it at each field.

    Args:
        values: as for :meth:`TrainingDescription.from_values`.

    Returns:
        The sentence for each place, ``("hyperparameters", "lr")`` for example; empty if there is nothing wrong.
    """
    try:
        TrainingDescription.model_validate(dict(values))
    except ValidationError as error:
        return sentences(error, KEYS)
    return {}


def merge(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Values with changes laid over them; of a group of settings only what the change names is replaced."""
    merged = dict(values)
    for key, change in changes.items():
        both_groups = isinstance(change, Mapping) and isinstance(merged.get(key), Mapping)
        is_space = key == "action_space"
        merged[key] = merge(merged[key], change) if both_groups and not is_space else change
    return merged
