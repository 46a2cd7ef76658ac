"""The networks of a model, their weights random, as its description says: policy and critics that see by sensors."""

import torch

from openracer.agents.networks import (
    AWS_DEEP,
    AWS_DEEPER,
    AWS_SHALLOW,
    FAST,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    Policy,
    SensorEmbedder,
    SquashedPolicy,
    TrunkShape,
    glorot_uniform,
    normalized_columns,
)
from openracer.agents.soft_critics import SoftCritics
from openracer.formats.model_metadata import ActionRanges
from openracer.models.description import TrainingDescription

SHAPES: dict[str, TrunkShape] = {
    "FAST_CONVOLUTIONAL_NETWORK": FAST,
    "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW": AWS_SHALLOW,
    "DEEP_CONVOLUTIONAL_NETWORK": AWS_DEEP,
    "DEEP_CONVOLUTIONAL_NETWORK_DEEP": AWS_DEEPER,
}
"""By the names in ``model_metadata.json``."""


def build_policy(description: TrainingDescription, dtype: torch.dtype) -> Policy:
    """The policy network.

    Args:
        description: of the training.
        dtype: what to compute in.
    """
    trunk = _trunk(description, dtype)
    if description.algorithm == "sac":
        return SquashedPolicy(trunk)
    if isinstance(description.actions, ActionRanges):
        return ContinuousPolicy(trunk)
    # A policy that starts out undecided explores best (Andrychowicz et al. 2021, arXiv:2006.05990).
    undecided = description.neural_network == "FAST_CONVOLUTIONAL_NETWORK"
    return DiscretePolicy(
        trunk, len(description.actions), normalized_columns(0.01) if undecided else glorot_uniform
    )


def build_camera_critic(description: TrainingDescription, dtype: torch.dtype) -> CameraCritic:
    """The critic of PPO that sees what the policy sees; arguments as of :func:`build_policy`."""
    return CameraCritic(_trunk(description, dtype))


def build_soft_camera_critics(description: TrainingDescription, dtype: torch.dtype) -> SoftCritics:
    """The critics of SAC that see what the policy sees; arguments as of :func:`build_policy`."""
    embedder = SensorEmbedder(SHAPES[description.neural_network], dtype=dtype, sensors=description.sensors)
    return SoftCritics(_trunk(description, dtype), embedder, description.hyperparameters.discount_factor)


def _trunk(description: TrainingDescription, dtype: torch.dtype) -> CameraTrunk:
    return CameraTrunk(SHAPES[description.neural_network], dtype=dtype, sensors=description.sensors)
