"""What a critic expects along a drive, where it judges by the car's exact state and not by the frame.

A trace has the place and heading of the car and its commands. Speeds follow from neighbouring rows, and the wheels are
taken to stand and turn as commanded, so a value is an estimate; the training itself knew the state exactly.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.networks import PRIVILEGED, PrivilegedCritic
from openracer.analysis.sight.pictures import DrivePictures
from openracer.environments import privileged
from openracer.formats.checkpoints_index import CheckpointName
from openracer.models.drives import PERIOD
from openracer.models.folder import ModelFolder
from openracer.runs.assembly import build_critic
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator


def driven_values(
    folder: ModelFolder, checkpoint: CheckpointName, drive: DrivePictures
) -> NDArray[np.float64] | None:
    """The value of each row of a drive, in units of reward.

    Args:
        folder: of the model.
        checkpoint: whose critic is asked.
        drive: one episode.

    Returns:
        ``(K,)``; None where the critic looks at frames, or where boxes and bots, which traces do not tell of, matter.

    Raises:
        ValueError: the checkpoint is damaged.
    """
    description = folder.description()
    if not description.privileged_critic or description.around:
        return None
    critic = build_critic(description, torch.float32)
    if not isinstance(critic, PrivilegedCritic):
        return None
    tensors = folder.checkpoints.load(checkpoint)
    critic.load_state_dict({name: tensors[f"critic.{name}"] for name in critic.state_dict()})
    states = torch.from_numpy(driven_states(drive, description.vehicle))
    with torch.no_grad():
        return critic({PRIVILEGED: states}).double().numpy()


def driven_states(drive: DrivePictures, vehicle: str) -> NDArray[np.float32]:
    """What a privileged critic is told in each row of a drive.

    Args:
        drive: one episode.
        vehicle: generation of the car.

    Returns:
        ``(K, openracer.environments.privileged.SIZE)``.
    """
    rows, count = drive.rows, len(drive)
    simulator = Simulator([drive.track], count, find_preset(vehicle), workers=1)
    x, y, yaw = drive.poses
    state = simulator.state
    state.x[:], state.y[:], state.yaw[:] = x, y, yaw
    along, across = np.cos(yaw), np.sin(yaw)
    speed_x, speed_y = _rate(x), _rate(y)
    state.forward_speed[:] = along * speed_x + across * speed_y
    state.lateral_speed[:] = along * speed_y - across * speed_x
    state.yaw_rate[:] = _rate(np.unwrap(yaw))
    # The command of a row acts after it.
    state.steering[1:] = np.radians(rows["steering_angle"].to_numpy(np.float64)[:-1])
    state.wheel_speed[1:] = rows["speed"].to_numpy(np.float64)[:-1]
    simulator.episode.steps[:] = rows["steps"].to_numpy() - 1
    out = np.empty((count, privileged.SIZE), np.float32)
    simulator.describe(
        privileged.describe_cars,
        np.arange(count),
        out,
        privileged.look_ahead_distances(),
        *simulator.body_arguments,
    )
    simulator.close()
    return out


def _rate(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Change a second around each row."""
    return np.gradient(values, PERIOD) if len(values) > 1 else np.zeros(len(values))
