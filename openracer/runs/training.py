"""A training from start, or from where it was, to its stop condition: collect, learn, evaluate, commit, tell."""

import copy
import math
import random
import time
from collections.abc import Callable
from time import monotonic
from typing import Any

import numpy as np
import torch
from torch import nn

from openracer.agents.advantages import generalised_advantages
from openracer.agents.background import Background
from openracer.agents.exploration import EpsilonGreedy
from openracer.agents.inference import GreedyDriver
from openracer.agents.networks import quickest_dtype
from openracer.agents.ppo import EpochReport
from openracer.agents.sac import Sac
from openracer.agents.state import load_weights, weights_of
from openracer.agents.threads import TorchThreads
from openracer.environments.racing import FinishedEpisode
from openracer.environments.starts import RoundRobinStarts
from openracer.formats.checkpoints_index import CheckpointName
from openracer.formats.coach_csv import CoachRow, Statistics
from openracer.models.events import EventLog
from openracer.models.folder import ModelFolder
from openracer.models.library import ORIGIN
from openracer.models.opponents import kept_opponent
from openracer.models.record import TrainingRecord
from openracer.models.run_state import unusable_state
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import (
    build_collector,
    build_environment,
    build_learner,
    build_simulator,
    build_succession,
)
from openracer.runs.control import ControlBlock
from openracer.runs.driver import ModelDriver, load_driver
from openracer.runs.evaluation import drive_trials
from openracer.runs.first_compilation import FirstCompilation
from openracer.runs.live import LiveKind, LiveRing
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.sensors import buffers_for
from openracer.simulation.threads import available_cores

TRIAL_TIME_LIMIT_S = 180.0
"""A trial of an evaluation inside a training may take so long, simulated s, for each 20 m of track."""

CLEAN_EVALUATIONS = 2
"""A young policy may drive one evaluation cleanly by luck; two in a row make the stop condition ``clean-laps``."""


class Training:
    """The training of one model, in this process.

    Args:
        folder: of the model.
        control: shared with the supervisor.
        events: where to tell what happens.
        abandoned: whether nobody watches any more; the training then ends after its iteration.
        device: where the networks compute.
    """

    def __init__(
        self,
        folder: ModelFolder,
        control: ControlBlock,
        events: EventLog,
        abandoned: Callable[[], bool],
        device: torch.device,
    ):
        self._description = description = folder.description()
        self._control = control
        self._events = events
        self._abandoned = abandoned
        events.append({"event": "preparing", "time": _now()})
        compilation = FirstCompilation()
        # For reward functions that draw random numbers: the global generators are theirs alone.
        random.seed(description.seed)
        np.random.seed(description.seed % 2**32)  # noqa: NPY002
        # While a GPU learns, the thread that keeps it busy has a core to itself.
        workers = max(1, available_cores() - (device.type != "cpu"))
        rules = EpisodeRules(laps=description.laps)
        threads = TorchThreads(None if device.type == "cpu" else 1)
        self._learner = build_learner(description, threads, device)
        self._rival = self._find_rival(folder, threads, device)
        simulator = build_simulator(
            description,
            description.cars,
            rules,
            description.step_jitter,
            workers,
            self._rival,
            description.randomisation.in_si,
        )
        lengths = np.array([simulator.tracks[track].length for track in simulator.track])
        names = [simulator.tracks[track].directed_name for track in simulator.track]
        self._several_tracks = len(simulator.tracks) > 1
        self._record = TrainingRecord.open(folder, lengths, names if self._several_tracks else None)
        values = self._record.state.values if self._record.state is not None else {}
        self._seconds = values.get("seconds") or 0.0
        self._evaluation_seconds = values.get("evaluation_seconds") or 0.0
        self._best_lap = values.get("best_lap")
        self._iteration = self._record.state.iteration if self._record.state is not None else 0
        self._clean_in_a_row = 0
        self._writing = Background("commit")
        advance = description.round_robin_advance_dist if description.change_start_position else 0.0
        starts = RoundRobinStarts(advance, int(values.get("next_start") or 0))
        rewards = load_reward(description.reward_source, description.cars, control.heartbeat)
        simulator.episode.clock[:] = values.get("clock") or 0.0
        live = LiveRing(folder.path, LiveKind.TRAINING, simulator, np.arange(description.cars))
        self._environment = build_environment(
            description, simulator, rewards, starts, self._record.traces, live, rival=self._rival
        )
        self._restore(folder)
        collector = build_collector(description, self._environment)
        self._succession = build_succession(
            collector, self._learner, self._environment.action_space, simulator.sensors
        )
        trials = description.evaluation.trials * len(simulator.tracks)
        longest = max(track.length for track in simulator.tracks)
        limit = TRIAL_TIME_LIMIT_S * max(1.0, longest / 20.0)
        self._evaluation = build_environment(
            description,
            build_simulator(
                description,
                trials,
                EpisodeRules(description.laps, time_limit=limit * description.laps),
                description.step_jitter,
                rival=self._rival,
            ),
            load_reward(description.reward_source, trials, control.heartbeat),
            RoundRobinStarts(0.0),
            rival=self._rival,
        )
        self._driver = GreedyDriver(self._learner.policy, threads)
        self._compile(compilation)

    def run(self) -> str:
        """Train until a stop condition holds.

        Returns:
            Why it ended: ``clean-laps``, ``minutes``, ``iterations``, ``stopped``.

        Raises:
            RewardFunctionError: the reward function failed; the model is as at the last commit.
            TrainingDivergedError: a loss became NaN; likewise.
            WriteError: the disk is full; likewise.
        """
        refills = self._iteration > 0 and isinstance(self._learner, Sac)
        self._tell(
            "started",
            iteration=self._iteration,
            steps=self._learner.steps,
            seconds=self._seconds,
            **({"refills": True} if refills else {}),
        )
        try:
            if self._record.state is None:
                self._writing.start(self._prepare_commit([]))
            reason = self._reason_to_stop()
            while reason is None:
                self._iterate()
                reason = self._reason_to_stop()
        finally:
            self._succession.stop()
            self._writing.settle()
        self._tell("finished", reason=reason, iteration=self._iteration, seconds=round(self._seconds, 1))
        return reason

    def _compile(self, compilation: FirstCompilation) -> None:
        """Have every kernel compiled, or loaded from the cache, before the clock of the training starts."""
        cars = self._environment.all_cars
        self._environment.observe(cars, buffers_for(self._environment.simulator.sensors, len(cars)))
        self._environment.observe_privileged(
            cars, np.empty((len(cars), self._environment.privileged_size), np.float32)
        )
        trials = self._evaluation.all_cars
        seen = buffers_for(self._evaluation.simulator.sensors, len(trials))
        self._evaluation.observe(trials, seen)
        generalised_advantages(
            np.zeros(1), np.zeros(1, np.float32), np.ones(1, np.bool_), np.zeros(1, np.int32), np.zeros(1, np.float32),
            0.5, 0.5,
        )  # fmt: skip
        compilation.settle()
        self._evaluation.step(trials, self._driver.act(seen))

    def _find_rival(
        self, folder: ModelFolder, threads: TorchThreads, device: torch.device
    ) -> ModelDriver | None:
        """Who is on the road with every car: the kept opponent, or a copy of what learns."""
        description = self._description
        if not description.has_opponent:
            return None
        most = max(description.cars, description.evaluation.trials * len(description.find_tracks()))
        if description.kept_opponent is None:
            return ModelDriver(description, copy.deepcopy(self._learner.policy), threads, most)
        return load_driver(kept_opponent(folder), "best", threads, most, quickest_dtype(device), device)

    @property
    def _copy(self) -> dict[str, nn.Module]:
        """The rival's network, if it is a copy of what learns."""
        if self._rival is None or self._description.kept_opponent is not None:
            return {}
        return {"rival": self._rival.policy}

    def _renew_rival(self) -> None:
        """Let a rival that is a copy of what learns take over its weights."""
        for network in self._copy.values():
            network.load_state_dict(self._learner.policy.state_dict())

    def _restore(self, folder: ModelFolder) -> None:
        if self._record.state is not None:
            try:
                self._learner.load_state_tensors(self._record.tensors)
                load_weights(self._copy, self._record.tensors)
            except ValueError as error:
                raise unusable_state(folder, error) from None
        elif folder.checkpoints.path(ORIGIN).is_file():  # a clone starts from its source's weights
            self._learner.load_weights(folder.checkpoints.load(ORIGIN))
            self._renew_rival()

    def _reason_to_stop(self) -> str | None:
        stop = self._description.stop
        if stop.until == "clean-laps" and self._clean_in_a_row >= CLEAN_EVALUATIONS:
            return "clean-laps"
        if stop.iterations is not None and self._iteration >= stop.iterations:
            return "iterations"
        if stop.minutes is not None and self._seconds >= 60.0 * stop.minutes:
            return "minutes"
        if self._control.stop_wanted or self._abandoned():
            return "stopped"
        return None

    def _learning_share(self) -> float:
        """The learning rate now, over that at the start: it falls in a straight line until the training's end."""
        settings, stop = self._description.hyperparameters, self._description.stop
        if settings.lr_end is None:
            return 1.0
        done = max(
            self._seconds / (60.0 * stop.minutes) if stop.minutes is not None else 0.0,
            self._iteration / stop.iterations if stop.iterations is not None else 0.0,
        )
        return 1.0 + min(1.0, done) * (settings.lr_end / settings.lr - 1.0)

    def _iterate(self) -> None:
        began = monotonic()
        steps_before = self._learner.steps
        self._learner.fade(self._learning_share())
        rollout = self._succession.take()
        collected = monotonic()
        reports = self._learner.update(rollout)
        # From here on no car drives: an evaluation calls reward functions too, and a commit counts whole steps.
        self._succession.settle()
        learned = monotonic()
        self._iteration += 1
        if self._iteration % self._description.refresh_opponent == 0:
            self._renew_rival()
        episodes = self._environment.take_finished()
        self._record.add_training_episodes(episodes)
        trials: list[FinishedEpisode] = []
        if self._evaluation_seconds <= self._description.evaluation.max_share * self._seconds:
            trials = self._evaluate()
        evaluated = monotonic()
        laps = [e.lap_time for e in [*episodes, *trials] if e.lap_time]
        self._best_lap = min([*laps, *([] if self._best_lap is None else [self._best_lap])], default=None)
        self._evaluation_seconds += evaluated - learned
        self._seconds += evaluated - began
        self._add_learner_rows(episodes, trials, reports, steps_before)
        # The disk takes its time while the next rollout is collected; if it is slower than that, it is waited for.
        self._writing.settle()
        write = self._prepare_commit(trials)
        self._seconds += monotonic() - evaluated
        steps = self._learner.steps - steps_before
        event = self._event(
            "iteration",
            iteration=self._iteration,
            steps=self._learner.steps,
            episodes=self._record.episodes,
            seconds=round(self._seconds, 3),
            steps_per_s=round(steps / (monotonic() - began)),
            collect_s=round(collected - began, 3),
            learn_s=round(learned - collected, 3),
            evaluate_s=round(evaluated - learned, 3),
            save_s=round(monotonic() - evaluated, 3),
            reward=_mean([episode.reward for episode in episodes]),
            reward_per_step=round(float(rollout.rewards[: rollout.size].mean()), 4),
            progress=_mean([episode.progress for episode in episodes]),
            laps=sum(episode.lap_time is not None for episode in episodes),
            best_lap=self._best_lap,
            entropy=round(reports[-1].entropy, 4),
            kl=round(reports[-1].divergence, 5),
            surrogate=round(reports[-1].surrogate, 5),
            value_loss=round(reports[-1].value_loss, 5),
            evaluation=[
                _trial(trial) | ({"track": trial.track} if self._several_tracks else {}) for trial in trials
            ],
        )

        def write_and_tell() -> None:
            write()
            self._events.append(event)

        self._writing.start(write_and_tell)

    def _evaluate(self) -> list[FinishedEpisode]:
        trials, tracks = self._evaluation.cars, len(self._evaluation.simulator.tracks)
        # One lap is tried from places all around each track; several begin on the start line, as a race does.
        places = np.arange(trials) // tracks * tracks
        starts = (places if self._description.laps == 1 else np.zeros(trials)) / trials
        episodes = drive_trials(self._evaluation, self._driver.act, starts)
        clean = all(episode.lap_time is not None for episode in episodes)
        self._clean_in_a_row = self._clean_in_a_row + 1 if clean else 0
        return episodes

    def _prepare_commit(self, trials: list[FinishedEpisode]) -> Callable[[], None]:
        """What commits everything so far, the trials of an evaluation included."""
        checkpoint = CheckpointName(self._iteration, self._learner.steps)
        if trials:
            self._record.add_evaluation(checkpoint, trials)
        values = {
            "seconds": self._seconds,
            "evaluation_seconds": self._evaluation_seconds,
            "best_lap": self._best_lap,
            "next_start": self._environment.starts.next_start,
            "clock": float(self._environment.simulator.episode.clock.max()),
        }
        weights = self._learner.weights()
        tensors = self._learner.state_tensors() | weights_of(self._copy)
        return self._record.prepare_commit(checkpoint, weights, values, tensors)

    def _add_learner_rows(
        self,
        episodes: list[FinishedEpisode],
        trials: list[FinishedEpisode],
        reports: list[EpochReport],
        steps_before: int,
    ) -> None:
        transitions = 0
        for number, episode in enumerate(episodes, 1):
            is_last = number == len(episodes)
            transitions += episode.steps
            self._record.add_learner_row(
                CoachRow(
                    episode=self._record.episodes - len(episodes) + number,
                    iteration=self._iteration,
                    transitions=transitions,
                    episodes_in_rollout=number,
                    length=episode.steps,
                    total_steps=min(steps_before + transitions, self._learner.steps),
                    epsilon=self._share_of_random_actions(),
                    reward=episode.reward,
                    target_updated=is_last,
                    wall_clock=self._seconds,
                    evaluation_reward=_mean([trial.reward for trial in trials]) if is_last else None,
                    success_rate=_mean([float(trial.lap_time is not None) for trial in trials])
                    if is_last
                    else None,
                    signals=_signals(reports) if is_last else {},
                )
            )

    def _share_of_random_actions(self) -> float:
        exploration = self._learner.settings.exploration
        if isinstance(exploration, EpsilonGreedy):
            return exploration.epsilon.at(self._learner.steps)
        return 0.0

    def _tell(self, kind: str, **values: Any) -> None:
        self._events.append(self._event(kind, **values))

    @staticmethod
    def _event(kind: str, **values: Any) -> dict[str, Any]:
        return {"event": kind, "time": _now(), **values}


def _trial(episode: FinishedEpisode) -> dict[str, Any]:
    return {
        "progress": round(episode.progress, 2),
        "lap_time": episode.lap_time and round(episode.lap_time, 3),
        "status": episode.status.label,
        "reward": round(episode.reward, 2),
    }


def _signals(reports: list[EpochReport]) -> dict[str, Statistics]:
    values = {
        "Loss": [report.surrogate + report.value_loss for report in reports],
        "Entropy": [report.entropy for report in reports],
        "KL Divergence": [report.divergence for report in reports],
        "Policy Loss": [report.surrogate for report in reports],
        "Value Loss": [report.value_loss for report in reports],
    }
    return {
        name: Statistics(float(np.mean(series)), float(np.std(series)), max(series), min(series))
        for name, series in values.items()
    }


def _mean(values: list[float]) -> float | None:
    return round(math.fsum(values) / len(values), 3) if values else None


def _now() -> float:
    return round(time.time(), 3)
