"""A driver that needs no camera, and simulators of the one track that all these tests use."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from openracer.environments import privileged
from openracer.environments.racing import RacingEnvironment
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find

Driver = Callable[[RacingEnvironment, NDArray[np.int64]], NDArray[np.float32]]


@pytest.fixture
def simulator() -> Callable[[int], Simulator]:
    return lambda cars: Simulator([find("reinvent_base")], cars, find_preset("v5"), workers=1)


@pytest.fixture
def pursuit() -> Driver:
    """Steers at the point of the centre line 0.9 m ahead; actions for ranges of ±30° and some speed, at its middle."""

    def drive(environment: RacingEnvironment, cars: NDArray[np.int64]) -> NDArray[np.float32]:
        seen = np.empty((len(cars), privileged.SIZE), np.float32)
        environment.observe_privileged(cars, seen)
        ahead, left = seen[:, privileged.MOTION_SIZE + 4], seen[:, privileged.MOTION_SIZE + 5]
        steering = np.clip(2.5 * np.degrees(np.arctan2(left, ahead)) / 30.0, -1.0, 1.0)
        return np.stack([steering, np.zeros_like(steering)], axis=1)

    return drive
