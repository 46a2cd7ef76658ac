"""One update of PPO equals its formulas written out in numpy; training is reproducible and resumable."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from openracer.agents.collectors import StepsCollector
from openracer.agents.distributions import Categorical
from openracer.agents.exploration import LinearSchedule
from openracer.agents.ppo import (
    Ppo,
    PpoSettings,
    TrainingDivergedError,
    clipped_surrogate,
    minibatch_size,
    standardise,
    value_errors,
)
from openracer.agents.rollout import Rollout
from openracer.simulation.sensors import Sensor

CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)


class LinearPolicy(torch.nn.Module):
    """Log-probabilities linear in four pixels."""

    n_outputs = 3
    reads = (CAMERA.name,)

    def __init__(self, weight: np.ndarray) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.from_numpy(weight.astype(np.float32)))

    def forward(self, seen: dict[str, torch.Tensor]) -> torch.Tensor:
        return (seen[CAMERA.name].flatten(1).float() / 255) @ self.weight

    def distribution(self, outputs: torch.Tensor) -> Categorical:
        return Categorical(outputs)


class LinearCritic(torch.nn.Module):
    """Value linear in the privileged state, of which the policy sees nothing."""

    reads = ("privileged",)
    scale = 1.0

    def __init__(self, weight: np.ndarray) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.from_numpy(weight.astype(np.float32)))

    def forward(self, seen: dict[str, torch.Tensor]) -> torch.Tensor:
        return seen["privileged"] @ self.weight

    def adapt_to(self, returns: np.ndarray) -> None:
        pass


def random_rollout(action_space, rows: int) -> Rollout:
    """Independent one-step episodes of two cars, collected by another policy than the one to train."""
    rng = np.random.default_rng(4)
    rollout = Rollout(rows, 2, action_space, 3, 2, [CAMERA._replace(shape=(2, 2))])
    rollout.seen[CAMERA.name][:] = rng.integers(0, 256, (rows + 2, 2, 2))
    rollout.privileged[:] = rng.normal(size=rollout.privileged.shape)
    rollout.actions[:] = rng.integers(0, 3, len(rollout.actions))
    rollout.outputs[:] = rng.normal(size=rollout.outputs.shape) * 0.3
    rollout.rewards[:] = 2 * rng.normal(size=len(rollout.rewards))
    rollout.dones[:] = True
    rollout.trajectory[:] = np.arange(rows + 2) % 2
    rollout.size, rollout.n_trajectories = rows, 2
    return rollout


def log_softmax(outputs: np.ndarray) -> np.ndarray:
    return outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))


def adam_first_step(weight: np.ndarray, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
    """Both moments, corrected for their start at zero, are the gradient and its square."""
    return weight - learning_rate * gradient / (np.abs(gradient) + 1e-5)


@pytest.mark.parametrize("value_loss", ["huber", "mean squared error"])
def test_one_update_equals_the_formulas_in_numpy(three_actions, threads, value_loss):
    rng = np.random.default_rng(0)
    policy_weight, critic_weight = rng.normal(size=(4, 3)), rng.normal(size=2)
    rollout = random_rollout(three_actions, 64)
    beta, clip, learning_rate = 0.05, 0.2, 0.01
    settings = PpoSettings(
        batch_size=64,
        epochs=1,
        learning_rate=learning_rate,
        critic_learning_rate=learning_rate,
        entropy=LinearSchedule(beta, beta, 0),
        clip=clip,
        value_loss=value_loss,
    )
    ppo = Ppo(LinearPolicy(policy_weight), LinearCritic(critic_weight), settings, 0, threads)
    (report,) = ppo.update(rollout)

    pixels = rollout.seen[CAMERA.name][:64].reshape(64, 4) / 255
    states, rewards = rollout.privileged[:64].astype(float), rollout.rewards[:64]
    chosen = np.eye(3)[rollout.actions[:64]]
    values = states @ critic_weight
    advantages = (rewards - values) - (rewards - values).mean()
    advantages /= (rewards - values).std()

    log_p = log_softmax(pixels @ policy_weight)
    old_log_p = log_softmax(rollout.outputs[:64].astype(float))
    p = np.exp(log_p)
    ratio = np.exp(((log_p - old_log_p) * chosen).sum(axis=1))
    gain = ratio * advantages
    clipped = np.clip(ratio, 1 - clip, 1 + clip) * advantages
    entropy = -(p * log_p).sum(axis=1)
    error = values - rewards
    loss = error**2
    if value_loss == "huber":
        loss = np.where(np.abs(error) < 1, error**2 / 2, np.abs(error) - 0.5)
    assert report.surrogate == pytest.approx(-np.minimum(gain, clipped).mean(), abs=1e-5)
    assert report.entropy == pytest.approx(entropy.mean(), abs=1e-5)
    assert report.value_loss == pytest.approx(loss.mean(), abs=1e-5)
    divergence = (np.exp(old_log_p) * (old_log_p - log_p)).sum(axis=1).mean()
    assert report.divergence == pytest.approx(divergence, abs=1e-5)

    # The clipped branch is constant in the weights; d ln p_a / dz = onehot - p; dH / dz = -p (ln p + H).
    slope = np.where(gain <= clipped, gain, 0.0)[:, None] * (chosen - p)
    entropy_slope = -p * (log_p + entropy[:, None])
    gradient = -pixels.T @ (slope + beta * entropy_slope) / 64
    np.testing.assert_allclose(
        ppo.policy.weight.detach().numpy(),
        adam_first_step(policy_weight, gradient, learning_rate),
        atol=2e-5,
    )
    value_slope = np.clip(error, -1, 1) if value_loss == "huber" else 2 * error
    gradient = states.T @ value_slope / 64
    np.testing.assert_allclose(
        ppo.critic.weight.detach().numpy(),
        adam_first_step(critic_weight, gradient, learning_rate),
        atol=2e-5,
    )


def test_a_ratio_beyond_the_clip_gains_nothing_more_but_mistakes_cost_in_full():
    log_ratio = torch.tensor([2.0, 2.0, 0.5, 0.5]).log()
    advantages = torch.tensor([1.0, -1.0, 1.0, -1.0])
    found = clipped_surrogate(log_ratio, advantages, 0.2)
    torch.testing.assert_close(found, torch.tensor([1.2, -2.0, 0.5, -0.8]))


def test_huber_is_linear_beyond_one():
    values, returns = torch.tensor([0.5, 3.0]), torch.zeros(2)
    assert value_errors(values, returns, "huber").tolist() == [0.125, 2.5]
    assert value_errors(values, returns, "mean squared error").tolist() == [0.25, 9.0]


def test_equal_advantages_are_standardised_to_zero():
    assert np.array_equal(standardise(np.full(10, 3.0)), np.zeros(10, np.float32))


@pytest.mark.parametrize(
    ("transitions", "expected"), [(1000, 64), (65, 64), (64, 64), (63, 32), (33, 32), (32, 32), (1, 1)]
)
def test_a_small_rollout_shrinks_the_minibatch_to_a_power_of_two(transitions, expected):
    assert minibatch_size(transitions, 64) == expected


def test_what_does_not_fill_a_minibatch_is_left_out(three_actions, threads):
    ppo = Ppo(
        LinearPolicy(np.zeros((4, 3))),
        LinearCritic(np.zeros(2)),
        PpoSettings(batch_size=64, epochs=3),
        0,
        threads,
    )
    ppo.update(random_rollout(three_actions, 64 * 2 + 63))
    assert int(ppo.state_tensors()["adam.policy.0.step"]) == 3 * 2


def test_the_entropy_coefficient_follows_its_schedule(three_actions, threads):
    def weight_after(steps: int) -> torch.Tensor:
        settings = PpoSettings(epochs=1, entropy=LinearSchedule(0.5, 0.0, 1000))
        policy = LinearPolicy(np.random.default_rng(0).normal(size=(4, 3)))
        ppo = Ppo(policy, LinearCritic(np.zeros(2)), settings, 0, threads)
        ppo.steps = steps
        ppo.update(random_rollout(three_actions, 64))
        return ppo.policy.weight.detach()

    assert not torch.equal(weight_after(0), weight_after(1000))
    assert torch.equal(weight_after(1000), weight_after(5000))


def test_a_loss_that_is_not_a_number_ends_the_training_with_a_reason(three_actions, threads):
    ppo = Ppo(LinearPolicy(np.zeros((4, 3))), LinearCritic(np.zeros(2)), PpoSettings(), 0, threads)
    rollout = random_rollout(three_actions, 64)
    rollout.rewards[5] = np.nan
    with pytest.raises(TrainingDivergedError, match="lower the learning rate"):
        ppo.update(rollout)
    assert torch.equal(ppo.policy.weight, torch.zeros(4, 3))


@pytest.fixture
def training(bar_environment, rectangle, three_actions, agent_for):
    """Makes an agent with its collector and rollout; ``learn`` runs iterations and returns the weights."""

    def make(network: str, space: str, seed: int = 0):
        action_space = rectangle if space == "continuous" else three_actions
        agent = agent_for(network, action_space, PpoSettings(epochs=2, batch_size=16), seed)
        collector = StepsCollector(bar_environment(8, 0), steps=8)
        rollout = Rollout(collector.capacity, 8, action_space, agent.policy.n_outputs, 3, [CAMERA])

        def learn(iterations: int) -> dict[str, torch.Tensor]:
            for _ in range(iterations):
                collector.collect(agent.act, rollout)
                agent.update(rollout)
            return agent.state_tensors()

        return agent, rollout, learn

    return make


def assert_same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> None:
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


@pytest.mark.parametrize("space", ["discrete", "continuous"])
def test_the_same_seed_gives_the_same_weights_bit_for_bit(training, space):
    first, second, other = (training("fast", space, seed)[2](3) for seed in (7, 7, 8))
    assert_same(first, second)
    assert not torch.equal(first["policy.head.weight"], other["policy.head.weight"])


@pytest.mark.parametrize(("network", "space"), [("fast", "continuous"), ("aws", "discrete")])
def test_an_agent_read_from_a_file_learns_on_as_if_never_interrupted(training, tmp_path, network, space):
    agent, rollout, learn = training(network, space)
    learn(2)
    save_file(agent.state_tensors(), tmp_path / "state.safetensors")
    agent.update(rollout)
    again, _, _ = training(network, space, seed=5)
    again.load_state_tensors(load_file(tmp_path / "state.safetensors"))
    again.update(rollout)
    assert_same(agent.state_tensors(), again.state_tensors())


def test_weights_alone_start_a_clone_with_a_fresh_optimiser(training):
    agent, rollout, learn = training("fast", "discrete")
    learn(1)
    clone, _, _ = training("fast", "discrete", seed=9)
    clone.load_weights(agent.weights())
    seen = rollout.see(slice(8))
    np.testing.assert_array_equal(agent.act(seen)[1], clone.act(seen)[1])
    assert not any(name.startswith("adam") for name in clone.state_tensors())


def test_weights_of_another_network_are_refused_in_one_sentence(training):
    weights = training("fast", "discrete")[0].weights()
    with pytest.raises(ValueError, match=r"policy\.head\.weight is of shape \(3, 256\)"):
        training("fast", "continuous")[0].load_weights(weights | {"policy.log_std": torch.zeros(2)})


def test_one_thread_and_two_find_the_same_gradient(three_actions, agent_for, training):
    agent, rollout, learn = training("aws", "discrete")
    learn(1)
    weights = []
    for count in (1, 2):
        other = agent_for("aws", three_actions, PpoSettings(epochs=1, batch_size=64), count=count)
        other.load_weights(agent.weights())
        other.update(rollout)
        weights.append(other.weights()["critic.head.weight"])
    torch.testing.assert_close(weights[0], weights[1], atol=2e-5, rtol=0)
