"""An archive driven in the simulator as the car would drive it: its eyes, its commands, its rate."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from openracer.agents.layered import outputs_of
from openracer.car.actuation import Command, command_of
from openracer.car.archive import CarModel
from openracer.car.camera import network_frame
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.lens import (
    CAMERA_FORWARD,
    CAMERA_HEIGHT,
    CAMERA_PITCH,
    HORIZONTAL_FIELD_OF_VIEW,
)
from openracer.simulation.presets import find_preset
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status
from openracer.simulation.view import Viewpoint, render_lens
from openracer.tracks.track import Track

PICTURE_SIZE = (640, 480)
RATES = {15: 4, 30: 2}
"""Pictures a second (stock cars 15, community cars 30), and the ticks of 1/60 s between them."""

FULL_LOCK = math.radians(30.0)
TIME_LIMIT_S = 180.0


@dataclass(frozen=True)
class CarLap:
    """One lap, or the attempt at one.

    Attributes:
        time_s: simulated time.
        progress: percent of the lap.
        status: how it ended.
    """

    time_s: float
    progress: float
    status: str


@dataclass(frozen=True)
class CarDrive:
    """What came of a drive.

    Attributes:
        laps: in their order.
        commands: of every picture.
    """

    laps: tuple[CarLap, ...]
    commands: tuple[Command, ...]

    @property
    def dropped(self) -> int:
        """Commands that the servo dropped."""
        return sum(command.steering is None for command in self.commands)


def drive(
    model: CarModel,
    track: Track,
    laps: int = 3,
    rate: int = 15,
    top_speed: float | None = None,
    slider: float = 1.0,
) -> CarDrive:
    """Drive laps from a standing start, each lap anew; a lap ends where the car leaves the track.

    Args:
        model: what drives.
        track: where.
        laps: how many.
        rate: pictures a second, 15 or 30.
        top_speed: of the car at full throttle, m/s; None is the model's fastest action.
        slider: of the car's page, 0 to 1.

    Raises:
        FormatError: the model needs another sensor than the front camera.
    """
    if len(model.network.branches) != 1 or model.network.branches[0].shape != (120, 160, 1):
        raise FormatError(_("only models that drive by the front camera alone can be driven like this"))
    fastest = top_speed or _fastest(model)
    simulator = Simulator(
        [track],
        1,
        find_preset("v6"),
        EpisodeRules(time_limit=TIME_LIMIT_S),
        workers=1,
        control_ticks=RATES[rate],
    )
    driven, commands = [], []
    for _lap in range(laps):
        lap, given = _drive_lap(simulator, model, fastest, slider)
        driven.append(lap)
        commands += given
    simulator.close()
    return CarDrive(tuple(driven), tuple(commands))


def _fastest(model: CarModel) -> float:
    space = model.metadata.action_space
    return max(action.speed for action in space) if isinstance(space, tuple) else space.speed_high


def _drive_lap(
    simulator: Simulator, model: CarModel, fastest: float, slider: float
) -> tuple[CarLap, list[Command]]:
    cars, commands = np.zeros(1, np.int64), []
    simulator.start(cars, np.zeros(1))
    began = float(simulator.episode.clock[0])
    steering, speed = 0.0, 0.0
    while True:
        output = outputs_of(model.network, {model.network.branches[0].sensor: _see(simulator)})[0].numpy()
        command = command_of(output, model.metadata, slider)
        commands.append(command)
        # What the servo drops leaves wheels and motor as they were.
        steering = steering if command.steering is None else command.steering * FULL_LOCK
        speed = speed if command.throttle is None else command.throttle * fastest
        record = simulator.step(cars, np.array([steering]), np.array([speed]))
        if record.done[0]:
            status = Status(int(record.status[0]))
            time = float(record.sim_time[0]) - began
            return CarLap(time, float(record.progress[0]), status.title), commands


def _see(simulator: Simulator) -> torch.Tensor:
    state = simulator.state
    x, y, yaw = float(state.x[0]), float(state.y[0]), float(state.yaw[0])
    viewpoint = Viewpoint(
        x + CAMERA_FORWARD * math.cos(yaw),
        y + CAMERA_FORWARD * math.sin(yaw),
        CAMERA_HEIGHT,
        yaw,
        CAMERA_PITCH,
        HORIZONTAL_FIELD_OF_VIEW,
    )
    picture = render_lens(simulator.scenery, 0, 0, viewpoint, *PICTURE_SIZE)
    return torch.from_numpy(network_frame(picture))[None, :, :, None]


def infer(model: CarModel, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], Command]:
    """The network's output and the car's command for a picture (H, W, 3)."""
    frame = torch.from_numpy(network_frame(picture))[None, :, :, None]
    output = outputs_of(model.network, {model.network.branches[0].sensor: frame})[0].numpy()
    return output, command_of(output, model.metadata)
