"""From the description of a training to its parts: environment, networks, learner, collector."""

from collections.abc import Sequence

import torch

from openracer.agents.collectors import EpisodesCollector, StepsCollector
from openracer.agents.exploration import EpsilonGreedy, Exploration, LinearSchedule, Sampling
from openracer.agents.networks import (
    Critic,
    DiscretePolicy,
    Policy,
    PrivilegedCritic,
    SquashedPolicy,
    quickest_dtype,
)
from openracer.agents.ppo import Ppo, PpoSettings
from openracer.agents.replay import ReplayBuffer
from openracer.agents.rollout import Rollout
from openracer.agents.sac import Sac, SacSettings
from openracer.agents.soft_critics import KnownState, SoftCritics
from openracer.agents.succession import Alternating, Overlapping, Succession
from openracer.agents.threads import TorchThreads
from openracer.environments import privileged
from openracer.environments.action_space import ActionSpace, action_space_of
from openracer.environments.racing import RacingEnvironment, Recorder
from openracer.environments.starts import RoundRobinStarts
from openracer.models.description import TrainingDescription
from openracer.models.networks import build_camera_critic, build_policy, build_soft_camera_critics
from openracer.rewards.loading import RewardFunctions
from openracer.runs.driver import ModelDriver
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import find_preset
from openracer.simulation.randomisation import NOTHING_RANDOM, Randomisation
from openracer.simulation.sensors import Sensor
from openracer.simulation.simulator import Simulator

_NO_END = 2**31 - 1
"""Laps and incidents of an opponent."""

CRITIC_LEARNING_RATE = 1e-3
"""The privileged critic is small and may learn faster than the policy; a camera critic learns at the policy's rate."""


def build_environment(
    description: TrainingDescription,
    simulator: Simulator,
    rewards: RewardFunctions,
    starts: RoundRobinStarts,
    *recorders: Recorder,
    rival: ModelDriver | None = None,
) -> RacingEnvironment:
    """An environment with the actions of the description, and an opponent in each world if there is a ``rival``."""
    space = action_space_of(description.actions)
    return RacingEnvironment(simulator, rewards, space, starts, recorders, rival)


def build_simulator(
    description: TrainingDescription,
    cars: int,
    rules: EpisodeRules | None = None,
    step_jitter_s: float = 0.0,
    workers: int | None = None,
    rival: ModelDriver | None = None,
    randomisation: Randomisation = NOTHING_RANDOM,
) -> Simulator:
    """Cars of the description's generation; of several tracks, car i is on number ``i % len(tracks)``.

    With a rival, each has an opponent, which waits for every incident as a bot does and never ends an episode.
    """
    rules = rules or EpisodeRules()
    vehicles, all_rules = [find_preset(description.vehicle)] * cars, [rules] * cars
    if rival is not None:
        penalty = description.objects.bot_penalty
        untiring = EpisodeRules(_NO_END, _NO_END, off_track_penalty=penalty, collision_penalty=penalty)
        vehicles += [find_preset(rival.description.vehicle)] * cars
        all_rules += [untiring] * cars
    return Simulator(
        description.find_tracks(),
        len(vehicles),
        vehicles,
        all_rules,
        cars_per_world=1 if rival is None else 2,
        step_jitter_s=step_jitter_s,
        seed=description.seed,
        workers=workers,
        objects=description.objects_on_road,
        sensors=description.sensors,
        randomisation=randomisation,
    )


@torch.no_grad()
def prefer_slow_actions(policy: Policy, description: TrainingDescription) -> None:
    """Shift a fresh policy towards slow actions by the description's ``slow_start``.

    A car that begins at full throttle leaves every bend and never sees the next one. One that begins slowly learns the
    road first, and learns to go faster from there.
    """
    if isinstance(policy, DiscretePolicy):
        speeds = torch.tensor([action.speed for action in description.actions])  # type: ignore[union-attr]
        policy.head.bias.sub_(description.slow_start * (speeds - speeds.min()))
    else:
        policy.head.bias[1] = -min(1.0, description.slow_start)


def build_critic(description: TrainingDescription, dtype: torch.dtype) -> Critic:
    """The value network, its weights random; a camera's computes in ``dtype``."""
    if description.privileged_critic:
        return PrivilegedCritic(privileged.size(description.around))
    return build_camera_critic(description, dtype)


def build_soft_critics(description: TrainingDescription, dtype: torch.dtype) -> SoftCritics:
    """The critics of SAC, their weights random; those of a camera compute in ``dtype``."""
    if description.privileged_critic:
        size = privileged.size(description.around)
        return SoftCritics(KnownState(size), KnownState(size), description.hyperparameters.discount_factor)
    return build_soft_camera_critics(description, dtype)


def build_learner(description: TrainingDescription, threads: TorchThreads, device: torch.device) -> Ppo | Sac:
    """PPO or SAC with fresh networks on a device, all random numbers from the description's seed."""
    torch.manual_seed(description.seed)
    torch.set_float32_matmul_precision("high")  # TF32, on GPUs that have it
    dtype = quickest_dtype(device)
    if description.algorithm == "sac":
        return _build_sac(description, threads, device, dtype)
    policy, critic = build_policy(description, dtype), build_critic(description, dtype)
    prefer_slow_actions(policy, description)
    policy.to(device)
    critic.to(device)
    settings = description.hyperparameters
    exploration: Exploration = Sampling()
    if settings.exploration_type == "e-greedy":
        exploration = EpsilonGreedy(LinearSchedule(1.0, settings.e_greedy_value, settings.epsilon_steps))
    return Ppo(
        policy,
        critic,
        PpoSettings(
            batch_size=settings.batch_size,
            epochs=settings.num_epochs,
            learning_rate=settings.lr,
            critic_learning_rate=CRITIC_LEARNING_RATE if description.privileged_critic else settings.lr,
            entropy=_entropy(description),
            discount=settings.discount_factor,
            gae_lambda=settings.gae_lambda,
            value_loss=settings.loss_type,
            exploration=exploration,
        ),
        description.seed,
        threads,
    )


def _build_sac(
    description: TrainingDescription, threads: TorchThreads, device: torch.device, dtype: torch.dtype
) -> Sac:
    settings = description.hyperparameters
    policy = build_policy(description, dtype)
    prefer_slow_actions(policy, description)
    assert isinstance(policy, SquashedPolicy)
    return Sac(
        policy.to(device),
        build_soft_critics(description, dtype).to(device),
        ReplayBuffer(
            settings.replay_frames,
            description.sensors,
            privileged.size(description.around),
        ),
        SacSettings(
            batch_size=settings.batch_size,
            updates_per_step=settings.updates_per_step,
            learning_rate=settings.lr,
            critic_learning_rate=settings.lr,
            alpha=settings.sac_alpha,
            discount=settings.discount_factor,
            value_loss=settings.loss_type,
            random_shift=settings.random_shift,
        ),
        description.seed,
        threads,
    )


def _entropy(description: TrainingDescription) -> LinearSchedule:
    settings = description.hyperparameters
    end = settings.beta_entropy if settings.beta_entropy_end is None else settings.beta_entropy_end
    return LinearSchedule(settings.beta_entropy, end, settings.entropy_steps)


def build_succession(
    collector: StepsCollector | EpisodesCollector,
    learner: Ppo | Sac,
    action_space: ActionSpace,
    sensors: Sequence[Sensor],
) -> Succession:
    """How collecting and learning follow each other: at once where the learner has a GPU, else in turns.

    Without a GPU both would fight for the same cores, and newer weights learn more from each step.
    """

    def rollout() -> Rollout:
        return Rollout(
            collector.capacity,
            collector.environment.cars,
            action_space,
            learner.policy.n_outputs,
            collector.environment.privileged_size,
            sensors,
            device=learner.device,
        )

    if learner.device.type == "cpu":
        return Alternating(collector.collect, learner, rollout())
    return Overlapping(collector.collect, learner, (rollout(), rollout()))


def build_collector(
    description: TrainingDescription, environment: RacingEnvironment
) -> StepsCollector | EpisodesCollector:
    """What gathers a rollout: a number of steps, or complete episodes as on AWS."""
    if description.collector == "steps":
        return StepsCollector(environment, description.steps_per_car)
    return EpisodesCollector(environment, description.hyperparameters.num_episodes_between_training)
