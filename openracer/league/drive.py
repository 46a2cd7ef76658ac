"""The drive of a submission: weights and metadata drive, and the submitted reward function is never loaded."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.inference import GreedyDriver
from openracer.agents.threads import TorchThreads
from openracer.environments.action_space import ActionSpace, action_space_of
from openracer.environments.racing import FinishedEpisode, RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.league.entry import NO_REWARD
from openracer.league.objects import objects_of
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.models.training_log import milliseconds
from openracer.rewards.loading import load_reward
from openracer.runs.evaluation import STEP_JITTER_S, TIME_LIMIT_S, drive_trials
from openracer.runs.request import MOST_RESETS
from openracer.runs.weights import load_policy
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import find_preset
from openracer.simulation.record import StepRecord
from openracer.simulation.sensors import DEFAULT, Sensor
from openracer.simulation.simulator import Simulator
from openracer.tracks import catalogue
from openracer.tracks.track import Track


@dataclass(frozen=True)
class RaceDrive:
    """What came of a submission's one drive.

    Attributes:
        laps: those completed, in their order.
        duration_s: from the start to the end of the drive, simulated seconds.
        seed: of the step times and of what is placed by chance.
        vehicle: generation of the car.
        track: in the direction that was driven.
        action_space: what the actions mean.
        actions: ``(steps,)`` numbers or ``(steps, 2)``, what the policy chose.
        weights_sha256: of the file of weights that drove; empty where recorded actions did.
        trace: the rows, an episode for each lap.
    """

    laps: tuple[Lap, ...]
    duration_s: float
    seed: int
    vehicle: str
    track: Track
    action_space: ActionSpace
    actions: NDArray[Any]
    weights_sha256: str
    trace: tuple[EpisodeTrace, ...]

    @property
    def rows(self) -> NDArray[np.float64]:
        """``(steps, WIDTH)`` of all laps."""
        return np.concatenate([episode.rows for episode in self.trace])


def drive_race(
    folder: ModelFolder, race: Race, seed: int, checkpoint: str = "best", track: Track | None = None
) -> RaceDrive:
    """Let a model drive a race once, alone in its world, in full precision and with its most probable actions.

    Nothing is written into the model's folder.

    Args:
        folder: of the model.
        race: whose rules hold.
        seed: the same one gives the same drive on the same machine and version.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        track: in the direction of the race; None is the race's in the catalogue.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: there is no such track, or a file of the model is damaged.
    """
    description = folder.description()
    name = folder.checkpoints.find(checkpoint)
    policy = build_policy(description, torch.float32)
    load_policy(policy, folder, name)
    world = _World(
        race,
        seed,
        description.vehicle,
        track or catalogue.find(race.track, race.reverse),
        action_space_of(description.actions),
        description.sensors,
    )
    episodes = drive_trials(world.environment, GreedyDriver(policy, TorchThreads()).act, np.zeros(1))
    weights = hashlib.sha256(folder.checkpoints.path(name).read_bytes()).hexdigest()
    return world.drive(episodes, weights)


def replay_race(
    race: Race, seed: int, vehicle: str, track: Track, space: ActionSpace, actions: NDArray[Any]
) -> RaceDrive:
    """Drive again what was driven, from its actions alone; takes what :class:`RaceDrive` has."""
    world = _World(race, seed, vehicle, track, space, DEFAULT)
    car = world.environment.all_cars
    world.environment.start(car, np.zeros(1))
    for action in actions:
        _rewards, done = world.environment.drive(car, action[None])
        if done.any():
            break
    return world.drive(world.environment.take_finished(), "")


class _World:
    """One car alone in a world, and what writes down its rows and actions."""

    def __init__(
        self,
        race: Race,
        seed: int,
        vehicle: str,
        track: Track,
        space: ActionSpace,
        sensors: tuple[Sensor, ...],
    ):
        rules = EpisodeRules(
            laps=race.laps,
            max_resets=MOST_RESETS if race.max_resets is None else race.max_resets,
            off_track_penalty=race.off_track_penalty_s,
            collision_penalty=race.collision_penalty_s,
            time_limit=TIME_LIMIT_S,
        )
        simulator = Simulator(
            [track],
            1,
            find_preset(vehicle),
            rules,
            step_jitter_s=STEP_JITTER_S,
            seed=seed,
            objects=objects_of(race),
            sensors=sensors,
        )
        self._seed, self._vehicle, self._track, self._space = seed, vehicle, track, space
        self._rows, self._actions = EpisodeRecorder(np.array([track.length])), _ActionRecorder()
        self.environment = RacingEnvironment(
            simulator,
            load_reward(NO_REWARD, 1),
            space,
            RoundRobinStarts(0.0),
            (self._rows, self._actions),
        )

    def drive(self, episodes: list[FinishedEpisode], weights_sha256: str) -> RaceDrive:
        """What came of it, at its end."""
        self.environment.simulator.close()
        laps = tuple(
            Lap(milliseconds(episode.lap_time), episode.resets)
            for episode in episodes
            if episode.lap_time is not None
        )
        return RaceDrive(
            laps=laps,
            duration_s=episodes[-1].end_time - episodes[0].start_time if episodes else 0.0,
            seed=self._seed,
            vehicle=self._vehicle,
            track=self._track,
            action_space=self._space,
            actions=np.stack(self._actions.taken),
            weights_sha256=weights_sha256,
            trace=tuple(self._rows.finished),
        )


class _ActionRecorder:
    """What the policy chose, row by row."""

    def __init__(self) -> None:
        self.taken: list[NDArray[Any]] = []

    def record(
        self,
        cars: NDArray[np.int64],
        record: StepRecord,
        actions: NDArray[Any],
        steering_deg: NDArray[np.float64],
        speed_mps: NDArray[np.float64],
        rewards: NDArray[np.float64],
    ) -> None:
        """Take the row of the one car."""
        del cars, record, steering_deg, speed_mps, rewards
        self.taken.append(actions[0].copy())
