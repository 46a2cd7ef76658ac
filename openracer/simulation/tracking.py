"""A controller that drives a race line: it knows the vehicle and plans a second or so ahead at every step.

Model-predictive control: at every step the plan (:mod:`openracer.simulation.planning`) is improved from where the car
is, and its first command is driven.
"""

from typing import NamedTuple

import numpy as np

from openracer.simulation.body import MAX_STEERING, MIN_SPEED
from openracer.simulation.episode import EpisodeRules
from openracer.simulation.planning import Array, Plan, Weights, improve
from openracer.simulation.raceline.line import RaceLine
from openracer.simulation.simulator import CONTROL_TICKS, Simulator
from openracer.simulation.status import Status
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState
from openracer.tracks.track import Track

HORIZON = 25
"""Control steps that a plan looks ahead."""
SWEEPS = 8
"""Improvements of the plan at each control step, at most."""

PACE = 0.99
"""Share of the line's speed that is driven: at the very limit there is no grip left to come back from an error."""


class Driven(NamedTuple):
    """What came of following a line from a standing start."""

    lap_times_s: tuple[float, ...]
    """Completed laps, between the moments at which the front point passed the start; the first begins at rest."""
    clock_times_s: tuple[float, ...]
    """The same by DeepRacer's clock, which counts whole control steps and the one before the first command."""
    status: Status
    """How it ended."""
    progress: float
    """Of the last lap, percent."""
    rows_with_wheels_off: int
    """Control steps at which at least one wheel was off the road."""


def drive(track: Track, line: RaceLine, preset: VehiclePreset, max_speed: float, laps: int = 1) -> Driven:
    """Follow a line in the simulator, from rest on the start line; leaving the road ends the run.

    Args:
        track: the road.
        line: of this track, vehicle and speed.
        preset: the vehicle.
        max_speed: highest speed command, m/s.
        laps: to drive, with rolling starts; a line that begins at rest is followed once.
    """
    simulator = Simulator([track], 1, preset, EpisodeRules(laps=1 if line.standing else laps), workers=1)
    follower = LineFollower(line, preset, max_speed)
    car = np.zeros(1, np.int64)
    simulator.start(car, np.zeros(1))
    passed, clocks = [simulator.period], list[float]()
    wheels_off = steps = 0
    previous = 0.0
    while True:
        # The first row's command is not executed.
        steering, speed = follower.command(simulator.state, 0) if steps else (0.0, 0.0)
        record = simulator.step(car, np.array([steering]), np.array([speed]))
        steps += 1
        wheels_off += not record.all_wheels_on_track[0]
        here = float(record.projection_distance[0])
        if simulator.episode.laps[0] > len(clocks):
            clocks.append(float(simulator.episode.lap_time[0]))
            # A row tells of the moment before its command acts, one period before its own time.
            short = here if track.closed and here < 0.5 * track.length else here - track.length
            since = simulator.period * short / max(short + track.length - previous, 1e-9)
            passed.append((steps - 1) * simulator.period - since)
        previous = here
        if record.done[0]:
            break
    simulator.close()
    return Driven(
        tuple(float(lap) for lap in np.diff(passed)),
        tuple(clocks),
        Status(int(record.status[0])),
        float(record.progress[0]),
        wheels_off,
    )


class LineFollower:
    """Drives one car along a race line.

    Args:
        line: a flying lap, followed again and again, or a run with a beginning and an end.
        preset: the vehicle.
        max_speed: highest speed command, m/s.
    """

    def __init__(
        self, line: RaceLine, preset: VehiclePreset, max_speed: float, weights: Weights | None = None
    ):
        self.line, self.preset = line, preset
        self.weights = weights or Weights()
        # Beyond what the wheels can do a command has no effect, and so no derivative.
        top = min(max_speed, preset.max_wheel_speed_mps)
        self.bounds = np.array([[-MAX_STEERING, MIN_SPEED], [MAX_STEERING, top]])
        fields = len(VehicleState._fields)
        cars = np.zeros((fields, 1))
        self.plan = Plan(
            cars,
            VehicleState(*cars),
            np.zeros((HORIZON, 2)),
            np.zeros((HORIZON + 1, fields)),
            np.zeros((HORIZON, fields, fields)),
            np.zeros((HORIZON, fields, 2)),
            np.zeros((HORIZON, 2)),
            np.zeros((HORIZON, 2, fields)),
        )
        self.plan.commands[:, 1] = top

    def command(self, state: VehicleState, car: int) -> tuple[float, float]:
        """The next command.

        Args:
            state: of all cars.
            car: which one is driven.

        Returns:
            Steering, rad, and speed, m/s.
        """
        self.plan.path[0] = [quantity[car] for quantity in state]
        target = self._target(np.array([state.x[car], state.y[car]]))
        improve(self.plan, target, self.preset, self.weights, self.bounds, SWEEPS)
        steering, speed = self.plan.commands[0].tolist()
        self.plan.commands[:-1] = self.plan.commands[1:].copy()
        return steering, speed

    def _target(self, position: Array) -> Array:
        """(H, 4) the line's point and direction after each planned step, if it were driven at our pace from here."""
        line = self.line
        steps = np.diff(line.points, axis=0)
        share = ((position - line.points[:-1]) * steps).sum(axis=1) / (steps**2).sum(axis=1)
        share = np.clip(share, 0.0, 1.0)
        away = np.hypot(*(line.points[:-1] + share[:, None] * steps - position).T)
        nearest = int(np.argmin(away))
        now = line.time_s[nearest] + share[nearest] * (line.time_s[nearest + 1] - line.time_s[nearest])
        when = now + PACE * np.arange(1, HORIZON + 1) * CONTROL_TICKS * TICK
        beyond = np.zeros(HORIZON)
        if not line.standing:
            when %= line.lap_time_s
        else:
            beyond = np.maximum(when - line.lap_time_s, 0.0) * line.speed_mps[-1]
        distance = np.interp(when, line.time_s, line.distance_m)
        direction = np.interp(distance, line.distance_m, line.heading)
        unit = np.stack([np.cos(direction), np.sin(direction)], axis=1)
        points = np.stack([np.interp(distance, line.distance_m, axis) for axis in line.points.T], axis=1)
        return np.concatenate([points + beyond[:, None] * unit, unit], axis=1)
