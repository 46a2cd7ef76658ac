"""The drive of a submission: weights and metadata drive, and the submitted reward function is never loaded."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from openracer.agents.inference import GreedyDriver
from openracer.agents.threads import TorchThreads
from openracer.environments.starts import RoundRobinStarts
from openracer.league.entry import NO_REWARD
from openracer.league.race import Race
from openracer.league.ranking import Lap
from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.models.training_log import milliseconds
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import build_environment, build_simulator
from openracer.runs.evaluation import STEP_JITTER_S, TIME_LIMIT_S, drive_trials
from openracer.runs.request import MOST_RESETS, EvaluationRequest, describe
from openracer.runs.weights import load_policy
from openracer.simulation.episode import EpisodeRules


@dataclass(frozen=True)
class RaceDrive:
    """What came of a submission's one drive.

    Attributes:
        laps: those completed, in their order.
        seed: of the step times and of what is placed by chance.
        weights_sha256: of the file of weights that drove.
        trace: the rows, with the action of each.
    """

    laps: tuple[Lap, ...]
    seed: int
    weights_sha256: str
    trace: tuple[EpisodeTrace, ...]


def drive_race(folder: ModelFolder, race: Race, seed: int, checkpoint: str = "best") -> RaceDrive:
    """Let a model drive a race once, alone in its world, in full precision and with its most probable actions.

    Nothing is written into the model's folder.

    Args:
        folder: of the model.
        race: whose rules hold.
        seed: the same one gives the same drive on the same machine and version.
        checkpoint: ``best``, ``last`` or the number of an iteration.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: there is no such track, or a file of the model is damaged.
    """
    limit = MOST_RESETS if race.max_resets is None else race.max_resets
    request = EvaluationRequest(
        track=race.track,
        reverse=race.reverse,
        trials=1,
        checkpoint=checkpoint,
        max_resets=limit,
        off_track_penalty_s=race.off_track_penalty_s,
        seed=seed,
        laps=race.laps,
        collision_penalty_s=race.collision_penalty_s,
        race_type=race.race_type,
        objects=race.objects,
    )
    description, name = describe(folder, request)
    policy = build_policy(description, torch.float32)
    load_policy(policy, folder, name)
    rules = EpisodeRules(
        laps=race.laps,
        max_resets=limit,
        off_track_penalty=race.off_track_penalty_s,
        collision_penalty=race.collision_penalty_s,
        time_limit=TIME_LIMIT_S,
    )
    simulator = build_simulator(description, 1, rules, STEP_JITTER_S)
    recorder = EpisodeRecorder(np.array([simulator.tracks[0].length]))
    environment = build_environment(
        description, simulator, load_reward(NO_REWARD, 1), RoundRobinStarts(0.0), recorder
    )
    episodes = drive_trials(environment, GreedyDriver(policy, TorchThreads()).act, np.zeros(1))
    simulator.close()
    laps = tuple(
        Lap(milliseconds(episode.lap_time), episode.resets)
        for episode in episodes
        if episode.lap_time is not None
    )
    weights = hashlib.sha256(folder.checkpoints.path(name).read_bytes()).hexdigest()
    return RaceDrive(laps, seed, weights, tuple(recorder.finished))
