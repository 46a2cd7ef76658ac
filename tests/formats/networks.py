"""Networks with random weights for the tests of formats: each of DeepRacer's, small where the size does not matter."""

import numpy as np
import torch

from openracer.formats.coach_variables import CoachCheckpoint
from openracer.formats.layers import Branch, Convolution, Dense, Ending, Layer, LayeredNetwork, output_shape

SHALLOW = ((8, 4, 32), (4, 2, 64), (3, 1, 64))
DEEP = ((5, 2, 32), (3, 1, 32), (3, 2, 64), (3, 1, 64))
DEEPER = ((8, 4, 32), (4, 2, 32), (4, 2, 64), (3, 1, 64))


def network(
    convolutions: tuple[tuple[int, int, int], ...] = SHALLOW,
    pixels: tuple[int, ...] = (),
    middle: tuple[int, ...] = (64,),
    outputs: int = 9,
    ending: Ending = "softmax",
    channels: int = 1,
    lidar: int = 0,
    seed: int = 0,
) -> LayeredNetwork:
    """A network; ``middle`` is narrower than AWS's, so that tests are quick."""
    rng = np.random.default_rng(seed)

    def values(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[:-1]))).astype(np.float32)

    def bias(size: int) -> np.ndarray:
        return rng.uniform(-0.1, 0.1, size).astype(np.float32)

    shape: tuple[int, ...] = (120, 160, channels)
    layers: list[Layer] = []
    for kernel, stride, filters in convolutions:
        layers.append(Convolution(values(kernel, kernel, shape[-1], filters), bias(filters), stride, True))
        shape = output_shape(shape, layers[-1])
    for units in pixels:
        layers.append(Dense(values(shape[-1], units), bias(units), True))
        shape = output_shape(shape, layers[-1])
    sensor = "STEREO_CAMERAS" if channels == 2 else "FRONT_FACING_CAMERA"
    branches = [Branch(sensor, (120, 160, channels), 1 / 255, tuple(layers))]
    width = int(np.prod(shape))
    if lidar:
        near = (Dense(values(lidar, 32), bias(32), True), Dense(values(32, 32), bias(32), True))
        branches = [*branches, Branch("SECTOR_LIDAR", (lidar,), 1.0, near)]
        width += 32
    dense = []
    for units in middle:
        dense.append(Dense(values(width, units), bias(units), True))
        width = units
    return LayeredNetwork(tuple(branches), (*dense, Dense(values(width, outputs), bias(outputs))), ending)


NETWORKS = {
    "shallow": network(),
    "shallow, continuous": network(outputs=2, ending="linear"),
    "shallow, SAC": network(middle=(64, 32), outputs=2, ending="tanh"),
    "deep": network(DEEP, pixels=(16,), middle=(32,)),
    "deeper": network(DEEPER, pixels=(48, 40), middle=(32, 16)),
    "stereo": network(channels=2, outputs=5),
    "with LIDAR": network(lidar=8),
}


def sac_checkpoint(trunk: LayeredNetwork) -> CoachCheckpoint:
    """Policy and critics of SAC on the sensors and the middle of a network, whose head they do not have."""
    rng = np.random.default_rng(4)
    branches = tuple(sorted(trunk.branches, key=lambda branch: branch.sensor))
    middle, width = trunk.layers[:-1], len(trunk.layers[-1].weight)

    def dense(rows: int, units: int, relu: bool = True) -> Dense:
        weight = (rng.standard_normal((rows, units)) / np.sqrt(rows)).astype(np.float32)
        return Dense(weight, rng.uniform(-0.1, 0.1, units).astype(np.float32), relu)

    features = 2
    for branch in branches:
        shape = branch.shape
        for layer in branch.layers:
            shape = output_shape(shape, layer)
        features += int(np.prod(shape))
    twins = tuple(
        LayeredNetwork(
            (*branches, Branch("action", (2,), 1.0, ())),
            (dense(features, 256), dense(256, 256), dense(256, 1, False)),
            "linear",
        )
        for _twin in range(2)
    )
    return CoachCheckpoint(
        LayeredNetwork(branches, (*middle, dense(width, 256), dense(256, 2, False)), "tanh"),
        LayeredNetwork(branches, (*middle, dense(width, 1, False)), "linear"),
        spread=dense(256, 2, False),
        twins=twins,
    )


def observations(network: LayeredNetwork, count: int = 2) -> dict[str, torch.Tensor]:
    """Random observations (count, …) of a network's sensors: pixels from 0 to 255, other values from 0 to 1."""
    generator = torch.Generator().manual_seed(1)
    return {
        branch.sensor: torch.rand((count, *branch.shape), generator=generator)
        * (255 if branch.factor < 1 else 1)
        for branch in network.branches
    }
