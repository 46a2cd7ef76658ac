"""Driving by hand: one car, stepped with whatever a person commands, judged and recorded as any other."""

import numpy as np
from numpy.typing import NDArray

from openracer.models.episodes import EpisodeRecorder, EpisodeTrace
from openracer.simulation.body import MAX_STEERING
from openracer.simulation.camera import FRAME_HEIGHT, FRAME_WIDTH
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.presets import find_preset
from openracer.simulation.sensors import FRONT_FACING_CAMERA
from openracer.simulation.simulator import Simulator
from openracer.simulation.status import Status
from openracer.tracks.track import Track

RULES = EpisodeRules(max_resets=1000, off_track_penalty=2.0, immobilized_penalty=2.0, time_limit=600.0)
"""Off the track, or stuck, costs two seconds; the car is then put back, as in an evaluation."""

_ONE = np.zeros(1, np.int64)


class HandDriving:
    """A car on a track, waiting at the start line.

    Args:
        track: in driving direction.
        vehicle: generation of the car.

    Raises:
        ValueError: there is no such vehicle.
    """

    def __init__(self, track: Track, vehicle: str) -> None:
        self.track = track
        self.vehicle = vehicle
        self._simulator = Simulator([track], 1, find_preset(vehicle), RULES, workers=1)
        self._recorder = EpisodeRecorder(np.array([track.length]))
        self._frame = np.empty((1, FRAME_HEIGHT, FRAME_WIDTH), np.uint8)
        # The first step and picture ever compile their kernels: nobody shall wait for that at the wheel.
        self.restart()
        self.step(0.0, 0.0)
        self.picture()
        self.restart()

    @property
    def period(self) -> float:
        """Time between two steps, s."""
        return self._simulator.period

    def restart(self) -> None:
        """Put the car back at the start line; what was driven so far is forgotten."""
        self._simulator.start(_ONE, np.zeros(1))
        self._recorder.finished.clear()
        self.steps = 0

    def step(self, steering_deg: float, speed_mps: float) -> EpisodeTrace | None:
        """Drive for one control period.

        Args:
            steering_deg: command, left positive; clipped to what the car can do.
            speed_mps: command; at rest the car still creeps, as in DeepRacer.

        Returns:
            The drive, if it ended with this step.
        """
        limit = float(np.degrees(MAX_STEERING))
        steering = np.array([np.clip(steering_deg, -limit, limit)])
        speed = np.array([np.clip(speed_mps, 0.0, 12.0)])
        record = self._simulator.step(_ONE, np.radians(steering), speed)
        self.steps += 1
        commands = np.stack([steering, speed], axis=1)
        self._recorder.record(_ONE, record, commands, steering, speed, np.zeros(1))
        return self._recorder.finished.pop() if self._recorder.finished else None

    def picture(self) -> NDArray[np.uint8]:
        """What the car's camera sees, ``(120, 160)``; the same array at every call."""
        self._simulator.observe(_ONE, {FRONT_FACING_CAMERA.name: self._frame})
        return self._frame[0]

    @property
    def pose(self) -> tuple[float, float, float, float]:
        """x, y of the car's origin in m, yaw and steering angle of the wheels in rad."""
        state = self._simulator.state
        return float(state.x[0]), float(state.y[0]), float(state.yaw[0]), float(state.steering[0])

    @property
    def speed(self) -> float:
        """How fast it really is, m/s."""
        state = self._simulator.state
        return float(np.hypot(state.forward_speed[0], state.lateral_speed[0]))

    @property
    def time(self) -> float:
        """Since the start, s."""
        episode = self._simulator.episode
        return float(episode.clock[0] - episode.episode_start[0])

    @property
    def progress(self) -> float:
        """Percent of the lap."""
        return float(self._simulator.record.progress[0]) if self.steps else 0.0

    @property
    def resets(self) -> int:
        """How often the car was put back."""
        return int(self._simulator.episode.resets[0])

    @property
    def penalty(self) -> float:
        """Penalty time left, s."""
        return float(self._simulator.episode.pause_left[0])

    @property
    def lap_time(self) -> float | None:
        """Time of the completed lap, s; None before."""
        ended = self.steps and Status(int(self._simulator.record.status[0])) is Status.LAP_COMPLETE
        return float(self._simulator.episode.lap_time[0]) if ended else None

    def close(self) -> None:
        """End the simulator's threads."""
        self._simulator.close()
