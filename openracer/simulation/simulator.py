"""The simulator: many cars on many tracks at once, stepped in control periods and seen through their cameras."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openracer.simulation.camera import render_frames
from openracer.simulation.columns import row_of, rows_of
from openracer.simulation.episode import EpisodeRules, EpisodeState, start_episodes, step_cars
from openracer.simulation.palette import PALETTES
from openracer.simulation.record import StepRecord
from openracer.simulation.scenery import Scenery
from openracer.simulation.sensors import DEFAULT, FRONT_FACING_CAMERA, Sensor
from openracer.simulation.threads import Kernel, Threads
from openracer.simulation.track_table import TrackTable
from openracer.simulation.vehicle import TICK, VehiclePreset, VehicleState
from openracer.tracks.track import Track

CONTROL_TICKS = 4
"""Ticks of 1/60 s between two camera frames: 15 Hz."""

_LEAST_TO_STEP, _LEAST_TO_SEE = 40, 4
"""Cars whose steps, or frames, take some thirty microseconds, as waking a thread does."""


class Simulator:
    """N cars in their worlds, one array per quantity, car index first.

    A world is a track and the cars that are on it together; here every car has a world of its own.

    Args:
        tracks: the tracks in use.
        world_track: ``(W,)`` index of each world's track; by default world i has track ``i % len(tracks)``.
        cars: number of cars N.
        vehicle: constants of the cars.
        rules: what ends an episode.
        step_jitter_s: standard deviation of the time between two frames of a car, s. The real simulator's is 4 to
            6 ms in the console's evaluations, so that no two trials are alike.
        seed: of that jitter.
        workers: threads to use; by default all cores.
        sensors: what every car is equipped with.

    Attributes:
        sensors: as given.
        world: ``(N,) int64`` world of each car.
        track: ``(N,) int64`` track of each car.
        state: pose and motion.
        episode: what the rules remember.
        record: the last row of every car.
    """

    def __init__(
        self,
        tracks: Sequence[Track],
        cars: int,
        vehicle: VehiclePreset,
        rules: EpisodeRules | None = None,
        world_track: NDArray[np.int64] | None = None,
        step_jitter_s: float = 0.0,
        seed: int = 0,
        workers: int | None = None,
        sensors: Sequence[Sensor] = DEFAULT,
    ):
        self.tracks = tuple(tracks)
        self.sensors = tuple(sensors)
        self.vehicle = vehicle
        self.rules = rules or EpisodeRules()
        self.world = np.arange(cars)
        worlds_tracks = np.arange(cars) % len(self.tracks) if world_track is None else world_track
        self.track = worlds_tracks[self.world]
        self.state = VehicleState.zeros(cars)
        self.episode = EpisodeState.zeros(cars)
        self.record = StepRecord.zeros(cars)
        self.scenery = Scenery(self.tracks, PALETTES[:1])
        self.palette = np.zeros(cars, np.int32)
        self._scene = self.track.astype(np.int32)
        self._table = TrackTable.of(self.tracks)
        self._threads = Threads(workers)
        self._rules, self._preset = row_of(self.rules), row_of(vehicle)
        self._step_jitter_s = step_jitter_s
        self._jitter = [np.random.default_rng((seed, car)) for car in range(cars)]

    @property
    def cars(self) -> int:
        """Number of cars N."""
        return len(self.world)

    @property
    def period(self) -> float:
        """Simulated time between two camera frames, s."""
        return CONTROL_TICKS * TICK

    def start(self, cars: NDArray[np.int64], fractions: NDArray[np.float64]) -> None:
        """Begin a new episode for some cars.

        Args:
            cars: ``(K,)`` indices.
            fractions: ``(K,)`` start on the centre line, as a fraction of the track's length. An open track always
                starts at its beginning.
        """
        is_closed = self._table.tracks["is_closed"][self.track[cars]]
        start_episodes(
            cars,
            np.where(is_closed, fractions, 0.0),
            rows_of(self.state),
            rows_of(self.episode),
            self._table,
            self.track,
        )

    def step(
        self, cars: NDArray[np.int64], steering: NDArray[np.float64], speed: NDArray[np.float64]
    ) -> StepRecord:
        """Write the row of some cars, then let their commands act for one control period.

        Args:
            cars: ``(K,)`` indices, each at most once; the others stand still in time.
            steering: ``(K,)`` commands, rad, left positive; clipped to ±30°.
            speed: ``(K,)`` commands, m/s.

        Returns:
            The rows of all N cars (the same arrays at every step).
        """
        self._threads.run(
            step_cars, len(cars), _LEAST_TO_STEP, cars, rows_of(self.state), rows_of(self.episode),
            rows_of(self.record), self._table, self.track, self._rules, self._preset, steering, speed,
            self._periods(cars), CONTROL_TICKS,
        )  # fmt: skip
        return self.record

    def _periods(self, cars: NDArray[np.int64]) -> NDArray[np.float64]:
        """Length of the next control period of some cars ``(K,)``, s; what a car draws depends on no other car."""
        periods = np.full(len(cars), self.period)
        if self._step_jitter_s > 0.0:
            drawn = np.array([self._jitter[car].normal(0.0, self._step_jitter_s) for car in cars])
            periods += np.clip(drawn, -0.4 * self.period, 0.4 * self.period)
        return periods

    def observe(self, cars: NDArray[np.int64], out: Mapping[str, NDArray[Any]]) -> None:
        """Write what some cars see.

        Args:
            cars: ``(K,)`` indices.
            out: a buffer for each sensor of the cars by its name, ``(K, *shape)`` of its type, filled in place.
        """
        for sensor in self.sensors:
            if sensor is FRONT_FACING_CAMERA:
                self._threads.run(
                    render_frames, len(cars), _LEAST_TO_SEE, out[sensor.name], cars, rows_of(self.state),
                    self._scene, self.palette, *self.scenery.kernel_arguments,
                )  # fmt: skip

    def describe(
        self, kernel: Kernel, cars: NDArray[np.int64], out: NDArray[np.float32], *constants: object
    ) -> None:
        """Fill rows of numbers about some cars with a kernel of the caller's.

        Args:
            kernel: ``kernel(turns, out, cars, state, episode, table, track (N,), *constants)``,
                where ``state`` and ``episode`` are arrays of structs.
            cars: ``(K,)`` indices.
            out: ``(K, D) float32``, filled in place.
            constants: passed on to the kernel.
        """
        self._threads.run(
            kernel, len(cars), _LEAST_TO_STEP, out, cars, rows_of(self.state), rows_of(self.episode), self._table,
            self.track, *constants,
        )  # fmt: skip

    def close(self) -> None:
        """End the threads."""
        self._threads.close()
