"""Evaluation: greedy trials, each by a car of its own in a world of its own, all at once."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.environments.racing import FinishedEpisode, RacingEnvironment
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.status import Status

Act = Callable[[NDArray[np.uint8]], NDArray[np.generic]]
"""From frames ``(K, 120, 160) uint8`` to actions ``(K,)`` or ``(K, 2)``."""


@dataclass(frozen=True)
class Trial:
    """The result of one trial.

    Attributes:
        trial: counted from 1.
        time_s: simulated time from the start to the end, penalties included.
        progress: percent of the lap.
        status: DeepRacer's title of how it ended, for example ``Lap complete``.
        off_tracks: times the car left the track.
        resets: times it was put back.
        reward: sum of all rewards.
        steps: control steps.
    """

    trial: int
    time_s: float
    progress: float
    status: str
    off_tracks: int
    resets: int
    reward: float
    steps: int

    @property
    def is_complete(self) -> bool:
        """Whether the lap was completed."""
        return self.status == Status.LAP_COMPLETE.title

    def as_row(self) -> dict[str, Any]:
        """All values, for JSON."""
        return asdict(self)


def drive_trials(
    environment: RacingEnvironment, act: Act, starts: NDArray[np.float64]
) -> list[FinishedEpisode]:
    """Drive one episode with every car, greedily, until all have ended.

    Args:
        environment: N cars; their episodes so far are given up.
        act: the policy.
        starts: ``(N,)`` where each starts, as a fraction of the lap.

    Returns:
        The N episodes in the order of the cars.
    """
    cars = environment.all_cars
    environment.start(cars, starts)
    frames = np.empty((len(cars), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
    while len(cars):
        environment.observe(cars, frames[: len(cars)])
        _rewards, done = environment.drive(cars, act(frames[: len(cars)]))
        cars = cars[~done]
    return sorted(environment.take_finished(), key=lambda episode: episode.car)


def trials_of(episodes: list[FinishedEpisode]) -> list[Trial]:
    """The results that users see of some episodes."""
    return [
        Trial(
            trial=number,
            time_s=episode.end_time - episode.start_time if episode.lap_time is None else episode.lap_time,
            progress=episode.progress,
            status=episode.status.title,
            off_tracks=episode.off_tracks,
            resets=episode.resets,
            reward=episode.reward,
            steps=episode.steps,
        )
        for number, episode in enumerate(episodes, 1)
    ]
