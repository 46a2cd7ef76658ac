"""The critics of SAC: what a state is worth, and twice what an action in it is worth."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from openracer.agents.networks import (
    PRIVILEGED,
    CameraTrunk,
    Observations,
    glorot_uniform,
    normalized_columns,
)

UNITS = 256


def _layers(inputs: int) -> nn.Sequential:
    """Two hidden layers and one number (aws-deepracer-community/deepracer-simapp has 256 units in each)."""
    network = nn.Sequential(
        nn.Linear(inputs, UNITS), nn.ReLU(), nn.Linear(UNITS, UNITS), nn.ReLU(), nn.Linear(UNITS, 1)
    )
    for layer in network:
        if isinstance(layer, nn.Linear):
            glorot_uniform(layer.weight)
            nn.init.zeros_(layer.bias)
    normalized_columns(0.1)(network[-1].get_parameter("weight"))
    return network


class KnownState(nn.Module):
    """Passes on what the simulator knows of a car, which the critics may see while the policy sees pictures.

    Args:
        size: D, length of a privileged state.
    """

    reads = (PRIVILEGED,)

    def __init__(self, size: int) -> None:
        super().__init__()
        self.units = size

    def forward(self, observations: Observations) -> Tensor:
        """(B, D)."""
        return observations[PRIVILEGED]


class StateValue(nn.Module):
    """V(s) in units of reward.

    Args:
        features: of a state.
        scale: the network's numbers are multiplied by it, so that they stay near 1.
    """

    def __init__(self, features: KnownState | CameraTrunk, scale: float) -> None:
        super().__init__()
        self.features = features
        self.layers = _layers(features.units)
        self.scale = scale

    def forward(self, observations: Observations) -> Tensor:
        """(B,) float32."""
        return self.layers(self.features(observations).float()).squeeze(1) * self.scale


class SoftCritics(nn.Module):
    """V(s) and two of Q(s, a). The two share what they see, no weight else.

    Args:
        features: makes the features of a state, once for V and once for both of Q.
        discount: γ; rewards of 1 at every step are worth 1 / (1 - γ), by which the networks' numbers are multiplied.
    """

    def __init__(self, features: Callable[[], KnownState | CameraTrunk], discount: float) -> None:
        super().__init__()
        self.scale = 1.0 / max(1.0 - discount, 1e-3)
        self.value = StateValue(features(), self.scale)
        self.features = features()
        self.twins = nn.ModuleList(_layers(self.features.units + 2) for _ in range(2))
        self.reads = self.features.reads

    def worth(self, observations: Observations, actions: Tensor) -> tuple[Tensor, Tensor]:
        """Q of both, (B,) float32 each, in units of reward."""
        known = torch.cat((self.features(observations).float(), actions), dim=1)
        first, second = (twin(known).squeeze(1) * self.scale for twin in self.twins)
        return first, second
