"""The groups of settings in a training's description: the learner's numbers, actions, objects, ends and evaluations."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, field_validator


class Settings(BaseModel):
    """What all groups have in common: nothing unknown, nothing that changes, no infinite number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HyperparameterSettings(Settings):
    """The numbers of the learner, by DeepRacer's names.

    Attributes:
        batch_size: steps of a minibatch.
        num_epochs: passes over a rollout.
        lr: learning rate of Adam at the start.
        lr_end: learning rate when the training's minutes or iterations are over; None keeps it constant.
        beta_entropy: weight of the entropy at the start.
        beta_entropy_end: weight that it falls to; None keeps it constant.
        entropy_steps: steps over which it falls.
        discount_factor: gamma.
        gae_lambda: lambda of the generalised advantage estimate.
        loss_type: loss of the critic.
        num_episodes_between_training: complete episodes of a rollout and of a trace file.
        exploration_type: sample from the policy, or take its best action but for a share of random ones.
        e_greedy_value: final share of random actions.
        epsilon_steps: steps over which the share falls from 1 to that.
        sac_alpha: weight of the entropy in SAC.
        updates_per_step: gradient steps of SAC for each step of a car.
        replay_frames: what SAC remembers at most; 100,000 frames of a camera are 1.9 GB, of stereo cameras 3.8 GB.
        random_shift: SAC learns from frames that are shifted at random by up to so many pixels.
    """

    batch_size: int
    num_epochs: int
    lr: float
    lr_end: float | None
    beta_entropy: float
    beta_entropy_end: float | None
    entropy_steps: int
    discount_factor: float
    gae_lambda: float
    loss_type: Literal["huber", "mean squared error"]
    num_episodes_between_training: int
    exploration_type: Literal["categorical", "e-greedy"]
    e_greedy_value: float
    epsilon_steps: int
    sac_alpha: float
    updates_per_step: float
    replay_frames: int
    random_shift: int

    @field_validator("loss_type", mode="before")
    @classmethod
    def _accept_underscores(cls, value: object) -> object:
        return value.replace("_", " ").lower() if isinstance(value, str) else value


class DiscreteAction(Settings):
    """One action: ``steering_angle`` in degrees, left positive; ``speed`` in m/s; ``index`` is not used."""

    steering_angle: float
    speed: float
    index: int | None = None


class Bounds(Settings):
    """The two ends of a range."""

    low: float
    high: float


class ContinuousActions(Settings):
    """Ranges of the steering angle in degrees, left positive, and of the speed in m/s."""

    steering_angle: Bounds
    speed: Bounds


def _kind_of_space(value: object) -> str:
    return "discrete" if isinstance(value, list | tuple) else "continuous"


ActionSpace = Annotated[
    Annotated[tuple[DiscreteAction, ...], Tag("discrete")] | Annotated[ContinuousActions, Tag("continuous")],
    Discriminator(_kind_of_space),
]


class StopConditions(Settings):
    """When a training ends: at the first condition that holds; with none, when it is stopped by hand.

    Attributes:
        minutes: of training, waiting excluded.
        iterations: updates.
        until: ``clean-laps`` ends it when every trial of two evaluations in a row completes its lap.
    """

    minutes: float | None
    iterations: int | None
    until: Literal["clean-laps"] | None


class ObjectPosition(Settings):
    """A fixed place: ``fraction`` of the lap, and ``lane``, 1 the inner and -1 the outer one."""

    fraction: float
    lane: Literal[1, -1]


class ObjectSettings(Settings):
    """Boxes of an object avoidance, or bot cars of a head-to-head race.

    Attributes:
        number: how many; fixed positions go before it.
        positions: fixed places on the road.
        random: other places and lanes in each episode; else evenly spread in alternating lanes.
        min_distance: along the track, between neighbours and from the start line, m.
        bot_speed: of bot cars, m/s.
        lane_changes: bot cars change lanes ...
        lane_change_min: ... after at least this time, s ...
        lane_change_max: ... and at most this, s.
        bot_penalty: time for which bot cars stand after one ran into the car, s.
    """

    number: int
    positions: tuple[ObjectPosition, ...]
    random: bool
    min_distance: float
    bot_speed: float
    lane_changes: bool
    lane_change_min: float
    lane_change_max: float
    bot_penalty: float


class EvaluationSettings(Settings):
    """Evaluations during a training.

    Attributes:
        trials: episodes with the policy's best actions.
        max_share: the share of the training's time that they may take.
        best_by: what makes a checkpoint the best: the mean ``progress``, or ``lap_time``, the shortest mean lap of
            those that complete most laps.
    """

    trials: int
    max_share: float
    best_by: Literal["progress", "lap_time"]
