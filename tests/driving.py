"""A driver that keeps to the centre line, in place of the policy of a model that cannot drive yet."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from openracer.environments import privileged
from openracer.environments.racing import FinishedEpisode, RacingEnvironment
from openracer.runs.evaluation import Act

DriveTrials = Callable[[RacingEnvironment, Act, NDArray[np.float64]], list[FinishedEpisode]]


def on_the_centre_line(drive_trials: DriveTrials) -> DriveTrials:
    """``drive_trials`` with that driver, for continuous actions with steering of up to 30 degrees."""

    def drive_well(
        environment: RacingEnvironment, _act: Act, starts: NDArray[np.float64]
    ) -> list[FinishedEpisode]:
        def pursue(_frames: object) -> NDArray[np.generic]:
            cars = environment.all_cars[~environment.simulator.record.done]
            seen = np.empty((len(cars), privileged.SIZE), np.float32)
            environment.observe_privileged(cars, seen)
            ahead, left = seen[:, privileged.MOTION_SIZE + 4], seen[:, privileged.MOTION_SIZE + 5]
            steering = np.clip(2.5 * np.degrees(np.arctan2(left, ahead)) / 30.0, -1.0, 1.0)
            return np.stack([steering, np.zeros_like(steering)], axis=1)

        return drive_trials(environment, pursue, starts)

    return drive_well
