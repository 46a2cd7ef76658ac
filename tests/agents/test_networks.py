"""Networks have DeepRacer's sizes and layout, and compute what their layers say."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn import functional

from openracer.agents.networks import (
    AWS_DEEP,
    AWS_DEEPER,
    AWS_SHALLOW,
    FAST,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    PrivilegedCritic,
    normalized_columns,
)
from openracer.simulation.sensors import find_sensors


def frames(count: int) -> torch.Tensor:
    return torch.randint(
        0, 256, (count, 120, 160), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def seen(count: int) -> dict[str, torch.Tensor]:
    return {"FRONT_FACING_CAMERA": frames(count)}


def n_weights(module: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def test_the_aws_trunk_has_5_839_520_weights():
    trunk = CameraTrunk(AWS_SHALLOW)
    assert n_weights(trunk) == 5_839_520
    assert [n_weights(layer) for layer in trunk.convolutions] == [2_080, 32_832, 36_928]
    assert trunk.dense.weight.shape == (512, 11_264)


def test_heads_have_one_output_per_action_and_one_value():
    assert n_weights(DiscretePolicy(CameraTrunk(AWS_SHALLOW), 10, normalized_columns(1.0)).head) == 513 * 10
    assert n_weights(CameraCritic(CameraTrunk(AWS_SHALLOW)).head) == 513


# What AWS's graphs hold, counted by the formulas of their layers: a convolution has side² inputs outputs weights and as
# many biases as outputs, a dense layer inputs outputs and its biases, wherever it is applied.
def convolution_weights(side: int, inputs: int, outputs: int) -> int:
    return side * side * inputs * outputs + outputs


def dense_weights(*widths: int) -> int:
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))


def shallow_convolutions(eyes: int) -> int:
    return convolution_weights(8, eyes, 32) + convolution_weights(4, 32, 64) + convolution_weights(3, 64, 64)


STEREO = sum(convolution_weights(3, *layer) for layer in ((2, 32), (32, 64), (64, 64), (64, 128), (128, 128)))
CASES = [
    (AWS_SHALLOW, "FRONT_FACING_CAMERA", 5, 5_842_085),
    (AWS_SHALLOW, "FRONT_FACING_CAMERA", 9, 5_844_137),
    (AWS_SHALLOW, "FRONT_FACING_CAMERA", 21, 5_850_293),
    (AWS_SHALLOW, "FRONT_FACING_CAMERA SECTOR_LIDAR", 9, 6_043_305),
    (AWS_SHALLOW, "STEREO_CAMERAS", 9, shallow_convolutions(2) + dense_weights(11_264, 512, 9)),
    (AWS_DEEP, "FRONT_FACING_CAMERA", 9, 28_746_793),
    (AWS_DEEPER, "FRONT_FACING_CAMERA", 9, 2_777_801),
    (AWS_DEEP, "STEREO_CAMERAS", 9, STEREO + dense_weights(112_000, 512, 9)),
    (
        AWS_DEEPER,
        "STEREO_CAMERAS LIDAR",
        9,
        STEREO + dense_weights(64, 256, 256) + dense_weights(112_000 + 256, 256, 128, 9),
    ),
]


@pytest.mark.parametrize(("shape", "sensors", "actions", "weights"), CASES)
def test_policies_have_as_many_weights_as_those_of_aws(shape, sensors, actions, weights):
    with torch.device("meta"):
        trunk = CameraTrunk(shape, sensors=find_sensors(sensors.split()))
        policy = DiscretePolicy(trunk, actions, torch.nn.init.zeros_)
    assert n_weights(policy) == weights


def test_a_continuous_policy_has_as_many_weights_as_that_of_aws_and_its_deviations():
    assert n_weights(ContinuousPolicy(CameraTrunk(AWS_SHALLOW))) == 5_840_546 + 2


def random_observations(sensors: list[str], cars: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    return {
        sensor.name: torch.randint(0, 256, (cars, *sensor.shape), generator=generator).to(torch.uint8)
        if sensor.dtype is np.uint8
        else torch.rand((cars, *sensor.shape), generator=generator)
        for sensor in find_sensors(sensors)
    }


@pytest.mark.parametrize("lidar", ["LIDAR", "DISCRETIZED_SECTOR_LIDAR"])
def test_embedders_are_joined_in_the_order_of_their_sensors_names(lidar):
    torch.manual_seed(0)
    sensors = ["STEREO_CAMERAS", lidar]
    trunk = CameraTrunk(FAST, dtype=torch.float32, sensors=find_sensors(sensors))
    observations = random_observations(sensors, 3)
    with torch.no_grad():
        frames = observations["STEREO_CAMERAS"].permute(0, 3, 1, 2).double() / 255
        for layer, stride in zip(trunk.convolutions, (8, 2, 1), strict=True):
            frames = functional.conv2d(frames, layer.weight.double(), layer.bias.double(), stride).relu()
        camera = frames.permute(0, 2, 3, 1).flatten(1)
        beside = observations[lidar].double()
        for layer in trunk.lidar:
            beside = (beside @ layer.weight.double().T + layer.bias.double()).relu()
        parts = (beside, camera) if lidar < "STEREO_CAMERAS" else (camera, beside)
        joined = torch.cat(parts, dim=1)
        expected = (joined @ trunk.dense.weight.double().T + trunk.dense.bias.double()).relu()
        torch.testing.assert_close(trunk(observations).double(), expected, atol=1e-4, rtol=1e-4)


def test_a_pointwise_layer_is_a_dense_layer_at_every_place():
    torch.manual_seed(0)
    trunk = CameraTrunk(AWS_DEEPER, dtype=torch.float32)
    with torch.no_grad():
        features = frames(2).float().unsqueeze(1) / 255
        for layer, stride in zip(trunk.convolutions[:4], (4, 2, 2, 1), strict=True):
            features = functional.conv2d(features, layer.weight, layer.bias, stride).relu()
        places = features.permute(0, 2, 3, 1)
        for layer in trunk.convolutions[4:]:
            places = (places @ layer.weight[:, :, 0, 0].T + layer.bias).relu()
        hidden = places.flatten(1)
        for layer in (trunk.dense, *trunk.further):
            hidden = (hidden @ layer.weight.T + layer.bias).relu()
        torch.testing.assert_close(trunk(seen(2)), hidden, atol=1e-4, rtol=1e-4)


def reference_forward(trunk: CameraTrunk, images: torch.Tensor) -> torch.Tensor:
    """A plain NCHW float64 forward pass with TensorFlow's order of flattening written out."""
    features = images.double().unsqueeze(1) / 255
    for layer in trunk.convolutions:
        features = functional.relu(
            functional.conv2d(features, layer.weight.double(), layer.bias.double(), layer.stride)
        )
    batch, channels, height, width = features.shape
    flat = torch.empty(batch, height * width * channels, dtype=torch.float64)
    for row in range(height):
        for column in range(width):
            start = (row * width + column) * channels
            flat[:, start : start + channels] = features[:, :, row, column]
    return functional.relu(flat @ trunk.dense.weight.double().T + trunk.dense.bias.double())


@pytest.mark.parametrize("shape", [AWS_SHALLOW, FAST])
def test_the_trunk_divides_by_255_and_flattens_height_width_channel(shape):
    torch.manual_seed(0)
    trunk = CameraTrunk(shape, dtype=torch.float32)
    with torch.no_grad():
        for layer in (*trunk.convolutions, trunk.dense):
            layer.bias.uniform_(-0.1, 0.1)
        torch.testing.assert_close(
            trunk(seen(3)).double(), reference_forward(trunk, frames(3)), atol=1e-4, rtol=1e-4
        )


def test_bfloat16_is_close_to_float32():
    torch.manual_seed(0)
    exact, quick = CameraTrunk(FAST, dtype=torch.float32), CameraTrunk(FAST, dtype=torch.bfloat16)
    quick.load_state_dict(exact.state_dict())
    with torch.no_grad():
        expected, found = exact(seen(8)), quick(seen(8)).float()
    assert (found - expected).norm() / expected.norm() < 0.02


def test_glorot_weights_fill_their_interval():
    torch.manual_seed(0)
    weight = CameraTrunk(AWS_SHALLOW).dense.weight
    bound = (6 / (11_264 + 512)) ** 0.5
    assert weight.abs().max() <= bound
    assert weight.abs().max() > 0.999 * bound


def test_normalized_columns_give_each_output_the_same_length():
    policy = ContinuousPolicy(CameraTrunk(FAST))
    torch.testing.assert_close(policy.head.weight.norm(dim=1), torch.full((2,), 0.01))
    torch.testing.assert_close(CameraCritic(CameraTrunk(FAST)).head.weight.norm(dim=1), torch.ones(1))


def test_a_continuous_policy_begins_with_a_deviation_of_one_whatever_it_sees():
    policy = ContinuousPolicy(CameraTrunk(FAST))
    with torch.no_grad():
        outputs = policy(seen(4))
    assert outputs.shape == (4, 4)
    assert torch.equal(outputs[:, 2:], torch.zeros(4, 2))


def test_a_privileged_critic_keeps_its_values_when_rewards_turn_out_large():
    torch.manual_seed(0)
    critic, states = PrivilegedCritic(5), torch.randn(20, 5)
    rng = np.random.default_rng(0)
    for scale in (1.0, 1_000.0, 0.001):
        with torch.no_grad():
            before = critic({"privileged": states})
            critic.adapt_to(rng.normal(3 * scale, scale, 500))
            torch.testing.assert_close(critic({"privileged": states}), before, rtol=1e-3, atol=1e-3)


def test_a_privileged_critic_takes_its_first_scale_from_the_first_returns():
    critic = PrivilegedCritic(5)
    returns = np.random.default_rng(0).normal(50.0, 7.0, 500)
    critic.adapt_to(returns)
    assert critic.scale == pytest.approx(returns.std(), rel=1e-5)
    assert float(critic.mean) == pytest.approx(returns.mean(), rel=1e-5)
