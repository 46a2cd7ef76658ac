"""Networks have DeepRacer's sizes and layout, and compute what their layers say."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from openracer.agents.networks import (
    AWS_SHALLOW,
    FAST,
    CameraCritic,
    CameraTrunk,
    ContinuousPolicy,
    DiscretePolicy,
    PrivilegedCritic,
    normalized_columns,
)


def frames(count: int) -> torch.Tensor:
    return torch.randint(
        0, 256, (count, 120, 160), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


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
            trunk(frames(3)).double(), reference_forward(trunk, frames(3)), atol=1e-4, rtol=1e-4
        )


def test_bfloat16_is_close_to_float32():
    torch.manual_seed(0)
    exact, quick = CameraTrunk(FAST, dtype=torch.float32), CameraTrunk(FAST, dtype=torch.bfloat16)
    quick.load_state_dict(exact.state_dict())
    with torch.no_grad():
        expected, found = exact(frames(8)), quick(frames(8)).float()
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
        outputs = policy(frames(4))
    assert outputs.shape == (4, 4)
    assert torch.equal(outputs[:, 2:], torch.zeros(4, 2))


def test_a_privileged_critic_keeps_its_values_when_rewards_turn_out_large():
    torch.manual_seed(0)
    critic, states = PrivilegedCritic(5), torch.randn(20, 5)
    rng = np.random.default_rng(0)
    for scale in (1.0, 1_000.0, 0.001):
        with torch.no_grad():
            before = critic(states)
            critic.adapt_to(rng.normal(3 * scale, scale, 500))
            torch.testing.assert_close(critic(states), before, rtol=1e-3, atol=1e-3)


def test_a_privileged_critic_takes_its_first_scale_from_the_first_returns():
    critic = PrivilegedCritic(5)
    returns = np.random.default_rng(0).normal(50.0, 7.0, 500)
    critic.adapt_to(returns)
    assert critic.scale == pytest.approx(returns.std(), rel=1e-5)
    assert float(critic.mean) == pytest.approx(returns.mean(), rel=1e-5)
