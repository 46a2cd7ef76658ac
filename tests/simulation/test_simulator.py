"""Many cars at once behave as each would alone."""

import numpy as np

from openracer.simulation.presets import V4, V5
from openracer.simulation.simulator import Simulator
from tests.simulation.tracks_for_tests import ring, straight


def run(sim: Simulator, commands: np.ndarray, cars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poses (T, K, 3) and last frames (K, 120, 160) under recorded commands (T, K, 2)."""
    poses = []
    for steering, speed in commands.transpose(0, 2, 1):
        record = sim.step(cars, steering.copy(), speed.copy())
        poses.append(np.stack([record.x, record.y, record.heading_deg], axis=1)[cars])
        if record.done.any():
            ended = np.flatnonzero(record.done)
            sim.start(ended, np.zeros(len(ended)))
    frames = np.zeros((len(cars), 120, 160), np.uint8)
    sim.observe(cars, {"FRONT_FACING_CAMERA": frames})
    return np.array(poses), frames


def test_sixteen_cars_drive_and_see_bit_for_bit_what_each_does_alone():
    tracks = [ring(), straight()]
    commands = np.random.default_rng(7).uniform([-0.5, 0.5], [0.5, 3.0], size=(60, 16, 2))
    fractions = np.linspace(0.0, 0.9, 16)
    together = Simulator(tracks, 16, V5, workers=2)
    together.start(np.arange(16), fractions)
    poses, frames = run(together, commands, np.arange(16))
    for car in range(16):
        alone = Simulator([tracks[car % 2]], 1, V5, workers=1)
        alone.start(np.array([0]), fractions[[car]])
        own_poses, own_frame = run(alone, commands[:, [car]], np.array([0]))
        assert np.array_equal(own_poses[:, 0], poses[:, car])
        assert np.array_equal(own_frame[0], frames[car])


def test_cars_that_are_not_stepped_stand_still_in_time():
    sim = Simulator([ring()], 4, V4, workers=1)
    sim.start(np.arange(4), np.zeros(4))
    for _ in range(5):
        sim.step(np.array([1, 3]), np.zeros(2), np.ones(2))
    assert sim.episode.steps.tolist() == [0, 5, 0, 5]
    assert sim.state.x[0] == sim.state.x[2]
    assert sim.state.y[1] > sim.state.y[0]
