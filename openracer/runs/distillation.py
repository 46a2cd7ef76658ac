"""A student in AWS's network that drives as a model does, so that a training can go on where that network is needed.

DAgger (Ross et al. 2011, arXiv:1011.0686): the student drives, so that it comes where its own mistakes lead, and the
teacher says what it would have done there. The teacher's critic tells the student's camera critic what to expect.
No reward function is called.
"""

import copy
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openracer.agents.distributions import Categorical
from openracer.agents.imitation import Lessons, Student
from openracer.agents.inference import Arrays, GreedyDriver, evaluate, tensors_of
from openracer.agents.networks import (
    PRIVILEGED,
    ContinuousPolicy,
    SquashedPolicy,
    quickest_dtype,
)
from openracer.agents.state import load_weights, weights_of
from openracer.agents.threads import TorchThreads
from openracer.environments.racing import RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.formats.checkpoints_index import CheckpointsIndex, IndexEntry
from openracer.formats.model_metadata import ActionRanges
from openracer.models.description import TrainingDescription, find_problems, merge
from openracer.models.folder import ModelFolder
from openracer.models.library import ORIGIN, create_model_with, free_name
from openracer.models.network_names import AWS_NETWORKS
from openracer.models.networks import build_camera_critic, build_policy
from openracer.models.presets import PRESETS
from openracer.models.ranges import MAX_NAME
from openracer.rewards.loading import load_reward
from openracer.runs.assembly import build_critic, build_environment, build_simulator, build_soft_critics
from openracer.runs.evaluation import STEP_JITTER_S, drive_trials, trials_of
from openracer.runs.lessons import Driving, LessonsReport, Round
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.sensors import buffers_for

ROUNDS = 12
LEAST_ROUNDS = 4
"""The critic needs some, even where the policy drives well at once."""
CARS = 32
STEPS = 64
"""Of each car in a round; then everything is learned from once."""
LEARNING_RATE = 5e-4
CLOSE_ENOUGH = 0.01
"""A mean lap that is slower by this share ends the lessons."""
TRIALS = 6
_TIME_LIMIT_S = 120.0
_SPREAD_AFTER_SAC = -1.0
"""Ln σ of a student whose teacher has another one for each picture."""
_NO_REWARD = "def reward_function(params):\n    return 0.0\n"


class DistillationStoppedError(Exception):
    """The student is not wanted any more."""


def distil(
    folder: ModelFolder,
    checkpoint: str = "best",
    tell: Callable[[Round], object] = lambda _round: None,
    stop_wanted: Callable[[], bool] = lambda: False,
) -> LessonsReport:
    """Make a model with AWS's network and a camera critic that drives as another one does.

    Args:
        folder: of the teacher.
        checkpoint: of it: ``best``, ``last`` or the number of an iteration.
        tell: called after every round.
        stop_wanted: asked every few seconds.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: its weights do not fit, or the new model may not be made; one sentence.
        DistillationStoppedError: it was stopped; no model is made.
        openracer.atomic.WriteError: the new model cannot be written.
    """
    description, name = folder.description(), folder.checkpoints.find(checkpoint)
    aim = student_description(description)
    torch.manual_seed(description.seed)
    threads = TorchThreads()
    teacher = _Teacher(description, folder.checkpoints.load(name), threads)
    policy, critic = build_policy(aim, quickest_dtype()), build_camera_critic(aim, quickest_dtype())
    assert not isinstance(policy, SquashedPolicy)
    _begin_like(policy, teacher.policy, aim.neural_network == description.neural_network)
    student = Student(policy, critic, LEARNING_RATE, description.seed, threads)
    actions = description.actions
    numbers = 2 if isinstance(actions, ActionRanges) else len(actions)
    lessons = Lessons(description.sensors, ROUNDS * CARS * STEPS, numbers)
    environment, trials = _environment(description, CARS, 0.05), _environment(description, TRIALS, 0.0)
    _go_on(stop_wanted)
    example = _drive(trials, GreedyDriver(teacher.policy, threads))
    best: tuple[Driving, dict[str, Tensor]] | None = None
    for number in range(1, ROUNDS + 1):
        driver = GreedyDriver(teacher.policy if number == 1 else policy, threads)
        _collect(environment, driver, teacher, lessons)
        _go_on(stop_wanted)
        student.learn(lessons, 1.0 - 0.8 * (number - 1) / ROUNDS)
        _go_on(stop_wanted)
        driving = _drive(trials, GreedyDriver(policy, threads))
        if best is None or driving.rank >= best[0].rank:
            best = driving, copy.deepcopy(weights_of({"policy": policy, "critic": critic}))
        tell(Round(number, ROUNDS, lessons.size, driving))
        _go_on(stop_wanted)
        if number >= LEAST_ROUNDS and _is_close(driving, example):
            break
    for each in (environment, trials):
        each.simulator.close()
    assert best is not None
    origin = {"model": aim.name, "distilled_from": f"{folder.name} {name}"}

    def write(new: ModelFolder) -> None:
        new.checkpoints.save(ORIGIN, best[1], origin)
        entry = IndexEntry(ORIGIN, None, time.time())
        new.checkpoints.publish(CheckpointsIndex(entry, entry))

    create_model_with(aim, write)
    return LessonsReport(folder.name, aim.name, example, best[0])


def _go_on(stop_wanted: Callable[[], bool]) -> None:
    if stop_wanted():
        raise DistillationStoppedError


def student_description(teacher: TrainingDescription) -> TrainingDescription:
    """What a student of a training is trained further with: AWS's network, critic and settings, the rest as it was."""
    kept = teacher.model_dump(
        include={"description", "track", "reverse", "race_type", "objects", "reward", "reward_source", "sensor",
                 "action_space", "vehicle", "colour", "seed"}
    )  # fmt: skip
    # A critic's numbers mean nothing under another discount.
    changes: dict[str, Any] = {
        "name": free_name(f"{teacher.name[: MAX_NAME - 10]}-aws"),
        "preset": "aws",
        "neural_network": AWS_NETWORKS[0],
        "hyperparameters": {"discount_factor": teacher.hyperparameters.discount_factor},
    }
    values = merge(merge(PRESETS["aws"], kept), changes)
    if find_problems(values):  # more or faster actions than AWS has
        values["preset"] = "fast"
    return TrainingDescription.from_values(values)


class _Teacher:
    """What drives well, and says what it would do and what it expects."""

    def __init__(
        self, description: TrainingDescription, tensors: dict[str, Tensor], threads: TorchThreads
    ) -> None:
        self.policy = build_policy(description, torch.float32)
        self._threads = threads
        if description.algorithm == "sac":
            critics = build_soft_critics(description, torch.float32)
            load_weights({"policy": self.policy, "critic": critics}, tensors)
            self._value: torch.nn.Module = critics.value
        else:
            self._value = build_critic(description, torch.float32)
            load_weights({"policy": self.policy, "critic": self._value}, tensors)

    @torch.no_grad()
    def answer(
        self, seen: Arrays, state: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities of actions (K, A), or actions (K, 2), and values (K,) of what K cars see and are."""
        outputs = evaluate(self.policy, tensors_of(seen), self._threads)
        distribution = self.policy.distribution(outputs)
        if isinstance(distribution, Categorical):
            answers = distribution.probabilities
        else:
            answers = distribution.mode().clamp(-1.0, 1.0)
        values: Tensor = self._value({**tensors_of(seen), PRIVILEGED: torch.from_numpy(state)})
        return answers.numpy(), values.numpy()


def _begin_like(policy: torch.nn.Module, teacher: torch.nn.Module, is_same_network: bool) -> None:
    """Take over of the teacher what fits."""
    if isinstance(policy, ContinuousPolicy):
        spread = teacher.log_std.data if isinstance(teacher, ContinuousPolicy) else _SPREAD_AFTER_SAC
        policy.log_std.data.copy_(torch.as_tensor(spread))
    if is_same_network and type(policy) is type(teacher):
        policy.load_state_dict(teacher.state_dict())


def _environment(description: TrainingDescription, cars: int, advance: float) -> RacingEnvironment:
    rules = EpisodeRules(time_limit=_TIME_LIMIT_S * max(1.0, description.find_track().length / 20.0))
    simulator = build_simulator(description, cars, rules, STEP_JITTER_S)
    return build_environment(description, simulator, load_reward(_NO_REWARD, cars), RoundRobinStarts(advance))


def _collect(
    environment: RacingEnvironment, driver: GreedyDriver, teacher: _Teacher, lessons: Lessons
) -> None:
    cars = environment.all_cars
    seen = buffers_for(environment.simulator.sensors, len(cars))
    state = np.empty((len(cars), environment.privileged_size), np.float32)
    for _step in range(STEPS):
        environment.observe(cars, seen)
        environment.observe_privileged(cars, state)
        lessons.add(seen, *teacher.answer(seen, state))
        environment.step(cars, driver.act(seen))


def _drive(environment: RacingEnvironment, driver: GreedyDriver) -> Driving:
    episodes = drive_trials(environment, driver.act, np.arange(TRIALS) / TRIALS)
    laps = [trial.time_s for trial in trials_of(episodes, 0.0) if trial.is_complete]
    return Driving(
        len(episodes),
        len(laps),
        float(np.mean([episode.progress for episode in episodes])),
        float(np.mean(laps)) if laps else None,
    )


def _is_close(student: Driving, teacher: Driving) -> bool:
    if student.completed < teacher.completed or teacher.mean_lap_s is None or student.mean_lap_s is None:
        return False
    return student.mean_lap_s <= teacher.mean_lap_s * (1.0 + CLOSE_ENOUGH)
