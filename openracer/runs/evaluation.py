"""Evaluation: greedy trials, each by a car of its own in a world of its own, all at once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.inference import Arrays, GreedyDriver
from openracer.agents.threads import TorchThreads
from openracer.environments.racing import FinishedEpisode, RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.formats.checkpoints_index import CheckpointName
from openracer.formats.model_metadata import ActionRanges
from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.models.evaluations import write_evaluation
from openracer.models.folder import ModelFolder
from openracer.models.networks import build_policy
from openracer.models.object_poses import ObjectRecorder
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import build_environment, build_simulator
from openracer.runs.driver import ModelDriver, load_driver
from openracer.runs.live import LiveKind, LiveRing
from openracer.runs.report import EvaluationReport, Trial
from openracer.runs.request import EvaluationRequest, describe, find_opponent
from openracer.runs.weights import load_policy
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.scenery import Scenery
from openracer.simulation.sensors import buffers_for
from openracer.simulation.status import Status
from openracer.tracks.track import Track

STEP_JITTER_S = 0.005
"""Standard deviation of the real console's step times in evaluations (measured on logs of 2022), s."""

TIME_LIMIT_S = 1200.0
"""A trial may take 20 simulated minutes, as on DeepRacer on AWS."""

Act = Callable[[Arrays], NDArray[np.generic]]
"""From what K cars see, by sensor, to actions ``(K,)`` or ``(K, 2)``."""


def drive_trials(
    environment: RacingEnvironment, act: Act, starts: NDArray[np.float64]
) -> list[FinishedEpisode]:
    """Drive one episode with every car, greedily, until all have ended.

    Args:
        environment: N cars; their episodes so far are given up.
        act: the policy.
        starts: ``(N,)`` where each starts, as a fraction of the lap.

    Returns:
        The N episodes in the order of the cars, each lap of an episode of several as one of its own.
    """
    cars = environment.all_cars
    environment.start(cars, starts)
    buffers = buffers_for(environment.simulator.sensors, len(cars))
    while len(cars):
        seen = {name: memory[: len(cars)] for name, memory in buffers.items()}
        environment.observe(cars, seen)
        _rewards, done = environment.drive(cars, act(seen))
        cars = cars[~done]
    return sorted(environment.take_finished(), key=lambda episode: episode.car)


def trials_of(episodes: list[FinishedEpisode], collision_penalty_s: float) -> list[Trial]:
    """The results that users see of some episodes, which are in the order of their cars and times.

    Args:
        episodes: of all cars.
        collision_penalty_s: time that each crash cost, s.
    """
    laps = Counter[int]()

    def lap_of(car: int) -> int:
        laps[car] += 1
        return laps[car]

    return [
        Trial(
            trial=episode.car + 1,
            lap=lap_of(episode.car),
            time_s=episode.end_time - episode.start_time if episode.lap_time is None else episode.lap_time,
            progress=episode.progress,
            status=episode.status.title,
            off_tracks=episode.off_tracks,
            crashes=episode.crashes,
            # Of the last crash of a trial that has no reset left nothing is waited for.
            crash_penalty_s=collision_penalty_s * (episode.crashes - (episode.status is Status.CRASHED)),
            resets=episode.resets,
            reward=episode.reward,
            steps=episode.steps,
        )
        for episode in episodes
    ]


@dataclass(frozen=True)
class EvaluationResult:
    """What came of an evaluation.

    Attributes:
        checkpoint: that drove.
        track: in the direction that was driven.
        trials: their results.
        traces: their rows.
        scenery: of the track, to film it.
        is_continuous: kind of the model's actions.
        folder: where it was written down.
    """

    checkpoint: CheckpointName
    track: Track
    trials: list[Trial]
    traces: list[EpisodeTrace]
    scenery: Scenery
    is_continuous: bool
    folder: Path

    def report(self, model: str) -> EvaluationReport:
        """What is told of it.

        Args:
            model: name of the model.
        """
        track, checkpoint = self.track, str(self.checkpoint)
        return EvaluationReport(
            model, track.name, track.is_reversed, checkpoint, tuple(self.trials), self.folder
        )


def evaluate(
    folder: ModelFolder,
    request: EvaluationRequest,
    heartbeat: NDArray[np.float64] | None = None,
    opponent: ModelFolder | None = None,
) -> EvaluationResult:
    """Let a model drive trials with its most probable actions, and write traces and metrics into its folder.

    Args:
        folder: of the model.
        request: what to evaluate.
        heartbeat: stamped as the reward function is called, for a watchdog in another process.
        opponent: where it is, if there is one; by default as :func:`openracer.runs.request.find_opponent` tells.

    Raises:
        FileNotFoundError: there is no such checkpoint or opponent.
        ValueError: there is no such track, or a file of the model is damaged.
        RewardFunctionError: the model's reward function failed.
        WriteError: the result cannot be written.
    """
    description, checkpoint = describe(folder, request)
    # Full precision, so that processors without bfloat16 drive the same laps.
    policy = build_policy(description, torch.float32)
    load_policy(policy, folder, checkpoint)
    rules = EpisodeRules(
        laps=request.laps,
        max_resets=request.max_resets,
        off_track_penalty=request.off_track_penalty_s,
        collision_penalty=request.collision_penalty_s,
        time_limit=TIME_LIMIT_S,
    )
    threads = TorchThreads()
    rival = None
    if description.has_opponent:
        opponent = opponent or find_opponent(folder, description)
        if opponent is None:
            rival = ModelDriver(description, policy, threads, request.trials)
        else:
            rival = load_driver(opponent, "best", threads, request.trials)
    simulator = build_simulator(description, request.trials, rules, STEP_JITTER_S, rival=rival)
    recorder = EpisodeRecorder(np.array([simulator.tracks[0].length] * request.trials))
    objects = ObjectRecorder(simulator)
    environment = build_environment(
        description,
        simulator,
        load_reward(description.reward_source, request.trials, heartbeat),
        RoundRobinStarts(0.0),
        recorder,
        LiveRing(folder.path, LiveKind.EVALUATION, simulator, np.arange(request.trials)),
        objects,
        rival=rival,
    )
    driver = GreedyDriver(policy, threads)
    episodes = drive_trials(environment, driver.act, np.zeros(request.trials))
    simulator.close()
    traces = sorted(recorder.finished, key=lambda trace: trace.car)
    track = simulator.tracks[0]
    settings = {
        **asdict(request),
        "track": track.name,
        "reverse": track.is_reversed,
        "race_type": description.race_type,
        "objects": description.objects.model_dump(mode="json"),
        **({"opponent": description.opponent} if description.has_opponent else {}),
        "checkpoint": str(checkpoint),
    }
    is_continuous = isinstance(description.actions, ActionRanges)
    poses = (
        [poses for _car, poses in sorted(objects.finished, key=itemgetter(0))] if description.around else []
    )
    driven = list(zip(episodes, traces, strict=True))
    written = write_evaluation(folder, driven, settings, is_continuous, datetime.now(UTC), poses)
    return EvaluationResult(
        checkpoint,
        track,
        trials_of(episodes, request.collision_penalty_s),
        traces,
        simulator.scenery,
        is_continuous,
        written.path,
    )
