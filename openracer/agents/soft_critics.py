"""The critics of SAC: what a state is worth, and twice what an action in it is worth.

Those that look through the camera are AWS's (aws-deepracer-community/deepracer-simapp, ``markov/multi_agent_coach`` and
``sagemaker_graph_manager.py``): V has a trunk like the policy's, and Q puts the actions beside the features of the
sensors before any dense layer.
"""

import torch
from torch import Tensor, nn

from openracer.agents.networks import (
    PRIVILEGED,
    CameraTrunk,
    Observations,
    SensorEmbedder,
    glorot_uniform,
    normalized_columns,
)

UNITS = 256


def _layers(inputs: int) -> nn.Sequential:
    """Two hidden layers and one number."""
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
        features: of a state; a camera's trunk has hidden layers of its own.
        scale: the network's numbers are multiplied by it, so that they stay near 1.
    """

    def __init__(self, features: KnownState | CameraTrunk, scale: float) -> None:
        super().__init__()
        self.features = features
        self.layers: nn.Module
        if isinstance(features, KnownState):
            self.layers = _layers(features.units)
        else:
            self.layers = nn.Linear(features.units, 1)
            normalized_columns(0.1)(self.layers.weight)
            nn.init.zeros_(self.layers.bias)
        self.scale = scale

    def forward(self, observations: Observations) -> Tensor:
        """(B,) float32."""
        worth: Tensor = self.layers(self.features(observations).float())
        return worth.squeeze(1) * self.scale


class SoftCritics(nn.Module):
    """V(s) and two of Q(s, a). The two share what they see, no weight else.

    Args:
        of_state: makes features for V.
        of_action: makes features for both of Q.
        discount: γ; rewards of 1 at every step are worth 1 / (1 - γ), by which the networks' numbers are multiplied.
    """

    def __init__(
        self, of_state: KnownState | CameraTrunk, of_action: KnownState | SensorEmbedder, discount: float
    ) -> None:
        super().__init__()
        self.scale = 1.0 / max(1.0 - discount, 1e-3)
        self.value = StateValue(of_state, self.scale)
        self.features = of_action
        self.twins = nn.ModuleList(_layers(self.features.units + 2) for _ in range(2))
        self.reads = self.features.reads

    def worth(self, observations: Observations, actions: Tensor) -> tuple[Tensor, Tensor]:
        """Q of both, (B,) float32 each, in units of reward."""
        known = torch.cat((self.features(observations).float(), actions), dim=1)
        first, second = (twin(known).squeeze(1) * self.scale for twin in self.twins)
        return first, second
