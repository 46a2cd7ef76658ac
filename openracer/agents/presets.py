"""The two presets of agent: `aws`, the settings of AWS DeepRacer's console, and `fast`, tuned for two cores."""

import torch

from openracer.agents.exploration import LinearSchedule
from openracer.agents.networks import (
    AWS_SHALLOW,
    FAST,
    FRAME_SHAPE,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    Initialiser,
    Policy,
    PrivilegedCritic,
    TrunkShape,
    glorot_uniform,
    normalized_columns,
)
from openracer.agents.ppo import Ppo, PpoSettings
from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import ActionSpace, DiscreteActionSpace

AWS_SETTINGS = PpoSettings()
AWS_EPISODES = 20
"""Complete episodes between updates."""

FAST_SETTINGS = PpoSettings(
    batch_size=256,
    epochs=2,
    learning_rate=5e-4,
    critic_learning_rate=1e-3,
    entropy=LinearSchedule(0.01, 0.01, 0),
    discount=0.98,
    gae_lambda=0.9,
    value_loss="mean squared error",
)
FAST_CARS = 64
FAST_STEPS = 64
"""Steps of every car between updates."""


def aws_agent(
    action_space: ActionSpace,
    settings: PpoSettings,
    seed: int,
    threads: TorchThreads,
    frame_shape: tuple[int, int] = FRAME_SHAPE,
) -> Ppo:
    """DeepRacer's shallow network twice, once for the policy and once for the critic."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        policy = _policy(action_space, AWS_SHALLOW, frame_shape, glorot_uniform)
        critic = CameraCritic(CameraTrunk(AWS_SHALLOW, frame_shape))
    return Ppo(policy, critic, settings, seed, threads)


def fast_agent(
    action_space: ActionSpace,
    state_size: int,
    settings: PpoSettings,
    seed: int,
    threads: TorchThreads,
    frame_shape: tuple[int, int] = FRAME_SHAPE,
) -> Ppo:
    """A small camera network for the policy and a critic that knows the simulator's state (state_size numbers)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        policy = _policy(action_space, FAST, frame_shape, normalized_columns(0.01))
        critic = PrivilegedCritic(state_size)
    return Ppo(policy, critic, settings, seed, threads)


def _policy(
    action_space: ActionSpace, shape: TrunkShape, frame_shape: tuple[int, int], initialise_head: Initialiser
) -> Policy:
    trunk = CameraTrunk(shape, frame_shape)
    if isinstance(action_space, DiscreteActionSpace):
        return DiscretePolicy(trunk, action_space.n_actions, initialise_head)
    return ContinuousPolicy(trunk)
