"""The rollout: preallocated memory for the transitions between two updates; the simulator writes frames into it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.devices import frame_memory
from openracer.agents.inference import Arrays
from openracer.environments.action_space import ActionSpace
from openracer.simulation.sensors import DEFAULT, Sensor


class Rollout:
    """Transitions in the order of time, one row each, of several cars interleaved.

    Rows beyond ``size`` may hold, at a cut, the observation that follows each trajectory (see ``n_cut``).

    Args:
        capacity: how many transitions fit; memory is taken from the system only as rows are first written.
        n_cars: N; there is room for one more observation of every car.
        action_space: what actions look like.
        n_outputs: K, how many numbers the policy puts out for a frame.
        privileged_size: D, length of a privileged state.
        sensors: what the cars see with.
        device: that will read the frames.

    Attributes:
        size: R, number of transitions held.
        n_cut: number of observations after row R: those that follow trajectories 0, 1, … at the cut; 0 when all
            episodes are complete.
        n_trajectories: M.
        seen: by sensor, (rows, …), what was seen before the action.
        privileged: (rows, D) float32, the privileged state before the action.
        actions: (rows,) int64 or (rows, 2) float32, as sampled, not clipped.
        outputs: (rows, K) float32, what the policy put out: the old policy of PPO.
        rewards: (rows,) float64.
        dones: (rows,) bool, whether the transition ended its episode.
        trajectory: (rows,) int32, which trajectory the transition belongs to.
    """

    def __init__(
        self,
        capacity: int,
        n_cars: int,
        action_space: ActionSpace,
        n_outputs: int,
        privileged_size: int,
        sensors: Sequence[Sensor] = DEFAULT,
        device: torch.device = torch.device("cpu"),  # noqa: B008
    ) -> None:
        rows = capacity + n_cars
        self.capacity = capacity
        self.size = self.n_cut = self.n_trajectories = 0
        self.seen: dict[str, NDArray[Any]] = {
            sensor.name: frame_memory(device, (rows, *sensor.shape))
            if sensor.dtype is np.uint8
            else np.empty((rows, *sensor.shape), sensor.dtype)
            for sensor in sensors
        }
        self.privileged: NDArray[np.float32] = np.empty((rows, privileged_size), np.float32)
        self.actions = np.empty((rows, *action_space.action_shape), action_space.action_dtype)
        self.outputs: NDArray[np.float32] = np.empty((rows, n_outputs), np.float32)
        self.rewards: NDArray[np.float64] = np.empty(rows)
        self.dones: NDArray[np.bool_] = np.empty(rows, np.bool_)
        self.trajectory: NDArray[np.int32] = np.empty(rows, np.int32)

    def see(self, rows: slice) -> Arrays:
        """What was, or is to be, seen in some rows, by sensor: the rollout's own memory."""
        return {name: memory[rows] for name, memory in self.seen.items()}

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Hold only these transitions, given by increasing row numbers; the memory stays."""
        for array in (
            *self.seen.values(),
            self.privileged,
            self.actions,
            self.outputs,
            self.rewards,
            self.dones,
        ):
            for target, source in enumerate(rows):
                array[target] = array[source]
        self.trajectory[: len(rows)] = self.trajectory[rows]
        self.size = len(rows)
