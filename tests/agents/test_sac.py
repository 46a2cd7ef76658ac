"""SAC learns to steer, remembers what followed what, and its squashed actions have the density that it says."""

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad

from openracer.agents.collectors import StepsCollector
from openracer.agents.distributions import SquashedGaussian
from openracer.agents.networks import FAST, CameraTrunk, SensorEmbedder, SquashedPolicy
from openracer.agents.random_shifts import shift
from openracer.agents.replay import ReplayBuffer
from openracer.agents.rollout import Rollout
from openracer.agents.sac import Sac, SacSettings
from openracer.agents.soft_critics import KnownState, SoftCritics
from openracer.simulation.sensors import Sensor

CAMERA = Sensor("FRONT_FACING_CAMERA", (64, 64), np.uint8)
TINY = Sensor("FRONT_FACING_CAMERA", (4, 4), np.uint8)


@pytest.fixture
def learner(threads):
    def make(seed=0, **settings):
        torch.manual_seed(seed)
        return Sac(
            SquashedPolicy(CameraTrunk(FAST, CAMERA.shape)),
            SoftCritics(KnownState(3), KnownState(3), 0.5),
            ReplayBuffer(4000, [CAMERA], 3),
            SacSettings(
                batch_size=64, updates_per_step=0.1, learning_rate=1e-3, critic_learning_rate=3e-3, alpha=0.02,
                discount=0.5, **settings,
            ),
            seed,
            threads,
        )  # fmt: skip

    return make


def learn(sac, environment, action_space, iterations):
    collector = StepsCollector(environment, steps=16)
    rollout = Rollout(collector.capacity, environment.cars, action_space, 4, 3, [CAMERA])
    for _ in range(iterations):
        collector.collect(sac.act, rollout)
        reports = sac.update(rollout)
    return rollout, reports


@pytest.mark.parametrize("pixels", [0, 2])
def test_it_learns_to_steer_towards_what_it_sees(learner, bar_environment, rectangle, pixels):
    sac = learner(random_shift=pixels)
    rollout, reports = learn(sac, bar_environment(32, 0), rectangle, 12)
    before = 1.0 - 5 / 6  # of random steering within -1 to 1
    assert rollout.rewards[: rollout.size].mean() > max(0.75, before)
    assert np.isfinite(reports[-1].value_loss)


def test_critics_may_look_at_frames_themselves(threads, bar_environment, rectangle):
    settings = SacSettings(batch_size=64, updates_per_step=0.002, random_shift=1)
    replay = ReplayBuffer(4000, [CAMERA], 3)
    critics = SoftCritics(CameraTrunk(FAST, CAMERA.shape), SensorEmbedder(FAST, CAMERA.shape), 0.9)
    sac = Sac(SquashedPolicy(CameraTrunk(FAST, CAMERA.shape)), critics, replay, settings, 0, threads)
    before = sac.weights()
    _, reports = learn(sac, bar_environment(64, 0), rectangle, 3)
    assert np.isfinite(reports[-1].value_loss)
    changed = [name for name, tensor in sac.weights().items() if not torch.equal(tensor, before[name])]
    assert {name.split(".")[0] for name in changed} == {"policy", "critic"}


def test_an_agent_read_from_its_tensors_acts_as_before_and_begins_with_an_empty_buffer(
    learner, bar_environment, rectangle
):
    sac = learner()
    rollout, _ = learn(sac, bar_environment(32, 0), rectangle, 5)
    again = learner(seed=3)
    again.load_state_tensors(sac.state_tensors())
    seen = rollout.see(slice(8))
    assert all(np.array_equal(one, other) for one, other in zip(sac.act(seen), again.act(seen), strict=True))
    assert (sac.steps, again.replay.size) == (again.steps, 0)
    missing = {name: tensor for name, tensor in sac.state_tensors().items() if "slow_value" not in name}
    with pytest.raises(ValueError, match="slow_value"):
        again.load_state_tensors(missing)


def test_the_density_of_squashed_actions_is_one_in_all():
    outputs = torch.tensor([[0.3, -0.5, -0.7, -0.2]], dtype=torch.float64)

    def density(speed: float, steering: float) -> float:
        actions = torch.tensor([[steering, speed]], dtype=torch.float64)
        return float(SquashedGaussian(outputs).log_probability(actions).exp())

    assert dblquad(density, -1, 1, -1, 1, epsabs=1e-3)[0] == pytest.approx(1.0, abs=0.01)


def test_a_drawn_actions_density_is_the_one_at_its_place():
    distribution = SquashedGaussian(torch.randn((50, 4), generator=torch.Generator().manual_seed(1)).double())
    actions, log_density = distribution.draw(
        torch.randn(50, 2, generator=torch.Generator().manual_seed(2)).double()
    )
    inside = (actions.abs() < 0.999).all(dim=1)
    assert inside.sum() > 20
    torch.testing.assert_close(distribution.log_probability(actions)[inside], log_density[inside])


def test_what_follows_a_transition_is_the_same_cars_next_step(scripted_environment, rectangle):
    """The state is (car, step of the episode); the buffer is small, so that old rows make room in between."""
    collector = StepsCollector(scripted_environment([[3], [5], [4]]), steps=6)
    rollout = Rollout(collector.capacity, 3, rectangle, 4, 2, [TINY])
    replay = ReplayBuffer(50, [TINY], 2)

    def act(seen):
        count = len(seen["FRONT_FACING_CAMERA"])
        return np.zeros((count, 2), np.float32), np.zeros((count, 4), np.float32)

    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        collector.collect(act, rollout)
        replay.add(rollout)
        found = replay.sample(200, ["privileged"], generator)
        car, step = found.seen["privileged"].T
        next_car, next_step = found.following["privileged"].T
        goes_on = ~found.dones
        assert torch.equal(found.rewards, 100 * car + step)
        assert torch.equal(found.dones, step + 1 == torch.tensor([3, 5, 4])[car.long()])
        assert torch.equal(next_car[goes_on], car[goes_on])
        assert torch.equal(next_step[goes_on], step[goes_on] + 1)
    assert replay.size == 50


def test_shifted_frames_are_the_same_picture_elsewhere():
    frames = torch.randint(
        0, 256, (40, 12, 15), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    moved = shift(frames, 2, torch.Generator().manual_seed(1))
    places = set()
    for frame, other in zip(frames, moved, strict=True):
        (place,) = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(other[2:-2, 2:-2], frame[2 + down : 10 + down, 2 + right : 13 + right])
        ]
        places.add(place)
    assert len(places) > 10
