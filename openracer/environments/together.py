"""Several learning cars in one world, as a parallel environment of PettingZoo: they see each other and hit each other.

PettingZoo is an extra: ``pip install openracer[pettingzoo]``.
"""

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from openracer.environments.action_space import action_space_of
from openracer.environments.racing import RacingEnvironment
from openracer.environments.starts import RoundRobinStarts
from openracer.environments.time_trial import (
    DEFAULT_ACTIONS,
    FRAME_SHAPE,
    Actions,
    Frames,
    Reward,
    described_actions,
    gymnasium_space,
    info_of,
    rewards_for,
)
from openracer.language import gettext as _
from openracer.rewards import examples
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import FRONT_FACING_CAMERA
from openracer.simulation.simulator import Simulator
from openracer.tracks.catalogue import find

FEWEST_CARS, MOST_CARS = 2, 8


class RaceParallelEnv(ParallelEnv[str, Frames, Any]):
    """Two to eight cars race each other; the agents are ``car_0``, ``car_1`` and so on.

    Observations, actions, rewards and infos are those of
    :class:`openracer.environments.time_trial.TimeTrialEnv`, for each car its own; the reward function is told of the
    other cars as of any objects. They start one behind the other, and the last of the grid comes to its front with each
    episode. An agent whose car has completed its lap, crashed into another or left the track is terminated, and its car
    is gone from the road; the others drive on.

    Args:
        cars: how many, 2 to 8.
        track: world name or title of a track.
        reward: name of an example, path of a ``reward_function.py``, or a Python function of ``params``, which all
            cars then share.
        action_space: actions or ranges as in ``model_metadata.json``.
        vehicle: ``v4``, ``v5`` or ``v6``.
        reverse: drive the track the other way round.
        round_robin_advance: how much further along the lap each episode starts, as a fraction.
        render_mode: None or ``rgb_array``.

    Raises:
        ValueError: there are too few or too many cars.
    """

    metadata = {"name": "openracer_race_v0", "render_modes": ["rgb_array"], "render_fps": 15}  # noqa: RUF012

    def __init__(
        self,
        cars: int = 2,
        track: str = "reinvent_base",
        reward: Reward = examples.DEFAULT,
        action_space: Actions = DEFAULT_ACTIONS,
        vehicle: str = "v5",
        reverse: bool = False,
        round_robin_advance: float = 0.05,
        render_mode: str | None = None,
    ):
        if not FEWEST_CARS <= cars <= MOST_CARS:
            raise ValueError(
                _("there are {count} cars; there must be {fewest} to {most}").format(
                    count=cars, fewest=FEWEST_CARS, most=MOST_CARS
                )
            )
        self.render_mode = render_mode
        self.possible_agents = [f"car_{number}" for number in range(cars)]
        self.agents: list[str] = []
        actions = described_actions(action_space)
        simulator = Simulator([find(track, reverse=reverse)], cars, find_preset(vehicle), cars_per_world=cars)
        self._racing = RacingEnvironment(
            simulator, rewards_for(reward, cars), action_space_of(actions), RoundRobinStarts(0.0)
        )
        self._advance, self._starts = round_robin_advance, RoundRobinStarts(round_robin_advance)
        self._observed = gymnasium.spaces.Box(0, 255, FRAME_SHAPE, np.uint8)
        self._acted = {agent: gymnasium_space(actions) for agent in self.possible_agents}

    def observation_space(self, agent: str) -> gymnasium.Space[Any]:  # noqa: ARG002 (all see alike)
        """What an agent sees."""
        return self._observed

    def action_space(self, agent: str) -> gymnasium.Space[Any]:
        """What an agent does."""
        return self._acted[agent]

    def reset(
        self,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[dict[str, Frames], dict[str, dict[str, Any]]]:
        """Start an episode with all cars; a seed begins the round robin of start places anew.

        Args:
            seed: restarts the round robin.
            options: ``start``: fraction of the lap where the episode starts.
        """
        if seed is not None:
            self._starts = RoundRobinStarts(self._advance)
        place = self._starts.take(1)[0]
        if options and "start" in options:
            place = float(options["start"])
        self.agents = list(self.possible_agents)
        self._racing.start(self._racing.all_cars, np.full(len(self.agents), place))
        return self._observe(self._racing.all_cars), {agent: {} for agent in self.agents}

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[
        dict[str, Frames], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Drive all cars that are still on the road for one control step of 1/15 s."""
        agents, racing = self.agents, self._racing
        cars = np.array([self.possible_agents.index(agent) for agent in agents], np.int64)
        if not agents:
            return {}, {}, {}, {}, {}
        rewards, done = racing.drive(cars, np.array([actions[agent] for agent in agents]))
        progress = racing.simulator.record.progress
        infos: dict[str, dict[str, Any]] = {
            agent: {"progress": float(progress[car])} for agent, car in zip(agents, cars, strict=True)
        }
        for episode in racing.take_finished():
            infos[self.possible_agents[episode.car]] = info_of(episode)
        observations = self._observe(cars)
        racing.simulator.take_away(cars[done])
        self.agents = [agent for agent, ended in zip(agents, done, strict=True) if not ended]
        return (
            observations,
            dict(zip(agents, rewards.tolist(), strict=True)),
            dict(zip(agents, done.tolist(), strict=True)),
            dict.fromkeys(agents, False),
            infos,
        )

    def render(self) -> NDArray[np.uint8] | None:
        """What the cars see, side by side, as ``(120, 160 * cars, 3) uint8``."""
        if self.render_mode != "rgb_array":
            return None
        frames = self._observe(self._racing.all_cars).values()
        return np.repeat(np.concatenate(list(frames), axis=1), 3, axis=2)

    def close(self) -> None:
        """End the simulator's threads."""
        self._racing.simulator.close()

    def _observe(self, cars: NDArray[np.int64]) -> dict[str, Frames]:
        frames = np.empty((len(cars), FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
        self._racing.observe(cars, {FRONT_FACING_CAMERA.name: frames})
        return {
            self.possible_agents[car]: frame.reshape(FRAME_SHAPE)
            for car, frame in zip(cars, frames, strict=True)
        }
