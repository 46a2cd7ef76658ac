"""Neural networks: a camera trunk, policies (which action?) and critics (how much reward is still to come?).

Weights are float32. Convolutions and the wide layer compute in bfloat16 where the processor has instructions for it
(about twice as quick) and in channels_last memory order; heads and losses compute in float32.
The last feature map is flattened in the order height, width, channel, as TensorFlow does, so a trained trunk is
exported by transposing its matrices only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from openracer.agents.distributions import ActionDistribution, Categorical, Gaussian

FRAME_SHAPE = (120, 160)
Initialiser = Callable[[Tensor], None]


def glorot_uniform(weight: Tensor) -> None:
    """Uniform within ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010), TensorFlow's default."""
    nn.init.xavier_uniform_(weight)


def orthogonal(weight: Tensor) -> None:
    """An orthogonal matrix times √2, which keeps the variance through a ReLU (Saxe et al. 2014)."""
    nn.init.orthogonal_(weight, gain=2**0.5)


def normalized_columns(norm: float) -> Initialiser:
    """Gaussian weights scaled so that each output's weight vector has length ``norm`` (Intel Coach's heads)."""

    def initialise(weight: Tensor) -> None:
        with torch.no_grad():
            weight.normal_()
            weight.mul_(norm / weight.norm(dim=1, keepdim=True))

    return initialise


@dataclass(frozen=True)
class Convolution:
    """One convolution without padding: number of filters, side of the square kernel, stride; pixels."""

    filters: int
    kernel: int
    stride: int


@dataclass(frozen=True)
class TrunkShape:
    """Layers of a camera trunk: convolutions, one dense layer of ``units``, how weights begin (biases begin at 0)."""

    convolutions: tuple[Convolution, ...]
    units: int
    initialise: Initialiser


AWS_SHALLOW = TrunkShape(
    (Convolution(32, 8, 4), Convolution(64, 4, 2), Convolution(64, 3, 1)),
    units=512,
    initialise=glorot_uniform,
)
"""DeepRacer's DEEP_CONVOLUTIONAL_NETWORK_SHALLOW: 5,839,520 weights on a 160 x 120 frame."""

FAST = TrunkShape(
    (Convolution(16, 8, 8), Convolution(32, 4, 2), Convolution(32, 3, 1)), units=256, initialise=orthogonal
)
"""A twentieth of the work of AWS_SHALLOW; the stride of 8 turns the frame into 20 x 15 patches at once."""


def quickest_dtype(device: torch.device = torch.device("cpu")) -> torch.dtype:  # noqa: B008
    """Bfloat16 where the device multiplies it natively (AVX-512 BF16, GPUs since Ampere), else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():
        return torch.bfloat16
    return torch.float32


class CameraTrunk(nn.Module):
    """Frames to features: convolutions and one dense layer, a ReLU after each.

    Args:
        shape: the layers.
        frame_shape: height and width of a frame, pixels.
        dtype: what to compute in; None is ``quickest_dtype()``.
    """

    def __init__(
        self,
        shape: TrunkShape,
        frame_shape: tuple[int, int] = FRAME_SHAPE,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.dtype = dtype or quickest_dtype()
        self.units = shape.units
        self.strides = [layer.stride for layer in shape.convolutions]
        height, width = frame_shape
        channels, layers = 1, []
        for layer in shape.convolutions:
            layers.append(nn.Conv2d(channels, layer.filters, layer.kernel, layer.stride))
            channels = layer.filters
            height = (height - layer.kernel) // layer.stride + 1
            width = (width - layer.kernel) // layer.stride + 1
        self.convolutions = nn.ModuleList(layers)
        self.dense = nn.Linear(height * width * channels, shape.units)
        for module in (*self.convolutions, self.dense):
            shape.initialise(module.get_parameter("weight"))
            nn.init.zeros_(module.get_parameter("bias"))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, frames: Tensor) -> Tensor:
        """Features (B, units) of frames (B, H, W) uint8.

        Pixels are divided by 255 by dividing the first weights instead, which is the same and spares a pass.
        """
        features = frames.to(self.dtype).unsqueeze(1)
        scale = 1 / 255
        for layer, stride in zip(self.convolutions, self.strides, strict=True):
            weight = (layer.get_parameter("weight") * scale).to(self.dtype)
            bias = layer.get_parameter("bias").to(self.dtype)
            features = functional.conv2d(features, weight, bias, stride).relu_()
            scale = 1.0
        flat = features.permute(0, 2, 3, 1).flatten(1)
        return functional.linear(
            flat, self.dense.weight.to(self.dtype), self.dense.bias.to(self.dtype)
        ).relu_()


class DiscretePolicy(nn.Module):
    """Frames to the A unnormalised log-probabilities of a categorical distribution.

    Args:
        trunk: features of a frame.
        n_actions: A.
        initialise_head: how the last layer's weights begin.
    """

    def __init__(self, trunk: CameraTrunk, n_actions: int, initialise_head: Initialiser) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.units, n_actions)
        self.n_outputs = n_actions
        initialise_head(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, A) float32 from frames (B, H, W) uint8."""
        return self.head(self.trunk(frames).float())

    def distribution(self, outputs: Tensor) -> ActionDistribution:
        """The distribution that ``forward``'s outputs stand for."""
        return Categorical(outputs)


class ContinuousPolicy(nn.Module):
    """Frames to the mean of a Gaussian over steering and speed; ln σ is a weight of its own for each of the two.

    Args:
        trunk: features of a frame.
    """

    def __init__(self, trunk: CameraTrunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.units, 2)
        self.log_std = nn.Parameter(torch.zeros(2))
        self.n_outputs = 4
        normalized_columns(0.01)(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, 4) float32, two means and twice ln σ, from frames (B, H, W) uint8."""
        mean = self.head(self.trunk(frames).float())
        return torch.cat((mean, self.log_std.expand_as(mean)), dim=1)

    def distribution(self, outputs: Tensor) -> ActionDistribution:
        """The distribution that ``forward``'s outputs stand for."""
        return Gaussian(outputs)


class CameraCritic(nn.Module):
    """The value of a state from its frame, with a trunk of its own, as AWS has it.

    Args:
        trunk: features of a frame; not shared with the policy.
    """

    reads: ClassVar[Literal["frames", "privileged"]] = "frames"
    scale = 1.0

    def __init__(self, trunk: CameraTrunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.units, 1)
        normalized_columns(1.0)(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """V (B,) float32 in units of reward, from frames (B, H, W) uint8."""
        return self.head(self.trunk(frames).float()).squeeze(1)

    def adapt_to(self, returns: np.ndarray) -> None:
        """Nothing: this critic learns returns as they are."""


class PrivilegedCritic(nn.Module):
    """The value of a state from what the simulator knows of it: a small network that costs next to nothing.

    Only the policy drives, so the critic may see what no camera shows (asymmetric actor-critic, Pinto et al. 2017).
    Rewards are a user's and may be of any size, so the network learns (return - mean) / scale; when mean and scale
    move, the last layer is corrected so that no value changes (PopArt, van Hasselt et al. 2016).

    Args:
        state_size: D, length of a privileged state, each number of order 1.
        units: width of the two hidden layers.
    """

    reads: ClassVar[Literal["frames", "privileged"]] = "privileged"
    memory = 0.7

    mean: Tensor
    spread: Tensor

    def __init__(self, state_size: int, units: int = 64) -> None:
        super().__init__()
        self.first = nn.Linear(state_size, units)
        self.second = nn.Linear(units, units)
        self.head = nn.Linear(units, 1)
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("spread", torch.zeros(1))
        for layer in (self.first, self.second):
            orthogonal(layer.weight)
            nn.init.zeros_(layer.bias)
        normalized_columns(1.0)(self.head.weight)
        nn.init.zeros_(self.head.bias)

    @property
    def scale(self) -> float:
        """Standard deviation of returns, in units of reward; 1 before any were seen."""
        return float(self.spread) or 1.0

    def forward(self, states: Tensor) -> Tensor:
        """V (B,) float32 in units of reward, from privileged states (B, D) float32."""
        hidden = torch.tanh(self.second(torch.tanh(self.first(states))))
        return self.head(hidden).squeeze(1) * self.scale + self.mean

    @torch.no_grad()
    def adapt_to(self, returns: np.ndarray) -> None:
        """Move mean and scale towards those of ``returns`` (R,), keeping the value of every state."""
        old_mean, old_scale = float(self.mean), self.scale
        mean, spread = float(returns.mean()), max(float(returns.std()), 1e-6)
        if float(self.spread) > 0:
            mean = self.memory * old_mean + (1 - self.memory) * mean
            spread = self.memory * old_scale + (1 - self.memory) * spread
        self.mean.fill_(mean)
        self.spread.fill_(spread)
        self.head.weight.mul_(old_scale / spread)
        self.head.bias.mul_(old_scale).add_(old_mean - mean).div_(spread)


Policy = DiscretePolicy | ContinuousPolicy
Critic = CameraCritic | PrivilegedCritic
