"""Drives of our own simulator, as the logs of a real one would have them."""

from collections.abc import Callable

import numpy as np
import pytest

from openracer.formats.logs import Log
from openracer.formats.text_log import JobFacts
from openracer.models.episodes import EpisodeRecorder, columns_of
from openracer.simulation.simulator import Simulator
from openracer.simulation.vehicle import VehiclePreset
from openracer.tracks import catalogue

EPISODES = 24


def own_drive(preset: VehiclePreset, seed: int = 0, step_jitter_s: float = 0.0) -> Log:
    """Cars that wander about re:Invent 2018 with changing commands until each has left the track."""
    track = catalogue.find("reinvent_base")
    simulator = Simulator([track], EPISODES, preset, step_jitter_s=step_jitter_s, seed=seed, workers=1)
    cars = np.arange(EPISODES)
    simulator.start(cars, cars / EPISODES)
    recorder = EpisodeRecorder(np.full(EPISODES, track.length))
    random = np.random.default_rng(seed)
    steering, speed = np.zeros(EPISODES), np.ones(EPISODES)
    for _ in range(600):
        running = cars[~simulator.record.done]
        if not len(running):
            break
        changes = random.random(EPISODES) < 0.5
        steering = np.where(changes, np.radians(random.choice([-30, -15, 0, 15, 30], EPISODES)), steering)
        speed = np.where(random.random(EPISODES) < 0.2, random.choice([0.8, 1.5, 2.5], EPISODES), speed)
        record = simulator.step(running, steering[running], speed[running])
        commands = np.degrees(steering[running]), speed[running]
        recorder.record(running, record, np.zeros(len(running), np.int64), *commands, np.ones(len(running)))
    simulator.close()
    trace = columns_of(recorder.finished, 0, continuous=False)
    rows = len(trace["X"])
    trace |= {"worker": np.zeros(rows, np.int64), "iteration": np.zeros(rows, np.int64)}
    return Log("own", "evaluation-simtrace", trace, 0, JobFacts())


@pytest.fixture(scope="session")
def drive() -> Callable[..., Log]:
    return own_drive
