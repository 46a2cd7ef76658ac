"""A trained network as plain layers: what a frozen graph, a checkpoint, an ONNX and a TFLite file have in common.

Arrays are TensorFlow's: images ``(height, width, channel)``, kernels ``(height, width, in, out)``, matrices
``(in, out)``; a map of features becomes a vector in the order height, width, channel.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openracer.formats.errors import FormatError
from openracer.language import gettext as _

Array = NDArray[np.float32]
Ending = Literal["linear", "softmax", "tanh"]


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution without padding.

    Attributes:
        kernel: (height, width, in, out).
        bias: (out,).
        stride: the same both ways, pixels.
        relu: whether a ReLU follows.
    """

    kernel: Array
    bias: Array
    stride: int
    relu: bool = False


@dataclass(frozen=True, eq=False)
class Dense:
    """A matrix on the last axis: of a vector, or of every pixel of a map of features.

    Attributes:
        weight: (in, out).
        bias: (out,).
        relu: whether a ReLU follows.
    """

    weight: Array
    bias: Array
    relu: bool = False


Layer = Convolution | Dense


@dataclass(frozen=True, eq=False)
class Branch:
    """What follows one sensor, up to the vector of its features.

    Attributes:
        sensor: name of the sensor.
        shape: of one observation, (height, width, channels) or (values,).
        factor: what the observation is multiplied by first; 1/255 for pixels.
        layers: the last one's output is flattened.
    """

    sensor: str
    shape: tuple[int, ...]
    factor: float
    layers: tuple[Layer, ...]


@dataclass(frozen=True, eq=False)
class LayeredNetwork:
    """From observations to the numbers that an action is chosen by.

    Attributes:
        branches: one for each sensor; their features are joined in this order.
        layers: on the joined features.
        ending: what is done to the last layer's numbers.
    """

    branches: tuple[Branch, ...]
    layers: tuple[Dense, ...]
    ending: Ending

    @property
    def outputs(self) -> int:
        """How many numbers come out."""
        return len(self.layers[-1].bias)


def output_shape(shape: tuple[int, ...], layer: Layer) -> tuple[int, ...]:
    """The shape of one example after a layer.

    Raises:
        FormatError: the layer does not fit.
    """
    if isinstance(layer, Dense):
        if shape[-1] != len(layer.weight):
            raise _misfit(shape, layer.weight)
        return (*shape[:-1], layer.weight.shape[1])
    high, wide, inputs, outputs = layer.kernel.shape
    if len(shape) != 3 or inputs != shape[2] or high > shape[0] or wide > shape[1]:
        raise _misfit(shape, layer.kernel)
    return (shape[0] - high) // layer.stride + 1, (shape[1] - wide) // layer.stride + 1, outputs


def _misfit(shape: tuple[int, ...], weight: NDArray[Any]) -> FormatError:
    return FormatError(
        _("a layer's weights have the shape {weight}, which does not fit its input of {shape}").format(
            weight=weight.shape, shape=shape
        )
    )


def check_finite(network: LayeredNetwork) -> None:
    """Refuse weights that are not numbers: a car would stand still or turn in circles.

    Raises:
        FormatError: there are such.
    """
    for layer in (*(layer for branch in network.branches for layer in branch.layers), *network.layers):
        weight = layer.weight if isinstance(layer, Dense) else layer.kernel
        if not (np.isfinite(weight).all() and np.isfinite(layer.bias).all()):
            raise not_finite()


def not_finite() -> FormatError:
    """What to say of a weight that is not a number."""
    return FormatError(
        _("a weight is not a finite number: the training of this model diverged, or it is damaged")
    )


def with_tanh(network: LayeredNetwork) -> LayeredNetwork:
    """The same network whose numbers are squashed to (-1, 1)."""
    return replace(network, ending="tanh")
