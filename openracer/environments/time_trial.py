"""Time trial as Gymnasium environments: one car, or many in one vectorised environment."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from openracer.environments.action_space import action_space_of
from openracer.environments.racing import FinishedEpisode, RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.formats.model_metadata import Action, ActionRanges, parse_action_space
from openracer.language import gettext as _
from openracer.rewards import examples
from openracer.rewards.loading import HEARTBEAT_SIZE, RewardFunctions, load_reward
from openracer.rewards.params import Params
from openracer.rewards.reading import read_reward
from openracer.simulation.bodies import BOT, BOX
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.obstacles import Objects
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import FRONT_FACING_CAMERA
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find

DEFAULT_ACTIONS: tuple[Action, ...] = tuple(
    Action(float(steering), speed) for steering in (-30, -15, 0, 15, 30) for speed in (1.0, 2.0)
)
"""The console's default grid of steering angles, degrees, with speeds of 1 and 2 m/s."""

Actions = Sequence[Action | Mapping[str, float]] | ActionRanges | Mapping[str, Mapping[str, float]]
"""An action space: our own objects, or the list or ranges that a ``model_metadata.json`` has."""

Reward = str | Path | Callable[[Params], Any]
Frames = NDArray[np.uint8]
FRAME_SHAPE = (FRAME_HEIGHT, FRAME_WIDTH, 1)


def rewards_for(reward: Reward, cars: int) -> RewardFunctions:
    """The reward functions of some cars, from a name, a path or a function."""
    if callable(reward):
        return RewardFunctions("", [reward] * cars, np.zeros(HEARTBEAT_SIZE))
    return load_reward(read_reward(str(reward)), cars)


def _racing(
    track: str,
    reward: Reward,
    action_space: tuple[Action, ...] | ActionRanges,
    vehicle: str,
    reverse: bool,
    cars: int,
    advance: float,
    objects: Objects,
    seed: int = 0,
) -> RacingEnvironment:
    simulator = Simulator(
        [find(track, reverse=reverse)], cars, find_preset(vehicle), seed=seed, objects=objects
    )
    space = action_space_of(action_space)
    return RacingEnvironment(simulator, rewards_for(reward, cars), space, RoundRobinStarts(advance))


def _objects(boxes: int, bots: int, bot_speed: float, random_places: bool) -> Objects:
    """What is on the road.

    Raises:
        ValueError: both boxes and bots are asked for.
    """
    if boxes and bots:
        raise ValueError(
            _("there are {boxes} boxes and {bots} bots; one of them must be 0").format(boxes=boxes, bots=bots)
        )
    if bots:
        return Objects(BOT, bots, is_random=random_places, speed=bot_speed)
    return Objects(BOX, boxes, is_random=random_places)


def described_actions(action_space: Actions) -> tuple[Action, ...] | ActionRanges:
    """An action space as our own objects."""
    if isinstance(action_space, ActionRanges):
        return action_space
    if isinstance(action_space, Sequence) and not isinstance(action_space, str):
        ours = tuple(action for action in action_space if isinstance(action, Action))
        if ours and len(ours) == len(action_space):
            return ours
        return parse_action_space(list(action_space), "TimeTrial")
    return parse_action_space(action_space, "TimeTrial")


def info_of(episode: FinishedEpisode) -> dict[str, Any]:
    """What ``info`` tells of an episode that has ended."""
    lap = {} if episode.lap_time is None else {"lap_time": episode.lap_time}
    return {"status": episode.status.label, "progress": episode.progress, **lap}


class TimeTrialEnv(gymnasium.Env[Frames, Any]):
    """One car drives laps alone and sees grey camera frames, as an AWS DeepRacer does.

    Observation: ``Box(0, 255, (120, 160, 1), uint8)``, 15 frames a simulated second. Action: ``Discrete(A)``, the
    number of a steering and speed pair, or ``Box(-1, 1, (2,))`` for [steering, speed] within ranges. The reward is a
    DeepRacer reward function's. As on AWS, an action is judged in the state before it acts. An episode ends with the
    lap, off the track, standing still or driving backwards (``info["status"]``); it is never truncated. ``info`` has
    ``progress``, percent of the lap, and after a completed lap ``lap_time``, s.

    Args:
        track: world name or title of a track.
        reward: name of an example, path of a ``reward_function.py``, or a Python function of ``params``, which all
            cars then share.
        action_space: actions or ranges as in ``model_metadata.json``.
        vehicle: ``v4``, ``v5`` or ``v6``.
        reverse: drive the track the other way round.
        round_robin_advance: how much further along the lap each episode starts, as a fraction.
        render_mode: None or ``rgb_array``.
        boxes: on the road; a crash into one ends the episode.
        bots: bot cars on the road instead.
        bot_speed: their speed, m/s.
        random_places: of boxes or bots, other ones in each episode; else evenly spread.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 15}  # noqa: RUF012

    def __init__(
        self,
        track: str = "reinvent_base",
        reward: Reward = examples.DEFAULT,
        action_space: Actions = DEFAULT_ACTIONS,
        vehicle: str = "v5",
        reverse: bool = False,
        round_robin_advance: float = 0.05,
        render_mode: str | None = None,
        boxes: int = 0,
        bots: int = 0,
        bot_speed: float = 0.5,
        random_places: bool = True,
    ):
        self.render_mode = render_mode
        actions, objects = described_actions(action_space), _objects(boxes, bots, bot_speed, random_places)
        self._racing = _racing(track, reward, actions, vehicle, reverse, 1, round_robin_advance, objects)
        self._advance = round_robin_advance
        self.action_space = gymnasium_space(actions)
        self.observation_space = gymnasium.spaces.Box(0, 255, FRAME_SHAPE, np.uint8)

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Frames, dict[str, Any]]:
        """Start an episode at the next start place; a seed begins again at the start line.

        Args:
            seed: seeds ``np_random`` and restarts the round robin.
            options: ``start``: fraction of the lap where the episode starts.
        """
        super().reset(seed=seed)
        racing = self._racing
        if seed is not None:
            racing.starts = RoundRobinStarts(self._advance)
        if options and "start" in options:
            racing.start(racing.all_cars, np.array([float(options["start"])]))
        else:
            racing.restart(racing.all_cars)
        return self._frame(), {}

    def step(self, action: Any) -> tuple[Frames, float, bool, bool, dict[str, Any]]:
        """Drive for one control step of 1/15 s."""
        racing = self._racing
        actions = np.asarray(action)[None]
        rewards, done = racing.drive(racing.all_cars, actions)
        record = racing.simulator.record
        info: dict[str, Any] = {"progress": float(record.progress[0])}
        if done[0]:
            info = info_of(racing.take_finished()[0])
        return self._frame(), float(rewards[0]), bool(done[0]), False, info

    def render(self) -> NDArray[np.uint8] | None:
        """The car's own view as ``(120, 160, 3) uint8``."""
        return np.repeat(self._frame(), 3, axis=2) if self.render_mode == "rgb_array" else None

    def close(self) -> None:
        """End the simulator's threads."""
        self._racing.simulator.close()

    def _frame(self) -> Frames:
        frame = np.empty((1, FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
        self._racing.observe(self._racing.all_cars, {FRONT_FACING_CAMERA.name: frame})
        return frame.reshape(FRAME_SHAPE)


class TimeTrialVectorEnv(gymnasium.vector.VectorEnv[Frames, Any, NDArray[Any]]):
    """Many cars, each with the track to itself; the parameters are those of :class:`TimeTrialEnv`.

    An ended episode is followed by the next one in the same step; ``info["final_obs"]`` and ``info["final_info"]``
    tell of its end. The observation array is written anew at every step: copy what you keep.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": [], "render_fps": 15}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        track: str = "reinvent_base",
        reward: Reward = examples.DEFAULT,
        action_space: Actions = DEFAULT_ACTIONS,
        vehicle: str = "v5",
        reverse: bool = False,
        round_robin_advance: float = 0.05,
        render_mode: str | None = None,
        boxes: int = 0,
        bots: int = 0,
        bot_speed: float = 0.5,
        random_places: bool = True,
    ):
        self.num_envs = num_envs
        self.render_mode = render_mode
        actions, objects = described_actions(action_space), _objects(boxes, bots, bot_speed, random_places)
        self._racing = _racing(
            track, reward, actions, vehicle, reverse, num_envs, round_robin_advance, objects
        )
        self._advance = round_robin_advance
        self.single_action_space = gymnasium_space(actions)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.single_observation_space = gymnasium.spaces.Box(0, 255, FRAME_SHAPE, np.uint8)
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self._frames = np.zeros((num_envs, *FRAME_SHAPE), np.uint8)

    def reset(
        self,
        *,
        seed: Any = None,
        options: Any = None,  # noqa: ARG002
    ) -> tuple[Frames, dict[str, Any]]:
        """Start an episode with every car; a seed begins the round robin of start places anew."""
        super().reset(seed=seed)
        racing = self._racing
        if seed is not None:
            racing.starts = RoundRobinStarts(self._advance)
        racing.restart(racing.all_cars)
        self._observe(racing.all_cars, self._frames)
        return self._frames, {}

    def step(
        self, actions: NDArray[Any]
    ) -> tuple[Frames, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Drive all cars for one control step of 1/15 s."""
        racing = self._racing
        actions = np.asarray(actions)
        rewards, done = racing.drive(racing.all_cars, actions)
        info: dict[str, Any] = {}
        ended = np.flatnonzero(done)
        if len(ended):
            final_frames = np.empty((len(ended), *FRAME_SHAPE), np.uint8)
            self._observe(ended, final_frames)
            for frame, episode in zip(final_frames, racing.take_finished(), strict=True):
                final = {"final_obs": frame, "final_info": info_of(episode)}
                info = self._add_info(info, final, episode.car)
            racing.restart(ended)
        if len(ended) < self.num_envs:
            info |= {"progress": np.where(done, 0.0, racing.simulator.record.progress), "_progress": ~done}
        self._observe(racing.all_cars, self._frames)
        return self._frames, rewards, done, np.zeros(self.num_envs, np.bool_), info

    def close_extras(self, **kwargs: Any) -> None:  # noqa: ARG002
        """End the simulator's threads."""
        self._racing.simulator.close()

    def _observe(self, cars: NDArray[np.int64], out: Frames) -> None:
        self._racing.observe(cars, {FRONT_FACING_CAMERA.name: out.reshape(-1, FRAME_HEIGHT, FRAME_WIDTH)})


def gymnasium_space(description: tuple[Action, ...] | ActionRanges) -> gymnasium.Space[Any]:
    """The space of Gymnasium that an action space is."""
    if isinstance(description, ActionRanges):
        return gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
    return gymnasium.spaces.Discrete(len(description))
