"""States told from a trace are those that the simulator had, and values those that the critic gives them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from openracer.agents.networks import PRIVILEGED, PrivilegedCritic
from openracer.analysis.sight.look import see
from openracer.analysis.sight.pictures import DrivePictures
from openracer.analysis.sight.values import driven_states, driven_values
from openracer.environments import privileged
from openracer.models.folder import ModelFolder
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.tracks import catalogue

Drive = tuple[DrivePictures, "np.ndarray[tuple[int, int], np.dtype[np.float32]]"]


@pytest.fixture
def driven() -> Drive:
    """The first steps of a car, and what a privileged critic was told in each."""
    track = catalogue.find("reinvent_base")
    simulator = Simulator([track], 1, find_preset("v5"), workers=1)
    car = np.arange(1)
    simulator.start(car, np.array([0.1]))
    rows, states = [], []
    for step in range(18):
        state = np.empty((1, privileged.SIZE), np.float32)
        simulator.describe(
            privileged.describe_cars, car, state, privileged.look_ahead_distances(), *simulator.body_arguments
        )
        steering, speed = 0.2 * np.sin(step / 8.0), 1.5
        record = simulator.step(car, np.array([steering]), np.array([speed]))
        rows.append(
            {"x": record.x[0], "y": record.y[0], "yaw": record.heading_deg[0], "episode": 0, "steps": record.steps[0],
             "steering_angle": np.degrees(steering), "speed": speed}
        )  # fmt: skip
        states.append(state[0])
    simulator.close()
    return DrivePictures(pd.DataFrame(rows), track), np.stack(states)


def test_place_and_road_are_exact_and_motion_is_near(driven: Drive) -> None:
    drive, truth = driven
    told = driven_states(drive, "v5")
    exact = [0, 1, 2, 3, 9, *range(privileged.MOTION_SIZE, privileged.SIZE)]
    np.testing.assert_allclose(told[:, exact], truth[:, exact], atol=2e-4)
    error = np.abs(told - truth).mean(axis=0)
    assert (error[[4, 5, 6, 7]] < 0.06).all(), error
    assert error[8] < 0.2


def test_values_are_those_of_the_checkpoints_critic(
    driven: Drive, untrained: Callable[..., ModelFolder]
) -> None:
    drive, _truth = driven
    folder = untrained()
    name = folder.checkpoints.find("last")
    values = driven_values(folder, name, drive)
    tensors = folder.checkpoints.load(name)
    critic = PrivilegedCritic(privileged.SIZE)
    critic.load_state_dict({key: tensors[f"critic.{key}"] for key in critic.state_dict()})
    expected = critic({PRIVILEGED: torch.from_numpy(driven_states(drive, "v5"))}).detach()
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    assert see(folder, "last", drive, closely=1).opinions["value"].to_numpy() == pytest.approx(values)


def test_a_critic_that_looks_at_frames_is_asked_about_frames(
    driven: Drive, untrained: Callable[..., ModelFolder]
) -> None:
    folder = untrained(privileged_critic=False)
    assert driven_values(folder, folder.checkpoints.find("last"), driven[0]) is None
