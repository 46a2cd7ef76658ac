"""Neural networks: a trunk over the sensors, policies (which action?), critics (how much reward is still to come?).

A policy and a critic take what a batch of B cars observes as a mapping from the name of a sensor to its tensor, (B, …)
as :mod:`openracer.simulation.sensors` has it; ``reads`` says which names.

Weights are float32. Convolutions and the wide layer compute in bfloat16 where the processor has instructions for it
(about twice as quick) and in channels_last memory order; heads and losses compute in float32.
The last feature map is flattened in the order height, width, channel, as TensorFlow does, so a trained trunk is
exported by transposing its matrices only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from openracer.agents.distributions import ActionDistribution, Categorical, Gaussian, SquashedGaussian
from openracer.simulation.sensors import CAMERAS, DEFAULT, STEREO_CAMERAS, Sensor

FRAME_SHAPE = (120, 160)
PRIVILEGED = "privileged"
"""Under this name a critic finds what the simulator knows of a car, (B, D) float32."""

Observations = Mapping[str, Tensor]
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
    """Layers of a trunk.

    Attributes:
        convolutions: of a grey camera.
        units: width of the dense layer that the embedders of all sensors go into.
        initialise: how weights begin (biases begin at 0).
        stereo: convolutions of the stereo cameras.
        pointwise: widths of dense layers at every place of the last feature map of a grey camera.
        further: widths of dense layers after the first.
        lidar: widths of the dense layers of a LIDAR.
    """

    convolutions: tuple[Convolution, ...]
    units: int
    initialise: Initialiser
    stereo: tuple[Convolution, ...]
    pointwise: tuple[int, ...] = ()
    further: tuple[int, ...] = ()
    lidar: tuple[int, ...] = (256, 256)

    def camera(self, sensor: Sensor) -> tuple[Convolution, ...]:
        """All convolutions of a camera; a dense layer at every place is one with a kernel of one pixel."""
        if sensor is STEREO_CAMERAS:
            return self.stereo
        return (*self.convolutions, *(Convolution(units, 1, 1) for units in self.pointwise))


# DeepRacer's networks (aws-deepracer-community/deepracer-simapp, ``markov/architecture``). The dense layers in its
# camera embedders act on the channels of a feature map that is not yet flattened (IntelLabs/coach, ``rl_coach``:
# Keras' Dense on four dimensions), so they are pointwise convolutions.
_SHALLOW = (Convolution(32, 8, 4), Convolution(64, 4, 2), Convolution(64, 3, 1))
_STEREO = (
    Convolution(32, 3, 1), Convolution(64, 3, 2), Convolution(64, 3, 1), Convolution(128, 3, 2), Convolution(128, 3, 1),
)  # fmt: skip

AWS_SHALLOW = TrunkShape(_SHALLOW, units=512, initialise=glorot_uniform, stereo=_SHALLOW)
"""DEEP_CONVOLUTIONAL_NETWORK_SHALLOW: 5,839,520 weights on a 160 x 120 frame."""

AWS_DEEP = TrunkShape(
    (Convolution(32, 5, 2), Convolution(32, 3, 1), Convolution(64, 3, 2), Convolution(64, 3, 1)),
    units=512,
    initialise=glorot_uniform,
    stereo=_STEREO,
    pointwise=(64,),
)
"""DEEP_CONVOLUTIONAL_NETWORK: 28,742,176 weights."""

AWS_DEEPER = TrunkShape(
    (Convolution(32, 8, 4), Convolution(32, 4, 2), Convolution(64, 4, 2), Convolution(64, 3, 1)),
    units=256,
    initialise=glorot_uniform,
    stereo=_STEREO,
    pointwise=(512, 512),
    further=(128,),
)
"""DEEP_CONVOLUTIONAL_NETWORK_DEEP: 2,776,640 weights."""

_FAST = (Convolution(16, 8, 8), Convolution(32, 4, 2), Convolution(32, 3, 1))
FAST = TrunkShape(_FAST, units=256, initialise=orthogonal, stereo=_FAST, lidar=(64, 64))
"""A twentieth of the work of AWS_SHALLOW; the stride of 8 turns the frame into 20 x 15 patches at once."""


def quickest_dtype(device: torch.device = torch.device("cpu")) -> torch.dtype:  # noqa: B008
    """Bfloat16 where the device multiplies it natively (AVX-512 BF16, GPUs since Ampere), else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():
        return torch.bfloat16
    return torch.float32


class SensorEmbedder(nn.Module):
    """What a car's sensors see to features: convolutions for the camera, dense layers for a LIDAR, a ReLU after each.

    Args:
        shape: the layers.
        frame_shape: height and width of a frame, pixels.
        dtype: what to compute in; None is ``quickest_dtype()``.
        sensors: one camera, and perhaps a LIDAR.

    Attributes:
        units: length of the features.
        reads: names of the sensors, in the order in which what comes from them is joined, which is AWS's.
    """

    def __init__(
        self,
        shape: TrunkShape,
        frame_shape: tuple[int, int] = FRAME_SHAPE,
        dtype: torch.dtype | None = None,
        sensors: Sequence[Sensor] = DEFAULT,
    ) -> None:
        super().__init__()
        self.dtype = dtype or quickest_dtype()
        self.reads = tuple(sorted(sensor.name for sensor in sensors))
        camera = next(sensor for sensor in sensors if sensor in CAMERAS)
        self._camera = camera.name
        self.strides = [layer.stride for layer in shape.camera(camera)]
        height, width = frame_shape
        channels, layers = 2 if camera is STEREO_CAMERAS else 1, []
        for layer in shape.camera(camera):
            layers.append(nn.Conv2d(channels, layer.filters, layer.kernel, layer.stride))
            channels = layer.filters
            height = (height - layer.kernel) // layer.stride + 1
            width = (width - layer.kernel) // layer.stride + 1
        self.convolutions = nn.ModuleList(layers)
        self.units = height * width * channels
        self.lidar = nn.ModuleList()
        for lidar in (sensor for sensor in sensors if sensor is not camera):
            self.lidar = _dense_layers((*lidar.shape, *shape.lidar))
            self.units += shape.lidar[-1]
        for module in (*self.convolutions, *self.lidar, *self._append(shape)):
            shape.initialise(module.get_parameter("weight"))
            nn.init.zeros_(module.get_parameter("bias"))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _append(self, _shape: TrunkShape) -> Iterable[nn.Module]:
        """The layers that follow those of the sensors."""
        return ()

    def forward(self, observations: Observations) -> Tensor:
        """Features (B, units) of what B cars see."""
        parts = []
        for name in self.reads:
            seen = observations[name]
            parts.append(self._of_camera(seen) if name == self._camera else self._through(self.lidar, seen))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _of_camera(self, frames: Tensor) -> Tensor:
        """(B, features) of frames (B, H, W) or (B, H, W, eyes) uint8.

        Pixels are divided by 255 by dividing the first weights instead, which is the same and spares a pass.
        """
        features = frames.to(self.dtype)
        features = features.unsqueeze(1) if frames.dim() == 3 else features.permute(0, 3, 1, 2)
        scale = 1 / 255
        for layer, stride in zip(self.convolutions, self.strides, strict=True):
            weight = (layer.get_parameter("weight") * scale).to(self.dtype)
            bias = layer.get_parameter("bias").to(self.dtype)
            features = functional.conv2d(features, weight, bias, stride).relu_()
            scale = 1.0
        return features.permute(0, 2, 3, 1).flatten(1)

    def _through(self, layers: Iterable[nn.Module], features: Tensor) -> Tensor:
        features = features.to(self.dtype)
        for layer in layers:
            weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
            features = functional.linear(features, weight.to(self.dtype), bias.to(self.dtype)).relu_()
        return features


class CameraTrunk(SensorEmbedder):
    """An embedder, and dense layers on what comes from all sensors, a ReLU after each."""

    def _append(self, shape: TrunkShape) -> Iterable[nn.Module]:
        self.dense = nn.Linear(self.units, shape.units)
        self.further = _dense_layers((shape.units, *shape.further))
        self.units = (shape.units, *shape.further)[-1]
        return (self.dense, *self.further)

    def forward(self, observations: Observations) -> Tensor:
        """Features (B, units) of what B cars see."""
        return self._through((self.dense, *self.further), super().forward(observations))


def _dense_layers(widths: Sequence[int]) -> nn.ModuleList:
    return nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))


class DiscretePolicy(nn.Module):
    """What is seen to the A unnormalised log-probabilities of a categorical distribution.

    Args:
        trunk: features of what is seen.
        n_actions: A.
        initialise_head: how the last layer's weights begin.
    """

    def __init__(self, trunk: CameraTrunk, n_actions: int, initialise_head: Initialiser) -> None:
        super().__init__()
        self.trunk = trunk
        self.reads = trunk.reads
        self.head = nn.Linear(trunk.units, n_actions)
        self.n_outputs = n_actions
        initialise_head(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, observations: Observations) -> Tensor:
        """(B, A) float32."""
        return self.head(self.trunk(observations).float())

    def distribution(self, outputs: Tensor) -> ActionDistribution:
        """The distribution that ``forward``'s outputs stand for."""
        return Categorical(outputs)


class ContinuousPolicy(nn.Module):
    """What is seen to the mean of a Gaussian over steering and speed; ln σ is a weight of its own for each of the two.

    Args:
        trunk: features of what is seen.
    """

    def __init__(self, trunk: CameraTrunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.reads = trunk.reads
        self.head = nn.Linear(trunk.units, 2)
        self.log_std = nn.Parameter(torch.zeros(2))
        self.n_outputs = 4
        normalized_columns(0.01)(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, observations: Observations) -> Tensor:
        """(B, 4) float32, two means and twice ln σ."""
        mean = self.head(self.trunk(observations).float())
        return torch.cat((mean, self.log_std.expand_as(mean)), dim=1)

    def distribution(self, outputs: Tensor) -> ActionDistribution:
        """The distribution that ``forward``'s outputs stand for."""
        return Gaussian(outputs)


class SquashedPolicy(nn.Module):
    """What is seen to a Gaussian whose tanh are steering and speed; SAC's policy.

    Args:
        trunk: features of what is seen.
        units: width of the layer before the head.
    """

    def __init__(self, trunk: CameraTrunk, units: int = 256) -> None:
        super().__init__()
        self.trunk = trunk
        self.reads = trunk.reads
        self.hidden = nn.Linear(trunk.units, units)
        self.head = nn.Linear(units, 2)
        self.spread = nn.Linear(units, 2)
        self.n_outputs = 4
        glorot_uniform(self.hidden.weight)
        for layer in (self.head, self.spread):
            normalized_columns(0.01)(layer.weight)
        for layer in (self.hidden, self.head, self.spread):
            nn.init.zeros_(layer.bias)

    def forward(self, observations: Observations) -> Tensor:
        """(B, 4) float32, two means and twice ln σ, before squashing."""
        hidden = self.hidden(self.trunk(observations).float()).relu()
        return torch.cat((self.head(hidden), self.spread(hidden)), dim=1)

    def distribution(self, outputs: Tensor) -> ActionDistribution:
        """The distribution that ``forward``'s outputs stand for."""
        return SquashedGaussian(outputs)


class CameraCritic(nn.Module):
    """The value of a state from what the car sees of it, with a trunk of its own, as AWS has it.

    Args:
        trunk: features of what is seen; not shared with the policy.
    """

    scale = 1.0

    def __init__(self, trunk: CameraTrunk) -> None:
        super().__init__()
        self.trunk = trunk
        self.reads = trunk.reads
        self.head = nn.Linear(trunk.units, 1)
        normalized_columns(1.0)(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, observations: Observations) -> Tensor:
        """V (B,) float32 in units of reward."""
        return self.head(self.trunk(observations).float()).squeeze(1)

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

    reads: ClassVar[tuple[str, ...]] = (PRIVILEGED,)
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

    def forward(self, observations: Observations) -> Tensor:
        """V (B,) float32 in units of reward, from privileged states (B, D) float32."""
        hidden = torch.tanh(self.second(torch.tanh(self.first(observations[PRIVILEGED]))))
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


Policy = DiscretePolicy | ContinuousPolicy | SquashedPolicy
Critic = CameraCritic | PrivilegedCritic
